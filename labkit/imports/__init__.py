"""Logs of other systems, told again in the ledger's words."""

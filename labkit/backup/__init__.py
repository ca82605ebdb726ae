"""Backups of a ledger while it runs, its keys apart, and the way back: whoever was forgotten does not come back."""

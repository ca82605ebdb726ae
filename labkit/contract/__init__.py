"""The contract of the ledger, written down where people and other programs find it, and compared with what it was."""

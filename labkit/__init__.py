"""The laboratory: start everything, import, simulate, look, measure. It sees the ledger and the views."""

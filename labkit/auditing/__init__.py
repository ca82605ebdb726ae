"""The auditor: whether the stream and the views are what the ledger says, range by range."""

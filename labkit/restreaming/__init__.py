"""`labkit rebuild stream`: the stream made anew from the ledger, in the same epoch or in a new one."""

"""The language of the ledger: frozen structs and pure functions, with no clock, no I/O and no framework."""

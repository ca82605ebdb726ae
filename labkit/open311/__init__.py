"""Open311 GeoReport v2 over the ledger: a partner channel that any Open311 client speaks."""

"""The ledger for other tools: OCEL 2.0, XES and Parquet, streamed from its log, never anything personal."""

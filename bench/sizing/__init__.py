"""How much of a machine a number of inhabitants takes, and how many inhabitants a machine carries.

Arithmetic only: what people do is assumed in `bench/sizing.toml`, each figure with its source; what a machine does was
measured by `python -m bench`; what an event takes on disk is measured here. Nothing here is a promise.
"""

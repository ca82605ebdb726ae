"""The channels of a prototype, one module each, named by its code: its routes, and only what is particular to it."""

"""What `labkit` ships beside its code: texts, the communes of France, sketches of services."""

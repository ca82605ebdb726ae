"""Events to durable bytes: the mapper, the recorders, the one writer, and the keys."""

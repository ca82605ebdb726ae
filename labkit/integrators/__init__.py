"""What an operator does for integrators: accounts on the NATS server, and the credentials that are handed over."""

"""Social networks behind one signed webhook: posts come in, answers go out; no network is known here by its name."""

"""What a chatbot understands and says: rules only, no model; the state of a dialogue is a fold over its case."""

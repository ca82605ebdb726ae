"""What is published, said so that programs can check it: JSON Schema and AsyncAPI, made from the structs of events.

Nothing is decided here: a struct changes, and its schema with it. Pure, but for the words and samples beside the code.
"""

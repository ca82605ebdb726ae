"""What `labkit` can be asked, one verb a file; `frame.py` holds what all verbs share."""

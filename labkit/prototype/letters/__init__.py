"""What the post channel is made of: what is asked of a letter, how it is recorded, how one that leaves is laid out."""

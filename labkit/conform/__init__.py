"""Tries a subscriber with all that may happen to one: on a stream of its own, over a line that loses and repeats.

What it looks at is what any subscriber has anyway: the position that it reached and what it makes of the events. It
reads the same events quietly first, and has to say the same afterwards, whatever happened to it.
"""

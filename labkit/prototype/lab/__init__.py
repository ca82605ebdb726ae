"""`/_lab`: what makers of a prototype see beside it. Left out of a published prototype unless its password is given."""

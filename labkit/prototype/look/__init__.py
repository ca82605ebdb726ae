"""How every prototype looks: one style sheet, Jinja layouts and macros, and one file of colours an authority.

A theme says colours, letters and corners, never how a page is laid out. Nothing here is the State's design
system nor looks like it: a local authority may not use it.
"""

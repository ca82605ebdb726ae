"""What `labkit check` looks at in a project: its words, its colours, what is personal in it, and every page it shows.

Nothing here changes a project. A finding says where, what, and what to do; only errors make the check fail.
"""

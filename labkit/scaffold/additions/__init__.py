"""What `labkit add` puts into a project: a channel, an event, a page, a variant, a KPI, each with its words and test.

A project is edited by parsing it and its own formatting is kept. What is there already stays as it is, so that asking
twice is asking once; a project that was edited beyond recognition is told what to add by hand, and left alone.
"""

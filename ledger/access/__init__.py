"""Who may read what is published: integrators, what each was granted, and the hashes of what they prove it by.

No network and no HTTP here. The NATS server enforces the same grants by itself, from the filters of each.
"""

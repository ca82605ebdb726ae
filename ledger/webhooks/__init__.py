"""Webhooks: the published log, delivered to integrators in the Standard Webhooks form, in order for each case.

Nothing is lost: what leaves is read from the log, and how far that was read moves in the same transaction as what is
still to be delivered. No delivery is ever withheld in silence: it arrives, or stands among the dead letters.
"""

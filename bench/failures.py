"""Why a row has no figure."""


class NotMeasured(Exception):
    """What a row needs is not on this machine; the others are measured all the same."""

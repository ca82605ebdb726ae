"""Tasks that are told to end, in spite of a client library that may not pass it on."""

import asyncio


def honour_cancellation() -> None:
    """End the current task if it was told to: `asyncio.wait_for`, which the library uses, can lose it before 3.12.

    Raises:
        CancelledError: it was told to.
    """
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError

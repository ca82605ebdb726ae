"""One published message of each event: the sample commands, executed by a real ledger, composed as for the stream."""

import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from msgspec.structs import replace

from labkit.controls import cast
from labkit.controls.commands import a_command_of_every_kind
from labkit.controls.histories import SEALED
from ledger.application import CaseLedger
from ledger.domain.events import BY_TAG
from ledger.domain.record import Cause, LoggedEvent
from ledger.publishing.published import compose
from ledger.settings import SOURCE_DEFAULT, Settings

_TOKEN = re.compile(rb"sealed:[^\"]*")
_STORY = Cause(
    correlation_id=cast.identifier("a story"), traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
)
_READ_MAX = 1_000


@cache
def sample_log() -> tuple[LoggedEvent, ...]:
    """Return all that the sample commands lead to, with a mark wherever a sealed token would be another each time."""
    with TemporaryDirectory() as folder, CaseLedger(Settings(data=Path(folder)), in_memory=True) as ledger:
        for command in a_command_of_every_kind():
            ledger.execute(command, cast.stamp(command.occurred_at), _STORY)
        logged = ledger.read(0, _READ_MAX)
    return tuple(replace(event, data=_TOKEN.sub(SEALED.encode(), event.data)) for event in logged)


def samples() -> dict[str, LoggedEvent]:
    """Return the first event of each kind in the sample log, by its tag."""
    first = {event.tag: event for event in reversed(sample_log())}
    return {tag: first[tag] for tag in BY_TAG}


def sample_messages() -> bytes:
    """Return the published form of each sample, by its tag, as one JSON text."""
    found = {tag: msgspec.Raw(compose(event, SOURCE_DEFAULT)) for tag, event in samples().items()}
    return msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"

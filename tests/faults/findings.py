"""What is compared once a machine stands still: promises, log, stream, views and keys. Nothing found is the proof."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from itertools import islice, zip_longest
from typing import NamedTuple
from uuid import UUID

import msgspec

from ledger.application import CaseLedger, ReadOnlyLog
from ledger.domain.case import Placement
from ledger.domain.citizen import personal_fields
from ledger.domain.events import BY_TAG, CitizenForgotten
from ledger.domain.identifiers import authority_stream
from ledger.domain.record import LoggedEvent
from ledger.publishing.feed import LogFeed
from ledger.publishing.published import compose
from ledger.publishing.subjects import subject_of
from ledger.settings import SOURCE_DEFAULT, Settings
from ledger.store.mapper import decode_event
from ledger.store.vault import read_header
from ledger.store.verdict import Verdict, decode_verdict
from projections import VIEWS
from projections.engine.rebuild import rebuild
from tests.faults.clients import Acknowledged
from tests.faults.machine import Machine
from tests.faults.stream import Message, read_stream

READ_MAX = 1_000_000
SHOWN_MAX = 5


class Findings(NamedTuple):
    """What should not be: each a sentence."""

    lost: list[str]
    doubled: list[str]
    out_of_order: list[str]
    differing: list[str]
    keys: list[str]

    @property
    def total(self) -> int:
        return sum(map(len, self))

    @property
    def told(self) -> str:
        counts = zip(("lost", "doubled", "out of order", "differing", "keys alive"), map(len, self), strict=True)
        shown = [sentence for found in self for sentence in islice(found, SHOWN_MAX)]
        return "; ".join([", ".join(f"{name} {count}" for name, count in counts), *shown])


def examine(machine: Machine, acknowledged: Sequence[Acknowledged], asked: set[UUID]) -> Findings:
    """Compare all there is."""
    log, verdicts = read_ledger(machine.settings, {each.command_id for each in acknowledged})
    streamed = read_stream(machine.broker.reader_url)
    return Findings(
        lost=[*lost_promises(acknowledged, verdicts, log), *missing_in_stream(log, streamed)],
        doubled=[*doubled_events(log), *uninvited(log, asked), *doubled_messages(log, streamed)],
        out_of_order=[*gaps(log), *misplaced(log, streamed)],
        differing=[*differing_views(machine), *machine.refusals()],
        keys=living_keys(machine.settings, log),
    )


def read_ledger(settings: Settings, command_ids: Iterable[UUID]) -> tuple[list[LoggedEvent], dict[UUID, Verdict]]:
    """Return the whole log, and the verdicts kept for some commands."""
    with closing(ReadOnlyLog(settings)) as log:
        events = log.read(0, READ_MAX)
        wanted = list(command_ids)
        verdicts: dict[UUID, bytes] = {}
        with log._recorder.group() as group:
            for first in range(0, len(wanted), 500):
                verdicts |= group.verdicts(wanted[first : first + 500])
        return events, {command_id: decode_verdict(raw) for command_id, raw in verdicts.items()}


def lost_promises(
    acknowledged: Iterable[Acknowledged], verdicts: dict[UUID, Verdict], log: Sequence[LoggedEvent]
) -> list[str]:
    """Return the commands that were answered and of which the ledger does not hold just that."""
    recorded = Counter(event.metadata.command_id for event in log)
    last = {event.metadata.command_id: event.position for event in log}
    return [
        f"command {each.command_id}, answered «{each.status}» at {each.position}"
        for each in acknowledged
        if not _is_kept(each, verdicts.get(each.command_id))
        or recorded[each.command_id] != each.events
        or (each.events and last[each.command_id] != each.position)
    ]


def _is_kept(told: Acknowledged, kept: Verdict | None) -> bool:
    if kept is None:
        return False
    status = "refused" if kept.code else "accepted" if kept.events else "unchanged"
    return (told.status, told.position, told.events) == (status, kept.position, kept.events)


def doubled_events(log: Sequence[LoggedEvent]) -> list[str]:
    counted = Counter(event.event_id for event in log)
    return [f"event {event_id} is {count} times in the log" for event_id, count in counted.items() if count > 1]


def uninvited(log: Sequence[LoggedEvent], asked: set[UUID]) -> list[str]:
    return [f"event {event.position} was never asked for" for event in log if event.metadata.command_id not in asked]


def gaps(log: Sequence[LoggedEvent]) -> list[str]:
    """Return where a position, or a version within a case, does not follow the one before."""
    found = [f"position {e.position} stands at {place}" for place, e in enumerate(log, 1) if e.position != place]
    versions: Counter[UUID] = Counter()
    for event in log:
        stream = event.metadata.subject or authority_stream(event.metadata.authority or "")
        versions[stream] += 1
        version = decode_event(event.tag, event.data).version
        if version != versions[stream]:
            found.append(f"event {event.position} has version {version}, after {versions[stream] - 1} others")
    return found


def expected_messages(log: Iterable[LoggedEvent]) -> list[Message]:
    """Return what the stream must hold, byte for byte; the headers are the broker's."""
    return [
        Message(
            event.position,
            subject_of(Placement(event.metadata.authority, event.metadata.service, event.metadata.channel), event.tag),
            {},
            compose(event, SOURCE_DEFAULT),
        )
        for event in log
    ]


def missing_in_stream(log: Sequence[LoggedEvent], streamed: Sequence[Message]) -> list[str]:
    held = {message.data for message in streamed}
    return [f"event {m.sequence} is not in the stream" for m in expected_messages(log) if m.data not in held]


def doubled_messages(log: Sequence[LoggedEvent], streamed: Sequence[Message]) -> list[str]:
    counted = Counter(message.data for message in streamed)
    doubled = [f"a message is {count} times in the stream" for count in counted.values() if count > 1]
    known = {message.data for message in expected_messages(log)}
    return doubled + [f"message {m.sequence} is no event of the log" for m in streamed if m.data not in known]


def misplaced(log: Sequence[LoggedEvent], streamed: Sequence[Message]) -> list[str]:
    both = zip_longest(expected_messages(log), (message._replace(headers={}) for message in streamed))
    return [f"message {place} is not event {place}" for place, (ours, theirs) in enumerate(both, 1) if ours != theirs]


def differing_views(machine: Machine) -> list[str]:
    """Return the tables that are not the fold of the log."""
    found = []
    with closing(ReadOnlyLog(machine.settings)) as log:
        for view in VIEWS:
            rebuilt = rebuild(view, machine.views, LogFeed(log).read)
            found += [f"table {table} of {view.name}" for table in rebuilt.differing_tables]
            found += [f"{view.name} parked {rebuilt.parked} cases"] if rebuilt.parked else []
            found += [f"{view.name} is at {rebuilt.position}"] if rebuilt.position != log.head() else []
    return found


def living_keys(settings: Settings, log: Sequence[LoggedEvent]) -> list[str]:
    """Return the sealed texts that can still be read though their subject was forgotten, and the reverse."""
    forgotten = {event.citizen for row in log if isinstance(event := decode_event(row.tag, row.data), CitizenForgotten)}
    found = []
    with CaseLedger(settings) as ledger:
        for token in sealed_tokens(log):
            subject = read_header(token).subject
            if (ledger.reveal(token) is None) is not (subject in forgotten):
                found.append(f"the key of {subject}, {'forgotten' if subject in forgotten else 'remembered'}")
    return found


def sealed_tokens(log: Iterable[LoggedEvent]) -> list[str]:
    return [
        token
        for row in log
        for name in personal_fields(BY_TAG[row.tag])
        if (token := msgspec.json.decode(row.data).get(name))
    ]

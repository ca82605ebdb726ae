"""What an audit found, for people: what was compared, what differs from where on, and what to do about it."""

from collections.abc import Iterator

from labkit.auditing.auditor import Audit
from labkit.auditing.findings import LEDGER, STREAM, Finding, Kind
from labkit.messages import Texts

_KEYS = {
    Kind.GAP: "audit.gap",
    Kind.AHEAD: "audit.ahead",
    Kind.MISSING: "audit.missing",
    Kind.FOREIGN: "audit.foreign",
    Kind.ALTERED: "audit.altered",
    Kind.MISCOUNTED: "audit.miscounted",
    Kind.OTHER_EVENTS: "audit.other-events",
    Kind.OTHER_ROWS: "audit.other-rows",
    Kind.PARKED: "audit.parked",
}
_OF_A_LOST_FUTURE = frozenset({Kind.AHEAD, Kind.FOREIGN})


def lines_of(done: Audit, say: Texts) -> Iterator[str]:
    """Return a line for each that was compared, and under it each finding with its remedy."""
    rows = {LEDGER: done.head, STREAM: done.stream, **done.views}
    width = max(len(_name(of, say)) for of in rows)
    for of, position in rows.items():
        findings = [finding for finding in done.findings if finding.of == of]
        told = [f"{said_of(finding, say)} {remedy_of(finding, say)}" for finding in findings]
        for line in told or [_same(of, position, done.head, say)]:
            yield f"{_name(of, say):<{width}}  {line}"


def said_of(finding: Finding, say: Texts) -> str:
    """Return what differs, as a sentence without its subject."""
    numbers = {name: say.number(getattr(finding, name)) for name in ("position", "first", "last", "expected", "found")}
    return say(_KEYS[finding.kind], **numbers, tables=", ".join(finding.tables)) + "."


def remedy_of(finding: Finding, say: Texts) -> str:
    """Return what to do about it."""
    match finding:
        case Finding(of="ledger"):
            return say("audit.do-ledger")
        case Finding(of="stream"):
            return say("audit.do-epoch") if finding.kind in _OF_A_LOST_FUTURE else say("audit.do-stream")
        case Finding(kind=Kind.AHEAD):
            return say("audit.do-views-ahead")
        case Finding(kind=Kind.PARKED):
            return say("audit.do-parked", url=f"/views/{finding.of}/parked", name=finding.of)
        case _:
            return say("audit.do-view", name=finding.of)


def _same(of: str, position: int, head: int, say: Texts) -> str:
    if of == LEDGER:
        return say("audit.read", events=say.number(head), position=say.number(head))
    if position < head:
        return say("audit.behind", position=say.number(position), events=say.number(head - position))
    return say("audit.same", position=say.number(position))


def _name(of: str, say: Texts) -> str:
    names = {LEDGER: say("audit.ledger"), STREAM: say("audit.stream")}
    return names.get(of) or say("audit.view", name=of)

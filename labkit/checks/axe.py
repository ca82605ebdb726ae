"""What axe found in the browser, told once for each fault however many times it was seen."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

import msgspec
from msgspec import Struct

from labkit.checks.browser import MODES, STATIC, WIDTHS, Looked, Seen, Violation
from labkit.checks.findings import Finding
from labkit.checks.visits import Address
from ledger.domain.vocabulary import Language

TARGETS_MAX = 3
_RGAA = "RGAA-"


class Rule(Struct, frozen=True):
    """What axe says of a rule in another language."""

    help: str
    description: str


class _Locale(Struct, frozen=True):
    rules: dict[str, Rule]


@cache
def french_rules() -> dict[str, Rule]:
    """Return the rules of axe in French; it would put them in itself, if our pages let a text become a program."""
    return msgspec.json.decode((STATIC / "axe-fr.json").read_bytes(), type=_Locale).rules


def check_seen(looked: Looked, addresses: Iterable[Address], language: Language) -> Iterator[Finding]:
    """Find what keeps somebody from using a page."""
    rules = french_rules() if language == "fr" else {}
    labels = {address.path: address.label for address in addresses if not address.mistaken}
    found: dict[tuple[str, str], list[tuple[Seen, Violation]]] = {}
    for seen in looked.seen:
        for violation in seen.violations:
            found.setdefault((labels.get(seen.path, seen.path), violation.rule), []).append((seen, violation))
    for (label, _), times in found.items():
        yield _violated(label, times, rules)
    yield from _unseen(looked, labels)


def _violated(label: str, times: list[tuple[Seen, Violation]], rules: Mapping[str, Rule]) -> Finding:
    first = times[0][1]
    said = rules.get(first.rule, Rule(first.help, first.description))
    criteria = [tag.removeprefix(_RGAA) for tag in first.tags if tag.startswith(_RGAA)]
    targets = list(dict.fromkeys(target for _, violation in times for target in violation.targets))[:TARGETS_MAX]
    return Finding(
        severity="error",
        where=f"{label}{_only(times)}",
        what="check.axe" if criteria else "check.axe-wcag",
        mend="check.mend-axe",
        details={
            "rule": first.rule,
            "help": said.help,
            "criteria": ", ".join(criteria),
            "targets": ", ".join(targets),
            "description": said.description,
        },
    )


def _only(times: list[tuple[Seen, Violation]]) -> str:
    """Return in which mode or width alone a fault was seen, if it was not seen in all."""
    modes, widths = {seen.mode for seen, _ in times}, {seen.width for seen, _ in times}
    only = [*(modes if len(modes) < len(MODES) else ()), *(f"{w} px" for w in widths if len(widths) < len(WIDTHS))]
    return f" ({', '.join(only)})" if only else ""


def _unseen(looked: Looked, labels: Mapping[str, str]) -> Iterator[Finding]:
    for seen in looked.seen:
        if seen.failed:
            yield _not_looked(labels.get(seen.path, seen.path), seen.failed)
    if looked.stopped is not None:
        yield _not_looked("Chromium", looked.stopped)


def _not_looked(where: str, reason: str) -> Finding:
    return Finding(
        severity="warning", where=where, what="check.not-looked", mend="check.look-again", details={"reason": reason}
    )

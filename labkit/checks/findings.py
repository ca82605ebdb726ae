"""What a check finds: how grave, where, what, and what to do about it, in both languages."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from labkit.messages import Texts

Severity = Literal["error", "warning"]


class Finding(Struct, frozen=True, kw_only=True):
    """One thing to mend; `what` and `mend` are keys of texts, which `details` fill in."""

    severity: Severity
    where: str
    what: str
    mend: str
    details: dict[str, str] = {}

    @property
    def code(self) -> str:
        """Return the name of the rule, the same in every language."""
        return self.what.partition(".")[2]


class Told(Struct, frozen=True, kw_only=True):
    """A finding in one language."""

    severity: Severity
    code: str
    where: str
    what: str
    mend: str


def told(finding: Finding, say: Texts) -> Told:
    """Return a finding in words."""
    return Told(
        severity=finding.severity,
        code=finding.code,
        where=finding.where,
        what=say(finding.what, **finding.details),
        mend=say(finding.mend, **finding.details),
    )


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings, the errors first and each once, as they were found otherwise."""
    kept: list[Finding] = []
    for finding in findings:
        if finding not in kept:
            kept.append(finding)
    return sorted(kept, key=lambda finding: finding.severity)

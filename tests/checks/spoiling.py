"""What the tests of the checks share: a change to a file, and what is then found."""

from pathlib import Path

from labkit.checks.findings import Finding, told
from labkit.messages import Texts

SAY, DITES = Texts("en"), Texts("fr")


def change(file: Path, old: str, new: str) -> None:
    """Put one text in the place of another, which must be there."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def codes(findings: list[Finding]) -> list[str]:
    """The rules that were broken, each finding told in both languages on the way."""
    for finding in findings:
        for say in (SAY, DITES):
            assert "{" not in told(finding, say).what.replace("{{", "")
    return [finding.code for finding in findings]

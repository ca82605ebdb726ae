"""What a person must settle between a prototype and production: for which phase, what, why or by which text, and who.

A program can remind of these and never tick them. The texts quoted are those of November 2026.
"""

from typing import Literal, get_args

from msgspec import Struct

Phase = Literal["prototype", "experiment", "construction", "production"]
PHASES: tuple[Phase, ...] = get_args(Phase)
NAMES: dict[Phase, str] = {
    "prototype": "graduate.prototype",
    "experiment": "graduate.experiment",
    "construction": "graduate.construction",
    "production": "graduate.production",
}


class Task(Struct, frozen=True):
    """One thing to settle before a phase begins; `what`, `why` and `who` are keys of texts."""

    before: Phase
    what: str
    why: str
    who: str


_TEAM, _DPO, _IT = "graduate.who-team", "graduate.who-dpo", "graduate.who-it"
_SERVICE, _ARCHIVES, _HEAD = "graduate.who-service", "graduate.who-archives", "graduate.who-head"

TASKS = (
    Task("experiment", "graduate.owner", "graduate.owner-why", _HEAD),
    Task("experiment", "graduate.dpo", "graduate.dpo-why", _DPO),
    Task("experiment", "graduate.register", "graduate.register-why", _DPO),
    Task("experiment", "graduate.notice", "graduate.notice-why", _DPO),
    Task("experiment", "graduate.agents", "graduate.agents-why", _SERVICE),
    Task("experiment", "graduate.baseline", "graduate.baseline-why", _TEAM),
    Task("construction", "graduate.dpia", "graduate.dpia-why", _DPO),
    Task("construction", "graduate.retention", "graduate.retention-why", _ARCHIVES),
    Task("construction", "graduate.events", "graduate.events-why", _TEAM),
    Task("construction", "graduate.once", "graduate.once-why", _SERVICE),
    Task("construction", "graduate.identity", "graduate.identity-why", _IT),
    Task("construction", "graduate.hosting", "graduate.hosting-why", _IT),
    Task("construction", "graduate.source", "graduate.source-why", _TEAM),
    Task("production", "graduate.security", "graduate.security-why", _IT),
    Task("production", "graduate.audit", "graduate.audit-why", _TEAM),
    Task("production", "graduate.statement", "graduate.statement-why", _HEAD),
    Task("production", "graduate.receipt", "graduate.receipt-why", _SERVICE),
    Task("production", "graduate.rules", "graduate.rules-why", _SERVICE),
    Task("production", "graduate.other-ways", "graduate.other-ways-why", _SERVICE),
    Task("production", "graduate.legal", "graduate.legal-why", _HEAD),
    Task("production", "graduate.opinion", "graduate.opinion-why", _TEAM),
    Task("production", "graduate.figures", "graduate.figures-why", _TEAM),
    Task("production", "graduate.breach", "graduate.breach-why", _DPO),
    Task("production", "graduate.restore", "graduate.restore-why", _IT),
    Task("production", "graduate.sobriety", "graduate.sobriety-why", _IT),
)

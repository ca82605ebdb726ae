"""Trying with people: a case made ready for a participant, who agrees to a text, begins, and may stop at any moment.

All of it is on the ledger, as events of that case; there is no list of participants beside it. The link is the address
of the case: its identifier has 122 random bits and already opens the case to whoever holds it, so that a second secret
(an HMAC, with a key to keep and to change) would protect nothing more. It ends with the trial. Nothing here knows who
the participant is: a code is all that a maker may give.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal
from uuid import uuid5

from msgspec import Struct

from labkit.prototype.cases import CITIZEN, Cases
from labkit.prototype.events import name_of
from labkit.prototype.kit_events import NoteTaken, RequestSubmitted, TrialBegun, TrialEnded, TrialPrepared
from labkit.prototype.service import Service
from labkit.prototype.story import Moment, ServiceCase
from labkit.prototype.texts import Texts
from ledger.domain.commands import ForgetCitizen
from ledger.domain.identifiers import AgentRef, CaseId, CommandId
from ledger.domain.vocabulary import Channel

LAB: AgentRef = "lab"
OBSERVER: AgentRef = "observer"
ERASURE_BASIS = "RGPD art. 7 § 3"
CONSENT = ("why", "recorded", "never", "kept", "free", "rights")
CHECK = "check"
KEPT = timedelta(days=90)
_PREPARED = name_of(TrialPrepared)
State = Literal["ready", "running", "completed", "stopped"]


class Trial(Struct, frozen=True, kw_only=True):
    """One trial: what was prepared, and what came of it."""

    case: ServiceCase
    prepared: TrialPrepared
    begun_at: datetime | None
    consent: str | None
    submitted_at: datetime | None
    ended_at: datetime | None
    moments: tuple[Moment, ...]
    answered: tuple[str, ...]
    next_page: str

    @property
    def running(self) -> bool:
        """Tell whether the participant is at it now."""
        return self.begun_at is not None and self.ended_at is None

    @property
    def state(self) -> State:
        """Return where the trial stands."""
        if self.begun_at is None:
            return "ready"
        if self.submitted_at is not None:
            return "completed"
        return "running" if self.ended_at is None else "stopped"

    @property
    def stopped_at(self) -> str | None:
        """Return the page that the participant stopped at."""
        return self.next_page if self.state == "stopped" else None

    @property
    def taken_s(self) -> int | None:
        """Return how many seconds it took, up to sending, to stopping, or to the last thing done."""
        if self.begun_at is None:
            return None
        end = self.submitted_at or self.ended_at or self.moments[-1].occurred_at
        return round((end - self.begun_at).total_seconds())

    def is_due(self, now: datetime) -> bool:
        """Tell whether what was written is kept longer than the participant was told, and can still be read."""
        if self.begun_at is None or now - self.begun_at < KEPT:
            return False
        return any(getattr(moment.event, "content", "") for moment in self.moments)


def trial_of(service: Service, case: ServiceCase) -> Trial | None:
    """Return the trial that a case was prepared for, `None` if it was for none."""
    prepared = case.latest(TrialPrepared)
    if prepared is None:
        return None
    begun = _last(case.moments, TrialBegun)
    since = case.moments[begun.version - 1 :] if begun else ()
    submitted, ended = _last(since, RequestSubmitted), _last(since, TrialEnded)
    following = service.next_page(case)
    return Trial(
        case=case,
        prepared=prepared,
        begun_at=begun.occurred_at if begun else None,
        consent=consent.consent if (consent := case.latest(TrialBegun)) else None,
        submitted_at=submitted.occurred_at if submitted else None,
        ended_at=ended.occurred_at if ended else None,
        moments=tuple(since),
        answered=_answered(service, since),
        next_page=following.name if following else CHECK,
    )


def trials_of(cases: Cases, count_max: int) -> list[Trial]:
    """Return the trials of a service, the one that moved last first."""
    prepared = [entry for entry in cases.entries() if _PREPARED in entry.names][:count_max]
    found = (trial_of(cases.service, cases.get(entry.case_id)) for entry in prepared)
    return [trial for trial in found if trial is not None]


def prepare(cases: Cases, case_id: CaseId, prepared: TrialPrepared) -> Trial:
    """Make a case ready for a participant."""
    return _known(cases, cases.record(case_id, prepared, Channel.INTERNAL, by=LAB))


def begin(cases: Cases, trial: Trial, consent: str) -> Trial:
    """Record that the participant agreed to a text and begins; agreeing twice is agreeing once."""
    begun = TrialBegun(persona=trial.prepared.persona, consent=consent)
    return _once(cases, trial, begun, "trial begun", CITIZEN)


def end(cases: Cases, trial: Trial, by: AgentRef = CITIZEN) -> Trial:
    """Record that the trial is over; a second time changes nothing."""
    return _once(cases, trial, TrialEnded(), "trial ended", by)


def note(cases: Cases, case_id: CaseId, text: str) -> None:
    """Write down what an observer sees, with the moment."""
    cases.record(case_id, NoteTaken(text=text), Channel.INTERNAL, by=OBSERVER)


def erase(cases: Cases, trial: Trial) -> None:
    """Destroy the key of all that was written in a trial, for ever: consent is withdrawn as easily as it is given."""
    citizen = trial.case.citizen
    if citizen is None:
        return
    command = ForgetCitizen(
        command_id=CommandId(uuid5(trial.case.id, "trial erased")),
        occurred_at=cases.clock(),
        citizen=citizen,
        legal_basis=ERASURE_BASIS,
    )
    cases.execute(command, LAB)


def consent_of(texts: Texts, authority_name: str) -> list[tuple[str, str]]:
    """Return the text that is agreed to: questions and answers."""
    said = {"authority": authority_name, "days": KEPT.days}
    return [(texts(f"trial.consent.{part}.title"), texts(f"trial.consent.{part}.text", **said)) for part in CONSENT]


def version_of(consent: Sequence[tuple[str, str]], texts: Texts) -> str:
    """Return which text was shown, so that what somebody agreed to can be proved word by word."""
    digest = sha256("\n".join(line for part in consent for line in part).encode()).hexdigest()
    return f"{texts('trial.consent.version')}.{texts.language}.{digest[:12]}"


def _once(cases: Cases, trial: Trial, event: TrialBegun | TrialEnded, what: str, by: AgentRef) -> Trial:
    channel = Channel(trial.prepared.channel)
    case_id = trial.case.id
    return _known(cases, cases.record(case_id, event, channel, by=by, command_id=uuid5(case_id, what)))


def _known(cases: Cases, case: ServiceCase) -> Trial:
    trial = trial_of(cases.service, case)
    if trial is None:
        raise TypeError(f"case {case.id} was prepared for no trial")
    return trial


def _last(moments: Sequence[Moment], kind: type) -> Moment | None:
    return next((moment for moment in reversed(moments) if isinstance(moment.service_event, kind)), None)


def _answered(service: Service, moments: Sequence[Moment]) -> tuple[str, ...]:
    pages = {page.event: page.name for page in service.pages}
    told = (pages.get(type(moment.service_event)) for moment in moments if moment.service_event is not None)
    return tuple(dict.fromkeys(name for name in told if name is not None))

"""Every page of a prototype as a browser gets it: the first persona's journey, the desk, and what is said of mistakes.

The prototype runs on a ledger in memory; nothing of it is kept.
"""

from collections.abc import Iterator

from litestar.types import Scope
from msgspec import Struct

from labkit.checks.findings import Finding
from labkit.prototype.story import ServiceCase
from labkit.prototype.trying import Trial
from ledger.domain.vocabulary import Channel

REASON_CHARACTERS_MAX = 300
_MISTAKES = 422
_FAILED = 400


class Address(Struct, frozen=True):
    """A page: where it is, and what a reader calls it."""

    path: str
    label: str
    mistaken: bool = False


class Visit(Struct, frozen=True, kw_only=True):
    """A page as it was answered."""

    address: Address
    html: str

    @property
    def is_first(self) -> bool:
        """Tell whether it is where citizens begin."""
        return self.address.path.count("/") == 1


def addresses_of(trial: Trial) -> tuple[list[Address], list[Finding]]:
    """Go through the journey once, and return every page that there is to see, with what stood in the way."""
    problems: list[Finding] = []
    filled, sent = trial.begin(), trial.begin()
    try:
        filled, sent = trial.fill(filled), trial.fill(sent)
    except Exception as error:  # noqa: BLE001  # A project's own rules fail in as many ways as code can.
        problems.append(_unanswered(error))
    sent = trial.cases.submit(sent.id, Channel.WEB)
    addresses = [each for language in trial.project.languages for each in _addresses(trial, language, filled, sent)]
    return addresses, problems


def visit(trial: Trial, addresses: list[Address]) -> tuple[list[Visit], list[Finding]]:
    """Ask for every page; one that cannot be shown is a finding."""
    visits: list[Visit] = []
    problems: list[Finding] = []
    reasons: list[str] = []

    async def remember(error: Exception, _: Scope) -> None:
        reasons.append(f"{type(error).__name__}: {error}")

    # An answer to the outside says that something failed, and never what.
    trial.browser.app.after_exception.append(remember)
    for address in addresses:
        try:
            answer = trial.browser.post(address.path) if address.mistaken else trial.browser.get(address.path)
        except Exception as error:  # noqa: BLE001  # A project's own templates fail in as many ways as code can.
            problems.append(_unshown(address, f"{type(error).__name__}: {error}"))
            continue
        if answer.status_code >= _FAILED and not (address.mistaken and answer.status_code == _MISTAKES):
            problems.append(_unshown(address, reasons[-1] if reasons else f"HTTP {answer.status_code}"))
        else:
            visits.append(Visit(address=address, html=answer.text))
    return visits, problems


def _addresses(trial: Trial, language: str, filled: ServiceCase, sent: ServiceCase) -> Iterator[Address]:
    """Return the pages in one language, citizens' first."""
    texts = trial.project.texts(trial.project.languages[0])
    case, done = f"/{language}/case/{filled.id}", f"/{language}/case/{sent.id}/done"
    yield Address(f"/{language}", f"/{language}")
    for page in trial.service.asked(filled):
        yield Address(f"{case}/{page.name}", f"/{language} · {page.name}")
    for page in trial.service.pages[:1]:
        yield Address(f"{case}/{page.name}", f"/{language} · {page.name} (422)", mistaken=True)
    yield Address(f"{case}/check", f"/{language} · check")
    yield Address(done, f"/{language} · done")
    yield Address(f"/{language}/desk", f"/{language}/desk")
    yield Address(f"/{language}/desk/case/{sent.id}", f"/{language}/desk · case")
    for page in (*trial.service.asked(filled)[:1], *trial.service.desk):
        yield Address(f"/{language}/desk/case/{filled.id}/page/{page.name}", f"/{language}/desk · {page.name}")
    for channel in trial.project.channels():
        if texts.get(f"{channel.value}.desk"):
            yield Address(f"/{language}/desk/{channel.value}", f"/{language}/desk/{channel.value}")


def _unanswered(error: Exception) -> Finding:
    return Finding(
        severity="error",
        where="personas.toml",
        what="check.unanswered",
        mend="check.answer",
        details={"reason": _short(f"{type(error).__name__}: {_said(str(error))}")},
    )


def _unshown(address: Address, reason: str) -> Finding:
    details = {"reason": _short(reason)}
    return Finding(severity="error", where=address.label, what="check.unshown", mend="check.show", details=details)


def _said(page: str) -> str:
    """Return what a page of mistakes says, if it is one."""
    return page if "<" not in page else "HTTP 422"


def _short(reason: str) -> str:
    return " ".join(reason.split())[:REASON_CHARACTERS_MAX]

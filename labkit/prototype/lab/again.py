"""Starting again without losing one's place: a new case, empty or answered up to a page, and the same page of it."""

from collections.abc import Callable
from typing import TypeAlias

from labkit.prototype.cases import Cases
from labkit.prototype.events import ServiceEvent
from labkit.prototype.personas import sent_by
from labkit.prototype.project import Persona
from labkit.prototype.story import ServiceCase
from labkit.prototype.trials import CHECK, LAB
from ledger.domain.vocabulary import Channel

SENT = "done"
Answering: TypeAlias = Callable[[type[ServiceEvent]], ServiceEvent | None]


def answers_from(*sources: ServiceCase | Persona | None) -> Answering:
    """Return what answers a page: the first of the sources that has an answer to it."""

    def answer(kind: type[ServiceEvent]) -> ServiceEvent | None:
        found = (_answer_of(source, kind) for source in sources if source is not None)
        return next((event for event in found if event is not None), None)

    return answer


def answered_until(cases: Cases, page_name: str, answer: Answering, channel: Channel = Channel.WEB) -> ServiceCase:
    """Open a case and answer its pages up to one, in order; if that is the last, send the request as well."""
    case = cases.open(channel, by=LAB)
    for page in cases.service.pages:
        if page.name == page_name:
            return case
        event = answer(page.event) if page.when(case) else None
        if event is not None:
            case = cases.record(case.id, event, channel, by=LAB)
    if page_name == SENT and cases.service.next_page(case) is None:
        case = cases.submit(case.id, channel, by=LAB)
    return case


def is_of_journey(cases: Cases, page_name: str) -> bool:
    """Tell whether a page is one that citizens are asked, or one that ends their journey."""
    return page_name in (*(page.name for page in cases.service.pages), CHECK, SENT)


def moved(path: str, case: ServiceCase, to: ServiceCase) -> str | None:
    """Return the same page of another case, `None` if the page is of no case."""
    return path.replace(str(case.id), str(to.id)) if str(case.id) in path else None


def page_of(path: str) -> str:
    """Return the page that an address ends with."""
    return path.partition("?")[0].rpartition("/")[2]


def _answer_of(source: ServiceCase | Persona, kind: type[ServiceEvent]) -> ServiceEvent | None:
    return source.latest(kind) if isinstance(source, ServiceCase) else sent_by(source, kind)

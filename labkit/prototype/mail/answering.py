"""What messages answer on a case: the pages that they complete between them, and the word that sends the request."""

from labkit.prototype.cases import CITIZEN
from labkit.prototype.conversation.dialogue import ONLINE_ONLY
from labkit.prototype.failures import CannotBeKept
from labkit.prototype.mail.answers import answers_in, folded
from labkit.prototype.questions import questions_of, read_form
from labkit.prototype.service import Page
from labkit.prototype.serving import Prototype
from labkit.prototype.story import ServiceCase
from ledger.domain.events import EmailMessage
from ledger.domain.vocabulary import Channel, Direction


def take_answers(prototype: Prototype, case: ServiceCase, words: str) -> ServiceCase:
    """Record the pages that are complete; then, if the first of the words says so, send the request."""
    said = "\n\n".join(_told(case))
    for _ in prototype.service.pages:
        page = prototype.service.next_page(case)
        if page is None:
            return _send(prototype, case, words)
        form = _form(prototype, page, said)
        texts = prototype.texts(prototype.project.languages[0])
        event = read_form(page.event, form, texts).event if form else None
        if event is None:
            return case
        try:
            case = prototype.cases.record(case.id, event, Channel.EMAIL, by=CITIZEN)
        except CannotBeKept:
            return case  # It is asked for again, as what does not fit is; the sender's machine could only repeat it.
    return _send(prototype, case, words)


def _told(case: ServiceCase) -> list[str]:
    """Return what people wrote by e-mail, the latest first: it corrects what came before."""
    contacts = reversed(case.contacts(Direction.IN))
    return [
        contact.summary
        for contact in contacts
        if contact.channel is Channel.EMAIL and contact.particulars != EmailMessage(automatic=True)
    ]


def _form(prototype: Prototype, page: Page, said: str) -> dict[str, list[str]]:
    """Return what people wrote of a page; of a file, for example, they can only write that it is attached."""
    asked = [questions_of(page.event, prototype.texts(language)) for language in prototype.project.languages]
    answers = answers_in(said, [question for questions in asked for question in questions])
    elsewhere = {question.name for question in asked[0] if question.kind in ONLINE_ONLY}
    return {name: values for name, values in answers.items() if name not in elsewhere}


def _send(prototype: Prototype, case: ServiceCase, words: str) -> ServiceCase:
    """Send the request if nothing is missing and the first line is the word that the acknowledgement asks for."""
    known = {folded(prototype.texts(language)("email.send-word")) for language in prototype.project.languages}
    if case.submitted or prototype.service.next_page(case) or folded(words.partition("\n")[0]) not in known:
        return case
    return prototype.cases.submit(case.id, Channel.EMAIL)

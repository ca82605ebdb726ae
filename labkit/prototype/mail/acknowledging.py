"""The answer that a message gets at once: its reference, and what is still asked. Nobody's answers are ever in it.

Whoever knows a reference may write, so an acknowledgement tells nothing of a case that the reference does not tell. It
is written to people only, and to nobody without end: a machine may hide that it is one.
"""

from collections import deque
from datetime import datetime, timedelta
from uuid import UUID

from labkit.prototype.conversation.dialogue import ONLINE_ONLY
from labkit.prototype.following import RULES
from labkit.prototype.journey import asking
from labkit.prototype.mail.sending import send
from labkit.prototype.questions import Question
from labkit.prototype.service import Service
from labkit.prototype.serving import Prototype
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import Texts
from ledger.domain.events import EmailMessage
from ledger.domain.vocabulary import Channel, Direction, Language

TEXT_MAX = 4_000
SAME_SENDER_MAX = 5
WITHIN = timedelta(hours=1)
REMEMBERED_MAX = 10_000
OPTIONS_MAX = 12


class Acknowledger:
    """Acknowledges messages, and remembers to whom it did."""

    def __init__(self, prototype: Prototype) -> None:
        """Acknowledge for a prototype."""
        self._prototype = prototype
        self._answered: deque[tuple[datetime, str]] = deque(maxlen=REMEMBERED_MAX)

    def acknowledge(
        self, case: ServiceCase, to: str, *, language: Language, interaction_id: UUID, answering: str
    ) -> ServiceCase:
        """Tell somebody that their message is on a case, unless they were told too often."""
        prototype = self._prototype
        if not self._may_tell(to):
            return case
        signed = prototype.project.manifest.service.authority_name
        text = acknowledgement(prototype.service, case, prototype.texts(language), signed=signed)
        case = prototype.cases.contact(
            case.id,
            Channel.EMAIL,
            Direction.OUT,
            text[:TEXT_MAX],
            by=RULES,
            particulars=EmailMessage(automatic=True),
            contact=to,
            interaction_id=interaction_id,
        )
        self._answered.append((prototype.cases.clock(), to.lower()))
        send(prototype, case, case.contacts(Direction.OUT)[-1], answering=answering)
        return case

    def _may_tell(self, to: str) -> bool:
        since = self._prototype.cases.clock() - WITHIN
        while self._answered and self._answered[0][0] < since:
            self._answered.popleft()
        return sum(each == to.lower() for _, each in self._answered) < SAME_SENDER_MAX


def acknowledgement(service: Service, case: ServiceCase, texts: Texts, *, signed: str) -> str:
    """Return the words that say what was received, and what is still asked."""
    open_pages = [page for page in service.asked(case) if case.latest(page.event) is None]
    asked = [asking(service, case, page, texts) for page in open_pages]
    questions = [
        [page.title, *(_line(question, texts) for question in page.questions if question.kind not in ONLINE_ONLY)]
        for page in asked
    ]
    if case.submitted:
        follows = [texts("email.submitted")]
    elif asked:
        follows = [texts("email.missing"), *("\n".join(lines) for lines in questions)]
    else:
        follows = [texts("email.complete", word=texts("email.send-word"))]
    received = texts("email.received", reference=case.reference)
    return "\n\n".join([texts("email.greeting"), received, *follows, signed])


def _line(question: Question, texts: Texts) -> str:
    """Return a question as a line to be filled in; what helps to answer stands in brackets."""
    options = [label for _, label in question.options[:OPTIONS_MAX]]
    if question.kind == "yes_no":
        options = [texts("answer.yes"), texts("answer.no")]
    helps = [", ".join(options)] if options else [question.hint.rstrip(" .")] if question.hint else []
    if not question.required:
        helps.append(texts("email.optional"))
    about = f" ({' ; '.join(helps)})" if helps else ""
    return texts("email.question", question=f"{question.label}{about}")

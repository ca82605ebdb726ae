"""The machine in a running prototype: it hears a message, records it and what follows, and answers on the ledger.

Messages of one prototype are taken one after the other; the same message sent twice is heard once.
"""

from threading import Lock
from uuid import UUID, uuid5

from msgspec.structs import replace

from labkit.prototype.cases import AGENT, CITIZEN, Cases
from labkit.prototype.conversation.prompting import worded
from labkit.prototype.conversation.replying import Reply, reply
from labkit.prototype.conversation.script import Script, script_of
from labkit.prototype.conversation.thread import MACHINE, author_of, care_of, dialogue_of, exchanges_of
from labkit.prototype.failures import CannotBeKept, UnknownCase
from labkit.prototype.project import Project
from labkit.prototype.story import ServiceCase
from ledger.domain.events import ChatbotExchange
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel, Direction, Language

CHANNEL = Channel.CHATBOT


class Conversation:
    """The chatbot's side of every thread; may be used from several threads."""

    def __init__(self, project: Project, cases: Cases) -> None:
        """Speak for one project."""
        self._project = project
        self._cases = cases
        self._lock = Lock()

    def begin(self, case_id: CaseId, message: str, language: Language) -> ServiceCase:
        """Open a case with its first message, and answer it."""
        script = script_of(self._project, language)
        with self._lock:
            try:
                case = self._cases.get(case_id)
            except UnknownCase:
                case = self._cases.open(CHANNEL, case_id=case_id, particulars=ChatbotExchange(), summary=message)
            return self._answer(case, script)

    def hear(self, case_id: CaseId, message: str, message_id: UUID, language: Language) -> ServiceCase:
        """Record a message, and answer it unless a person does."""
        script = script_of(self._project, language)
        with self._lock:
            case = self._cases.get(case_id)
            if not any(contact.interaction_id == message_id for contact in exchanges_of(case)):
                human = ChatbotExchange(human_wanted=care_of(case).human)
                case = self._cases.contact(
                    case_id, CHANNEL, Direction.IN, message, by=CITIZEN, particulars=human, interaction_id=message_id
                )
            return self._answer(case, script)

    def answer_as_agent(self, case_id: CaseId, message: str, message_id: UUID) -> ServiceCase:
        """Let an agent answer; from then on the machine is silent."""
        spoken = ChatbotExchange()
        return self._cases.contact(
            case_id, CHANNEL, Direction.OUT, message, by=AGENT, particulars=spoken, interaction_id=message_id
        )

    def give_back(self, case_id: CaseId, language: Language) -> ServiceCase:
        """Let the machine go on where it was."""
        script = script_of(self._project, language)
        with self._lock:
            case = self._cases.get(case_id)
            if not care_of(case).human:
                return case
            dialogue = dialogue_of(case, service=self._cases.service, script=script)
            given_back = Reply(dialogue=dialogue, said=script.texts("chatbot.given-back"), asks=True)
            return self._say(case_id, worded(given_back, service=self._cases.service, case=case, script=script))

    def _answer(self, case: ServiceCase, script: Script) -> ServiceCase:
        """Answer the last message, unless somebody did: a kill may have come between the two."""
        said_last = next(reversed(exchanges_of(case)), None)
        if said_last is None or author_of(said_last) != "citizen":
            return case
        service, message_id = self._cases.service, said_last.interaction_id
        before = case.until(next(rank for rank, moment in enumerate(case.moments) if moment.event is said_last))
        dialogue = dialogue_of(before, service=service, script=script)
        answer = reply(dialogue, said_last.summary, service=service, case=before, script=script)
        try:
            case = self._record(case, answer, message_id)
        except CannotBeKept:
            answer = replace(answer, said=script.texts("chatbot.not-kept"))
        said = worded(answer, service=service, case=case, script=script) if answer.said or answer.asks else ""
        if not said:
            return case
        return self._say(case.id, said, human=answer.human, answer_id=uuid5(message_id, "answer"))

    def _record(self, case: ServiceCase, answer: Reply, message_id: UUID) -> ServiceCase:
        if answer.event is not None and answer.event != case.latest(type(answer.event)):
            case = self._cases.record(case.id, answer.event, CHANNEL, command_id=uuid5(message_id, "event"))
        if answer.submits and self._cases.service.next_page(case) is None:
            case = self._cases.submit(case.id, CHANNEL)
        return case

    def _say(self, case_id: CaseId, said: str, *, human: bool = False, answer_id: UUID | None = None) -> ServiceCase:
        particulars = ChatbotExchange(human_wanted=human)
        return self._cases.contact(
            case_id, CHANNEL, Direction.OUT, said, by=MACHINE, particulars=particulars, interaction_id=answer_id
        )

"""How the machine asks: a question with its choices, a summary to be confirmed, a request to be sent. Pure."""

from typing import assert_never

from labkit.prototype.conversation.dialogue import (
    AtEnd,
    AtOnlinePage,
    AtQuestion,
    AtSending,
    AtStart,
    AtSummary,
    Dialogue,
    asked_here,
    page_asked,
    where,
)
from labkit.prototype.conversation.replying import Reply
from labkit.prototype.conversation.script import Script
from labkit.prototype.events import stem_of
from labkit.prototype.questions import Question, answers_of, questions_of, said, values_of
from labkit.prototype.service import Page, Service
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import Texts

LENGTH_MAX = 4000
SUMMED_UP_LENGTH_MAX = 300  # The question that follows the answers has to have room too.


def worded(reply: Reply, *, service: Service, case: ServiceCase, script: Script) -> str:
    """Return a reply in words, once what it says was recorded: `case` is as it stands then."""
    first = "" if reply.dialogue.introduced else introduction(script.texts)
    due = prompt(reply.dialogue, service=service, case=case, script=script) if reply.asks else ""
    return "\n\n".join(filter(None, (first, reply.said, due)))[:LENGTH_MAX]


def introduction(texts: Texts) -> str:
    """Say that a machine speaks."""
    return texts("chatbot.introduction", service=texts("service.title"))


def prompt(dialogue: Dialogue, *, service: Service, case: ServiceCase, script: Script) -> str:
    """Return what is asked now."""
    texts = script.texts
    match where(dialogue, service=service, case=case, texts=texts):
        case AtStart():
            return texts("chatbot.offer")
        case AtQuestion(page=page, question=question):
            begun = any(name in dialogue.given for name in page.event.__struct_fields__)
            return "\n\n".join(filter(None, ("" if begun else _heading(page, texts), _asked(question, texts))))
        case AtSummary(page=page, event=event):
            return texts("chatbot.summary", answers=_summary(page, values_of(event), answers_of(event, texts), texts))
        case AtOnlinePage(page=page):
            return texts("chatbot.online-page", page=texts(f"{stem_of(page.event)}.title"))
        case AtSending():
            return texts("chatbot.sending")
        case AtEnd():
            return texts("chatbot.sent", reference=case.reference)
        case unforeseen:
            assert_never(unforeseen)


def _heading(page: Page, texts: Texts) -> str:
    stem = stem_of(page.event)
    return "\n".join(filter(None, (texts(f"{stem}.title"), texts.get(f"{stem}.lead"))))


def _asked(question: Question, texts: Texts) -> str:
    choices = [
        texts("chatbot.choice", number=rank, choice=label) for rank, (_, label) in enumerate(question.options, 1)
    ]
    how = "" if question.hint and not choices else texts.get(f"chatbot.how.{question.kind}")
    lines = (question.label, question.hint, *choices, how, "" if question.required else texts("chatbot.how.optional"))
    return "\n".join(filter(None, lines))


def _summary(page: Page, values: dict[str, object], answers: list[tuple[str, str]], texts: Texts) -> str:
    """Number every question that was asked, so that one can be named by its number."""
    told = dict(zip((name for name in page.event.__struct_fields__ if name in values), answers, strict=True))
    unanswered = texts("chatbot.unanswered")
    return "\n".join(
        texts(
            "chatbot.answer",
            number=rank,
            question=question.label,
            answer=_shortened(told[question.name][1]) if question.name in told else unanswered,
        )
        for rank, question in enumerate(asked_here(questions_of(page.event, texts)), start=1)
    )


def _shortened(answer: str) -> str:
    return answer if len(answer) <= SUMMED_UP_LENGTH_MAX else f"{answer[:SUMMED_UP_LENGTH_MAX]}…"


def pending_answers(dialogue: Dialogue, *, service: Service, case: ServiceCase, texts: Texts) -> list[tuple[str, str]]:
    """Return the answers to an unfinished page, as they were understood and are not confirmed yet."""
    page = page_asked(dialogue, service=service, case=case)
    questions = questions_of(page.event, texts) if page else []
    given = [(question, dialogue.given[question.name]) for question in questions if dialogue.given.get(question.name)]
    return [(each.label, said(each, values if each.kind == "choices" else values[0], texts)) for each, values in given]

"""What the first persona of a project answers to a page that is added, so that tests and trials can go through it."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import msgspec

from labkit.prototype.events import ServiceEvent
from labkit.prototype.failures import BrokenProject
from labkit.prototype.project import Project
from labkit.prototype.questions import Question, field_type, questions_of
from labkit.prototype.texts import MissingText
from labkit.scaffold.additions.drafts import Drafts
from labkit.scaffold.additions.failures import BeyondRecognition, NoSampleAnswer
from labkit.scaffold.additions.fields import SAMPLES, Field, Value
from labkit.scaffold.additions.tables import header_of, read_tables, table, with_answers

_FILE = "personas.toml"


def put_answers(drafts: Drafts, stem: str, answers: Callable[[], Mapping[str, Value]]) -> None:
    """Let the first persona answer a page, unless they do.

    Raises:
        BeyondRecognition: there is no persona, or the file is written in a way of its own.
    """
    text, by_hand = drafts.read(_FILE), f"[….answers.{stem}]"
    personas = read_tables(text, file=_FILE, by_hand=by_hand)
    first = next(iter(personas), None)
    if first is None:
        raise BeyondRecognition("add.no-persona", file=_FILE, by_hand=by_hand)
    if stem not in personas[first].get("answers", {}):
        block = table(header_of(first, "answers", stem), answers())
        drafts.change(_FILE, with_answers(text, first, block, file=_FILE))


def answers_of(fields: Sequence[Field]) -> dict[str, Value]:
    """Return what can be answered to the fields of a new event."""
    samples = ((field.name.variable, field.sample()) for field in fields)
    return {name: sample for name, sample in samples if sample is not None}


def answers_to(project: Project, event: str, stem: str) -> dict[str, Value]:
    """Return what can be answered to an event that the project declares, found by its types.

    Raises:
        BrokenProject: its code cannot be imported.
        NoSampleAnswer: a field takes only what nobody can guess.
    """
    with _own_code(project) as events:
        kind = getattr(events, event)
        try:
            asked = questions_of(kind, project.texts(project.languages[0]))
        except MissingText as missing:
            raise NoSampleAnswer(field=missing.key, event=stem) from missing
        return {question.name: _sample(kind, question, stem) for question in asked if question.required}


def _sample(kind: type[ServiceEvent], question: Question, stem: str) -> Value:
    first = question.options[0][0] if question.options else None
    sample = SAMPLES.get(question.kind) if first is None else [first] if question.kind == "choices" else first
    try:
        msgspec.convert(sample, field_type(kind, question.name))
    except msgspec.ValidationError as error:
        raise NoSampleAnswer(field=question.name, event=stem) from error
    assert sample is not None  # noqa: S101  # no required field takes it
    return sample


@contextmanager
def _own_code(project: Project) -> Iterator[Any]:
    """Import the events of a project as they are now, and forget them again."""
    package, source = project.manifest.project.package, str(project.folder / "src")
    known = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == package}
    for name in known:
        del sys.modules[name]
    sys.path.insert(0, source)
    try:
        yield import_module(f"{package}.events")
    except NoSampleAnswer:
        raise
    except Exception as error:
        # A project's code fails in as many ways as code can.
        raise BrokenProject(file=f"{package}.events", reason=error) from error
    finally:
        sys.path.remove(source)
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            del sys.modules[name]
        sys.modules.update(known)

"""What a template asks, answered: defaults that follow from earlier answers, and each answer checked.

The rules of the checks are those of the templates' own hook, which plain cookiecutter runs too; names that it does not
know are only asked not to be empty.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from runpy import run_path

from labkit.scaffold.catalogue import CHANNEL_NAMES, TEMPLATES, Question, Template, channels_beside
from labkit.scaffold.cutter import fill
from labkit.scaffold.failures import BadAnswer, UnknownAnswer
from labkit.scaffold.words import Words

Rule = Callable[[str, str, Sequence[str]], tuple[str, str] | None]


def normal(name: str, value: str) -> str:
    """Return an answer as templates expect it: trimmed, a SIREN without spaces, channels by the names of templates."""
    if name == "authority":
        return "".join(value.split())
    if name == "channels":
        return ", ".join(dict.fromkeys(channel_name(channel) for channel in value.split(",")))
    return value.strip()


def channel_name(channel: str) -> str:
    """Return the name of a channel's template, given that or the channel's own code."""
    name = channel.strip().lower()
    return CHANNEL_NAMES.get(name, name)


def check(template: Template, question: Question, value: str) -> Words | None:
    """Return why a value cannot answer a question, or None."""
    if question.choices:
        listed = ", ".join(question.choices)
        return None if value in question.choices else Words(f"les choix sont {listed}.", f"choices are {listed}.")
    why = _rule()(question.name, value, channels_beside(template))
    return Words(*why) if why else None


def checked(template: Template, given: Mapping[str, str]) -> dict[str, str]:
    """Return answers in their normal form, as far as they go.

    Raises:
        UnknownAnswer: the template does not ask this.
        BadAnswer: it asks it, and the value is not allowed.
    """
    asked = {question.name: question for question in template.questions}
    answers = {name: normal(name, value) for name, value in given.items()}
    for name, value in answers.items():
        if name not in asked:
            raise UnknownAnswer(name=name, template=template.name, asked=", ".join(asked))
        why = check(template, asked[name], value)
        if why is not None:
            raise BadAnswer(name=name, value=value, why=why)
    return answers


def completed(template: Template, given: Mapping[str, str]) -> dict[str, str]:
    """Return an answer to every question, in their order: the given one, else the default."""
    answers: dict[str, str] = {}
    for question in template.questions:
        name = question.name
        answers[name] = given[name] if name in given else fill(question.default, answers)
    return answers


@cache
def _rule() -> Rule:
    rule: Rule = run_path(str(TEMPLATES / "base" / "hooks" / "pre_gen_project.py"))["problem"]
    return rule

"""The questions of a template put to a person at a terminal, in plain words, each checked as it is answered."""

from collections.abc import Callable, Mapping
from pathlib import Path

from labkit.messages import Texts
from labkit.scaffold.catalogue import KIND_TEXTS, Question, Template, channels_beside
from labkit.scaffold.create import ensure_free
from labkit.scaffold.failures import FolderTaken, OutputNotWritable
from labkit.scaffold.questions import check, completed, normal


def ask_template(known: Mapping[str, Template], say: Texts) -> str:
    """Ask which template to use."""
    import questionary  # noqa: PLC0415  # slow to import; only a person at a terminal needs it

    choices: list[questionary.Choice] = []
    for kind, text in KIND_TEXTS.items():
        of_kind = [template for template in known.values() if template.kind == kind]
        choices += [questionary.Separator(f"  {say(text)}")] if of_kind else []
        choices += [
            questionary.Choice(f"{template.name}: {template.title.to(say.language)}", value=template.name)
            for template in of_kind
        ]
    asked = questionary.select(say("new.which-template"), choices, instruction=say("new.hint-select"))
    return str(asked.unsafe_ask())


def ask(template: Template, given: Mapping[str, str], *, say: Texts, output: Path | None) -> dict[str, str]:
    """Ask what is not given yet; return the answer to every question. The project's place in `output` must be free."""
    answers = dict(given)
    if output is not None and "project_slug" in given:
        ensure_free(output / given["project_slug"])
    for question in template.questions:
        if question.name not in given:
            default = completed(template, answers)[question.name]
            answers[question.name] = _ask(template, question, default, say=say, output=output)
    return completed(template, answers)


def _ask(template: Template, question: Question, default: str, *, say: Texts, output: Path | None) -> str:
    import questionary  # noqa: PLC0415  # slow to import; only a person at a terminal needs it

    text = question.text.to(say.language)
    if question.choices:
        chosen = questionary.select(text, question.choices, default=default, instruction=say("new.hint-select"))
        return str(chosen.unsafe_ask())
    problem = _problem(template, question, say=say, output=output)
    if question.name == "channels":
        wanted = normal("channels", default).split(", ")
        choices = [questionary.Choice(name, checked=name in wanted) for name in channels_beside(template)]
        hint = say("new.hint-checkbox")
        ticked = questionary.checkbox(text, choices, instruction=hint, validate=lambda names: problem(", ".join(names)))
        return ", ".join(ticked.unsafe_ask())
    return normal(question.name, str(questionary.text(text, default=default, validate=problem).unsafe_ask()))


def _problem(template: Template, question: Question, *, say: Texts, output: Path | None) -> Callable[[str], bool | str]:
    """Return what tells questionary that an answer is right, or else why it is not."""

    def problem(value: str) -> bool | str:
        answer = normal(question.name, value)
        why = check(template, question, answer)
        if why is not None:
            return why.to(say.language)
        try:
            if output is not None and question.name == "project_slug":
                ensure_free(output / answer)
        except (FolderTaken, OutputNotWritable) as failure:
            return failure.message(say.language)
        return True

    return problem

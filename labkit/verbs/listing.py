"""`labkit list`: what a project can be made from, by kind."""

import rich_click as click
from msgspec import Struct
from rich import box
from rich.table import Table

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.scaffold.catalogue import KIND_TEXTS, Kind, Template, templates
from labkit.verbs.frame import Frame, verb


class ListedTemplate(Struct, frozen=True, kw_only=True):
    """One template, in the language of whoever asks."""

    name: str
    kind: Kind
    title: str
    description: str
    kit: str
    layers: tuple[str, ...] | None
    questions: tuple[str, ...]


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    return verb(say, "list", show)


def show(frame: Frame) -> ExitCode:
    """Show every template."""
    known = list(templates().values())
    frame.answer([_listed(template, frame.say) for template in known])
    if not frame.as_json:
        frame.console.print(_table(known, frame.say))
    return ExitCode.OK


def _listed(template: Template, say: Texts) -> ListedTemplate:
    return ListedTemplate(
        name=template.name,
        kind=template.kind,
        title=template.title.to(say.language),
        description=template.description.to(say.language),
        kit=template.kit,
        layers=template.layers,
        questions=tuple(question.name for question in template.questions),
    )


def _table(known: list[Template], say: Texts) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(say("list.kind"), style="dim")
    table.add_column(say("list.name"), style="bold cyan", no_wrap=True)
    table.add_column(say("list.title"))
    table.add_column(say("list.description"))
    for kind, text in KIND_TEXTS.items():
        of_kind = [template for template in known if template.kind == kind]
        for rank, template in enumerate(of_kind):
            label = "" if rank else say(text)
            words = (template.title, template.description)
            table.add_row(label, template.name, *(said.to(say.language) for said in words))
    return table

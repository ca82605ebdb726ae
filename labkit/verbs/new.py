"""`labkit new TEMPLATE`: a project of one's own, from a template, in one go or not at all."""

import shlex
import shutil
import sys
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import rich_click as click
from msgspec import Struct

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.scaffold.answers import Answers, read_answers
from labkit.scaffold.catalogue import Template, find_template, templates
from labkit.scaffold.create import Making, create, ensure_free, keeping, writable
from labkit.scaffold.kit import point_to_kit, source, version
from labkit.scaffold.preview import Written, difference, files_of, tree_of
from labkit.scaffold.questions import checked, completed
from labkit.scaffold.render import render
from labkit.verbs.frame import Frame, verb

PACK_SUFFIX = ".labkit"


class Wish(Struct, frozen=True, kw_only=True):
    """What was typed after `labkit new`."""

    words: tuple[str, ...]
    output: Path
    answers: Path | None
    no_input: bool
    dry_run: bool
    diff: bool
    no_git: bool
    no_source: bool
    trust: str | None
    keep_theme: bool


class Order(Struct, frozen=True, kw_only=True):
    """What a project is made from, once everything was answered; `kept` tells whether a failure keeps the answers."""

    template: Template
    answers: dict[str, str]
    make: Making
    settle: Callable[[Path], None]
    commit: str
    then: str | None = None
    kept: bool = True
    ended: Callable[[], None] = lambda: None


class NewProject(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was made, or would be; the difference is there when it was asked for."""

    project: str
    template: str
    kit: str
    files: tuple[Written, ...]
    git: bool
    diff: str | None = None


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    folder, file = click.Path(file_okay=False, path_type=Path), click.Path(dir_okay=False, path_type=Path)
    return verb(
        say,
        "new",
        new,
        [
            click.Argument(["words"], nargs=-1, metavar=say("new.words")),
            click.Option(["--output"], type=folder, default=Path(), show_default=True, help=say("new.output")),
            click.Option(["--answers"], type=file, help=say("new.answers")),
            click.Option(["--no-input"], is_flag=True, help=say("new.no-input")),
            click.Option(["--dry-run"], is_flag=True, help=say("new.dry-run")),
            click.Option(["--diff"], is_flag=True, help=say("new.diff")),
            click.Option(["--no-git"], is_flag=True, help=say("new.no-git")),
            click.Option(["--no-source"], is_flag=True, help=say("new.no-source")),
            click.Option(["--trust"], metavar=say("new.trust-value"), help=say("new.trust")),
            click.Option(["--keep-theme"], is_flag=True, help=say("new.keep-theme")),
        ],
    )


def new(frame: Frame, **given: Any) -> ExitCode:  # noqa: ANN401  # click hands over what `build` declares.
    """Make a project, or show what would be made."""
    wish = Wish(**given)
    order = _order(frame, wish)
    if wish.dry_run or wish.diff:
        _show(frame, wish, order)
    else:
        _make(frame, wish, order)
    return ExitCode.OK


def _order(frame: Frame, wish: Wish) -> Order:
    """Return what to make the project from, and how."""
    named = [word for word in wish.words if "=" not in word]
    saved = read_answers(wish.answers) if wish.answers else None
    if len(named) > 1:
        raise click.UsageError(frame.say("new.one-template", words=" ".join(named)))
    if not (named or saved or _attended(frame, wish)):
        raise click.UsageError(frame.say("new.which"))
    if named and named[0].endswith(PACK_SUFFIX):
        return _taken_up(frame, wish, Path(named[0]), saved)
    template = find_template(named[0] if named else saved.template if saved else _chosen(frame.say))
    answers = _answered(frame, wish, template, saved)
    return Order(
        template=template,
        answers=answers,
        make=partial(render, template.name, answers),
        settle=partial(point_to_kit, kit=_kit(wish)),
        commit=f"labkit new {template.name}, kit {version()}",
    )


def _taken_up(frame: Frame, wish: Wish, file: Path, saved: Answers | None) -> Order:
    """Return how to take a prototype of the catalogue up, once its signature was checked and its maker shown."""
    # Cryptography is loaded for an archive only: other projects do not wait for it.
    from labkit.catalogue.ordering import opened  # noqa: PLC0415

    chosen = opened(frame, file, trust=wish.trust)
    answers = _answered(frame, wish, chosen.template, saved)

    def settle(project: Path) -> None:
        chosen.settle(project, answers, keep_theme=wish.keep_theme)
        point_to_kit(project, kit=_kit(wish))

    entry = chosen.pack.entry
    return Order(
        template=chosen.template,
        answers=answers,
        make=partial(chosen.make, answers),
        settle=settle,
        commit=f"labkit new {entry.template}, kit {entry.kit}",
        then=f"Take up {entry.name} of {entry.authority_name}, signed {chosen.pack.signature.fingerprint}",
        kept=False,
        ended=chosen.remember,
    )


def _answered(frame: Frame, wish: Wish, template: Template, saved: Answers | None) -> dict[str, str]:
    """Return an answer to every question: typed, saved, asked at a terminal, or the default."""
    typed = dict(word.split("=", 1) for word in wish.words if "=" in word)
    given = checked(template, {**(saved.answers if saved else {}), **typed})
    if not _attended(frame, wish):
        return checked(template, completed(template, given))
    # Prompts are loaded for a person only: programs are answered at once.
    from labkit.scaffold.asking import ask  # noqa: PLC0415

    writable(wish.output)
    return ask(template, given, say=frame.say, output=None if wish.diff else wish.output)


def _attended(frame: Frame, wish: Wish) -> bool:
    return frame.console.is_terminal and sys.stdin.isatty() and not (wish.no_input or frame.as_json)


def _chosen(say: Texts) -> str:
    # Prompts are loaded for a person only: programs are answered at once.
    from labkit.scaffold.asking import ask_template  # noqa: PLC0415

    return ask_template(templates(), say)


def _make(frame: Frame, wish: Wish, order: Order) -> None:
    template, answers = order.template, order.answers
    project = wish.output / answers["project_slug"]
    ensure_free(project)
    writable(wish.output)
    with keeping(Answers(template.name, version(), answers), wish.output) if order.kept else nullcontext():
        commit = None if wish.no_git else order.commit
        git = create(order.make, project, settle=order.settle, commit=commit, then=order.then)
    order.ended()
    files = tuple(file for file in files_of(project) if not file.path.startswith(".git/"))
    frame.answer(NewProject(project=str(project), template=template.name, kit=version(), files=files, git=git))
    frame.write(frame.say("new.made", project=project, files=len(files), template=template.name))
    if not wish.no_git and not git:
        frame.write(frame.say("new.git-missing"))
    frame.write(frame.say("new.next"))
    for command in _next(template, project):
        frame.write(f"  {command}")


def _kit(wish: Wish) -> Path | None:
    return None if wish.no_source else source()


def _next(template: Template, project: Path) -> Iterable[str]:
    yield f"cd {shlex.quote(str(project))}"
    if template.kind in {"base", "channel", "service"}:
        yield "labkit run"
    yield "pytest"


def _show(frame: Frame, wish: Wish, order: Order) -> None:
    template, project = order.template, wish.output / order.answers["project_slug"]
    if not wish.diff:
        ensure_free(project)
    with TemporaryDirectory() as folder:
        made = order.make(Path(folder))
        order.settle(made)
        files, diff = files_of(made), difference(made, existing=project) if wish.diff else None
    git = not wish.no_git and shutil.which("git") is not None
    frame.answer(
        NewProject(project=str(project), template=template.name, kit=version(), files=files, git=git, diff=diff)
    )
    if diff is not None:
        frame.write(diff.rstrip("\n") or frame.say("new.same", project=project))
    elif not frame.as_json:
        frame.console.print(tree_of(project, files, frame.say))

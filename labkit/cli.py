"""The command line of the laboratory: `labkit VERB`, in English or in French."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import rich_click as click
from rich.text import Text

from labkit.exit_codes import meanings
from labkit.messages import Texts, language_of
from labkit.plugins import Verbs
from labkit.verbs import (
    add,
    audit,
    backup,
    check,
    conform,
    contract,
    doctor,
    emit,
    exporting,
    forget,
    graduate,
    history,
    imports,
    integrator,
    listing,
    new,
    open311,
    publish,
    rebuild,
    record,
    replay,
    restore,
    run,
    status,
    tail,
    theme,
    up,
    update,
    webhook,
)
from labkit.verbs.frame import language_option, with_help

PROTOTYPE = (listing, new, add, run, check, theme, record, replay, publish, update, graduate, doctor)
LEDGER = (
    up,
    status,
    tail,
    emit,
    history,
    integrator,
    contract,
    conform,
    webhook,
    imports,
    exporting,
    open311,
    audit,
    rebuild,
    backup,
    restore,
    forget,
)
VERBS = (*PROTOTYPE, *LEDGER)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Do what the arguments ask, and exit with one of `ExitCode`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    group = command_line(Texts(language_of(given, os.environ)))
    group.main(given, prog_name="labkit")
    raise AssertionError("click always exits")


def command_line(say: Texts) -> click.RichGroup:
    """Describe all verbs in one language."""
    of_prototypes, of_ledgers = ([module.build(say) for module in room] for room in (PROTOTYPE, LEDGER))
    verbs = [*of_prototypes, *of_ledgers]
    panels = ((say("panel.prototype"), of_prototypes), (say("panel.ledger"), of_ledgers))
    words = click.RichHelpConfiguration(
        text_markup="markdown",
        options_panel_title=say("panel.options"),
        commands_panel_title=say("panel.extensions"),
        arguments_panel_title=say("panel.arguments"),
        errors_panel_title=say("panel.error"),
        default_string=say("panel.default"),
        errors_suggestion=say("panel.suggestion"),
        command_groups={"labkit": [{"name": name, "commands": [str(v.name) for v in room]} for name, room in panels]},
    )
    group = Verbs(
        say,
        name="labkit",
        commands=verbs,
        params=[language_option(say)],
        help=say("labkit.help"),
        epilog=_exit_codes(say),
        context_settings={"rich_help_config": words},
    )
    click.version_option(package_name="collectivilab", help=say("option.version"))(group)
    return with_help(say, group)


def _exit_codes(say: Texts) -> Text:
    rows = (f"{code.value:>5}  {meaning}" for code, meaning in meanings(say).items())
    return Text("\n".join((say("exit.title"), *rows)))

"""What every verb shares: `--data`, `--json`, `--lang`, where it writes, and how it ends.

With `--json` the answer is the only thing on standard output; failures are JSON too, on standard error.
"""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import rich_click as click
from rich.console import Console
from rich.text import Text

from labkit.client import Client
from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure
from labkit.instance import find_instance
from labkit.messages import LANGUAGES, Texts
from labkit.options import DATA

Described = TypeVar("Described", bound=click.RichCommand)


class Frame:
    """One run of a verb: its language, its data directory, and where it writes."""

    def __init__(self, say: Texts, *, data: Path, as_json: bool) -> None:
        self.say = say
        self.data = data
        self.as_json = as_json
        self.console = Console(highlight=False, markup=False)
        self.aside = Console(stderr=True, highlight=False, markup=False)

    def client(self, *, agent: str = "labkit", attempts_max: int = 2) -> Client:
        """Return a client of the instance that runs on the data directory."""
        url = find_instance(self.data).url
        return Client(url, agent=agent, language=self.say.language, attempts_max=attempts_max)

    def write(self, line: str | Text) -> None:
        """Write a line for people; programs that asked for JSON never see it."""
        if not self.as_json:
            self.console.print(line, soft_wrap=True)

    def answer(self, value: object) -> None:
        """Write a value for programs."""
        if self.as_json:
            sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
            sys.stdout.flush()

    def fail(self, failure: LabkitFailure) -> ExitCode:
        """Say why the verb stops."""
        message = failure.message(self.say.language)
        if self.as_json:
            told = {"error": failure.code, "message": message, "exit_code": failure.exit_code}
            sys.stderr.write(msgspec.json.encode(told).decode() + "\n")
        else:
            self.aside.print(message, style="red", soft_wrap=True)
        return failure.exit_code


def verb(
    say: Texts, name: str, run: Callable[..., ExitCode], parameters: Sequence[click.Parameter] = ()
) -> click.RichCommand:
    """Make a command of a function that takes a frame and the command's own parameters."""

    def callback(*, data: Path, as_json: bool, **given: object) -> None:
        frame = Frame(say, data=data, as_json=as_json)
        sys.exit(_ending(frame, lambda: run(frame, **given)))

    key = name.replace(" ", "-")
    command = click.RichCommand(
        name=name.rpartition(" ")[2],
        callback=callback,
        params=[*parameters, *_shared_options(say)],
        help=say(f"{key}.help"),
        short_help=say(f"{key}.short"),
    )
    return with_help(say, command)


def with_help(say: Texts, command: Described) -> Described:
    """Let `--help` speak the reader's language."""
    click.help_option("--help", help=say("option.help"))(command)
    return command


def language_option(say: Texts) -> click.Option:
    """Return `--lang`, which was read before anything else: here it is only checked."""
    return click.Option(["--lang"], type=click.Choice(LANGUAGES), expose_value=False, help=say("option.lang"))


def _shared_options(say: Texts) -> list[click.Parameter]:
    return [
        click.Option(
            ["--data"],
            type=click.Path(file_okay=False, path_type=Path),
            default=DATA,
            show_default=True,
            help=say("option.data"),
        ),
        click.Option(["--json", "as_json"], is_flag=True, help=say("option.json")),
        language_option(say),
    ]


def _ending(frame: Frame, run: Callable[[], ExitCode]) -> ExitCode:
    try:
        return run()
    except LabkitFailure as failure:
        return frame.fail(failure)
    except click.ClickException:
        raise
    except (KeyboardInterrupt, click.Abort):
        frame.aside.print(frame.say("frame.interrupted"))
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe has seen enough; Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except Exception:  # noqa: BLE001  # Python's own exit code for a defect, 1, means «refused» here.
        traceback.print_exc()
        frame.aside.print(frame.say("frame.defect"), soft_wrap=True)
        return ExitCode.DEFECT

"""`labkit conform`: try a subscriber with all that may happen to one, and say what is to be mended."""

from contextlib import nullcontext
from typing import TYPE_CHECKING

import rich_click as click
from msgspec import Struct

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb

if TYPE_CHECKING:
    from labkit.conform.life import Wanted
    from labkit.conform.outcomes import Told, Trial

TRIALS: "tuple[Trial, ...]" = ("duplicates", "gaps", "restarts", "strangers")
PATIENCE_S = 20


class Answer(Struct, frozen=True, kw_only=True):
    """What the trials came to, in the language of whoever asks."""

    passed: bool
    trials: "list[Told]"


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    return verb(
        say,
        "conform",
        conform,
        [
            click.Option(["--subscriber"], required=True, metavar="CMD", help=say("conform.subscriber")),
            click.Option(["--probe"], required=True, metavar="CMD", help=say("conform.probe")),
            click.Option(["--trial", "trials"], type=click.Choice(TRIALS), multiple=True, help=say("conform.trial")),
            click.Option(
                ["--patience", "patience_s"],
                type=click.IntRange(1, 600),
                default=PATIENCE_S,
                show_default=True,
                help=say("conform.patience"),
            ),
        ],
    )


def conform(frame: Frame, *, subscriber: str, probe: str, trials: "tuple[Trial, ...]", patience_s: int) -> ExitCode:
    """Try a subscriber."""
    # What runs a server is loaded by this verb only: the others answer at once.
    import asyncio  # noqa: PLC0415

    from labkit.conform.life import Wanted  # noqa: PLC0415

    wanted = Wanted(command=subscriber, probe=probe, patience_s=patience_s)
    with nullcontext() if frame.as_json else frame.aside.status(frame.say("conform.trying")):
        tried = asyncio.run(_tried(frame, wanted, trials or TRIALS))
    found = [each for each in tried if not each.passed]
    frame.answer(Answer(passed=not found, trials=tried))
    if tried[0] in found:
        frame.write(frame.say("conform.unread"))
    counted = {"trials": len(tried), "found": len(found)}
    frame.write(frame.say("conform.found", **counted) if found else frame.say("conform.passed", **counted))
    return ExitCode.FOUND if found else ExitCode.OK


async def _tried(frame: Frame, wanted: "Wanted", trials: "tuple[Trial, ...]") -> "list[Told]":
    """Say what each trial came to as soon as it is known."""
    from labkit.conform.outcomes import told  # noqa: PLC0415  # with the rest of this verb
    from labkit.conform.trials import conform as tries  # noqa: PLC0415

    tried = []
    async for outcome in tries(wanted, trials):
        tried.append(told(outcome, frame.say))
        _write(frame, tried[-1])
    return tried


def _write(frame: Frame, told: "Told") -> None:
    frame.write(f"{'✓' if told.passed else '✗'} {told.name}  ({told.seconds:.1f} s)")
    for sentence in (told.what, told.mend):
        if sentence:
            frame.write(f"  {sentence}")
    if told.complaint:
        frame.write("  " + frame.say("conform.wrote"))
        for line in told.complaint.splitlines():
            frame.write(f"    {line}")

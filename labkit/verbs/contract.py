"""`labkit contract`: write the contract of this version down, and tell what became of one since another."""

from pathlib import Path

import rich_click as click
from msgspec import Struct

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, language_option, verb, with_help


class Told(Struct, frozen=True, kw_only=True):
    """One change, in the language of whoever asks."""

    breaking: bool
    where: str
    change: str


class Answer(Struct, frozen=True, kw_only=True):
    """What became of a contract."""

    compatible: bool
    changes: list[Told]


def build(say: Texts) -> click.RichCommand:
    """Describe the verb; writing and comparing are verbs below it."""
    both = [click.Argument(["old"], metavar=say("contract-diff.old"))]
    both.append(click.Argument(["new"], metavar=say("contract-diff.new")))
    folder = click.Argument(
        ["folder"], metavar=say("contract-write.folder"), type=click.Path(file_okay=False, path_type=Path)
    )
    group = click.RichGroup(
        name="contract",
        commands=[verb(say, "contract diff", diff, both), verb(say, "contract write", write, [folder])],
        params=[language_option(say)],
        help=say("contract.help"),
        short_help=say("contract.short"),
    )
    return with_help(say, group)


def diff(frame: Frame, *, old: str, new: str) -> ExitCode:
    """Tell each change, the breaking ones first."""
    # What describes the whole site is loaded by this verb only: the others answer at once.
    from labkit.contract.comparing import compare  # noqa: PLC0415
    from labkit.contract.reading import read_contract  # noqa: PLC0415

    changes = [
        Told(breaking=change.breaking, where=change.where, change=frame.say(change.text, **change.details))
        for change in compare(read_contract(old), read_contract(new))
    ]
    breaking = sum(change.breaking for change in changes)
    frame.answer(Answer(compatible=not breaking, changes=changes))
    for change in changes:
        mark = frame.say("contract-diff.breaking" if change.breaking else "contract-diff.compatible")
        frame.write(frame.say("contract-diff.line", mark=mark, where=change.where, what=change.change))
    counted = {"breaking": breaking, "compatible": len(changes) - breaking}
    frame.write(frame.say("contract-diff.summary", **counted) if changes else frame.say("contract-diff.same"))
    return ExitCode.FOUND if breaking else ExitCode.OK


def write(frame: Frame, *, folder: Path) -> ExitCode:
    """Write the documents of this version into a folder."""
    from labkit.contract.failures import ContractFolderTaken  # noqa: PLC0415
    from labkit.contract.generating import published  # noqa: PLC0415

    if folder.exists() and any(folder.iterdir()):
        raise ContractFolderTaken(folder=folder)
    found = published()
    for name, text in found.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text)
    frame.answer({"folder": folder, "files": sorted(found)})
    frame.write(frame.say("contract-write.done", folder=folder, count=len(found)))
    return ExitCode.OK

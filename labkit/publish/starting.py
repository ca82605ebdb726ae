"""What a published prototype starts: `labkit run` on a data directory of its own, behind a password.

The first start makes the password and tells it once; only its hash is kept.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from labkit.cli import main as labkit
from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure
from labkit.messages import Texts, language_of
from labkit.prototype.passwords import VARIABLE, Passwords

FIRST = "1"
SHARE = Path("share", "labkit")


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Start the prototype of a folder: the folder, where its data go, then the options of `labkit run`."""
    folder, data, *given = sys.argv[1:] if arguments is None else arguments
    say = Texts(language_of(given, os.environ))
    options, rest = _options().parse_known_args(given)
    options.data = options.data or Path(data)
    try:
        if "--help" not in rest:
            _passwords(options, say)
    except LabkitFailure as failure:
        sys.stderr.write(failure.message(say.language) + "\n")
        sys.exit(failure.exit_code)
    labkit(["run", "--project", folder, "--data", str(options.data.absolute()), "--no-browser", *rest])


def installed() -> NoReturn:
    """Start the prototype that was installed under the name of this program, its data in the current folder."""
    name = Path(sys.argv[0]).name
    main([str(sys.prefix / SHARE / name), f"{name}-data", *sys.argv[1:]])


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--new-password")
    parser.add_argument("--revoke-password")
    return parser


def _passwords(options: argparse.Namespace, say: Texts) -> None:
    """Make or take back what was asked for, and end there; else make the first password, if there is none."""
    passwords = Passwords(options.data, os.environ.get(VARIABLE))
    if options.revoke_password:
        passwords.revoke(options.revoke_password)
        print(say("publish.revoked", name=options.revoke_password))
    if options.new_password:
        print(say("publish.made", name=options.new_password, password=passwords.add(options.new_password)))
    if options.revoke_password or options.new_password:
        sys.exit(ExitCode.OK)
    if not passwords.entries():
        sys.stderr.write(say("publish.first", password=passwords.add(FIRST)) + "\n")
        sys.stderr.flush()


if __name__ == "__main__":
    main()

"""The answers that a project was made from, as `.labkit/answers.toml` keeps them in the project.

The same form keeps what somebody answered when a project could not be made.
"""

import tomllib
from pathlib import Path

import msgspec
from msgspec import Struct

from labkit.failures import UnreadableFile
from labkit.scaffold.failures import BadAnswersFile

ANSWERS_FILE = Path(".labkit") / "answers.toml"


class Answers(Struct, frozen=True):
    """Of which template, of which kit, and every question with its answer."""

    template: str
    kit: str
    answers: dict[str, str]


def read_answers(path: Path) -> Answers:
    """Read a file of answers.

    Raises:
        UnreadableFile: it is missing or may not be read.
        BadAnswersFile: it is not TOML, or does not hold answers.
    """
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Answers)
    except OSError as error:
        raise UnreadableFile(path=path, reason=error.strerror) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise BadAnswersFile(path=path, reason=error) from error


def write_answers(path: Path, answers: Answers) -> None:
    """Write a file of answers, where nothing is or over an earlier one."""
    import tomlkit  # noqa: PLC0415  # slow to import, and reading needs none of it

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(tomlkit.dumps(msgspec.structs.asdict(answers)), encoding="utf-8")

"""The words of the OpenAPI document in both languages; what fields mean is said by the contract of the stream."""

from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from ledger.publishing.contract.texts import Said, typeset

__all__ = ["Said", "Texts", "texts", "typeset"]


class Texts(Struct, frozen=True, forbid_unknown_fields=True):
    """The words; the English summary of a command is the docstring of its struct."""

    page: dict[str, Said]
    room: dict[str, Said]
    command: dict[str, str]
    operation: dict[str, Said]
    parameter: dict[str, Said]
    header: dict[str, Said]
    field: dict[str, Said]
    answer: dict[str, Said]


@cache
def texts() -> Texts:
    """Read the words once."""
    return msgspec.toml.decode(files(__package__).joinpath("texts.toml").read_bytes(), type=Texts)

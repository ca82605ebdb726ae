"""What the authority says of its Open311 server, in `open311.toml` of the data directory; all of it may be left out.

The services themselves are those published on the ledger: here is what Open311 tells of them beside their
name, what it asks of citizens, and what it shows to everybody.
"""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from labkit.open311.failures import BadOpen311File
from labkit.open311.watched_file import WatchedFile
from ledger.domain.identifiers import ServiceCode
from ledger.domain.vocabulary import Language

FILE = "open311.toml"


class InBoth(Struct, frozen=True, forbid_unknown_fields=True):
    """A text in both languages."""

    en: str
    fr: str


Text = str | InBoth
Datatype = Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
Code = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$(?!\n)")]


class Choice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One value of a list."""

    key: Annotated[str, Meta(min_length=1, max_length=200)]
    name: Text


class Attribute(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question of a service, or with `variable = false` a mere piece of information."""

    code: Code
    datatype: Datatype
    description: Text
    variable: bool = True
    required: bool = False
    datatype_description: Text = ""
    values: tuple[Choice, ...] = ()


class ServiceSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What Open311 tells, asks and shows of one service; what is not said here is the cautious choice."""

    description: Text = ""
    notice: Text = ""
    group: Text = ""
    keywords: tuple[str, ...] = ()
    location_required: bool = True
    location_shown: Literal["exact", "rounded", "none"] = "rounded"
    description_shown: Literal["filer", "everybody"] = "filer"
    attributes: Annotated[tuple[Attribute, ...], Meta(max_length=50)] = ()


class Open311Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    contact: Text = ""
    key_service: Text = ""
    url: Annotated[str, Meta(pattern=r"^https?://[^\s?#]+$(?!\n)")] | None = None
    type: Literal["production", "test"] = "test"
    burst: Annotated[int, Meta(ge=1, le=100_000)] = 100
    per_second: Annotated[float, Meta(gt=0, le=10_000)] = 5.0
    services: dict[ServiceCode, ServiceSettings] = {}

    def of(self, service: str) -> ServiceSettings:
        """Return what is said of a service."""
        return self.services.get(service, _CAUTIOUS)


_CAUTIOUS = ServiceSettings()


def in_language(text: Text, language: Language) -> str:
    """Return a text in a language, or as it is if it is in one only."""
    if isinstance(text, str):
        return text
    return text.fr if language == "fr" else text.en


def settings_of(data: Path) -> WatchedFile[Open311Settings]:
    """Return the settings of a data directory, read again when they change."""
    path = data / FILE

    def read(text: bytes | None) -> Open311Settings:
        try:
            settings = msgspec.toml.decode(text or b"", type=Open311Settings)
            _check_attributes(settings)
        except (ValueError, UnicodeDecodeError) as error:
            raise BadOpen311File(file=path, reason=error) from error
        return settings

    return WatchedFile(path, read)


def _check_attributes(settings: Open311Settings) -> None:
    for service, said in settings.services.items():
        codes = [attribute.code for attribute in said.attributes]
        if len(set(codes)) < len(codes):
            raise ValueError(f"services.{service}: two attributes have the same code")
        for attribute in said.attributes:
            if attribute.datatype.endswith("valuelist") != bool(attribute.values):
                raise ValueError(
                    f"services.{service}, attribute {attribute.code}: `values` go with a list, and only there"
                )

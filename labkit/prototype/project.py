"""A project on disk: its manifest, its words, its channels, its personas, and the service that its code declares.

Texts and settings are read again whenever they are asked for, so that an edit shows at the next page.
"""

import sys
import tomllib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from labkit.prototype.failures import BrokenProject, NoProject
from labkit.prototype.offer import Offer
from labkit.prototype.service import Service
from labkit.prototype.texts import Texts, flatten, read_words
from ledger.domain.vocabulary import AuthorityKind, Channel, Language

MANIFEST = "labkit.toml"


class About(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the manifest says of the project."""

    name: str
    package: str
    phase: str = "prototype"
    languages: tuple[Language, ...] = ("fr", "en")


class ServiceFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the manifest says of the service and of the authority that offers it."""

    code: str
    authority: str
    authority_name: str
    authority_kind: AuthorityKind = AuthorityKind.COMMUNE
    answer_days: int | None = None


class Manifest(Struct, frozen=True, kw_only=True):
    """The whole of `labkit.toml`."""

    project: About
    service: ServiceFacts


class Persona(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody invented, with the answers that they would give, by event and field."""

    name: str
    about: dict[Language, str]
    channel: Channel = Channel.WEB
    answers: dict[str, dict[str, Any]] = {}


class Project:
    """One prototype's folder."""

    def __init__(self, folder: Path) -> None:
        """Read the manifest.

        Raises:
            NoProject: there is no manifest in the folder.
            BrokenProject: it cannot be used.
        """
        if not (folder / MANIFEST).is_file():
            raise NoProject(folder=folder)
        self.folder = folder.resolve()
        self.manifest: Manifest = self._read(MANIFEST, Manifest)

    @property
    def name(self) -> str:
        """Return what the project is called."""
        return self.manifest.project.name

    @property
    def package(self) -> Path:
        """Return the folder of its code."""
        return self.folder / "src" / self.manifest.project.package

    @property
    def languages(self) -> tuple[Language, ...]:
        """Return the languages that it speaks, the first by default."""
        return self.manifest.project.languages

    def service(self) -> Service:
        """Import the service that the project's code declares.

        Raises:
            BrokenProject: the code cannot be imported, or declares no service.
        """
        source = str(self.folder / "src")
        if source not in sys.path:
            sys.path.insert(0, source)
        name = f"{self.manifest.project.package}.service"
        try:
            service = import_module(name).SERVICE
        except Exception as error:
            raise BrokenProject(file=name, reason=error) from error
        if not isinstance(service, Service):
            raise BrokenProject(file=name, reason="SERVICE is no labkit.prototype.Service")
        return service

    def offer(self) -> Offer:
        """Return the service as the ledger will know it."""
        facts = self.manifest.service
        return Offer(
            authority=facts.authority,
            authority_name=facts.authority_name,
            authority_kind=facts.authority_kind,
            service=facts.code,
            service_name=self.texts(self.languages[0])("service.title"),
            answer_days=facts.answer_days,
        )

    def texts(self, language: Language) -> Texts:
        """Return the project's words in one language, those of its channels included."""
        file = self.package / "texts" / f"{language}.toml"
        try:
            own = read_words(file)
        except (OSError, ValueError) as error:
            raise BrokenProject(file=file, reason=error) from error
        for channel in self.channels():
            words = self.settings(channel).get("texts", {}).get(language, {})
            own |= {f"{channel.value}.{key}": text for key, text in flatten(words).items()}
        return Texts(language, own)

    def channels(self) -> list[Channel]:
        """Return the channels that the prototype answers on: those that have a file."""
        return [channel for channel in Channel if self._channel_file(channel).is_file()]

    def settings(self, channel: Channel) -> Mapping[str, Any]:
        """Return what a channel's file says."""
        file = self._channel_file(channel)
        try:
            return tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BrokenProject(file=file, reason=error) from error

    def personas(self) -> dict[str, Persona]:
        """Return the personas by their short names."""
        if not (self.folder / "personas.toml").is_file():
            return {}
        personas: dict[str, Persona] = self._read("personas.toml", dict[str, Persona])
        return personas

    def _channel_file(self, channel: Channel) -> Path:
        return self.package / "channels" / f"{channel.value}.toml"

    def _read(self, name: str, kind: Any) -> Any:  # noqa: ANN401  # whatever the file holds
        try:
            return msgspec.toml.decode((self.folder / name).read_bytes(), type=kind)
        except (OSError, ValueError) as error:
            raise BrokenProject(file=self.folder / name, reason=error) from error

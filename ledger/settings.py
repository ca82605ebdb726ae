"""The settings of the write side, read once from the environment. Nothing else reads it."""

import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from ledger.watching.asked import SETTINGS as WATCHING_SETTINGS
from ledger.watching.asked import Asked, WatchingError, read_asked

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SOURCE_DEFAULT = "https://collectivilab.example/ledger"
PORT_MAX = 65_535
REPLICAS_MAX = 5
_PREFIX = "COLLECTIVILAB_"
_ABSOLUTE_HTTPS = re.compile(r"https://[^\s/?#<>@]+(/[^\s?#<>]*)?")


class SettingsError(ValueError):
    """A setting is unknown, missing or unusable."""


class Settings(Struct, frozen=True, kw_only=True):
    """Where the ledger lives and where it listens."""

    data: Path = Path(".collectivilab")
    database_url: str | None = None
    keys_database_url: str | None = None
    nats_url: str | None = None
    stream_replicas: int = 1
    host: str = "127.0.0.1"
    port: int = 8421
    source: str = SOURCE_DEFAULT
    body_size_max_bytes: int = 4_000_000
    watching: Asked = Asked()

    @property
    def ledger_file(self) -> Path:
        """Return the SQLite file of the ledger, used when there is no `database_url`."""
        return self.data / "ledger.db"

    @property
    def vault_file(self) -> Path:
        """Return the key store, apart from the ledger."""
        return self.data / "keys" / "keys.db"

    @property
    def master_key_file(self) -> Path:
        """Return the file of the master key."""
        return self.data / "keys" / "master.key"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from an environment.

    Raises:
        SettingsError: a `COLLECTIVILAB_…` name is unknown, a value does not fit, the address is not local, or what was
            asked to be watched cannot be.
    """
    known = {
        "COLLECTIVILAB_DATA": "data",
        "COLLECTIVILAB_HOST": "host",
        "COLLECTIVILAB_PORT": "port",
        "COLLECTIVILAB_SOURCE": "source",
        "COLLECTIVILAB_BODY_SIZE_MAX_BYTES": "body_size_max_bytes",
        "COLLECTIVILAB_STREAM_REPLICAS": "stream_replicas",
        "DATABASE_URL": "database_url",
        "KEYS_DATABASE_URL": "keys_database_url",
        "NATS_URL": "nats_url",
    }
    names = (*known, *WATCHING_SETTINGS)
    unknown = sorted(name for name in environment if name.startswith(_PREFIX) and name not in names)
    if unknown:
        ours = ", ".join(name for name in names if name.startswith(_PREFIX))
        others = ", ".join(name for name in known if not name.startswith(_PREFIX))
        raise SettingsError(f"Unknown setting {unknown[0]}. The settings are: {ours}, {others}.")
    given = {field: environment[name] for name, field in known.items() if environment.get(name)}
    settings = Settings(
        data=Path(given.get("data", ".collectivilab")),
        database_url=given.get("database_url"),
        keys_database_url=given.get("keys_database_url"),
        nats_url=given.get("nats_url"),
        host=given.get("host", "127.0.0.1"),
        port=_number("COLLECTIVILAB_PORT", given.get("port", "8421"), at_most=PORT_MAX),
        source=given.get("source", SOURCE_DEFAULT).rstrip("/"),
        body_size_max_bytes=_number("COLLECTIVILAB_BODY_SIZE_MAX_BYTES", given.get("body_size_max_bytes", "4000000")),
        stream_replicas=_number(
            "COLLECTIVILAB_STREAM_REPLICAS", given.get("stream_replicas", "1"), at_most=REPLICAS_MAX
        ),
        watching=_watching(environment),
    )
    check_local(settings.host)
    _check_source(settings.source)
    _check_database("DATABASE_URL", settings.database_url)
    _check_database("KEYS_DATABASE_URL", settings.keys_database_url)
    _check_apart(settings)
    return settings


def check_local(host: str) -> None:
    """Refuse any address that other machines could reach.

    Raises:
        SettingsError: the address is not this machine's own.
    """
    if host not in LOOPBACK:
        raise SettingsError(
            f"The ledger listens on this machine only, not on {host}: it has no access control yet. Use 127.0.0.1."
        )


def _watching(environment: Mapping[str, str]) -> Asked:
    try:
        return read_asked(environment)
    except WatchingError as error:
        raise SettingsError(str(error)) from error


def _check_source(source: str) -> None:
    if not _ABSOLUTE_HTTPS.fullmatch(source):
        raise SettingsError(
            f"COLLECTIVILAB_SOURCE must be an absolute https URI, without a query or a fragment, not {source}."
        )


def _check_database(name: str, url: str | None) -> None:
    # The address may hold a password: it is never shown.
    scheme, found, _ = (url or "").partition("://")
    if found and scheme not in {"postgresql", "postgres"}:
        raise SettingsError(f"{name} must begin with postgresql://; without it, a SQLite file is used.")


def _check_apart(settings: Settings) -> None:
    """Refuse keys that every copy of the ledger would take along."""
    if settings.keys_database_url and not settings.database_url:
        raise SettingsError("KEYS_DATABASE_URL needs DATABASE_URL: beside a SQLite file, the keys are a file too.")
    if settings.keys_database_url and settings.keys_database_url == settings.database_url:
        raise SettingsError(
            "KEYS_DATABASE_URL names the ledger's own database: a copy of it would hold both the sealed texts and "
            "their keys. Name another database, better on another server."
        )


def _number(name: str, text: str, *, at_most: int = 2**31) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(at_most)) and 1 <= int(text) <= at_most):
        raise SettingsError(f"{name} must be a whole number from 1 to {at_most}, not {text}.")
    return int(text)

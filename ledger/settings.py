"""The settings of the write side, read once from the environment. Nothing else reads it."""

import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SOURCE_DEFAULT = "https://collectivilab.example/ledger"
PORT_MAX = 65_535
_PREFIX = "COLLECTIVILAB_"
_ABSOLUTE_HTTPS = re.compile(r"https://[^\s/?#<>@]+(/[^\s?#<>]*)?")


class SettingsError(ValueError):
    """A setting is unknown, missing or unusable."""


class Settings(Struct, frozen=True, kw_only=True):
    """Where the ledger lives and where it listens."""

    data: Path = Path(".collectivilab")
    database_url: str | None = None
    nats_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8421
    source: str = SOURCE_DEFAULT
    body_size_max_bytes: int = 4_000_000

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
        SettingsError: a `COLLECTIVILAB_…` name is unknown, a value does not fit, or the address is not local.
    """
    known = {
        "COLLECTIVILAB_DATA": "data",
        "COLLECTIVILAB_HOST": "host",
        "COLLECTIVILAB_PORT": "port",
        "COLLECTIVILAB_SOURCE": "source",
        "COLLECTIVILAB_BODY_SIZE_MAX_BYTES": "body_size_max_bytes",
        "DATABASE_URL": "database_url",
        "NATS_URL": "nats_url",
    }
    unknown = sorted(name for name in environment if name.startswith(_PREFIX) and name not in known)
    if unknown:
        ours = ", ".join(name for name in known if name.startswith(_PREFIX))
        raise SettingsError(f"Unknown setting {unknown[0]}. The settings are: {ours}, DATABASE_URL, NATS_URL.")
    given = {field: environment[name] for name, field in known.items() if environment.get(name)}
    settings = Settings(
        data=Path(given.get("data", ".collectivilab")),
        database_url=given.get("database_url"),
        nats_url=given.get("nats_url"),
        host=given.get("host", "127.0.0.1"),
        port=_number("COLLECTIVILAB_PORT", given.get("port", "8421"), at_most=PORT_MAX),
        source=given.get("source", SOURCE_DEFAULT).rstrip("/"),
        body_size_max_bytes=_number("COLLECTIVILAB_BODY_SIZE_MAX_BYTES", given.get("body_size_max_bytes", "4000000")),
    )
    check_local(settings.host)
    _check_source(settings.source)
    _check_database(settings.database_url)
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


def _check_source(source: str) -> None:
    if not _ABSOLUTE_HTTPS.fullmatch(source):
        raise SettingsError(
            f"COLLECTIVILAB_SOURCE must be an absolute https URI, without a query or a fragment, not {source}."
        )


def _check_database(url: str | None) -> None:
    # The address may hold a password: it is never shown.
    scheme, found, _ = (url or "").partition("://")
    if found and scheme not in {"postgresql", "postgres"}:
        raise SettingsError("DATABASE_URL must begin with postgresql://; without it, the ledger is a SQLite file.")


def _number(name: str, text: str, *, at_most: int = 2**31) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(at_most)) and 1 <= int(text) <= at_most):
        raise SettingsError(f"{name} must be a whole number from 1 to {at_most}, not {text}.")
    return int(text)

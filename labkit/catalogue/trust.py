"""Which keys an authority's entries are signed with, as this person saw them first (trust on first use).

The first key seen is believed; another one later is refused until somebody says that it is right, with its fingerprint.
This says who vouches for an archive, never that what it holds is harmless.
"""

import tomllib
from pathlib import Path

import msgspec

from labkit.catalogue.failures import BadPins, UntrustedKey

PINS_FILE = "trusted.toml"
Pins = dict[str, list[str]]


def read_pins(folder: Path) -> Pins:
    """Return the fingerprints trusted so far, by the SIREN of the authority.

    Raises:
        BadPins: the file cannot be used.
    """
    file = folder / PINS_FILE
    if not file.exists():
        return {}
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Pins)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadPins(file=file, reason=error) from error


def require_trusted(pins: Pins, *, authority: str, fingerprint: str, given: str | None, pack: Path) -> None:
    """Refuse a key that is not the one given, or, without one, not one of those seen before.

    Raises:
        UntrustedKey: it is another.
    """
    awaited = [given] if given else pins.get(authority, [])
    if awaited and _plain(fingerprint) not in map(_plain, awaited):
        raise UntrustedKey(pack=pack, authority=authority, fingerprint=fingerprint, awaited=", ".join(awaited))


def pin(folder: Path, *, authority: str, fingerprint: str) -> None:
    """Remember a key for an authority.

    Raises:
        BadPins: the file cannot be used.
    """
    import tomlkit  # noqa: PLC0415  # slow to import, and reading needs none of it

    pins = read_pins(folder)
    if fingerprint in pins.get(authority, []):
        return
    pins.setdefault(authority, []).append(fingerprint)
    fresh = folder / f".{PINS_FILE}.new"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.write_text(tomlkit.dumps(pins), encoding="utf-8")
        fresh.replace(folder / PINS_FILE)
    except OSError as error:
        raise BadPins(file=folder / PINS_FILE, reason=error) from error


def _plain(fingerprint: str) -> str:
    return "".join(fingerprint.split()).replace("-", "").lower()

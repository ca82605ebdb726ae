"""Which kit this is: its version, and where a new project finds it without a registry."""

import json
import re
import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

_NAME = "collectivilab"
_PACKAGE = Path(__file__).resolve().parents[1]


@cache
def version() -> str:
    """Return the version of the kit that runs: that of the checkout, else of what is installed."""
    declared = _checkout()
    if declared is not None:
        return declared
    from importlib import metadata  # noqa: PLC0415  # slow to import, and a checkout needs none of it

    return metadata.version(_NAME)


def is_newer(one: str, other: str) -> bool:
    """Tell whether a version, such as 2026.11.0, comes after another."""
    return _numbers(one) > _numbers(other)


def source() -> Path | None:
    """Return the folder or the wheel that the kit runs from; None for a kit that was published."""
    if _checkout() is not None:
        return _PACKAGE.parent
    from importlib import metadata  # noqa: PLC0415  # slow to import, and a checkout needs none of it

    recorded = metadata.distribution(_NAME).read_text("direct_url.json")
    address = urlsplit(json.loads(recorded)["url"] if recorded else "")
    place = Path(unquote(address.path))
    return place if address.scheme == "file" and place.exists() else None


def point_to_kit(project: Path, *, kit: Path | None) -> None:
    """Let a project that needs the kit find it where it is on this machine, as uv reads it; nothing for None."""
    file = project / "pyproject.toml"
    if kit is None or not file.exists():
        return
    import tomlkit  # noqa: PLC0415  # slow to import; only a new project needs it

    document = tomlkit.parse(file.read_text(encoding="utf-8"))
    needed = document.get("project", {}).get("dependencies", [])
    if not any(re.match(rf"{_NAME}\b", name) for name in needed):
        return
    place = tomlkit.inline_table()
    place.update({"path": kit.as_posix(), **({"editable": True} if kit.is_dir() else {})})
    tool = document.setdefault("tool", tomlkit.table(is_super_table=True))
    tool.setdefault("uv", tomlkit.table(is_super_table=True)).setdefault("sources", tomlkit.table())[_NAME] = place
    file.write_text(tomlkit.dumps(document), encoding="utf-8")


@cache
def _checkout() -> str | None:
    """Return the version that a source tree around this package declares, if there is one."""
    file = _PACKAGE.parent / "pyproject.toml"
    if not file.exists():
        return None
    project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
    return str(project["version"]) if project.get("name") == _NAME else None


def _numbers(one: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", one))

"""A prototype as wheels, with those of all that it needs: one folder from which pip installs without any network."""

import io
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path

from labkit.publish.archive import write_archive
from labkit.publish.closure import Declared, kit_declared
from labkit.publish.contents import (
    Content,
    distribution_files,
    info_folder,
    kit_files,
    metadata_of,
    project_files,
    record_digest,
)
from labkit.publish.starting import SHARE

PURE = ("py3-none-any",)
_WHEEL = "Wheel-Version: 1.0\nGenerator: labkit\nRoot-Is-Purelib: {pure}\n{tags}"


def project_wheel(folder: Path, declared: Declared) -> Content:
    """Return the wheel of a project: its folder under `share/labkit`, and a program that starts it."""
    stem, name = _stem(declared.name, declared.version), declared.name
    info = info_folder(name, declared.version)
    shared = [
        Content(place=f"{stem}.data/data/{SHARE.as_posix()}/{name}/{file.place}", data=file.data)
        for file in project_files(folder)
    ]
    program = f"[console_scripts]\n{name} = labkit.publish.starting:installed\n"
    return _wheel(
        stem,
        PURE,
        [
            *shared,
            Content(place=f"{info}/METADATA", data=metadata_of(declared)),
            Content(place=f"{info}/entry_points.txt", data=program.encode()),
        ],
    )


def kit_wheel() -> Content:
    """Return the wheel of the kit."""
    declared = kit_declared()
    info = info_folder(declared.name, declared.version)
    program = Content(place=f"{info}/entry_points.txt", data=b"[console_scripts]\nlabkit = labkit.cli:main\n")
    return _wheel(_stem(declared.name, declared.version), PURE, [*kit_files(declared), program])


def distribution_wheel(distribution: metadata.Distribution) -> Content:
    """Return the wheel that a distribution was installed from, as far as what is installed tells."""
    stem = _stem(distribution.name, distribution.version)
    told = (distribution.read_text("WHEEL") or "").splitlines()
    tags = [line.partition(":")[2].strip() for line in told if line.startswith("Tag:")] or list(PURE)
    files = [
        Content(place=f"{stem}.data/scripts/{Path(file.place).name}", data=file.data, executable=True)
        if file.executable
        else file
        for file in distribution_files(distribution)
        if not file.place.endswith(".dist-info/WHEEL")
    ]
    return _wheel(stem, tags, files)


def _wheel(stem: str, tags: Sequence[str], contents: Iterable[Content]) -> Content:
    files = {content.place: content for content in contents}
    info = next(place.partition("/")[0] for place in sorted(files) if ".dist-info/" in place)
    lines = "".join(f"Tag: {tag}\n" for tag in tags)
    pure = all(tag.endswith("-any") for tag in tags)
    told = _WHEEL.format(pure=str(pure).lower(), tags=lines)
    files[f"{info}/WHEEL"] = Content(place=f"{info}/WHEEL", data=told.encode())
    record = [f"{place},{record_digest(files[place].data)},{len(files[place].data)}" for place in sorted(files)]
    listed = "\n".join((*record, f"{info}/RECORD,,")) + "\n"
    buffer = io.BytesIO()
    last = Content(place=f"{info}/RECORD", data=listed.encode())
    write_archive(buffer, (*(files[place] for place in sorted(files)), last))
    return Content(place=f"{stem}-{_compressed(tags)}.whl", data=buffer.getvalue())


def _stem(name: str, version: str) -> str:
    return info_folder(name, version).removesuffix(".dist-info")


def _compressed(tags: Sequence[str]) -> str:
    """Return tags as the name of a wheel has them: py2.py3-none-any for two."""
    parts = zip(*(tag.split("-") for tag in tags), strict=True)
    return "-".join(".".join(dict.fromkeys(part)) for part in parts)

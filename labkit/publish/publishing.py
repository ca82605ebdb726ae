"""Publishing as a whole: everything is built beside its place and put there at the end, or not at all."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from errno import EEXIST
from importlib import metadata
from os import getpid, strerror
from pathlib import Path
from string import Template
from typing import Literal, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from labkit.prototype.project import Project
from labkit.publish.closure import Declared, declared_in, kit_declared, needed
from labkit.publish.contents import Content, distribution_files, kit_files, project_files
from labkit.publish.failures import NotPublished, OutputIsProject
from labkit.publish.single_file import Built, built_here, single_file
from labkit.publish.wheels import distribution_wheel, kit_wheel, project_wheel

Kind = Literal["single-file", "wheel", "container"]
Tell = Callable[[int, int], None]
Part = TypeVar("Part")
WHEELS = "wheels"
_RECIPES = Path(__file__).parent / "recipes"


class Written(Struct, frozen=True, kw_only=True):
    """One published file."""

    path: str
    size_bytes: int
    sha256: str


def publish(project: Project, output: Path, kind: Kind, tell: Tell = lambda *_: None) -> list[Written]:
    """Build what was asked for into a folder; `tell` hears how many parts are done, of how many.

    Raises:
        BrokenProject: the project's code cannot be imported.
        NotInstalled: something that is needed at run time is not installed here.
        NotPublished: the folder cannot be written.
        OutputIsProject: it is the project's own folder.
    """
    if output.resolve() == project.folder:
        raise OutputIsProject(output=output)
    project.service()
    declared = declared_in(project.folder, project.manifest.project.package.replace("_", "-"))
    built = built_here(declared.name, declared.version)
    distributions = needed([declared, kit_declared()])
    if kind == "wheel":
        made = [*_counted(_wheels(project, declared, distributions), len(distributions) + 2, tell)]
        notes = [_recipe("wheel.md", "README.md", project, built)]
    else:
        parts = [*_counted(_parts(project, distributions), len(distributions) + 2, tell)]
        contents = [content for part in parts for content in part]
        made = [Content(place=built.file_name, data=single_file(built, contents), executable=True)]
        notes = [*_notes(project, built, kind)]
    return put_in_place(output, [*made, *notes])


def put_in_place(output: Path, contents: Sequence[Content]) -> list[Written]:
    """Write files into a folder, all of them or none; a folder that is made again is replaced as a whole.

    Raises:
        NotPublished: they cannot be written, or a folder is where a file would be.
    """
    written = [Written(path=str(output / c.place), size_bytes=len(c.data), sha256=c.digest) for c in contents]
    try:
        with _staging(output) as staging:
            for content in contents:
                target = staging / content.place
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.data)
                target.chmod(0o755 if content.executable else 0o644)
            made = sorted(staging.iterdir())
            for entry in made:
                _require_like(entry, output / entry.name)
            for entry in made:
                _replace(entry, output / entry.name)
    except OSError as error:
        raise NotPublished(output=output, reason=error) from error
    return written


def _parts(project: Project, distributions: Iterable[metadata.Distribution]) -> Iterator[list[Content]]:
    yield [replace(file, place=f"project/{file.place}") for file in project_files(project.folder)]
    yield [replace(file, place=f"lib/{file.place}") for file in kit_files(kit_declared())]
    for distribution in distributions:
        files = distribution_files(distribution)
        yield [file if file.executable else replace(file, place=f"lib/{file.place}") for file in files]


def _wheels(project: Project, declared: Declared, distributions: Iterable[metadata.Distribution]) -> Iterator[Content]:
    wheels = (project_wheel(project.folder, declared), kit_wheel(), *map(distribution_wheel, distributions))
    return (replace(wheel, place=f"{WHEELS}/{wheel.place}") for wheel in wheels)


def _notes(project: Project, built: Built, kind: Kind) -> Iterator[Content]:
    readme = _recipe("single-file.md", "README.md", project, built)
    yield _recipe("systemd.service", f"{built.name}.service", project, built)
    if kind == "container":
        yield _recipe("Containerfile", "Containerfile", project, built)
        readme = replace(readme, data=readme.data + _recipe("container.md", "README.md", project, built).data)
    yield readme


def _recipe(name: str, place: str, project: Project, built: Built) -> Content:
    text = Template((_RECIPES / name).read_text(encoding="utf-8")).substitute(
        name=built.name,
        title=project.name,
        file=built.file_name,
        python=built.python,
        platform=built.platform,
    )
    return Content(place=place, data=text.encode())


def _counted(parts: Iterable[Part], count: int, tell: Tell) -> Iterator[Part]:
    for done, part in enumerate(parts, 1):
        tell(done, count)
        yield part


@contextmanager
def _staging(output: Path) -> Iterator[Path]:
    """Give a hidden folder beside the place that its content is meant for, and leave nothing of it."""
    made = [folder for folder in (output, *output.parents) if not folder.exists()]
    staging = output / f".publishing.{getpid()}"
    try:
        staging.mkdir(parents=True)
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        with suppress(OSError):  # They are empty only if nothing could be published.
            for folder in made:
                folder.rmdir()


def _require_like(fresh: Path, place: Path) -> None:
    """Refuse to put a file where a folder is, which nobody asked to lose, or a folder where a file is."""
    if place.exists() and place.is_dir() != fresh.is_dir():
        raise FileExistsError(EEXIST, strerror(EEXIST), str(place))


def _replace(fresh: Path, place: Path) -> None:
    if place.is_dir():
        old = fresh.with_name(f".{fresh.name}.old")
        place.rename(old)
    fresh.rename(place)

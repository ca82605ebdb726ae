"""A new project: made in a folder beside its place, then moved there at once, or nothing is left of it.

What makes it is given by the caller: a template, or anything else that can write a folder of files.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from labkit.failures import LabkitFailure
from labkit.scaffold.answers import Answers, write_answers
from labkit.scaffold.failures import CreationFailed, FolderTaken, OutputNotWritable

PREFIX = ".labkit-new-"
Making = Callable[[Path], Path]


def create(
    make: Making, project: Path, *, settle: Callable[[Path], None], commit: str | None, then: str | None = None
) -> bool:
    """Put the pristine folder that `make` writes at the project's place, settled on this machine.

    With a message to `commit`, and where git is installed, git keeps both; tell whether it does. What settling changed
    is a commit of its own, of which `then` says more than that this machine needed it.
    """
    ensure_free(project)
    above = [folder for folder in (project.parent, *project.parent.parents) if not folder.exists()]
    try:
        with TemporaryDirectory(prefix=PREFIX, dir=writable(project.parent)) as folder:
            pristine = make(Path(folder))
            settled = Path(shutil.copytree(pristine, Path(folder, "settled")))
            settle(settled)
            project.parent.mkdir(parents=True, exist_ok=True)
            settled.rename(project)
            return commit is not None and _commit(project, pristine, commit, then)
    except OSError as error:
        raise OutputNotWritable(folder=project.parent, reason=error.strerror) from error
    finally:
        with suppress(OSError):  # They are empty only if no project was made.
            for empty in above:
                empty.rmdir()


def ensure_free(project: Path) -> None:
    """Refuse a place where something is, or where nothing of that name can be."""
    try:
        is_free = not project.exists() or (project.is_dir() and not any(project.iterdir()))
    except OSError as error:
        raise OutputNotWritable(folder=project.parent, reason=error.strerror) from error
    if not is_free:
        raise FolderTaken(folder=project)


def writable(output: Path) -> Path:
    """Return a folder, or the nearest one above that exists, once it is sure that a project can be made there."""
    try:
        nearest = next(folder for folder in (output.absolute(), *output.absolute().parents) if folder.exists())
        # Only trying tells: permissions are not all that can stand in the way.
        with TemporaryDirectory(prefix=PREFIX, dir=nearest):
            return nearest
    except OSError as error:
        raise OutputNotWritable(folder=output, reason=error.strerror) from error


@contextmanager
def keeping(answers: Answers, output: Path) -> Iterator[None]:
    """Keep the answers in a file beside the project while it is made; a failure names the file, which stays."""
    file = writable(output) / f".labkit-answers-{answers.template}.toml"
    write_answers(file, answers)
    try:
        yield
    except LabkitFailure as failure:
        raise CreationFailed(cause=failure, file=file) from failure
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    file.unlink(missing_ok=True)


def _commit(project: Path, pristine: Path, message: str, then: str | None) -> bool:
    """Let git keep a project, or leave nothing of it."""
    if shutil.which("git") is None:
        return False
    from labkit.scaffold.branch import LOCAL_MESSAGE, start  # noqa: PLC0415  # only a project that git keeps needs it

    try:
        start(project, pristine, message, then=then or LOCAL_MESSAGE)
    except BaseException:
        shutil.rmtree(project)
        raise
    return True

"""The files that go into an archive: a project's own, and what its template alone gave, without what must stay here.

Left out: caches, data, passwords, keys, and where this machine keeps the kit. Where git keeps the project, alone or as
part of something larger, only what it keeps goes out: a file that it neither keeps nor ignores stops everything, for
nobody has said what it is. Where it does not, recordings are left out too.
"""

import io
import re
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from labkit.catalogue.failures import FilesUnsettled, PristineUnknown, SecretInside
from labkit.prototype.project import MANIFEST
from labkit.publish.contents import KEY_SUFFIXES
from labkit.scaffold import branch
from labkit.scaffold.answers import ANSWERS_FILE, read_answers
from labkit.scaffold.git import Git, git_of
from labkit.scaffold.kit import version
from labkit.scaffold.obstacles import GitMissing, NotARepository
from labkit.scaffold.render import render

Tree = dict[str, bytes]
_FOLDERS = frozenset({".git", ".collectivilab", ".venv", "__pycache__", "node_modules", "dist", "build", "published"})
_NAMES = frozenset({"passwords.toml", "uv.lock", ".DS_Store"})
_SUFFIXES = KEY_SUFFIXES | {".pyc", ".pyo", ".sqlite", ".db", ".labkit"}
# Where git says nothing: what the kit itself makes of what people typed, and what the templates' `.gitignore` names.
_OF_TRIALS = re.compile(r"(catalogue/.*|replay\.html|.*\.jsonl)", re.DOTALL)
_DISTRIBUTION = "pyproject.toml"
_KIT = "collectivilab"


def project_tree(folder: Path) -> Tree:
    """Return the files of a project that may go out.

    Raises:
        FilesUnsettled: git keeps the project, but not all of its files.
        SecretInside: one of them holds a private key.
    """
    git = _keeper(folder)
    names = _kept(git) if git else _found(folder)
    files = {name: folder / name for name in sorted(names) if not _stays(name)}
    tree = {name: file.read_bytes() for name, file in files.items() if file.is_file() and not file.is_symlink()}
    for name, data in tree.items():
        if b"PRIVATE KEY-----" in data:
            raise SecretInside(file=name)
    if _DISTRIBUTION in tree:
        tree[_DISTRIBUTION] = _without_place(tree[_DISTRIBUTION])
    return tree


def pristine_tree(folder: Path) -> Tree:
    """Return what the template alone gave a project: updates of those who take it up begin there.

    Raises:
        PristineUnknown: git does not know, and this kit is not the one that it was made with.
    """
    git = repository(folder)
    last = branch.tip(git) if git else None
    if git and last:
        return _archived(git, git.line("merge-base", "HEAD", last))
    answers = read_answers(folder / ANSWERS_FILE)
    if answers.kit != version():
        raise PristineUnknown(folder=folder)
    with TemporaryDirectory() as scratch:
        made = render(answers.template, answers.answers, Path(scratch))
        return {f.relative_to(made).as_posix(): f.read_bytes() for f in sorted(made.rglob("*")) if f.is_file()}


def repository(folder: Path) -> Git | None:
    """Return `git` in a project that it keeps by itself, `None` in one that it does not, or that is part of another."""
    try:
        git = git_of(folder)
    except (GitMissing, NotARepository):
        return None
    return git if git.folder.resolve() == folder.resolve() and git.commit_id("HEAD") else None


def _keeper(folder: Path) -> Git | None:
    """Return `git` in a project that it keeps, `None` in one of which it does not even know the manifest."""
    try:
        top = git_of(folder).folder
    except (GitMissing, NotARepository):
        return None
    git = Git(folder)
    return git if top.resolve() == folder.resolve() or git.names("ls-files", "-z", "--", MANIFEST) else None


def _found(folder: Path) -> list[str]:
    names = (file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    return [name for name in names if not _OF_TRIALS.fullmatch(name)]


def _kept(git: Git) -> list[str]:
    unsettled = [name for name in git.names("ls-files", "--others", "--exclude-standard", "-z") if not _stays(name)]
    if unsettled:
        raise FilesUnsettled(files=", ".join(sorted(unsettled)))
    return git.names("ls-files", "-z")


def _stays(name: str) -> bool:
    *folders, last = name.split("/")
    cached = any(part in _FOLDERS or part.endswith("_cache") for part in folders)
    return cached or last in _NAMES or last.startswith(".env") or Path(last).suffix in _SUFFIXES


def _archived(git: Git, commit: str) -> Tree:
    # The lines end as git keeps them, whatever this machine makes of them in a working folder.
    written = git("-c", "core.autocrlf=false", "-c", "core.eol=lf", "archive", "--format=tar", commit)
    with tarfile.open(fileobj=io.BytesIO(written)) as archive:
        files = [(member.name, archive.extractfile(member)) for member in archive if member.isfile()]
        return {name: file.read() for name, file in sorted(files) if file}


def _without_place(manifest: bytes) -> bytes:
    """Return a `pyproject.toml` that does not say where this machine keeps the kit."""
    import tomlkit  # noqa: PLC0415  # slow to import, and few verbs need it

    document = tomlkit.parse(manifest.decode())
    uv = document.get("tool", {}).get("uv", {})
    if _KIT not in uv.get("sources", {}):
        return manifest
    del uv["sources"][_KIT]
    if not uv["sources"]:
        del uv["sources"]
    if not uv:
        del document["tool"]["uv"]
    return tomlkit.dumps(document).encode()

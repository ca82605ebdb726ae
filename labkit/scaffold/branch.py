"""The pristine branch of a project, `labkit/template`: what the template alone gave, one commit a kit.

It shares its history with the user's branch, so an update is a merge as any other. Commits are made beside the user's
files, by git's plumbing: nobody's hooks run on them and nobody's signature is asked for.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from labkit.scaffold.git import Git, git_in

NAME = "labkit/template"
REF = f"refs/heads/{NAME}"
# While an update is under way: where the pristine branch was before it.
BEFORE = "refs/labkit/before"
FIRST_BRANCH = "main"
LOCAL_MESSAGE = "Add what this machine needs to the template"


def start(project: Path, tree: Path, message: str, *, then: str = LOCAL_MESSAGE) -> None:
    """Give a new project a repository of its own: a first commit of the pristine tree, on `main` and on its own branch.

    What the project holds beyond the tree is committed next, on `main` alone. A project that has a history keeps it.
    """
    git = git_in(project)
    if not (project / ".git").exists():
        git("init", "--quiet", "-b", FIRST_BRANCH)
    content = snapshot(git, tree)
    if git.commit_id("HEAD"):
        join(git, content, message)
        return
    commit = record(git, content, [], message)
    git("update-ref", REF, commit)
    git("update-ref", "HEAD", commit)
    git("reset", "--quiet")
    git("add", "--all")
    if not git.holds("diff", "--cached", "--quiet"):
        git(*git.identity, "commit", "--quiet", "--no-gpg-sign", "-m", then)


def snapshot(git: Git, tree: Path) -> str:
    """Store the files of a folder and return the tree that holds them; only their own `.gitignore` leaves any out."""
    with TemporaryDirectory() as scratch:
        # An empty home and a repository of its own: the same files give the same tree whoever the user is.
        apart = {
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_CONFIG_COUNT": "0",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_PARAMETERS": "",
            "GIT_DIR": f"{scratch}/repository",
            "HOME": scratch,
            "XDG_CONFIG_HOME": scratch,
        }
        format_ = git.line("rev-parse", "--show-object-format")
        git("init", "--quiet", "--bare", "--template=", f"--object-format={format_}", environment=apart)
        here = {
            **apart,
            "GIT_WORK_TREE": str(tree.resolve()),
            "GIT_OBJECT_DIRECTORY": str(git.inside("objects").resolve()),
        }
        files = Git(tree)
        files("-c", "core.bare=false", "add", "--all", ".", environment=here)
        return files.line("write-tree", environment=here)


def record(git: Git, content: str, parents: Sequence[str], message: str) -> str:
    """Make a commit that no branch points to yet."""
    after = (argument for parent in parents for argument in ("-p", parent))
    return git.line(*git.identity, "commit-tree", content, *after, "-m", message)


def tip(git: Git) -> str | None:
    """Return the last pristine commit known here: a colleague may have pushed one that came after ours."""
    pushed = git.line("for-each-ref", "--format=%(objectname)", f"refs/remotes/*/{NAME}").split()
    last = git.commit_id(REF)
    for commit in pushed:
        if last is None or contains(git, commit, last):
            last = commit
    return last


def grow(git: Git, last: str, content: str, message: str) -> str:
    """Return the pristine commit of a tree: the last one, if it holds just that, else one that follows it."""
    if git.line("rev-parse", f"{last}^{{tree}}") == content:
        return last
    return record(git, content, [last], message)


def join(git: Git, content: str, message: str) -> str:
    """Make the pristine branch of a project that has lost it, and return its commit.

    It begins where the user's history held just that tree; else it is tied to it by a merge that changes no file.
    """
    commit = _commit_of(git, content)
    head = git.line("rev-parse", "HEAD")
    if commit is None:
        commit = record(git, content, [], message)
        tie = record(git, git.line("rev-parse", "HEAD^{tree}"), [head, commit], f"Tie {NAME} to this history")
        git("update-ref", "-m", "labkit update", "HEAD", tie, head)
    git("update-ref", REF, commit)
    return commit


def contains(git: Git, whole: str, part: str) -> bool:
    """Tell whether a history holds a commit."""
    return git.holds("merge-base", "--is-ancestor", part, whole)


def copy(git: Git, folder: Path) -> Git:
    """Clone a project into an empty folder, its pristine branch included; the project is only read."""
    git("clone", "--quiet", "--shared", str(git.folder), str(folder))
    clone = Git(folder)
    last = tip(git)
    if last is not None:
        clone("update-ref", REF, last)
    return clone


def _commit_of(git: Git, content: str) -> str | None:
    """Return the last commit of the user's history that holds just a tree."""
    for line in git.line("log", "--no-show-signature", "--format=%H %T", "HEAD").splitlines():
        commit, _, held = line.partition(" ")
        if held == content:
            return commit
    return None

"""Runs of `git` on a project: they ask nothing, end in bounded time, and rest on no setting of the user's.

The user's hooks run only where it is said: on the commits that are theirs. Nothing here writes inside `.git` but `git`
itself.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from labkit.scaffold.obstacles import GitFailed, GitMissing, GitTooOld, NotARepository

# Before it, merges had another engine: it followed fewer renames, and told less of what it did.
OLDEST = (2, 34)
# A commit may run the team's own hooks, and those may run their tests.
TIMEOUT_S = 600.0
REASON_CHARACTERS_MAX = 1_000

# A hook of git that calls us sets these: they would point at another index or repository.
_OF_ANOTHER_RUN = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
)
_ASKING_NOTHING = {
    "LC_ALL": "C",
    "GIT_EDITOR": ":",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_MERGE_AUTOEDIT": "no",
    "GIT_TERMINAL_PROMPT": "0",
}
_SETTINGS = ("-c", "core.quotepath=false", "-c", "core.safecrlf=false")
_NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}")
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Git:
    """`git`, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(
        self, *arguments: str, stdin: bytes = b"", hooks: bool = False, environment: Mapping[str, str] = _NOTHING
    ) -> "subprocess.CompletedProcess[bytes]":
        """Run a command to its end, whatever its exit code."""
        inherited = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER_RUN}
        command = ["git", *_SETTINGS, *(() if hooks else _NO_HOOKS), *arguments]
        try:
            return subprocess.run(  # noqa: S603  # The arguments are ours; names of files follow a «--».
                command,
                cwd=self.folder,
                env={**inherited, **_ASKING_NOTHING, **environment},
                input=stdin,
                capture_output=True,
                check=False,
                timeout=TIMEOUT_S,
            )
        except FileNotFoundError as error:
            raise GitMissing from error
        except subprocess.TimeoutExpired as error:
            raise GitFailed(command=arguments[0], reason=f"> {TIMEOUT_S:.0f} s") from error

    def __call__(self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] = _NOTHING) -> bytes:
        """Return what a command wrote.

        Raises:
            GitFailed: the command failed.
        """
        done = self.run(*arguments, stdin=stdin, environment=environment)
        if done.returncode:
            raise GitFailed(command=arguments[0], reason=reason(done))
        return done.stdout

    def line(self, *arguments: str, environment: Mapping[str, str] = _NOTHING) -> str:
        """Return the only line that a command wrote."""
        return os.fsdecode(self(*arguments, environment=environment)).removesuffix("\n")

    def names(self, *arguments: str) -> list[str]:
        """Return the names that a command wrote with `-z`."""
        return [os.fsdecode(name) for name in self(*arguments).split(b"\0") if name]

    def holds(self, *arguments: str) -> bool:
        """Tell whether a command that asks a question answers yes."""
        return self.run(*arguments).returncode == 0

    def commit_id(self, name: str) -> str | None:
        """Return the commit that a name stands for, if any."""
        done = self.run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        return done.stdout.decode().strip() or None

    def inside(self, name: str) -> Path:
        """Return where git keeps one of its own files; a linked worktree has its own."""
        return self.folder / self.line("rev-parse", "--git-path", name)

    @cached_property
    def identity(self) -> tuple[str, ...]:
        """The settings that name an author, for a user who has not told git who they are."""
        asked = ("-c", "user.useConfigOnly=true", "var")
        if self.holds(*asked, "GIT_AUTHOR_IDENT") and self.holds(*asked, "GIT_COMMITTER_IDENT"):
            return ()
        return ("-c", "user.name=labkit", "-c", "user.email=labkit@localhost")


def git_in(folder: Path) -> Git:
    """Return `git` in a folder, which need not be a repository yet.

    Raises:
        GitMissing: there is no `git` here.
        GitTooOld: the one here does not know what is asked of it.
    """
    git = Git(folder)
    found = git.line("version")
    numbers = tuple(int(number) for number in re.findall(r"\d+", found)[:2])
    if numbers < OLDEST:
        raise GitTooOld(found=found, oldest=".".join(map(str, OLDEST)))
    return git


def git_of(folder: Path) -> Git:
    """Return `git` at the top of the repository that a folder is in.

    Raises:
        NotARepository: it is in none.
    """
    asked = git_in(folder).run("rev-parse", "--show-toplevel")
    if asked.returncode:
        raise NotARepository(folder=folder, reason=reason(asked))
    return Git(Path(os.fsdecode(asked.stdout).removesuffix("\n")))


def reason(done: "subprocess.CompletedProcess[bytes]") -> str:
    """Return the end of what a failed command said."""
    said = (done.stderr.strip() or done.stdout.strip()).decode(errors="replace")
    return said[-REASON_CHARACTERS_MAX:] or f"exit {done.returncode}"

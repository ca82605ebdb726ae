"""One merge of the pristine branch into the user's: begun, settled as far as it goes, then kept or undone.

All that must be known to undo it is in git itself, from before the first file changes: a process that is killed leaves
a merge that `labkit update` recognises. No merge of the user's own is ever touched.
"""

import os
from collections.abc import Sequence
from pathlib import Path, PurePath

from labkit.scaffold import branch
from labkit.scaffold.answers import ANSWERS_FILE
from labkit.scaffold.changes import (
    CHANGED_BY_BOTH,
    DELETED_BY_THEM,
    DELETED_BY_US,
    LEFT_BY_BOTH,
    OUR_STAGE,
    holds_marks,
    index,
)
from labkit.scaffold.git import Git, reason
from labkit.scaffold.obstacles import (
    CommitRefused,
    FilesInTheWay,
    GitFailed,
    MergeUnderWay,
    NothingUnderWay,
    NotOnABranch,
    StillInConflict,
    UncommittedChanges,
    UpdateUnderWay,
)

PATHS_NAMED_MAX = 5
# Renames are followed and no earlier answer to a conflict is replayed, whatever the user's settings are.
_SETTINGS = ("merge.renames=true", "merge.directoryRenames=true", "rerere.enabled=false")
_OPTIONS = ("--strategy=ort", "--no-ff", "--no-commit", "--no-squash", "--no-autostash", "--no-verify-signatures")
_MERGE = (*(word for setting in _SETTINGS for word in ("-c", setting)), "merge", "--quiet", *_OPTIONS)
_DONE, _CONFLICTS = 0, 1


def require_quiet(git: Git) -> None:
    """Refuse a repository where a merge would mix with something else.

    Raises:
        UpdateUnderWay, MergeUnderWay: an update or another merge has not ended.
        NotOnABranch: what is checked out is no branch of the user's.
        UncommittedChanges: some files are not committed, or git does not know them yet.
    """
    if _begun(git):
        raise UpdateUnderWay
    if git.commit_id("MERGE_HEAD"):
        raise MergeUnderWay
    if git.run("symbolic-ref", "--quiet", "HEAD").stdout.decode().strip() in ("", branch.REF):
        raise NotOnABranch
    _require_clean(git)


def require_begun(git: Git) -> None:
    """Refuse to go on where there is no merge of the pristine branch.

    Raises:
        NothingUnderWay, MergeUnderWay: there is none, or it is one of the user's own.
    """
    if not _begun(git) or not git.commit_id("MERGE_HEAD"):
        raise NothingUnderWay
    _require_ours(git)


def require_free(git: Git, commit: str, folder: Path) -> None:
    """Refuse to overwrite files of a folder that git ignores: it would do so without a word.

    Raises:
        FilesInTheWay: there are some.
    """
    last = git.line("merge-base", "HEAD", commit)
    coming = git.names("diff-tree", "-r", "-z", "--no-renames", "--diff-filter=d", "--name-only", last, commit)
    kept = set(git.names("ls-files", "-z"))
    taken = {place for path in coming for place in _places(path) if place not in kept and _is_file(folder / place)}
    if taken:
        raise FilesInTheWay(paths=named(sorted(taken)))


def begin(git: Git, commit: str, *, last: str) -> None:
    """Merge a pristine commit that follows the last one into the files of the user, without committing."""
    require_free(git, commit, git.folder)
    git("update-ref", "--stdin", stdin=f"update {branch.BEFORE} {last}\nupdate {branch.REF} {commit}\n".encode())
    merged = git.run(*git.identity, *_MERGE, "-m", f"Merge {branch.NAME}", branch.NAME)
    if merged.returncode not in (_DONE, _CONFLICTS) or not git.commit_id("MERGE_HEAD"):
        raise GitFailed(command="merge", reason=reason(merged))


def settle(git: Git) -> None:
    """Settle what asks nobody: the answers are the new ones, and where one side deleted, the user's side holds."""
    take_answers(git)
    for path, stages in index(git).unmerged.items():
        if stages.keys() == DELETED_BY_US:
            git("rm", "--quiet", "--force", "--", path)
        elif stages.keys() == DELETED_BY_THEM:
            git("add", "--", path)
        elif stages.keys() == LEFT_BY_BOTH:
            git("rm", "--quiet", "--cached", "--", path)


def take_answers(git: Git) -> None:
    """Record the answers and the kit of the pristine commit that is being merged, whatever the user's side says."""
    git("checkout", "--quiet", branch.REF, "--", ANSWERS_FILE.as_posix())


def require_settled(git: Git) -> None:
    """Take what the user settled by editing; what they edited beside it belongs to the merge too.

    Raises:
        StillInConflict: marks are left in a file, or nobody has chosen what it should hold.
    """
    now = index(git)
    disputed = {**now.once_unmerged, **now.unmerged}
    by_both = [path for path, stages in disputed.items() if stages.keys() >= CHANGED_BY_BOTH]
    marked = {path for path in by_both if holds_marks(git.folder / path)}
    unchosen = {path for path, stages in now.unmerged.items() if not _edited(git, path, stages.get(OUR_STAGE))}
    if marked | unchosen:
        raise StillInConflict(paths=named(sorted(marked | unchosen), most=len(marked | unchosen)))
    git("add", "--update")


def keep(git: Git, message: str) -> str:
    """Commit the merge as the user would, and return its commit.

    Raises:
        CommitRefused: a hook or the signature of the user's refused; the merge is left as it is.
    """
    done = git.run(*git.identity, "commit", "--quiet", "-m", message, hooks=True)
    if done.returncode:
        raise CommitRefused(reason=reason(done))
    _forget(git)
    return git.line("rev-parse", "HEAD")


def undo(git: Git, *, sure: bool = False) -> None:
    """Put back every file and the pristine branch as they were before the merge.

    Who began the merge is `sure` that all changes are its own, even if git did not come to record it.

    Raises:
        NothingUnderWay, MergeUnderWay: there is no merge of ours to undo.
        UncommittedChanges: there is no merge, and the changes found may be the user's own.
    """
    before = _begun(git)
    if before is None:
        raise NothingUnderWay
    if git.commit_id("MERGE_HEAD"):
        _require_ours(git)
        sure = True
    if not sure:
        _require_clean(git)
    git("reset", "--quiet", "--hard", "HEAD")
    git("update-ref", "--stdin", stdin=f"update {branch.REF} {before}\ndelete {branch.BEFORE}\n".encode())


def named(paths: Sequence[str], *, most: int = PATHS_NAMED_MAX) -> str:
    """List some paths for a message."""
    shown = [os.fsencode(path).decode(errors="replace") for path in paths[:most]]
    return ", ".join(shown) + (", …" if len(paths) > most else "")


def _begun(git: Git) -> str | None:
    """Return where the pristine branch was before the update that is under way, if one is.

    The user may have committed the merge with git alone: then nothing is under way.
    """
    before = git.commit_id(branch.BEFORE)
    if before and not git.commit_id("MERGE_HEAD") and branch.contains(git, "HEAD", branch.REF):
        _forget(git)
        return None
    return before


def _places(path: str) -> tuple[str, ...]:
    """Return a path and the folders above it, any of which may be taken by a file."""
    return (path, *map(str, PurePath(path).parents))


def _is_file(place: Path) -> bool:
    return place.is_symlink() or (place.exists() and not place.is_dir())


def _require_ours(git: Git) -> None:
    if git.commit_id("MERGE_HEAD") != git.commit_id(branch.REF):
        raise MergeUnderWay


def _require_clean(git: Git) -> None:
    """Refuse what undoing a merge could not tell from the merge's own: also files that were never added."""
    changed = git.names("status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal")
    if changed:
        raise UncommittedChanges(paths=named([entry[3:] for entry in changed]))


def _edited(git: Git, path: str, ours: str | None) -> bool:
    """Tell whether an unsettled file is no longer as the user had it: a file left alone may hide what it lacks."""
    file = git.folder / path
    if ours is None or file.is_symlink() or not file.is_file():
        return False
    return git.line("hash-object", "--", path) != ours.rpartition(" ")[2]


def _forget(git: Git) -> None:
    git("update-ref", "-d", branch.BEFORE)

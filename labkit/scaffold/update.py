"""`labkit update`: a project brought up to date with its template by a merge, and everything put back if it fails.

The project keeps what its team made of it: a file that they renamed is followed, one that they deleted stays away. What
is reported is read from the trees, file by file. A project is never left half-way: a merge is committed, undone, or
waits for the user with its conflicts.
"""

import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from labkit.scaffold import branch, merging
from labkit.scaffold.answers import ANSWERS_FILE, Answers
from labkit.scaffold.changes import UNSETTLED, FileChange, index, sides, sort_changes
from labkit.scaffold.checks import Checks, require_checks, run_checks
from labkit.scaffold.failures import BadAnswersFile
from labkit.scaffold.git import Git, git_of
from labkit.scaffold.kit import is_newer
from labkit.scaffold.migrations import MIGRATIONS, Migration, due
from labkit.scaffold.obstacles import (
    CommitRefused,
    NewerProject,
    NotAProject,
    NothingUnderWay,
    PristineBranchMissing,
)

# Renders, inside an empty folder, what the template gives for some answers, and returns where the files are.
Pristine = Callable[[Answers, Path], Path]
State = Literal["updated", "nothing-new", "remade", "conflicts", "checks-failed", "undone"]
CHECKS_LOG = "labkit-checks.log"
WITHOUT_LOG = "labkit-checks-without.log"


class Plan(Struct, frozen=True, kw_only=True):
    """What follows a merge without conflicts, before it is committed."""

    checks: bool = True
    migrations: Sequence[Migration] = MIGRATIONS


class Migrated(Struct, frozen=True):
    """A migration that ran, and the files that it changed."""

    title: str
    files: tuple[str, ...]


class Report(Struct, frozen=True, kw_only=True):
    """How an update ended, and what became of each file that it concerns.

    Checks that failed with the update are run again without it: `passed_without` tells how that ended.
    """

    state: State
    project: str
    template: str | None = None
    kit_before: str | None = None
    kit: str | None = None
    files: tuple[FileChange, ...] = ()
    migrations: tuple[Migrated, ...] = ()
    checks: Checks | None = None
    passed_without: bool | None = None
    commit: str | None = None
    dry_run: bool = False


class _News(Struct, frozen=True):
    """A report of what is there, the last pristine commit, and the one that follows it if the user lacks it."""

    report: Report
    last: str
    commit: str | None


def update(folder: Path, pristine: Pristine, *, kit: str, plan: Plan | None = None) -> Report:
    """Merge what this kit's template gives now into a project, and commit it if its checks pass.

    Raises:
        LabkitFailure: the project is not ready for it, or git fails; then it is as it was.
    """
    git = git_of(folder)
    plan = plan or Plan()
    merging.require_quiet(git)
    news = _news(git, pristine, kit)
    if news.commit is None:
        return news.report
    if plan.checks:
        require_checks(git.folder)
    with _undone_unless_whole(git):
        merging.begin(git, news.commit, last=news.last)
        report = _merged(git, news.report)
        if report.state == "conflicts":
            return report
        ended = _finished(git, report, plan)
        if ended.state != "checks-failed":
            return ended
        merging.undo(git)
        # A team whose tests failed already must not look for the fault in the update.
        without = run_checks(git.folder, git.inside(WITHOUT_LOG))
        return replace(ended, passed_without=without.passed)


def resume(folder: Path, *, plan: Plan | None = None) -> Report:
    """Go on with an update whose conflicts the user has settled; if its checks fail, their work is left as it is.

    Raises:
        LabkitFailure: no update is under way, or conflicts are left.
    """
    git = git_of(folder)
    plan = plan or Plan()
    merging.require_begun(git)
    merging.require_settled(git)
    if plan.checks:
        require_checks(git.folder)
    merging.take_answers(git)
    return _finished(git, _merged(git, _known(git, _recorded(git, branch.REF).kit)), plan)


def abort(folder: Path) -> Report:
    """Put a project back as it was before the update that is under way.

    Raises:
        LabkitFailure: there is none.
    """
    git = git_of(folder)
    merging.undo(git)
    return Report(state="undone", project=str(git.folder))


def preview(folder: Path, pristine: Pristine, *, kit: str) -> Report:
    """Return what an update would do, tried on a copy: migrations and checks are not run.

    Raises:
        LabkitFailure: what an update would refuse.
    """
    git = git_of(folder)
    merging.require_quiet(git)
    with TemporaryDirectory() as scratch:
        copy = branch.copy(git, Path(scratch) / "copy")
        news = _news(copy, pristine, kit)
        report = replace(news.report, project=str(git.folder), dry_run=True)
        if news.commit is None:
            return report
        merging.require_free(copy, news.commit, git.folder)
        merging.begin(copy, news.commit, last=news.last)
        return _merged(copy, report)


def _news(git: Git, pristine: Pristine, kit: str) -> _News:
    """Render the template as it is now, and tell whether the user's branch lacks any of it."""
    answers = _recorded(git, "HEAD")
    if is_newer(answers.kit, kit):
        raise NewerProject(made_by=answers.kit, kit=kit)
    report = _known(git, kit)
    with TemporaryDirectory() as scratch:
        content = branch.snapshot(git, pristine(answers, Path(scratch)))
    message = f"labkit update {answers.template}, kit {kit}"
    last = branch.tip(git)
    if last is None:
        if answers.kit != kit:
            raise PristineBranchMissing(kit=answers.kit)
        last, report = branch.join(git, content, message), replace(report, state="remade")
    commit = branch.grow(git, last, content, message)
    return _News(report, last, None if branch.contains(git, "HEAD", commit) else commit)


def _known(git: Git, kit: str) -> Report:
    """Begin a report."""
    answers = _recorded(git, "HEAD")
    return Report(
        state="nothing-new",
        project=str(git.folder),
        template=answers.template,
        kit_before=answers.kit,
        kit=kit,
    )


def _merged(git: Git, report: Report) -> Report:
    """Settle a merge as far as it goes without the user, and tell of every file."""
    merging.settle(git)
    base = git.line("merge-base", "HEAD", branch.REF)
    files = sort_changes(sides(git, base, ours="HEAD", theirs=branch.REF), index(git), git.folder)
    unsettled = any(change.outcome in UNSETTLED for change in files)
    return replace(report, files=files, state="conflicts" if unsettled else "updated")


def _finished(git: Git, report: Report, plan: Plan) -> Report:
    """Run the migrations that are due and the project's checks, and commit the merge if they pass."""
    due_now = due(plan.migrations, since=report.kit_before or "", to=report.kit or "")
    report = replace(report, migrations=tuple(_migrated(git, migration) for migration in due_now))
    if plan.checks:
        report = replace(report, checks=run_checks(git.folder, git.inside(CHECKS_LOG)))
    if report.checks and not report.checks.passed:
        return replace(report, state="checks-failed")
    return replace(report, commit=merging.keep(git, f"Update {report.template} to the kit {report.kit}"))


def _migrated(git: Git, migration: Migration) -> Migrated:
    """Run a migration and make what it changed part of the merge; one that fails leaves no new file."""
    unknown = ("ls-files", "--others", "--exclude-standard", "-z")
    before = git.names(*unknown)
    try:
        changed = migration.apply(git.folder)
    except BaseException:
        for path in set(git.names(*unknown)).difference(before):
            (git.folder / path).unlink()
        raise
    files = [str(file.relative_to(git.folder) if file.is_absolute() else file) for file in changed]
    git("add", "--all", "--", *files)
    return Migrated(migration.title, tuple(files))


def _recorded(git: Git, commit: str) -> Answers:
    """Return the answers that a commit holds."""
    shown = git.run("cat-file", "blob", f"{commit}:{ANSWERS_FILE.as_posix()}")
    if shown.returncode:
        raise NotAProject(folder=git.folder)
    try:
        return msgspec.convert(tomllib.loads(shown.stdout.decode()), Answers)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise BadAnswersFile(path=ANSWERS_FILE, reason=error) from error


@contextmanager
def _undone_unless_whole(git: Git) -> Iterator[None]:
    """Put the project back if anything fails, except where the user's own hooks want a word with them."""
    try:
        yield
    except CommitRefused:
        raise
    except BaseException:
        with suppress(NothingUnderWay):
            merging.undo(git, sure=True)
        raise

"""What stops an update before it begins, or before it ends: each has its words in both languages.

LabkitFailure
├── GitMissing · GitTooOld · GitFailed · CommitRefused
├── NotARepository · NotAProject · NotOnABranch · PristineBranchMissing
├── UncommittedChanges · FilesInTheWay · ChecksUnavailable · NewerProject
└── UpdateUnderWay · MergeUnderWay · NothingUnderWay · StillInConflict
"""

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure


class GitMissing(LabkitFailure):
    """There is no `git` on the path."""

    code = "git-missing"
    exit_code = ExitCode.BAD_INPUT


class GitTooOld(LabkitFailure):
    """The `git` found is older than what is asked of it; give `found` and `oldest`."""

    code = "git-too-old"
    exit_code = ExitCode.BAD_INPUT


class GitFailed(LabkitFailure):
    """`git` could not do something; give `command` and `reason`."""

    code = "git-failed"
    exit_code = ExitCode.BAD_INPUT


class CommitRefused(LabkitFailure):
    """The user's own hooks or signature refuse the commit of a merge, which stays as it is; give `reason`."""

    code = "commit-refused"
    exit_code = ExitCode.BAD_INPUT


class NotARepository(LabkitFailure):
    """The folder is in no repository that git can use; give `folder` and `reason`."""

    code = "not-a-repository"
    exit_code = ExitCode.BAD_INPUT


class NotAProject(LabkitFailure):
    """The repository does not say which template it was made from; give `folder`."""

    code = "not-a-project"
    exit_code = ExitCode.BAD_INPUT


class NotOnABranch(LabkitFailure):
    """The branch that is checked out is none of the user's."""

    code = "not-on-a-branch"
    exit_code = ExitCode.BAD_INPUT


class PristineBranchMissing(LabkitFailure):
    """Nothing here holds what the template gave; give the `kit` of the project."""

    code = "pristine-branch-missing"
    exit_code = ExitCode.BAD_INPUT


class UncommittedChanges(LabkitFailure):
    """Some files differ from what was last committed, or were never added; give `paths`."""

    code = "uncommitted-changes"
    exit_code = ExitCode.BAD_INPUT


class FilesInTheWay(LabkitFailure):
    """The merge would overwrite files that git ignores; give `paths`."""

    code = "files-in-the-way"
    exit_code = ExitCode.BAD_INPUT


class ChecksUnavailable(LabkitFailure):
    """The project's own checks cannot be run; give the `python` that lacks pytest."""

    code = "checks-unavailable"
    exit_code = ExitCode.BAD_INPUT


class NewerProject(LabkitFailure):
    """A newer kit made the project; give the kit it was `made_by` and this `kit`."""

    code = "newer-project"
    exit_code = ExitCode.BAD_INPUT


class UpdateUnderWay(LabkitFailure):
    """An earlier update has not ended."""

    code = "update-under-way"
    exit_code = ExitCode.BAD_INPUT


class MergeUnderWay(LabkitFailure):
    """A merge of the user's own has not ended."""

    code = "merge-under-way"
    exit_code = ExitCode.BAD_INPUT


class NothingUnderWay(LabkitFailure):
    """There is no update to go on with, or to abandon."""

    code = "nothing-under-way"
    exit_code = ExitCode.BAD_INPUT


class StillInConflict(LabkitFailure):
    """Some files are not settled yet; give `paths`."""

    code = "still-in-conflict"
    exit_code = ExitCode.CONFLICT

"""What can stop a backup or a restoration: nothing half-done is left to be taken for the whole."""

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure


class TargetInUse(LabkitFailure):
    """Something stands where a backup is to be written; give `target`."""

    code = "backup-target-in-use"
    exit_code = ExitCode.BAD_INPUT


class NotApart(LabkitFailure):
    """One place lies within another that it must outlive; give `inner` and `outer`."""

    code = "backup-not-apart"
    exit_code = ExitCode.BAD_INPUT


class OpenToOthers(LabkitFailure):
    """Others than the owner may read where keys are to be written; give `target`."""

    code = "backup-open-to-others"
    exit_code = ExitCode.BAD_INPUT


class BackupFailed(LabkitFailure):
    """The backup could not be written; give `target` and `reason`."""

    code = "backup-failed"
    exit_code = ExitCode.STORAGE


class BrokenLog(LabkitFailure):
    """The log is not what its head says; give its `position` and how many `events` there are."""

    code = "backup-broken-log"
    exit_code = ExitCode.DEFECT


class NotABackup(LabkitFailure):
    """What is to be restored is not a whole backup of that kind; give `backup` and `kind`."""

    code = "not-a-backup"
    exit_code = ExitCode.BAD_INPUT


class BackupDamaged(LabkitFailure):
    """A file of the backup is not the one that was written; give `file`."""

    code = "backup-damaged"
    exit_code = ExitCode.BAD_INPUT


class DataInUse(LabkitFailure):
    """A restoration goes into a new data directory, and this one is not; give `data`."""

    code = "restore-data-in-use"
    exit_code = ExitCode.BAD_INPUT


class DatabaseInUse(LabkitFailure):
    """A restoration goes into an empty database, and this one holds a ledger; give its `place`."""

    code = "restore-database-in-use"
    exit_code = ExitCode.BAD_INPUT


class OtherStore(LabkitFailure):
    """The backup was made of another kind of database than the settings name; give `store`, that of the backup."""

    code = "restore-other-store"
    exit_code = ExitCode.USAGE


class OtherLedger(LabkitFailure):
    """The keys are those of another ledger; give `keys`."""

    code = "restore-other-ledger"
    exit_code = ExitCode.BAD_INPUT


class MasterKeyNeeded(LabkitFailure):
    """Keys open nothing without the master key that wraps them; give `keys`."""

    code = "restore-master-key-needed"
    exit_code = ExitCode.USAGE


class WrongMasterKey(LabkitFailure):
    """The master key does not open the keys; give its `file` and `reason`."""

    code = "restore-wrong-master-key"
    exit_code = ExitCode.BAD_INPUT


class KeysMissing(LabkitFailure):
    """Texts of the ledger are sealed under keys that are not there; give how many `subjects` they concern."""

    code = "restore-keys-missing"
    exit_code = ExitCode.REFUSED


class RestoreFailed(LabkitFailure):
    """The data directory could not be made; give `data` and `reason`."""

    code = "restore-failed"
    exit_code = ExitCode.STORAGE


class ProgramMissing(LabkitFailure):
    """A program of PostgreSQL is not found; give its `name`."""

    code = "backup-program-missing"
    exit_code = ExitCode.BAD_INPUT

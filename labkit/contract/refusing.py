"""Which rules may refuse which command: read off the decisions, and compared with them by a test."""

from ledger.domain import commands, errors
from ledger.domain.citizen import personal_fields
from ledger.domain.commands import CaseCommand, Command, OpenCase
from ledger.domain.errors import Refusal

_OF_EACH: tuple[type[Refusal], ...] = (errors.OccurredInTheFuture, errors.CommandIdReused)
_OF_ONE: dict[type[Command], tuple[type[Refusal], ...]] = {
    commands.RegisterAuthority: (errors.InvalidSiren, errors.AuthorityAlreadyRegistered),
    commands.PublishService: (errors.UnknownAuthority,),
    commands.OpenCase: (
        errors.CaseAlreadyExists,
        errors.UnknownAuthority,
        errors.UnknownService,
        errors.ParticularsDoNotFit,
    ),
    commands.RecordInteraction: (errors.CaseIsClosed, errors.ParticularsDoNotFit),
    commands.CorrectInteraction: (errors.UnknownInteraction, errors.NothingToCorrect, errors.ParticularsDoNotFit),
    commands.RecordStep: (errors.CaseIsClosed,),
    commands.RequestDocuments: (errors.CaseIsClosed, errors.InteractionIdTaken),
    commands.ReceiveDocuments: (
        errors.CaseIsClosed,
        errors.InteractionIdTaken,
        errors.UnknownDocumentRequest,
        errors.ParticularsDoNotFit,
    ),
    commands.AttachDocument: (errors.CaseIsClosed,),
    commands.AssignCase: (errors.CaseIsClosed,),
    commands.HandOverCase: (errors.CaseIsClosed, errors.NowhereToHandOver, errors.UnknownAuthority),
    commands.DecideCase: (errors.CaseIsClosed,),
    commands.CloseCase: (errors.CaseIsClosed,),
    commands.ReopenCase: (errors.CaseIsOpen,),
    commands.RecordServiceEvent: (errors.CaseIsClosed,),
    commands.ForgetCitizen: (errors.UnknownCitizen,),
}


def refusals_of(kind: type[Command]) -> tuple[str, ...]:
    """Return the codes of the rules that may refuse a command."""
    missing = (errors.UnknownCase,) if issubclass(kind, CaseCommand) and kind is not OpenCase else ()
    # What is personal can be sealed no more, once its citizen is forgotten.
    forgotten = (errors.CitizenIsForgotten,) if personal_fields(kind) else ()
    return tuple(refusal.code for refusal in (*_OF_EACH, *missing, *_OF_ONE[kind], *forgotten))

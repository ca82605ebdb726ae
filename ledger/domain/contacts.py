"""Decisions about the contacts (échanges) of an open case, and about the documents that come with them."""

from typing import assert_never

from ledger.domain.case import Case
from ledger.domain.commands import (
    AttachDocument,
    CorrectInteraction,
    ReceiveDocuments,
    RecordInteraction,
    RequestDocuments,
)
from ledger.domain.errors import NothingToCorrect, UnknownDocumentRequest, UnknownInteraction
from ledger.domain.events import (
    DocumentAttached,
    DocumentsReceived,
    DocumentsRequested,
    InteractionCorrected,
    InteractionRecorded,
    Stamp,
)
from ledger.domain.guards import Events, channel_of, check_happened, check_open, check_particulars, check_unused, header
from ledger.domain.identifiers import InteractionId
from ledger.domain.vocabulary import Direction

ContactCommand = RecordInteraction | CorrectInteraction | RequestDocuments | ReceiveDocuments | AttachDocument


def decide_contact(case: Case, command: ContactCommand, stamp: Stamp) -> Events:
    """Answer a command about a contact or a document."""
    match command:
        case RecordInteraction():
            return record_interaction(case, command, stamp)
        case CorrectInteraction():
            return correct_interaction(case, command, stamp)
        case RequestDocuments():
            return request_documents(case, command, stamp)
        case ReceiveDocuments():
            return receive_documents(case, command, stamp)
        case AttachDocument():
            return attach_document(case, command, stamp)
        case _:
            assert_never(command)


def record_interaction(case: Case, command: RecordInteraction, stamp: Stamp) -> Events:
    """Add one échange to an open case; a repeated identifier changes nothing."""
    if command.interaction_id in case.interaction_ids:
        return ()
    check_open(case)
    check_particulars(command.particulars, command.channel)
    return (
        InteractionRecorded(
            **header(command, stamp, version=case.version + 1),
            interaction_id=command.interaction_id,
            channel=command.channel,
            direction=command.direction,
            citizen=case.citizen,
            particulars=command.particulars,
            attachments=command.attachments,
            summary=command.summary,
            contact=command.contact,
        ),
    )


def correct_interaction(case: Case, command: CorrectInteraction, stamp: Stamp) -> Events:
    """Amend a contact, on a closed case too: a mistake may be found late."""
    if command.interaction_id not in case.interaction_ids:
        raise UnknownInteraction(case_id=str(case.id), interaction_id=str(command.interaction_id))
    _check_amends(command)
    if command.interaction_occurred_at is not None:
        check_happened(command.interaction_occurred_at, stamp)
    channel = command.channel or channel_of(command.particulars)
    if channel is not None:
        check_particulars(command.particulars, channel)
    return (
        InteractionCorrected(
            **header(command, stamp, version=case.version + 1),
            interaction_id=command.interaction_id,
            reason=command.reason,
            citizen=case.citizen,
            channel=channel,
            direction=command.direction,
            interaction_occurred_at=command.interaction_occurred_at,
            particulars=command.particulars,
            summary=command.summary,
            contact=command.contact,
        ),
    )


def request_documents(case: Case, command: RequestDocuments, stamp: Stamp) -> Events:
    """Ask for missing documents; the asking is a contact of its own."""
    if command.request_id in case.request_ids:
        return ()
    check_open(case)
    check_unused(case, InteractionId(command.request_id))
    requested = DocumentsRequested(
        **header(command, stamp, version=case.version + 1),
        request_id=command.request_id,
        documents=command.documents,
        reply_by=command.reply_by,
    )
    contact = InteractionRecorded(
        **header(command, stamp, version=case.version + 2),
        interaction_id=InteractionId(command.request_id),
        channel=command.channel,
        direction=Direction.OUT,
        citizen=case.citizen,
        summary=command.summary,
    )
    return (requested, contact)


def receive_documents(case: Case, command: ReceiveDocuments, stamp: Stamp) -> Events:
    """Take in documents that were asked for; their coming is a contact of its own."""
    if command.interaction_id in case.receipt_ids:
        return ()
    check_open(case)
    check_unused(case, command.interaction_id)
    if command.request_id not in case.awaited_request_ids:
        raise UnknownDocumentRequest(case_id=str(case.id), request_id=str(command.request_id))
    check_particulars(command.particulars, command.channel)
    return (_received(case, command, stamp), _coming(case, command, stamp))


def attach_document(case: Case, command: AttachDocument, stamp: Stamp) -> Events:
    """Add a document outside any contact."""
    check_open(case)
    return (
        DocumentAttached(
            **header(command, stamp, version=case.version + 1),
            document=command.document,
            citizen=case.citizen,
            title=command.title,
        ),
    )


def _received(case: Case, command: ReceiveDocuments, stamp: Stamp) -> DocumentsReceived:
    return DocumentsReceived(
        **header(command, stamp, version=case.version + 1),
        request_id=command.request_id,
        interaction_id=command.interaction_id,
        attachments=command.attachments,
        complete=command.complete,
    )


def _coming(case: Case, command: ReceiveDocuments, stamp: Stamp) -> InteractionRecorded:
    return InteractionRecorded(
        **header(command, stamp, version=case.version + 2),
        interaction_id=command.interaction_id,
        channel=command.channel,
        direction=Direction.IN,
        citizen=case.citizen,
        particulars=command.particulars,
        attachments=command.attachments,
        summary=command.summary,
    )


def _check_amends(command: CorrectInteraction) -> None:
    amended = (
        command.channel,
        command.direction,
        command.interaction_occurred_at,
        command.particulars,
        command.summary,
        command.contact,
    )
    if not any(amended):
        raise NothingToCorrect(interaction_id=str(command.interaction_id))

"""The routes that take commands: one a command, and one for many."""

import re
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, post
from litestar.datastructures import Headers
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, HTTPResponseStartEvent, Receive, Scope, Send
from msgspec import Struct

from ledger.api.bodies import read_command, read_commands
from ledger.api.problems import Malformed, Problem, language_of, problem_of_refusal, respond
from ledger.application import CaseLedger
from ledger.domain import commands
from ledger.domain.commands import Command, LedgerCommand
from ledger.domain.events import Stamp
from ledger.domain.record import Cause
from ledger.domain.vocabulary import Language
from ledger.store.verdict import Answer

UNIDENTIFIED = "unidentified"
_encode = msgspec.json.Encoder().encode
AGENT_FORM = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"
_AGENT = re.compile(AGENT_FORM)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Neither the version ff nor an identifier of zeros only is a trace (W3C Trace Context).
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

ROUTES: tuple[tuple[str, type[Command]], ...] = (
    ("/authorities", commands.RegisterAuthority),
    ("/authorities/{authority:str}/services", commands.PublishService),
    ("/cases", commands.OpenCase),
    ("/cases/{case_id:str}/interactions", commands.RecordInteraction),
    ("/cases/{case_id:str}/interactions/{interaction_id:str}/corrections", commands.CorrectInteraction),
    ("/cases/{case_id:str}/steps", commands.RecordStep),
    ("/cases/{case_id:str}/document-requests", commands.RequestDocuments),
    ("/cases/{case_id:str}/document-requests/{request_id:str}/receipts", commands.ReceiveDocuments),
    ("/cases/{case_id:str}/documents", commands.AttachDocument),
    ("/cases/{case_id:str}/assignment", commands.AssignCase),
    ("/cases/{case_id:str}/hand-over", commands.HandOverCase),
    ("/cases/{case_id:str}/decision", commands.DecideCase),
    ("/cases/{case_id:str}/closure", commands.CloseCase),
    ("/cases/{case_id:str}/reopening", commands.ReopenCase),
    ("/cases/{case_id:str}/service-events", commands.RecordServiceEvent),
    ("/citizens/{citizen:str}/forgetting", commands.ForgetCitizen),
)


class Receipt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a command: `position` is where a view must be to show it, `made` what was identified here."""

    command_id: UUID
    status: Literal["accepted", "unchanged", "refused"]
    position: int
    events: int
    stream: UUID
    repeated: bool = False
    made: dict[str, UUID] = {}
    problem: Problem | None = None


class BatchReceipt(Struct, frozen=True, kw_only=True):
    """What became of each command, in the order they were sent."""

    position: int
    results: list[Receipt]


def command_route(ledger: CaseLedger, path: str, kind: type[Command]) -> HTTPRouteHandler:
    """Build the route of one command; identifiers and the date left out of the body are made here."""
    tag = str(kind.__struct_config__.tag)

    @post(path, operation_id=tag, summary=(kind.__doc__ or tag).strip(), status_code=201)
    async def handle(request: Request[Any, Any, Any]) -> ASGIApp:
        headers = request.headers
        command, made = read_command(await _json_body(request, headers), kind, request.path_params)
        answer = await ledger.submit_async(command, stamp_of(headers), cause_of(headers))
        if refusal := answer.verdict.refusal:
            problem = respond(problem_of_refusal(refusal, language_of(request)))
            return problem.to_asgi_response(app=None, request=request)
        receipt = _receipt(command, answer, made=made)
        return _Positioned(receipt, status_code=201 if receipt.events else 200)

    return handle


def batch_route(ledger: CaseLedger) -> HTTPRouteHandler:
    """Build the route of many commands, taken in their order, each with a verdict of its own."""

    @post("/commands", operation_id="commands", summary="Many commands in one request", status_code=200)
    async def handle(request: Request[Any, Any, Any]) -> ASGIApp:
        headers = request.headers
        batch = read_commands(await _json_body(request, headers))
        answers = await ledger.submit_together(batch, stamp_of(headers), cause_of(headers))
        language = language_of(request)
        results = [_receipt(command, answer, language) for command, answer in zip(batch, answers, strict=True)]
        position = max((result.position for result in results), default=0)
        return _Positioned(BatchReceipt(position=position, results=results), status_code=200)

    return handle


def stamp_of(headers: Headers) -> Stamp:
    """Return who records, as the header `Agent` says, and when."""
    agent = headers.get("agent", UNIDENTIFIED)
    if not _AGENT.fullmatch(agent):
        raise Malformed("invalid-header", header="Agent", form=AGENT_FORM)
    return Stamp(by=agent, recorded_at=datetime.now(UTC))


def cause_of(headers: Headers) -> Cause:
    """Return what led to the request, as the headers `Correlation-Id` and `traceparent` say."""
    correlation = headers.get("correlation-id")
    traceparent = headers.get("traceparent", "")
    # Python reads braces, `urn:uuid:` and no hyphens at all as well; other readers of the same story might not.
    if correlation is not None and not _UUID.fullmatch(correlation):
        raise Malformed("invalid-header", header="Correlation-Id", form="UUID")
    return Cause(
        correlation_id=UUID(correlation) if correlation else None,
        traceparent=traceparent if _TRACEPARENT.fullmatch(traceparent) else None,
    )


async def _json_body(request: Request[Any, Any, Any], headers: Headers) -> bytes:
    # A page of another site can send a form or plain text here unasked, but not JSON.
    given, _, _ = headers.get("content-type", "").partition(";")
    if given.strip().lower() != "application/json":
        raise Malformed("not-json")
    return await request.body()


class _Positioned:
    """A receipt on its way out: bytes already, so that nothing is looked up for each answer."""

    def __init__(self, receipt: Receipt | BatchReceipt, *, status_code: int) -> None:
        self._body = _encode(receipt)
        self._start: HTTPResponseStartEvent = {
            "type": "http.response.start",
            "status": status_code,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", b"%d" % len(self._body)),
                (b"ledger-position", b"%d" % receipt.position),
            ],
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # the shape of ASGI
        await send(self._start)
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


def _receipt(
    command: LedgerCommand, answer: Answer, language: Language = "en", made: dict[str, UUID] | None = None
) -> Receipt:
    verdict = answer.verdict
    refusal = verdict.refusal
    return Receipt(
        command_id=command.command_id,
        status="refused" if refusal else "accepted" if verdict.events else "unchanged",
        position=verdict.position,
        events=verdict.events,
        stream=verdict.stream,
        repeated=answer.repeated,
        made=made or {},
        problem=problem_of_refusal(refusal, language) if refusal else None,
    )

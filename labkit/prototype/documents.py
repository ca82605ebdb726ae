"""The documents of cases: their bytes in a folder, each under its digest, written once; the ledger holds the digest.

It refuses what is empty or too large, believes a file's bytes before what was declared of it, and gives a document
back to the desk only, and only with a case that holds it.
"""

import os
import re
from collections.abc import Collection, Iterator
from datetime import datetime
from hashlib import sha256
from mimetypes import guess_extension
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.exceptions import NotFoundException
from msgspec import Struct

from labkit.prototype.rendering import HEADERS
from labkit.prototype.serving import Asked, Prototype
from labkit.prototype.story import Moment, ServiceCase
from ledger.domain.events import Attachment, DocumentAttached, DocumentsReceived, InteractionRecorded
from ledger.domain.identifiers import CaseId

SIZE_MAX_BYTES = 10_000_000
SHOWN = ("application/pdf", "image/png", "image/jpeg")
UNKNOWN = "application/octet-stream"
_BEGINNINGS = ((b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,49}/[a-z0-9.+-]{1,50}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
# A document is shown as it is and may ask for nothing, whatever somebody put in it.
_HEADERS = HEADERS | {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'self'"}


class NotKept(ValueError):
    """A document is refused; the reason is the key of its text."""


class Held(Struct, frozen=True, kw_only=True):
    """A document of a case; an answer names it by its digest alone."""

    digest: str
    at: datetime
    media_type: str = ""
    size_bytes: int | None = None


class Documents:
    """The documents under one data folder; may be used from several threads."""

    def __init__(self, data: Path | None) -> None:
        """Keep them under a data folder, made at the first document."""
        if data is None:
            raise TypeError("a prototype without a data folder keeps no documents")
        self._folder = data / "documents"

    def keep(self, content: bytes, declared: str = "", *, only: Collection[str] = ()) -> Attachment:
        """Keep a document, and return it as the ledger knows it; the same bytes are kept once.

        Raises:
            NotKept: it is empty, too large, or not `only` what it may be.
        """
        media_type = checked(content, declared, only=only)
        digest = f"sha256:{sha256(content).hexdigest()}"
        file = self._file(digest)
        if not file.exists():
            write_once(file, content)
        return Attachment(digest=digest, media_type=media_type, size_bytes=len(content))

    def read(self, digest: str) -> bytes | None:
        """Return a document; `None` if it is not here, or no longer what it was."""
        try:
            content = self._file(digest).read_bytes()
        except FileNotFoundError:
            return None
        return content if f"sha256:{sha256(content).hexdigest()}" == digest else None

    def attachment(self, digest: str) -> Attachment | None:
        """Return a document as the ledger knows it; `None` if it is not here."""
        content = self.read(digest)
        if content is None:
            return None
        return Attachment(digest=digest, media_type=media_type_of(content), size_bytes=len(content))

    def _file(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise FileNotFoundError(digest)
        return self._folder / digest.removeprefix("sha256:")


def checked(content: bytes, declared: str = "", *, only: Collection[str] = ()) -> str:
    """Return the media type of a document that may be kept.

    Raises:
        NotKept: it may not.
    """
    if not content:
        raise NotKept("documents.empty")
    if len(content) > SIZE_MAX_BYTES:
        raise NotKept("documents.too-large")
    media_type = media_type_of(content, declared)
    if only and media_type not in only:
        raise NotKept("documents.other-kind")
    return media_type


def media_type_of(content: bytes, declared: str = "") -> str:
    """Return what a file is: by its bytes if they tell, else as it was declared."""
    told = next((media_type for beginning, media_type in _BEGINNINGS if content.startswith(beginning)), None)
    plain = declared.partition(";")[0].strip().lower()
    # What is shown in the browser is shown for its bytes, never because somebody said so.
    return told or (plain if _MEDIA_TYPE.fullmatch(plain) and plain not in SHOWN else UNKNOWN)


def held_by(case: ServiceCase) -> list[Held]:
    """Return the documents of a case, the oldest first, each once."""
    held: dict[str, Held] = {}
    for moment in case.moments:
        for document in _of(moment):
            held.setdefault(document.digest, document)
    return list(held.values())


def write_once(file: Path, content: bytes) -> None:
    """Write a whole file or none, so that its name never stands for half of it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=file.parent, delete=False) as part:
        try:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
            Path(part.name).replace(file)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise


def routes(prototype: Prototype) -> list[Any]:
    """Return the route of documents, for the desk."""

    @get("/{lang:str}/desk/documents/{digest:str}", sync_to_thread=True)
    def document(request: Asked) -> Response[bytes]:
        """Give a document of the case that the address names."""
        digest = request.path_params["digest"]
        case = prototype.cases.get(_case_named(request))
        content = Documents(prototype.data).read(digest) if digest in {held.digest for held in held_by(case)} else None
        if content is None:
            raise NotFoundException
        media_type = media_type_of(content)
        name = f"{digest.removeprefix('sha256:')[:12]}{guess_extension(media_type) or ''}"
        shown = "inline" if media_type in SHOWN else "attachment"
        headers = _HEADERS | {"Content-Disposition": f'{shown}; filename="{name}"'}
        return Response(content, media_type=media_type, headers=headers)

    return [document]


def _of(moment: Moment) -> Iterator[Held]:
    event, at = moment.event, moment.occurred_at
    attachments: tuple[Attachment, ...] = ()
    if isinstance(event, InteractionRecorded | DocumentsReceived):
        attachments = event.attachments
    elif isinstance(event, DocumentAttached):
        attachments = (event.document,)
    for each in attachments:
        yield Held(digest=each.digest, at=at, media_type=each.media_type, size_bytes=each.size_bytes)
    if moment.service_event is not None:
        for value in msgspec.to_builtins(moment.service_event).values():
            if isinstance(value, str) and _DIGEST.fullmatch(value):
                yield Held(digest=value, at=at)


def _case_named(request: Asked) -> CaseId:
    try:
        return CaseId(UUID(request.query_params.get("case", "")))
    except ValueError:
        raise NotFoundException from None

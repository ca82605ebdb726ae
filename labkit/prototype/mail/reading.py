"""From the bytes of a message to what it says. Pure, and it never fails: whatever is broken, something is returned.

What is read here is never trusted: headers may lie, charsets may not exist, parts may be anything. The `Date` is not
read at all: it tells the sender's clock, and a case counts from the arrival.
"""

import codecs
import re
from collections.abc import Iterable, Mapping, Sequence
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import Compat32

from msgspec import Struct

from labkit.prototype.mail.html_text import text_of

TEXT_MAX = 100_000
HEADER_MAX = 2_000
HEAD_MAX_BYTES = 250_000
BOUNDARIES_MAX = 1_000
SUBJECT_MAX = 200
PARTS_MAX = 20
NAMED_MAX = 50
# Without the question mark, which nobody has: with it an address may be an encoded word, and hold anything decoded.
ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,120}[A-Za-z0-9])?"
_MACHINES = {"mailer-daemon", "postmaster"}
_BULK = {"auto_reply", "bulk", "junk", "list"}
_MARKS = ("list-id", "x-autoreply", "x-autorespond")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
# Decoders that are no charset of e-mail, and that take quadratic time or read escapes.
_NO_CHARSET = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


class Part(Struct, frozen=True, kw_only=True):
    """A file that came with a message."""

    content: bytes
    media_type: str


class Mail(Struct, frozen=True, kw_only=True):
    """What a message says: who wrote, what, in answer to which messages, and whether a machine did."""

    sender: str = ""
    recipients: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    message_id: str = ""
    answers_to: tuple[str, ...] = ()
    automatic: bool = False
    language: str = ""
    parts: tuple[Part, ...] = ()


class _Contents(Struct):
    text: str
    parts: tuple[Part, ...] = ()
    named: tuple[str, ...] = ()


class _Bounded(Compat32):
    """Reads headers as they came, up to a length: longer ones take the library quadratic time."""

    def header_source_parse(self, sourcelines: Sequence[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(list(sourcelines))
        return name, value[:HEADER_MAX]


_POLICY = _Bounded()


def read(raw: bytes) -> Mail:
    """Return what a message says."""
    message = BytesHeaderParser(policy=_POLICY).parsebytes(raw[:HEAD_MAX_BYTES])
    headers = _headers(message)
    contents = _contents(raw)
    return Mail(
        sender=next(iter(_addresses(headers.get(name, "") for name in ("reply-to", "from", "sender"))), ""),
        recipients=_addresses(headers.get(name, "") for name in ("delivered-to", "to", "cc")),
        subject=_words(headers.get("subject", ""))[:SUBJECT_MAX],
        text=contents.text,
        message_id=next(iter(_ids(headers.get("message-id", ""))), ""),
        answers_to=(
            *_ids(headers.get("in-reply-to", "")),
            *reversed(_ids(headers.get("references", ""))),
            *contents.named,
        )[:NAMED_MAX],
        automatic=_automatic(headers),
        language=headers.get("content-language", headers.get("accept-language", ""))[:2].lower(),
        parts=contents.parts,
    )


def decoded(content: bytes, charset: str | None) -> str:
    """Return bytes as text: in their charset if it exists and fits, else in the likeliest."""
    for tried in (charset or "utf-8", "utf-8"):
        try:
            if codecs.lookup(tried).name not in _NO_CHARSET:
                return plain(content.decode(tried))
        except (LookupError, ValueError):
            continue
    return plain(content.decode("cp1252", "replace"))


def plain(text: str) -> str:
    """Return a text without what no text holds: controls, half characters, line ends of other machines."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return whole.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS)


def _headers(message: Message) -> dict[str, str]:
    """Return the first header of each name as it came, on one line."""
    headers: dict[str, str] = {}
    for name, value in message.raw_items():
        headers.setdefault(name.lower(), " ".join(str(value).split()))
    return headers


def _words(header: str) -> str:
    """Return a header in words, whether it was encoded as it should be or sent as bare bytes."""
    if not header.isascii():
        return decoded(header.encode("utf-8", "surrogateescape"), None)
    try:
        pieces = decode_header(header)
    except (HeaderParseError, ValueError):
        return plain(header)
    said = (piece if isinstance(piece, str) else decoded(piece, charset) for piece, charset in pieces)
    return " ".join(plain("".join(said)).split())


def _addresses(headers: Iterable[str]) -> tuple[str, ...]:
    # What is between quotes is a name, whatever it looks like.
    unquoted = (re.sub(r'"[^"]*"', " ", header) for header in headers)
    return tuple(found for header in unquoted for found in re.findall(ADDRESS, header))[:NAMED_MAX]


def _ids(header: str) -> list[str]:
    return re.findall(r"<[^<>\s]{1,250}>", plain(header))[-NAMED_MAX:]


def _automatic(headers: Mapping[str, str]) -> bool:
    """Tell whether a machine wrote: to answer it might go on for ever (RFC 3834)."""
    senders = _addresses([headers.get("from", "")])
    return (
        headers.get("auto-submitted", "no").partition(";")[0].strip().lower() != "no"
        or headers.get("x-auto-response-suppress", "none").strip().lower() != "none"
        or headers.get("precedence", "").lower() in _BULK
        or headers.get("return-path") == "<>"
        or headers.get("content-type", "").lower().startswith("multipart/report")
        or any(mark in headers for mark in _MARKS)
        or any(sender.partition("@")[0].lower() in _MACHINES for sender in senders)
    )


def _contents(raw: bytes) -> _Contents:
    try:
        _check_bounded(raw)
        leaves = _leaves(BytesParser(policy=_POLICY).parsebytes(raw))
        bodies = [_body(leaf) for leaf in leaves if _is_body(leaf)]
        files = [part for leaf in leaves if not _is_body(leaf) and (part := _part(leaf))]
        named = [named for leaf in leaves for named in _named(leaf)]
    except Exception:  # noqa: BLE001  # nesting ends in a RecursionError, and nobody lists what else the parser raises
        body = _HEAD_END.split(raw, maxsplit=1)[-1]
        return _Contents(decoded(body, None)[:TEXT_MAX])
    text = "\n\n".join(body for body in bodies if body)[:TEXT_MAX]
    return _Contents(text, tuple(files[:PARTS_MAX]), tuple(named[:NAMED_MAX]))


def _check_bounded(raw: bytes) -> None:
    """Refuse to look for parts where there is no message but a way to keep a parser busy.

    Raises:
        ValueError: the headers do not end, or there are too many parts.
    """
    if len(raw) > HEAD_MAX_BYTES and not _HEAD_END.search(raw, 0, HEAD_MAX_BYTES):
        raise ValueError(HEAD_MAX_BYTES)
    if raw.count(b"\n--") > BOUNDARIES_MAX:
        raise ValueError(BOUNDARIES_MAX)


def _leaves(part: Message) -> list[Message]:
    """Return the parts that hold something; of two ways to say the same, the plain one."""
    if part.get_content_maintype() != "multipart" or not part.is_multipart():
        return [part]
    leaves = [leaf for inner in part.get_payload() if isinstance(inner, Message) for leaf in _leaves(inner)]
    plainly = part.get_content_subtype() == "alternative" and any(
        _is_body(leaf) and leaf.get_content_type() == "text/plain" and _body(leaf) for leaf in leaves
    )
    return [leaf for leaf in leaves if not (plainly and _is_body(leaf) and leaf.get_content_type() == "text/html")]


def _is_body(leaf: Message) -> bool:
    told = leaf.get_content_type() in ("text/plain", "text/html") or leaf.get_content_maintype() == "multipart"
    return told and leaf.get_content_disposition() != "attachment" and not leaf.get_filename()


def _body(leaf: Message) -> str:
    content = leaf.get_payload(decode=True)
    text = decoded(content, leaf.get_content_charset()) if isinstance(content, bytes) else ""
    return (text_of(text[:TEXT_MAX]) if leaf.get_content_subtype() == "html" else text[:TEXT_MAX]).strip()


def _part(leaf: Message) -> Part | None:
    if leaf.is_multipart():
        inner = leaf.get_payload()
        content = inner[0].as_bytes() if isinstance(inner, list) and isinstance(inner[0], Message) else b""
    else:
        payload = leaf.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
    return Part(content=content, media_type=leaf.get_content_type()) if content else None


def _named(leaf: Message) -> list[str]:
    """Return the identifier of a message inside this one: a bounce names so what could not be delivered."""
    if leaf.get_content_type() not in ("message/rfc822", "text/rfc822-headers"):
        return []
    part = _part(leaf)
    inner = BytesHeaderParser(policy=_POLICY).parsebytes(part.content[:HEAD_MAX_BYTES]) if part else Message()
    return _ids(_headers(inner).get("message-id", ""))

"""A copy of the stream for one reader: a mirror that holds only some subjects, each event still at its position.

Pure: what the server is asked, and what it answers.
"""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from ledger.publishing.message import PublishDoubt

STREAM_EXISTS = 10058


class Copy(Struct, frozen=True):
    """A stream to be, and the subjects that it holds."""

    stream: str
    filters: tuple[str, ...]

    def settings(self, origin: str, *, replicas: int, metadata: Mapping[str, str]) -> bytes:
        """Return what the server is asked to make, a mirror of another stream."""
        subjects = [{"src": wanted, "dest": ""} for wanted in self.filters]
        settings = {
            "name": self.stream,
            "storage": "file",
            "retention": "limits",
            "num_replicas": replicas,
            "allow_direct": True,
            "deny_delete": True,
            "deny_purge": True,
            "metadata": metadata,
            "mirror": {"name": origin, "subject_transforms": subjects},
        }
        return msgspec.json.encode(settings)

    def is_told_by(self, answer: bytes) -> bool:
        """Tell whether what a server says of a stream is this copy, and not one of other subjects."""
        mirror = msgspec.json.decode(answer, type=_Told).config.mirror
        return mirror is not None and {each.src for each in mirror.subject_transforms} == set(self.filters)


class _Subject(Struct):
    src: str = ""


class _Mirror(Struct):
    subject_transforms: list[_Subject] = []


class _Config(Struct, frozen=True):
    mirror: _Mirror | None = None


class _Told(Struct):
    config: _Config = _Config()


class _Refusal(Struct):
    err_code: int = 0
    description: str = ""


class _Made(Struct):
    error: _Refusal | None = None


def is_taken(answer: bytes) -> bool:
    """Tell whether a server refused because a stream of other settings has the name."""
    error = msgspec.json.decode(answer, type=_Made).error
    return error is not None and error.err_code == STREAM_EXISTS


def check_made(answer: bytes) -> None:
    """Read what the server answered.

    Raises:
        PublishDoubt: it refused.
    """
    error = msgspec.json.decode(answer, type=_Made).error
    if error is not None:
        raise PublishDoubt(f"{error.description} ({error.err_code})")

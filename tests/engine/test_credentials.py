"""Where a reader is told to find the stream, and what it makes of that."""

import json
from pathlib import Path

import pytest

from projections.engine.credentials import BadCredentials, StreamAccess, access_in

TOLD = {
    "name": "agenda",
    "grant": {"authority": "216404459"},
    "nats": {"url": "nats://127.0.0.1:4333", "nkey_seed": "SU…", "domain": "ledger", "stream": "LEDGER-agenda"},
    "http": {"url": "http://127.0.0.1:8000", "token": "…"},
}


def test_credentials_come_before_an_address(tmp_path: Path) -> None:
    file = tmp_path / "agenda.credentials.json"
    file.write_text(json.dumps(TOLD), encoding="utf-8")

    access = access_in({"LEDGER_CREDENTIALS": str(file), "NATS_URL": "nats://elsewhere:4222"})

    assert (access.url, access.stream, access.whole) == ("nats://127.0.0.1:4333", "LEDGER-agenda", False)
    assert access.request("STREAM.INFO.LEDGER-agenda") == "$JS.ledger.API.STREAM.INFO.LEDGER-agenda"


def test_without_credentials_the_whole_stream_is_read() -> None:
    access = access_in({"NATS_URL": "nats://reader:secret@127.0.0.1:4222"})

    assert access == StreamAccess(url="nats://reader:secret@127.0.0.1:4222")
    assert access.whole
    assert access.request("STREAM.INFO.LEDGER") == "$JS.API.STREAM.INFO.LEDGER"
    assert access_in({}) == StreamAccess(url="nats://127.0.0.1:4222")


@pytest.mark.parametrize("content", [None, b"", b"\xff", b"[]", b'{"nats": {"url": 1}}'])
def test_a_file_of_something_else_is_told_by_name(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "agenda.credentials.json"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(BadCredentials, match=r"agenda\.credentials\.json"):
        access_in({"LEDGER_CREDENTIALS": str(file)})

"""One attempt over a real socket: what is believed of an answer, and that nothing takes longer than it may."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ledger.webhooks import posting
from ledger.webhooks.address import BadAddress, checked
from ledger.webhooks.posting import Reply, post

Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def saying(*parts: bytes, pause_s: float = 0.0) -> Answering:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            writer.write(part)
            await asyncio.sleep(pause_s)
        writer.close()

    return answer


def attempt(
    answering: Answering, *, scheme: str = "http", timeout_s: float = 5.0, tls: ssl.SSLContext | None = None
) -> str:
    async def exchange() -> Reply:
        server = await asyncio.start_server(answering, "localhost", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        async with server:
            return await post(f"{scheme}://localhost:{port}/in?x=1", b"{}", headers={"A": "b"}, timeout_s=timeout_s)

    return asyncio.run(exchange()).outcome


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], "204"),
        ([b"HTTP/1.1 200 \r\n", b"a: b\r\n\r\n", b"x" * 1_000_000], "200"),
        ([b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 202 Accepted\r\n\r\n"], "202"),
        ([b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.test/\r\n\r\n"], "302"),
        ([b"HTTP/1.1 100 Continue\r\n\r\n"] * 9, "no-http"),
        ([b"SSH-2.0-OpenSSH\r\n\r\n"], "no-http"),
        ([b"HTTP/1.1 200 OK\r\n"], "no-http"),
        ([b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 9_000], "no-http"),
        ([], "no-http"),
    ],
)
def test_the_status_is_all_that_is_believed_of_an_answer(said: list[bytes], outcome: str) -> None:
    assert attempt(saying(*said)) == outcome


def test_an_answer_that_drips_takes_no_longer_than_one_that_never_comes() -> None:
    assert attempt(saying(*[b"H"] * 100, pause_s=0.02), timeout_s=0.2) == "timeout"


def test_a_server_that_keeps_the_connection_is_believed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "REST_TIMEOUT_S", 0.05)

    assert attempt(saying(b"HTTP/1.1 204 No Content\r\n\r\n", pause_s=1.0)) == "204"


def test_nobody_there_is_no_error_of_ours() -> None:
    assert asyncio.run(post("http://127.0.0.1:1/", b"", headers={})).outcome == "unreachable"
    assert asyncio.run(post("https://nowhere.invalid/", b"", headers={})).outcome == "unreachable"


def test_a_certificate_that_nobody_vouches_for_gets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = certificate(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    answering = saying(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert attempt(answering, scheme="https", tls=server) == "tls"

    monkeypatch.setattr(posting, "_certificates", lambda: ssl.create_default_context(cafile=file))
    assert attempt(answering, scheme="https", tls=server) == "204"


@pytest.mark.parametrize(
    "url",
    [
        "https://kiosk.example/in?key=1",
        "https://10.0.0.7:8443/",
        "http://127.0.0.1:9/",
        "http://[::1]/",
        "http://localhost",
    ],
)
def test_https_goes_anywhere_and_http_stays_here(url: str) -> None:
    assert checked(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://kiosk.example/",
        "http://10.0.0.7/",
        "http://localhost.kiosk.example/",
        "ftp://kiosk.example/",
        "https://",
        "https://me:secret@kiosk.example/",
        "https://kiosk.example/#part",
        "https://kiosk.example:port/",
        "https://kiosk.example/a b",
        "https://kiosk.example/\r\nX: y",
        "https://kiosque-é.example/",
        "https://kiosk.example/" + "a" * 2_000,
        "",
    ],
)
def test_no_other_address_is_taken(url: str) -> None:
    with pytest.raises(BadAddress):
        checked(url)


def certificate(folder: Path) -> Path:
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "both.pem").write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return folder / "both.pem"

"""Documents: kept once under their digest, believed for their bytes, given back to the desk with their case."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest

from labkit.prototype.documents import SIZE_MAX_BYTES, Documents, NotKept, held_by, media_type_of
from labkit.prototype.story import ServiceCase
from labkit.prototype.trying import Trial
from ledger.domain.vocabulary import Channel, Direction

PDF = b"%PDF-1.7\nlettre"
PNG = b"\x89PNG\r\n\x1a\nimage"
JPEG = b"\xff\xd8\xff\xe0image"


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    return Documents(tmp_path)


@pytest.mark.parametrize(
    ("content", "declared", "media_type"),
    [
        (PDF, "", "application/pdf"),
        (PNG, "text/html", "image/png"),
        (JPEG, "application/pdf", "image/jpeg"),
        (b"<script>", "text/html; charset=utf-8", "text/html"),
        (b"<script>", "image/png", "application/octet-stream"),
        (b"abc", "", "application/octet-stream"),
        (b"abc", "../../etc\r\nX: y", "application/octet-stream"),
        (b"abc", "a/" + "b" * 200, "application/octet-stream"),
    ],
)
def test_a_file_is_what_its_bytes_say(content: bytes, declared: str, media_type: str) -> None:
    assert media_type_of(content, declared) == media_type


def test_the_same_bytes_are_kept_once(documents: Documents, tmp_path: Path) -> None:
    first, second = documents.keep(PDF), documents.keep(PDF)

    assert first == second
    assert first.digest == f"sha256:{sha256(PDF).hexdigest()}"
    assert first.size_bytes == len(PDF)
    assert [file.name for file in (tmp_path / "documents").iterdir()] == [first.digest.removeprefix("sha256:")]


def test_a_document_kept_by_many_at_once_is_whole(documents: Documents) -> None:
    content = PDF * 10_000

    with ThreadPoolExecutor(8) as pool:
        (digest,) = {kept.digest for kept in pool.map(lambda _: documents.keep(content), range(16))}

    assert documents.read(digest) == content


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "documents.empty"), (b"a" * (SIZE_MAX_BYTES + 1), "documents.too-large"), (b"abc", "documents.other-kind")],
)
def test_what_may_not_be_kept_is_refused_and_leaves_nothing(
    documents: Documents, tmp_path: Path, content: bytes, reason: str
) -> None:
    with pytest.raises(NotKept, match=reason):
        documents.keep(content, only=("application/pdf",))

    assert not (tmp_path / "documents").exists()


@pytest.mark.parametrize("digest", ["", "sha256:", "sha256:../../keys/master.key", "../ledger.db", "md5:" + "0" * 64])
def test_only_a_digest_names_a_document(documents: Documents, digest: str) -> None:
    documents.keep(PDF)

    assert documents.read(digest) is None


def test_a_document_that_was_changed_is_not_given(documents: Documents, tmp_path: Path) -> None:
    kept = documents.keep(PDF)
    (tmp_path / "documents" / kept.digest.removeprefix("sha256:")).write_bytes(PDF + b"!")

    assert documents.read(kept.digest) is None
    assert documents.attachment(kept.digest) is None


def test_others_on_the_machine_do_not_read_them(documents: Documents, tmp_path: Path) -> None:
    kept = documents.keep(PDF)

    file = tmp_path / "documents" / kept.digest.removeprefix("sha256:")
    assert (file.parent.stat().st_mode & 0o077, file.stat().st_mode & 0o077) == (0, 0)


def with_document(trial: Trial, content: bytes, declared: str = "") -> tuple[ServiceCase, str]:
    attachment = Documents(trial.prototype.data).keep(content, declared)
    case = trial.begin()
    case = trial.cases.contact(case.id, Channel.COUNTER, Direction.IN, "Voici", attachments=[attachment])
    return case, attachment.digest


def test_the_desk_lists_and_opens_the_documents_of_a_case(trial: Trial) -> None:
    case, digest = with_document(trial, PDF)

    page = trial.browser.get(f"/fr/desk/case/{case.id}").text
    answer = trial.browser.get(f"/fr/desk/documents/{digest}?case={case.id}")

    assert f"/fr/desk/documents/{digest}?case={case.id}" in page
    assert answer.content == PDF
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_a_browser_could_run_is_only_saved(trial: Trial) -> None:
    case, digest = with_document(trial, b"<script>alert(1)</script>", "text/html")

    answer = trial.browser.get(f"/fr/desk/documents/{digest}?case={case.id}")

    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


NAMED: list[Callable[[ServiceCase, str], str]] = [
    lambda _case, digest: digest,
    lambda _case, digest: f"{digest}?case=",
    lambda _case, digest: f"{digest}?case={uuid4()}",
    lambda case, _: f"sha256:{'0' * 64}?case={case.id}",
    lambda case, _: f"..%2F..%2Fledger.db?case={case.id}",
]


@pytest.mark.parametrize("named", NAMED)
def test_a_document_is_given_with_its_case_only(trial: Trial, named: Callable[[ServiceCase, str], str]) -> None:
    case, digest = with_document(trial, PDF)
    other = trial.begin()

    assert trial.browser.get(f"/fr/desk/documents/{named(case, digest)}").status_code == 404
    assert trial.browser.get(f"/fr/desk/documents/{digest}?case={other.id}").status_code == 404


def test_a_case_without_documents_lists_none(trial: Trial) -> None:
    case = trial.begin()

    assert held_by(case) == []
    assert "/desk/documents/" not in trial.browser.get(f"/fr/desk/case/{case.id}").text


def test_a_document_sent_twice_is_listed_once_with_its_first_date(trial: Trial) -> None:
    case, digest = with_document(trial, PDF)
    attachment = Documents(trial.prototype.data).keep(PDF)

    case = trial.cases.contact(case.id, Channel.COUNTER, Direction.IN, "Encore", attachments=[attachment])

    (held,) = held_by(case)
    assert held.digest == digest
    assert held.at < datetime.now(UTC)

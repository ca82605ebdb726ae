import sqlite3
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit.controls import cast
from ledger.domain.errors import CitizenIsForgotten
from ledger.store.master_key import read_or_make_master_key
from ledger.store.vault import KEY_BYTES, PREFIX, Header, Vault, VaultError, read_header

MASTER = bytes(range(KEY_BYTES))
SUBJECT, EVENT = cast.identifier("a citizen"), cast.identifier("an event")
PLACE = Header(SUBJECT, EVENT, "case-opened.v1#title")
FORGOTTEN_AT = "2026-09-28T09:00:00+00:00"


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    opened = Vault(tmp_path / "keys.db", MASTER)
    yield opened
    opened.close()


def flipped(token: str, place: int) -> str:
    raw = bytearray(urlsafe_b64decode(token.removeprefix(PREFIX) + "=="))
    raw[place] ^= 1
    return PREFIX + urlsafe_b64encode(raw).decode().rstrip("=")


def test_a_sealed_text_is_revealed(vault: Vault) -> None:
    token = vault.seal(PLACE, "Mme Lafourcade")

    assert vault.reveal(token) == "Mme Lafourcade"


def test_a_text_sealed_twice_gives_two_tokens(vault: Vault) -> None:
    assert vault.seal(PLACE, "the same") != vault.seal(PLACE, "the same")


def test_a_key_is_durable_after_the_flush_only(vault: Vault, tmp_path: Path) -> None:
    lost, kept = (Header(cast.identifier(name), EVENT, "title") for name in ("lost", "kept"))
    kept_token = vault.seal(kept, "kept")
    vault.flush()
    lost_token = vault.seal(lost, "lost")

    later = Vault(tmp_path / "keys.db", MASTER)

    assert (later.reveal(kept_token), later.reveal(lost_token)) == ("kept", None)
    later.close()


def test_a_discarded_key_is_made_anew(vault: Vault) -> None:
    lost = vault.seal(PLACE, "lost")
    vault.discard()
    kept = vault.seal(PLACE, "kept")
    vault.flush()

    assert vault.reveal(kept) == "kept"
    with pytest.raises(VaultError):
        vault.reveal(lost)


def test_a_new_key_that_left_the_cache_stays_the_same(tmp_path: Path) -> None:
    small = Vault(tmp_path / "keys.db", MASTER, cache_size=1)
    others = Header(cast.identifier("another citizen"), EVENT, "title")

    first = small.seal(PLACE, "first")
    small.seal(others, "between")
    second = small.seal(PLACE, "second")
    small.flush()

    assert (small.reveal(first), small.reveal(second)) == ("first", "second")
    small.close()


def test_an_erased_key_is_gone_from_the_file(vault: Vault, tmp_path: Path) -> None:
    vault.seal(PLACE, "text")
    vault.flush()
    [wrapped] = sqlite3.connect(tmp_path / "keys.db").execute("SELECT wrapped FROM subject_key").fetchone()
    assert wrapped in (tmp_path / "keys.db").read_bytes()

    vault.erase(SUBJECT, FORGOTTEN_AT)

    assert not any(wrapped in path.read_bytes() for path in tmp_path.iterdir())


def test_an_erased_key_is_never_made_again(vault: Vault) -> None:
    token = vault.seal(PLACE, "text")
    vault.flush()
    vault.erase(SUBJECT, FORGOTTEN_AT)

    assert vault.reveal(token) is None
    with pytest.raises(CitizenIsForgotten):
        vault.seal(PLACE, "again")


def test_a_subject_can_be_fenced_before_it_has_a_key(vault: Vault) -> None:
    vault.erase(SUBJECT, FORGOTTEN_AT)

    with pytest.raises(CitizenIsForgotten):
        vault.seal(PLACE, "text")


@pytest.mark.parametrize("place", [0, 40, 60, -1], ids=["format", "path", "nonce", "tag"])
def test_an_altered_token_is_told_from_a_forgotten_one(vault: Vault, place: int) -> None:
    token = vault.seal(PLACE, "text")

    with pytest.raises(VaultError):
        vault.reveal(flipped(token, place))


def test_a_token_cut_anywhere_is_refused(vault: Vault) -> None:
    token = vault.seal(PLACE, "text")
    whole_header = len(PREFIX) + 4 * (34 + len(PLACE.path)) // 3

    for length in range(whole_header, len(token)):
        with pytest.raises(VaultError):
            vault.reveal(token[:length])


@pytest.mark.parametrize("text", ["", "sealed:", "sealed:AQ", "Mme Lafourcade", "sealed:é"])
def test_what_is_no_token_is_refused(vault: Vault, text: str) -> None:
    with pytest.raises(VaultError):
        vault.reveal(text)


def test_a_token_moved_to_another_event_still_names_its_own(vault: Vault) -> None:
    moved = vault.seal(PLACE, "text")

    assert read_header(moved) == PLACE
    assert read_header(moved) != Header(SUBJECT, cast.identifier("another event"), PLACE.path)


def test_a_token_made_to_name_another_place_is_refused(vault: Vault) -> None:
    token = vault.seal(PLACE, "text")

    with pytest.raises(VaultError, match="altered or moved"):
        vault.reveal(flipped(token, 20))


def test_a_key_put_under_another_subject_is_refused(vault: Vault, tmp_path: Path) -> None:
    other = Header(cast.identifier("another citizen"), EVENT, PLACE.path)
    tokens = vault.seal(PLACE, "text"), vault.seal(other, "text")
    vault.flush()
    with sqlite3.connect(tmp_path / "keys.db") as database:
        database.execute("UPDATE subject_key SET wrapped = (SELECT max(wrapped) FROM subject_key)")

    with pytest.raises(VaultError):
        [vault.reveal(token) for token in tokens]


def test_another_master_key_does_not_open_the_key_store(vault: Vault, tmp_path: Path) -> None:
    vault.seal(PLACE, "text")
    vault.flush()

    with pytest.raises(VaultError, match="put the right one back"):
        Vault(tmp_path / "keys.db", bytes(KEY_BYTES))


def test_the_key_store_is_readable_by_its_owner_alone(vault: Vault, tmp_path: Path) -> None:
    assert (tmp_path / "keys.db").stat().st_mode & 0o777 == 0o600


def test_a_master_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "master.key"

    key = read_or_make_master_key(path)

    assert len(key) == KEY_BYTES
    assert read_or_make_master_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_master_key_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    read_or_make_master_key(path)
    path.chmod(mode)

    with pytest.raises(VaultError, match="chmod 600"):
        read_or_make_master_key(path)


def test_a_file_that_is_no_master_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.touch(mode=0o600)
    path.write_bytes(b"too short")

    with pytest.raises(VaultError, match="9 bytes"):
        read_or_make_master_key(path)

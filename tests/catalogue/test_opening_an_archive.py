"""An archive is opened only as its maker signed it, and only if nothing in it could reach outside a project."""

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from labkit.catalogue import unpack as opening
from labkit.catalogue.entry import ENTRY_FILE, SIGNATURE_FILE, Said, canonical, packed
from labkit.catalogue.failures import BrokenPack
from labkit.catalogue.pack import Pack, archive_of
from labkit.catalogue.signing import encoded, sign
from labkit.catalogue.unpack import unpack
from labkit.failures import UnreadableFile
from tests.catalogue.example import KEY

ODD = "project/README.md"


def written(file: Path, contents: dict[str, bytes], change: Callable[[zipfile.ZipInfo], None] | None = None) -> Path:
    """An archive of these contents, written anew."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for place, data in contents.items():
            info = zipfile.ZipInfo(place)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o100644 << 16
            if change and place == ODD:
                change(info)
            target.writestr(info, data)
    return file


def contents_of(made: Pack) -> dict[str, bytes]:
    """What an archive holds."""
    with zipfile.ZipFile(io.BytesIO(archive_of(made))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def signed(made: Pack, **files: bytes) -> dict[str, bytes]:
    """An archive with other files, that somebody signed as they are."""
    held = {**made.files, **files}
    entry = replace(made.entry, files=tuple(packed(place, held[place]) for place in sorted(held)))
    return contents_of(Pack(entry=entry, signature=sign(canonical(entry), KEY), files=held))


def why(file: Path) -> str:
    with pytest.raises(BrokenPack) as refused:
        unpack(file)
    assert refused.value.message("fr")
    return refused.value.key


def test_an_archive_gives_back_what_was_packed(made: Pack, archive: Path) -> None:
    assert unpack(archive) == made


def test_a_file_that_was_changed_is_named(made: Pack, tmp_path: Path) -> None:
    file = written(tmp_path / "a.labkit", {**contents_of(made), ODD: b"# Another\n"})

    with pytest.raises(BrokenPack, match=r"project/README\.md is not what was signed"):
        unpack(file)


@pytest.mark.parametrize("place", ["project/src/more.py", "screenshots/more.png"])
def test_a_file_beside_those_signed_is_named(place: str, made: Pack, tmp_path: Path) -> None:
    file = written(tmp_path / "a.labkit", {**contents_of(made), place: b""})

    with pytest.raises(BrokenPack, match=place):
        unpack(file)


def test_a_file_that_is_missing_is_named(made: Pack, tmp_path: Path) -> None:
    contents = contents_of(made)
    del contents[ODD]

    with pytest.raises(BrokenPack, match=ODD):
        unpack(written(tmp_path / "a.labkit", contents))


def test_an_entry_that_was_changed_is_refused(made: Pack, tmp_path: Path) -> None:
    changed = canonical(replace(made.entry, licence="MIT"))

    assert why(written(tmp_path / "a.labkit", {**contents_of(made), ENTRY_FILE: changed})) == "pack.bad-signature"


def test_a_signature_by_the_name_of_another_key_is_refused(made: Pack, tmp_path: Path) -> None:
    other = sign(canonical(made.entry), Ed25519PrivateKey.generate())
    forged = encoded(replace(other, public_key=made.signature.public_key))

    assert why(written(tmp_path / "a.labkit", {**contents_of(made), SIGNATURE_FILE: forged})) == "pack.bad-signature"


@pytest.mark.parametrize("signature", [b"", b"{}", b'{"public_key":"!","signature":"!"}', b"\xff"])
def test_what_is_no_signature_is_refused(signature: bytes, made: Pack, tmp_path: Path) -> None:
    contents = {**contents_of(made), SIGNATURE_FILE: signature}

    assert why(written(tmp_path / "a.labkit", contents)) == "pack.bad-signature"


@pytest.mark.parametrize(
    "place",
    [
        "../outside",
        "/etc/passwd",
        "project/../../outside",
        "project//outside",
        "project/./here",
        "elsewhere/file",
        "project/.git/hooks/post-checkout",
        "project/.GIT/config",
        "project/git~1/config",
        "project/.git./config",
        "project/C:/windows",
        "project/a\\..\\b",
        "project/nul.txt",
        "project/a\x1b[2Jb",
        "project/" + "a" * 240,
        "project/e\u0301te",
    ],
)
def test_a_place_that_is_not_safe_is_refused_even_if_it_was_signed(place: str, made: Pack, tmp_path: Path) -> None:
    assert why(written(tmp_path / "a.labkit", signed(made, **{place: b"x"}))) == "pack.unsafe-place"


def test_what_an_archive_says_cannot_play_tricks_on_a_terminal(made: Pack, tmp_path: Path) -> None:
    with pytest.raises(BrokenPack) as refused:
        unpack(written(tmp_path / "a.labkit", signed(made, **{"project/a\x1b[2Jb": b"x"})))

    assert refused.value.message("en").isprintable()


def test_a_title_with_codes_for_a_terminal_is_no_entry(made: Pack, tmp_path: Path) -> None:
    entry = replace(made.entry, title=Said("\x1b[2J", "\x1b[2J"))
    file = written(
        tmp_path / "a.labkit",
        contents_of(Pack(entry=entry, signature=sign(canonical(entry), KEY), files=made.files)),
    )

    assert why(file) == "pack.bad-entry"


def test_an_event_whose_name_would_become_part_of_a_page_is_no_entry(made: Pack, tmp_path: Path) -> None:
    event = replace(made.entry.events[0], name="x`<script>")
    entry = replace(made.entry, events=(event,))
    odd = Pack(entry=entry, signature=sign(canonical(entry), KEY), files=made.files)

    assert why(written(tmp_path / "a.labkit", contents_of(odd))) == "pack.bad-entry"


def test_an_entry_of_a_later_kit_says_so(made: Pack, tmp_path: Path) -> None:
    entry = replace(made.entry, format=2)
    later = Pack(entry=entry, signature=sign(canonical(entry), KEY), files=made.files)

    assert why(written(tmp_path / "a.labkit", contents_of(later))) == "pack.newer"


def test_a_link_is_refused(made: Pack, tmp_path: Path) -> None:
    def linked(info: zipfile.ZipInfo) -> None:
        info.external_attr = (stat.S_IFLNK | 0o777) << 16

    assert why(written(tmp_path / "a.labkit", contents_of(made), linked)) == "pack.no-file"


def test_a_folder_of_its_own_is_refused(made: Pack, tmp_path: Path) -> None:
    assert why(written(tmp_path / "a.labkit", {**contents_of(made), "project/empty/": b""})) == "pack.no-file"


def test_two_names_that_a_disk_may_take_for_one_are_refused(made: Pack, tmp_path: Path) -> None:
    assert why(written(tmp_path / "a.labkit", signed(made, **{"project/readme.MD": b"x"}))) == "pack.twice"


def test_a_file_that_is_a_folder_as_well_is_refused(made: Pack, tmp_path: Path) -> None:
    assert why(written(tmp_path / "a.labkit", signed(made, **{"project/Readme.md/more": b"x"}))) == "pack.twice"


def test_an_entry_that_goes_deeper_than_anything_can_be_read_is_refused(made: Pack, tmp_path: Path) -> None:
    entry = b'{"deep":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    contents = {ENTRY_FILE: entry, SIGNATURE_FILE: encoded(sign(entry, KEY))}

    assert why(written(tmp_path / "a.labkit", contents)) == "pack.bad-entry"


@pytest.mark.parametrize(
    ("bound", "most", "key"),
    [
        ("ARCHIVE_BYTES_MAX", 1_000, "pack.too-big"),
        ("CONTENT_BYTES_MAX", 10_000, "pack.too-big"),
        ("FILE_BYTES_MAX", 1_000, "pack.too-big"),
        ("FILES_MAX", 10, "pack.too-many"),
    ],
)
def test_what_is_larger_than_its_bounds_is_refused(
    bound: str, most: int, key: str, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, bound, most)

    assert why(archive) == key


def test_a_bomb_is_refused_by_what_it_announces(made: Pack, tmp_path: Path) -> None:
    file = written(tmp_path / "a.labkit", {**contents_of(made), ODD: bytes(opening.FILE_BYTES_MAX + 1)})

    assert file.stat().st_size < 100_000
    assert why(file) == "pack.too-big"


def test_a_bomb_that_announces_little_gives_no_more_than_that(made: Pack, tmp_path: Path) -> None:
    file = written(tmp_path / "a.labkit", {**contents_of(made), ODD: bytes(5_000_000)})
    real, lie = (5_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little")
    file.write_bytes(file.read_bytes().replace(real, lie))

    assert why(file) == "pack.tampered"


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x05\x06" + bytes(18), bytes(1000)])
def test_what_is_no_archive_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.labkit").write_bytes(data)

    assert why(tmp_path / "a.labkit") == "pack.no-archive"


def test_an_archive_cut_anywhere_is_refused(archive: Path) -> None:
    whole = archive.read_bytes()
    for end in range(0, len(whole), len(whole) // 40):
        archive.write_bytes(whole[:end])
        with pytest.raises(BrokenPack):
            unpack(archive)


def test_an_archive_changed_anywhere_is_refused_or_gives_what_was_signed(made: Pack, archive: Path) -> None:
    whole = archive.read_bytes()
    for rank in range(0, len(whole), len(whole) // 200):
        archive.write_bytes(whole[:rank] + bytes([whole[rank] ^ 0x41]) + whole[rank + 1 :])
        try:
            opened = unpack(archive)
        except BrokenPack:
            continue
        assert opened == made


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        unpack(tmp_path / "none.labkit")

"""Named passwords beside a ledger: what opens, for how long, and what is taken back."""

import json
import stat
from pathlib import Path

import pytest

from labkit.exit_codes import ExitCode
from labkit.prototype.passwords import PASSWORDS_MAX, PROOF_S, Passwords, check_listening
from labkit.publish.failures import BadPasswordName, BrokenPasswords, PasswordNeeded, UnknownPassword
from tests.running import labkit


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_password_that_was_made_opens_and_any_other_does_not(tmp_path: Path) -> None:
    passwords = Passwords(tmp_path)
    made = passwords.add("Mairie")

    assert passwords.accepts(passwords.proof(made))
    assert passwords.accepts(passwords.proof(f"  {made} "))
    assert passwords.proof(made.upper()) is None
    assert passwords.proof("") is None


def test_no_password_is_written_anywhere(tmp_path: Path) -> None:
    made = Passwords(tmp_path, "sésame").add("Mairie")

    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())

    assert made.encode() not in kept
    assert "sésame".encode() not in kept
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_a_proof_ends_after_twelve_hours(tmp_path: Path) -> None:
    clock = Clock()
    passwords = Passwords(tmp_path, "sésame", clock=clock)
    proof = passwords.proof("sésame")

    clock.now += PROOF_S - 1
    assert passwords.accepts(proof)
    clock.now += 2
    assert not passwords.accepts(proof)


def test_a_proof_outlives_a_new_start_but_not_a_new_password(tmp_path: Path) -> None:
    proof = Passwords(tmp_path, "sésame").proof("sésame")

    assert Passwords(tmp_path, "sésame").accepts(proof)
    assert not Passwords(tmp_path, "autre").accepts(proof)
    assert not Passwords(tmp_path / "elsewhere", "sésame").accepts(proof)


def test_a_password_that_is_taken_back_takes_its_proofs_with_it_and_no_others(tmp_path: Path) -> None:
    passwords = Passwords(tmp_path)
    one, other = passwords.add("Mairie d’Uzein"), passwords.add("Agglo")
    proofs = passwords.proof(one), passwords.proof(other)

    passwords.revoke("Mairie d’Uzein")

    assert [passwords.accepts(proof) for proof in proofs] == [False, True]
    assert passwords.proof(one) is None
    with pytest.raises(UnknownPassword):
        passwords.revoke("Mairie d’Uzein")


@pytest.mark.parametrize(
    "proof", [None, "", ".", "x.y", "99999999999.", "9" * 40 + ".00", "12.é", "-1.00", "²." + "0" * 64]
)
def test_what_is_no_proof_opens_nothing(tmp_path: Path, proof: str | None) -> None:
    assert not Passwords(tmp_path, "sésame").accepts(proof)


def test_a_proof_cannot_be_given_a_later_end(tmp_path: Path) -> None:
    passwords = Passwords(tmp_path, "sésame")
    expires, _, mark = (passwords.proof("sésame") or "").partition(".")

    assert not passwords.accepts(f"{int(expires) + 1}.{mark}")


def test_the_same_letters_typed_otherwise_are_the_same_password(tmp_path: Path) -> None:
    assert Passwords(tmp_path, "se\u0301same").proof("s\u00e9same")


@pytest.mark.parametrize("name", ["", " ", "a" * 61, 'a"b', "a\nb", "[x]", "-x"])
def test_a_name_that_would_break_the_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadPasswordName):
        Passwords(tmp_path).add(name)


def test_there_are_only_so_many_passwords(tmp_path: Path) -> None:
    passwords = Passwords(tmp_path)
    line = '"{}" = {{ hash = "' + Passwords(tmp_path / "x", "y").entries()[0].hash + '" }}\n'
    passwords.file.write_text("".join(line.format(rank) for rank in range(PASSWORDS_MAX)))

    with pytest.raises(BadPasswordName):
        passwords.add("one more")


@pytest.mark.parametrize(
    "text", ["x", "x = 1", 'x = { hash = "plain" }', 'x = { hash = "scrypt$1$8$1$AA==$AA==" }', "x = { other = 1 }"]
)
def test_a_file_that_holds_no_passwords_is_named(tmp_path: Path, text: str) -> None:
    passwords = Passwords(tmp_path)
    passwords.file.write_text(text)

    with pytest.raises(BrokenPasswords, match=passwords.file.name):
        passwords.entries()


def test_a_run_that_others_would_reach_does_not_start_without_one(project: Path, tmp_path: Path) -> None:
    given = ("--project", str(project), "--data", str(tmp_path / "data"))

    refused = labkit("run", "--listen", "0.0.0.0", "--no-browser", *given)
    assert (refused.returncode, "--new-password" in refused.stderr) == (ExitCode.USAGE, True)

    made = labkit("publish", "--new-password", "Mairie", "--json", *given)
    assert made.returncode == ExitCode.OK, made.stderr
    assert Passwords(tmp_path / "data").proof(json.loads(made.stdout)["password"])
    taken = labkit("publish", "--revoke-password", "Mairie", *given)
    assert (taken.returncode, Passwords(tmp_path / "data").entries()) == (ExitCode.OK, ())


def test_one_thing_is_published_at_a_time(project: Path, tmp_path: Path) -> None:
    both = labkit("publish", "--wheel", "--new-password", "Mairie", "--project", str(project), "--data", str(tmp_path))

    assert (both.returncode, list(tmp_path.iterdir())) == (ExitCode.USAGE, [])


@pytest.mark.parametrize("name", ["", "Mairie"])
def test_where_there_is_no_prototype_or_no_name_no_password_is_made(project: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path if name else project

    refused = labkit("publish", "--new-password", name, "--project", str(folder), "--data", str(tmp_path / "data"))

    assert refused.returncode == ExitCode.BAD_INPUT
    assert not (tmp_path / "data" / "passwords.toml").exists()


def test_other_machines_are_let_in_only_with_a_password(tmp_path: Path) -> None:
    check_listening(tmp_path, "127.0.0.1", {})
    with pytest.raises(PasswordNeeded, match=r"0\.0\.0\.0"):
        check_listening(tmp_path, "0.0.0.0", {})

    check_listening(tmp_path, "0.0.0.0", {"LABKIT_PASSWORD": "sésame"})
    Passwords(tmp_path).add("Mairie")
    check_listening(tmp_path, "0.0.0.0", {})

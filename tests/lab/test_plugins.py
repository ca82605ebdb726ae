"""Verbs that other packages bring: found by name, and no danger to the verbs of the kit."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labkit.cli import main
from labkit.exit_codes import ExitCode
from labkit.messages import Texts, by_key

GREET = """
import rich_click as click

def build(say):
    return click.RichCommand(name="anything", callback=lambda: print("hello", say.language), short_help="Say hello.")
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Let a package with one module and some entry points be installed."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    packages: list[str] = []

    def installed(package: str, code: str, **verbs: str) -> None:
        (tmp_path / f"{package}.py").write_text(code, encoding="utf-8")
        folder = tmp_path / f"{package}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8")
        entries = "\n".join(f"{name} = {package}:{what}" for name, what in verbs.items())
        (folder / "entry_points.txt").write_text(f"[labkit.verbs]\n{entries}\n", encoding="utf-8")
        packages.append(package)

    yield installed
    for package in packages:
        sys.modules.pop(package, None)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0), *capsys.readouterr()


def test_a_verb_of_another_package_is_listed_and_done(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install("greeting", GREET, zut="build", greet="build")

    _, listed, _ = run(capsys, "--help", "--lang", "fr")
    code, said, _ = run(capsys, "greet")

    assert "Extensions" in listed
    assert listed.index("greet ") < listed.index("zut ")
    assert (code, said) == (ExitCode.OK, "hello en\n")


def test_a_verb_of_the_kit_cannot_be_replaced(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install("greeting", GREET, status="build")

    code, said, _ = run(capsys, "status", "--data", "nowhere")
    _, listed, complaint = run(capsys, "--help")

    assert code == ExitCode.NOTHING_RUNNING
    assert "hello" not in said
    assert "Extensions" not in listed
    assert "“status” of the package greeting is left out" in complaint


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise RuntimeError('no luck')", "RuntimeError: no luck"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("build = None", "TypeError"),
        ("def build(say): return None", "makes no command"),
        ("def other(say): return None", "AttributeError"),
    ],
)
def test_a_broken_extension_is_named_and_left_out(
    code: str, reason: str, install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install("broken", code, crash="build")
    install("greeting", GREET, greet="build")

    ended, said, complaint = run(capsys, "greet")

    assert (ended, said) == (ExitCode.OK, "hello en\n")
    assert "“crash” of the package broken cannot be loaded" in complaint
    assert reason in complaint


def test_the_verbs_of_the_kit_do_not_wait_for_extensions(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install("broken", "raise RuntimeError", crash="build")

    _, _, complaint = run(capsys, "list")

    assert "crash" not in complaint


def test_a_verb_nobody_brings_is_unknown(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install("greeting", GREET, greet="build")

    code, _, complaint = run(capsys, "great")

    assert code == ExitCode.USAGE
    assert "great" in complaint


def test_an_extension_brings_words_of_its_own() -> None:
    say = Texts("fr").also(by_key('[greet]\nhello.en = "Hello {name}"\nhello.fr = "Bonjour {name}"\n'))

    assert say("greet.hello", name="Nadia") == "Bonjour Nadia"
    assert say("exit.ok") == Texts("fr")("exit.ok")

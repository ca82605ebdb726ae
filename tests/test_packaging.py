import subprocess
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("requirements.lock", "bench/requirements.lock")}
IMPORT_NAMES = {"ledger", "projections", "labkit"}

# Written backwards, so that this file obeys the rule that it checks.
BACKWARDS = (b"gro.ipyp", b"gro.detsohnohtyp", b"gro.sjmpn", b"moc.gkpnray")
REGISTRY_HOSTS = [name[::-1] for name in BACKWARDS]


def declared() -> Iterator[tuple[Requirement, str]]:
    every, peers = LOCKS
    project = PYPROJECT["project"]
    groups = {name: group for name, group in PYPROJECT["dependency-groups"].items() if name != "bench"}
    for group in [project["dependencies"], *project["optional-dependencies"].values(), *groups.values()]:
        yield from ((Requirement(line), every) for line in group if isinstance(line, str))
    # Peers are pinned to what was measured, so they stand in a lock of their own, with what the project itself needs.
    for line in [*project["dependencies"], *PYPROJECT["dependency-groups"]["bench"]]:
        yield Requirement(line), peers


def locked(lock: str) -> dict[str, list[str]]:
    versions: dict[str, list[str]] = {}
    for line in LOCKS[lock].splitlines():
        if "==" in line and not line.startswith((" ", "#")):
            name, version = line.split(";")[0].strip(" \\").split("==")
            versions.setdefault(canonicalize_name(name.split("[")[0]), []).append(version)
    return versions


@pytest.mark.parametrize(("requirement", "lock"), list(declared()), ids=str)
def test_every_declared_dependency_is_locked_within_its_bounds(requirement: Requirement, lock: str) -> None:
    versions = locked(lock).get(canonicalize_name(requirement.name), [])
    assert versions, f"{requirement.name} is not in {lock}: run nox -s lock"
    assert [version for version in versions if version not in requirement.specifier] == []


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_the_lock_holds_hashes_and_no_address(lock: str) -> None:
    assert lock.count("==") <= lock.count("--hash=sha256:")
    assert "://" not in lock
    assert "--index-url" not in lock


def test_no_tracked_file_names_a_package_registry() -> None:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode != 0:
        pytest.skip("not a git clone")
    files = [ROOT / name.decode() for name in listing.stdout.split(b"\0") if name]
    contents = {path: path.read_bytes() for path in files if path.is_file()}
    assert [path for path, text in contents.items() if any(host in text for host in REGISTRY_HOSTS)] == []


def test_uv_lock_is_not_tracked() -> None:
    assert "uv.lock" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        return archive.namelist()


def test_the_wheel_holds_exactly_the_three_import_names(wheel: list[str]) -> None:
    names = {name.split("/")[0] for name in wheel}
    assert {name for name in names if not name.endswith(".dist-info")} == IMPORT_NAMES


def test_the_wheel_carries_every_template(wheel: list[str]) -> None:
    expected = {
        f"labkit/templates/{path.relative_to(ROOT / 'templates').as_posix()}"
        for path in (ROOT / "templates").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert expected - set(wheel) == set()


@pytest.mark.parametrize("name", sorted(IMPORT_NAMES))
def test_no_other_distribution_here_owns_the_import_name(name: str) -> None:
    assert set(packages_distributions().get(name, [])) <= {"collectivilab"}


def test_the_changelog_knows_the_version() -> None:
    assert PYPROJECT["project"]["version"] in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

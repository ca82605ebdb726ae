"""The only door: every check of the project is a session here, and CI calls nothing else.

All comes from `requirements.lock`, with its hashes. Another Python: `nox -P 3.13 -s tests`.
"""

import shutil
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv"
nox.options.error_on_external_run = True
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "typing", "docs", "wheel", "browser", "tests"]

PARALLEL = ("-n", "auto", "--dist", "worksteal")
LOCK = """uv pip compile pyproject.toml -o requirements.lock --quiet --upgrade --universal --generate-hashes
    --all-extras --group dev --group lint --group tests --group typing --group wheel"""
BENCH_LOCK = """uv pip compile pyproject.toml -o bench/requirements.lock --quiet --upgrade --universal --generate-hashes
    --extra postgresql --group bench --group wheel"""


def install(session: nox.Session, *, lock: str = "requirements.lock", node: str = "") -> None:
    """Install what the lock names, then the project, then the JavaScript of some sessions where npm is."""
    session.env["PYTHONDONTWRITEBYTECODE"] = ""  # Else every process that a test starts compiles all it imports again.
    session.install("--require-hashes", "-r", lock)
    session.install("--no-deps", "--no-build-isolation", "-e", ".")
    if Path(node, "package-lock.json").exists() and shutil.which("npm"):
        with session.chdir(node):
            session.run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", external=True)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, format and import contracts."""
    install(session)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports", "--no-cache")


@nox.session
def typing(session: nox.Session) -> None:
    """Types of the three packages."""
    install(session)
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """The site in both languages, strictly, into site/, with pictures of the templates where there is a Chromium."""
    chromium = session.run("bash", ".ci/chromium", external=True, silent=True).split()
    install(session, node="tests/browser" if chromium else "")
    session.run("python", "docs/pictures.py", *chromium[-1:])
    session.env["NO_MKDOCS_2_WARNING"] = "1"
    for language in ("fr", "en"):
        session.run("mkdocs", "build", "--strict", "--quiet", "-f", f"docs/mkdocs.{language}.yml")
    shutil.copy("docs/index.html", "site")


@nox.session
def wheel(session: nox.Session) -> None:
    """The wheel installs in an empty environment with what it declares, and its three names import."""
    install(session)
    built, empty = (Path(session.create_tmp(), name).resolve() for name in ("dist", "empty"))
    shutil.rmtree(built, ignore_errors=True)
    session.run("uv", "build", "--wheel", "--no-build-isolation", "--quiet", "-o", str(built))
    session.run("uv", "venv", "--quiet", "--clear", "--python", session.python or "python3", str(empty))
    python, wheels = f"{empty}/bin/python", map(str, built.glob("*.whl"))
    session.run("uv", "pip", "install", "-q", "-p", python, "-c", "requirements.lock", *wheels)
    with session.chdir(empty):
        session.run(python, "-c", "import ledger, projections, labkit", external=True)
        session.run(f"{empty}/bin/labkit", "--help", external=True, silent=True)


@nox.session
def browser(session: nox.Session) -> None:
    """The pages, in a real Chromium; CI installs it."""
    chromium = session.run("bash", ".ci/chromium", external=True, silent=True).strip().splitlines()
    if not chromium:
        session.skip("needs Chromium and Node.js, for example: apt-get install chromium nodejs npm")
    install(session, node="tests/browser")
    session.run("pytest", *PARALLEL, "tests/browser", *session.posargs, env={"CHROMIUM": chromium[-1]})


@nox.session
def tests(session: nox.Session) -> None:
    """Every test but the browser's."""
    install(session, node="tests/node")
    session.run("pytest", *PARALLEL, "--ignore=tests/browser", *session.posargs)


@nox.session(venv_backend="none")
def lock(session: nox.Session) -> None:
    """Resolve again, as of the day written in pyproject.toml."""
    for command in (LOCK, BENCH_LOCK):
        session.run(*command.split(), "--custom-compile-command=nox -s lock", external=True, silent=True)


@nox.session
def bench(session: nox.Session) -> None:
    """Our figures beside the peers' and the machine's limits, in one run; never a test."""
    install(session, lock="bench/requirements.lock", node="bench/node")
    session.run("python", "-m", "bench", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Faults for ten minutes, then the long tests; `-- --seconds N`, `-- --seed S --rounds 1`, or options of pytest."""
    install(session)
    rounds = {"--seconds", "--seed", "--rounds"}.intersection(session.posargs)
    if rounds or not session.posargs:
        session.run("python", "-m", "tests.faults", *session.posargs)
    if not rounds:
        longer = ("tests/simulation", "tests/faults/test_kill.py", "tests/scale")
        env = {"SIMULATION_EXAMPLES": "400", "SOAK_ROUNDS": "3"}
        session.run("pytest", *longer, "--timeout=0", *session.posargs, env=env)

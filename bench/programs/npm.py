"""The peers that run on Node: message-db and Emmett, each as its own documentation drives it, from `bench/node`."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from bench import servers
from bench.clients import Figures
from bench.failures import NotMeasured

ROOT = Path(__file__).parents[2]
NODE = ROOT / "bench" / "node"
PACKAGES = "node_modules"
TIMEOUT_S, SAID_MAX = 120, 500


def message_db(*, seconds: float, clients: int) -> Figures:
    """Return commands a second of message-db: read the stream, fold it, write one message."""
    _check_installed(NODE)
    with servers.postgresql() as url:
        return _node(NODE / "message-db.mjs", _install_message_db(url), clients, seconds)


def emmett_postgresql(*, seconds: float, clients: int) -> Figures:
    """Return commands a second of Emmett on PostgreSQL: aggregate the stream, append one event."""
    _check_installed(NODE)
    with servers.postgresql() as url:
        return _node(NODE / "emmett-postgresql.mjs", url, clients, seconds)


def emmett_sqlite(*, seconds: float, clients: int) -> Figures:
    """Return commands a second of Emmett on SQLite, in an older version: the newer one lacks what it needs."""
    home = NODE / "sqlite"
    _check_installed(home)
    if not list((home / PACKAGES / "sqlite3").glob("build/Release/*.node")):
        raise NotMeasured("sqlite3 is not built: npm rebuild sqlite3 --build-from-source, in bench/node/sqlite")
    with servers.scratch() as folder:
        return _node(home / "emmett-sqlite.mjs", str(folder / "emmett.db"), clients, seconds)


def _check_installed(home: Path) -> None:
    if shutil.which("node") is None:
        raise NotMeasured("there is no node here")
    if not (home / PACKAGES).is_dir():
        raise NotMeasured(f"the npm packages are not installed: npm ci --ignore-scripts, in {home.relative_to(ROOT)}")


def _node(script: Path, address: str, clients: int, seconds: float) -> Figures:
    command: list[str | Path] = ["node", script, address, str(clients), str(seconds)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    if run.returncode:
        raise RuntimeError(run.stderr[-SAID_MAX:].strip())
    figures: Figures = json.loads(run.stdout.splitlines()[-1])
    return figures


def _install_message_db(url: str) -> str:
    """Do what the database's own install script does, and return the address of the database made.

    It is the script's SQL, without an extension that PostgreSQL has in its core by now and this server leaves out.
    """
    home = NODE / PACKAGES / "@eventide" / "message-db" / "database"
    functions = re.findall(r"functions/([\w-]+\.sql)", (home / "install-functions.sh").read_text(encoding="utf-8"))
    files = [
        *("schema/message-store.sql", "tables/messages.sql", "types/message.sql"),
        *(f"functions/{name}" for name in functions),
        *sorted(f"indexes/{path.name}" for path in (home / "indexes").glob("*.sql")),
    ]
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("CREATE DATABASE message_store")
    made = urlsplit(url)._replace(path="/message_store").geturl()
    with psycopg.connect(made, autocommit=True) as database:
        for file in files:
            database.execute((home / file).read_bytes())
    return made

"""A Chromium of this machine, opened on one address without a window, and closed again whatever becomes of it."""

import os
import shutil
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

VARIABLE = "CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LOOK_EVERY_S = 0.2
WORDS_CHARACTERS_MAX = 300
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-prefers-reduced-motion",
    # What the pages ask of another host is found by other means; here nothing leaves this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def find_chromium() -> str | None:
    """Return the Chromium that the environment names, else the first on the path."""
    named = os.environ.get(VARIABLE)
    if named:
        return shutil.which(named)
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def browse(chromium: str, url: str, *, until: threading.Event, timeout_s: float) -> str | None:
    """Open an address until something happens; return why it did not, `None` if it did."""
    with TemporaryDirectory(prefix="labkit-chromium-") as profile:
        said = Path(profile, "said")
        with said.open("wb") as file:
            process = subprocess.Popen(  # noqa: S603  # A browser of this machine, on our own address.
                [chromium, *_FLAGS, f"--user-data-dir={profile}/profile", url],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
            try:
                return _waited(process, until, timeout_s) or None
            except _Ended:
                return said.read_text(encoding="utf-8", errors="replace")[-WORDS_CHARACTERS_MAX:].strip() or "–"
            finally:
                # It starts processes of its own: the group is ended, and they leave nothing in its profile.
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


class _Ended(Exception):
    """The browser ended before anything happened."""


def _waited(process: "subprocess.Popen[bytes]", until: threading.Event, timeout_s: float) -> str:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if until.wait(LOOK_EVERY_S):
            return ""
        if process.poll() is not None:
            raise _Ended
    return f"> {timeout_s:.0f} s"

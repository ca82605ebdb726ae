"""A prototype as one file that Python alone runs: a zip archive with the project, the kit and all that they need.

The same inputs give the same bytes.
"""

import io
import json
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from labkit.publish.archive import write_archive
from labkit.publish.contents import Content

SHEBANG = b"#!/usr/bin/env python3\n"
HERE = Path(__file__).parent


class Built(Struct, frozen=True, kw_only=True):
    """Which Python can run the file; what it is called."""

    name: str
    version: str
    python: str
    soabi: str
    platform: str

    @property
    def file_name(self) -> str:
        """Return the name of the file: what it is, and what runs it."""
        platform = self.platform.replace("-", "_").replace(".", "_")
        return f"{self.name}-{self.version}-{platform}-cp{self.python.replace('.', '')}.pyz"


def built_here(name: str, version: str) -> Built:
    """Return what runs what is built here: this very kind of Python."""
    return Built(
        name=name,
        version=version,
        python="{}.{}".format(*sys.version_info[:2]),
        soabi=str(sysconfig.get_config_var("SOABI")),
        platform=sysconfig.get_platform(),
    )


def single_file(built: Built, contents: Iterable[Content]) -> bytes:
    """Return the whole file."""
    files = {content.place: content for content in contents}
    manifest = {
        place: {"sha256": files[place].digest, "executable": files[place].executable} for place in sorted(files)
    }
    buffer = io.BytesIO()
    buffer.write(SHEBANG)
    write_archive(buffer, (*_beginning(built, manifest), *(files[place] for place in sorted(files))))
    return buffer.getvalue()


def _beginning(built: Built, manifest: object) -> Iterator[Content]:
    yield Content(place="__main__.py", data=(HERE / "entry.py").read_bytes())
    yield Content(place="labkit_bootstrap.py", data=(HERE / "bootstrap.py").read_bytes())
    yield Content(place="built.json", data=msgspec.json.encode(built))
    yield Content(place="manifest.json", data=json.dumps(manifest, indent=0).encode())

"""Zip archives that are the same whenever they are made: places in their order, every date the first that there is."""

import zipfile
from collections.abc import Iterable
from typing import BinaryIO

from labkit.publish.contents import Content

COMPRESSION = 6
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)
_PROGRAM, _FILE = 0o100755, 0o100644


def write_archive(target: BinaryIO, contents: Iterable[Content]) -> None:
    """Write files into an archive, in the order in which they come."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as archive:
        for content in contents:
            info = zipfile.ZipInfo(content.place, _FIRST_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (_PROGRAM if content.executable else _FILE) << 16
            archive.writestr(info, content.data)

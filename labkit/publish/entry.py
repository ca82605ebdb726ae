"""What Python reads first in a published file: whether this Python can run it, in words that every Python 3 can say.

Written for old Pythons on purpose: it is copied into the file as `__main__.py`, and imports nothing but their library.
"""

import json
import os
import sys
import sysconfig
import zipfile

WRONG_PYTHON = 2
MESSAGES = {
    "en": "{name} needs CPython {python} on {platform}. This is {implementation} {here} on {there}: {executable}",
    "fr": "{name} demande CPython {python} sur {platform}. Ceci est {implementation} {here} sur {there} : {executable}",
}


def main() -> int:
    """Start what the file holds, or say what it needs."""
    with zipfile.ZipFile(sys.argv[0]) as archive:
        built = json.loads(archive.read("built.json").decode("utf-8"))
    # The name of the interface tells the version, the machine, and which C library there is.
    if sysconfig.get_config_var("SOABI") != built["soabi"] or sysconfig.get_platform() != built["platform"]:
        sys.stderr.write(told(built) + "\n")
        return WRONG_PYTHON
    from labkit_bootstrap import start  # type: ignore[import-not-found]  # noqa: PLC0415  # there, in the file

    return int(start(built))


def told(built: dict) -> str:  # type: ignore[type-arg]  # this must be read by Pythons that know no better
    """Return what is needed, in the reader's language."""
    variables = ("LABKIT_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((os.environ[name] for name in variables if os.environ.get(name)), "en")
    return MESSAGES["fr" if locale.lower().startswith("fr") else "en"].format(
        name=built["name"],
        python=built["python"],
        platform=built["platform"],
        implementation=sys.implementation.name,
        here="{}.{}".format(*sys.version_info[:2]),
        there=sysconfig.get_platform(),
        executable=sys.executable,
    )


if __name__ == "__main__":
    sys.exit(main())

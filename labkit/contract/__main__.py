"""Write the contract down: `python -m labkit.contract`, or `… release`, from the root of the project."""

import sys
from pathlib import Path

from labkit.contract.generating import release, write
from labkit.messages import Texts

if __name__ == "__main__":
    if sys.argv[1:] == ["release"]:
        say = Texts("en")
        broken = [f"{change.where}: {say(change.text, **change.details)}" for change in release(Path.cwd())]
        sys.exit("\n".join(["Nothing was kept, for this breaks:", *broken]) if broken else None)
    write(Path.cwd())

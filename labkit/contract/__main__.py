"""Write the contract down: `python -m labkit.contract`, from the root of the project."""

from pathlib import Path

from labkit.contract.generating import write

if __name__ == "__main__":
    write(Path.cwd())

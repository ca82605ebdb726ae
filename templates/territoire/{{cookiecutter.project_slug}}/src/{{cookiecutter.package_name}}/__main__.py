"""The communes of the territory, or its residents on a running ledger: `live COUNT --data FOLDER`."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from labkit.client import Client
from labkit.failures import LabkitFailure
from labkit.instance import find_instance
from labkit.simulate.territory import load_territory

from {{ cookiecutter.package_name }}.living import live
from {{ cookiecutter.package_name }}.territory import Pack, UnknownCommuneError, read_pack

COMMANDS_IN_A_REQUEST = 250


def main() -> int:
    """Do what was asked for."""
    parser = argparse.ArgumentParser(prog="{{ cookiecutter.package_name }}", description=__doc__)
    asked = parser.add_subparsers(dest="verb")
    living = asked.add_parser("live", help="let residents live on a ledger that runs")
    living.add_argument("count", type=int)
    living.add_argument("--data", type=Path, default=Path(".collectivilab"))
    given = parser.parse_args()
    pack = read_pack(Path("territory.toml"))
    try:
        if given.verb == "live":
            return send(pack, given.count, given.data)
        for commune in load_territory(pack.territory.siren).communes:
            print(f"{commune.insee_code}  {commune.total_population:>8}  {commune.name}")
    except LabkitFailure as failure:
        print(failure.message("en"), file=sys.stderr)
        return int(failure.exit_code)
    except UnknownCommuneError as unknown:
        print(unknown, file=sys.stderr)
        return 1
    return 0


def send(pack: Pack, count: int, data: Path) -> int:
    """Send what the residents did, and tell how much of it the ledger took."""
    client = Client(find_instance(data).url, agent="residents")
    try:
        commands = live(pack, count, head=client.status().ledger.position, clock=lambda: datetime.now(UTC))
        refused = 0
        for first in range(0, len(commands), COMMANDS_IN_A_REQUEST):
            results = client.send(commands[first : first + COMMANDS_IN_A_REQUEST]).results
            refused += sum(result.status == "refused" for result in results)
    finally:
        client.close()
    print(f"{count} residents, {len(commands)} commands, {refused} refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())

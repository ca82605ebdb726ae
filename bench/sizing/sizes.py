"""Three ready sizes: the cores, the memory and the disk of each, from the same arithmetic as all the rest."""

import math
import re

from bench.catalogue import Language
from bench.sizing.assumptions import Scenario, Size
from bench.sizing.limits import GIGA, MEGA, Machine
from bench.sizing.tables import Cells, Table
from bench.sizing.words import NO_BREAK, amount, several, word
from bench.tables import number

CORES_LEAST, MEMORY_LEAST_GB, DAYS_A_YEAR = 2, 2, 365


def sizes(machine: Machine, language: Language) -> Table:
    """Return the table of the ready sizes; the busiest scenario decides on the cores."""
    years = number(machine.assumed.habits.years_kept, language)
    heads = [
        *(word(key, language) for key in ("size", "machines", "cores", "memory")),
        word("disk", language, years=years),
        word("backup-size", language),
    ]
    return Table(heads, [_row(machine, size, language) for size in machine.assumed.size])


def cores(machine: Machine, people: float, scenario: Scenario) -> int | None:
    """Return the cores that the peak second takes, when all stages of an event share them."""
    # A command over HTTP is appended within the measured time; the relay and the views come after it.
    speeds = [machine.speed("http"), machine.speed("relay"), machine.speed("views")]
    measured_on = re.match(r"\d+", machine.results.conditions.get("cpu", ""))
    if None in speeds or not measured_on:
        return None
    seconds = sum(int(measured_on[0]) / speed for speed in speeds if speed)
    busy = people * machine.demand(scenario).events_at_peak * seconds
    return max(CORES_LEAST, math.ceil(busy / machine.assumed.limits.peak_share))


def memory_gb(machine: Machine, people: float, scenario: Scenario) -> int | None:
    """Return the memory for our processes, a rebuild beside them and what was written lately, as it can be bought."""
    running, rebuilding = machine.results.summary("memory"), machine.results.summary("views-all", "memory_mb")
    if running is None or rebuilding is None:
        return None
    asked = machine.assumed.memory
    lately = people * machine.demand(scenario).events_a_year * asked.hot_days / DAYS_A_YEAR
    weighed = machine.footprint
    hot = lately * (weighed.ledger + weighed.stream + weighed.views)
    needed = asked.system_gb + (running.median + rebuilding.median) * MEGA / GIGA + hot / GIGA
    return max(MEMORY_LEAST_GB, 1 << math.ceil(math.log2(needed)))


def _row(machine: Machine, size: Size, language: Language) -> Cells:
    middle_and_high = machine.assumed.scenario[1:]
    needed = cores(machine, size.inhabitants, middle_and_high[-1])
    memory = [memory_gb(machine, size.inhabitants, one) for one in middle_and_high]
    kept = [size.inhabitants * machine.demand(one).events_kept for one in middle_and_high]
    people = number(size.inhabitants, language)
    return [
        word("up-to", language, name=size.label(language), inhabitants=people),
        str(size.machines),
        str(needed) if needed else word("unmeasured", language),
        several([_gigabytes(each, language) for each in memory]),
        several([amount(each * machine.bytes_an_event(), language) for each in kept]),
        several([amount(each * machine.footprint.backup, language) for each in kept]),
    ]


def _gigabytes(size: int | None, language: Language) -> str:
    return f"{size}{NO_BREAK}{word('unit-GB', language)}" if size else word("unmeasured", language)

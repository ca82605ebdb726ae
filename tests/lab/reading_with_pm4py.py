"""What pm4py finds in the exports of a folder: a program of its own, for it takes seconds to load.

Usage: reading_with_pm4py.py FOLDER XES; the answer is JSON, on the last line. It also writes the OCEL log of
the folder again, its own way, and compares the XES log of the folder with the one given, which was imported.
"""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import pm4py
from pm4py.objects.ocel.validation import ocel20_rel_validation

XES_COLUMNS = [
    "case:concept:name",
    "concept:name",
    "time:timestamp",
    "org:resource",
    "org:group",
    "lifecycle:transition",
    "case:department",
    "case:deadline",
    "case:enddate",
]


def of_ocel(log: Any) -> dict[str, Any]:
    steps = log.events[log.events["ocel:activity"] == "step-recorded.v1"]
    objects = log.objects["ocel:type"].value_counts()
    return {
        "events": log.events["ocel:activity"].value_counts().to_dict(),
        "objects": objects.to_dict(),
        "activities": sorted(steps["activity"].unique()),
        "agents": int(steps["agent"].nunique()),
        "first": steps["ocel:timestamp"].min().isoformat(),
        "last": steps["ocel:timestamp"].max().isoformat(),
        "relations": log.relations["ocel:qualifier"].value_counts().to_dict(),
        "between_objects": log.o2o["ocel:qualifier"].value_counts().to_dict(),
    }


def of_xes(log: Any) -> dict[str, Any]:
    return {
        "cases": int(log["case:concept:name"].nunique()),
        "events": len(log),
        "activities": sorted(log["concept:name"].unique()),
        "variants": len(pm4py.get_variants(log)),
    }


def differences(out: Any, given: Any) -> dict[str, Any]:
    by_case = [log.sort_values("case:concept:name", kind="stable").reset_index(drop=True) for log in (out, given)]
    channels = {*zip(by_case[1]["case:channel"], by_case[0]["case:channel"], strict=True)}
    compared = [name for name in XES_COLUMNS if name in given.columns]
    return {
        "differing": [name for name in compared if not by_case[0][name].equals(by_case[1][name])],
        "channels": sorted(map(list, channels)),
        "left_out": sorted(set(given.columns) - set(out.columns)),
    }


def main(folder: Path, given: Path) -> None:
    warnings.simplefilter("ignore")
    logs = {name: pm4py.read_ocel2(str(folder / name)) for name in ("log.jsonocel", "log.sqlite")}
    out, came_in = (pm4py.read_xes(str(path)) for path in (folder / "log.xes.gz", given))
    for name in ("theirs.sqlite", "theirs.jsonocel"):
        pm4py.write_ocel2(logs["log.jsonocel"], str(folder / name))
    answer = {
        **{name: of_ocel(log) for name, log in logs.items()},
        "log.xes.gz": of_xes(out),
        "differences": differences(out, came_in),
        "unsatisfied": ocel20_rel_validation.apply(str(folder / "log.sqlite"))[1],
    }
    print("\n" + json.dumps(answer))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))

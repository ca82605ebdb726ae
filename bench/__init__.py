"""Our paths, their physical limits and the peers side by side, in one run on one machine: medians of rounds.

Each row runs in a process of its own, and every round runs every row, so that what else the machine does hits all
of them alike. Nothing here is a test, and no ratio is taken between two runs.
"""

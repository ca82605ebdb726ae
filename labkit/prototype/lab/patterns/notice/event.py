"""A question after a notice and a table: what must be known before answering stands before the question."""

from typing import Literal

from labkit.prototype import ServiceEvent

Formula = Literal["half-day", "day", "week"]


class FormulaChosen(ServiceEvent, frozen=True, kw_only=True, tag="formula-chosen.v1"):
    """Somebody chose how long (formule choisie)."""

    formula: Formula

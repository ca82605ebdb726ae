"""The results in the docs: the JSON, the pictures, and the generated parts of the page in both languages.

Each part stands between two comments, which stay; what is around them is written by hand.
"""

import re
from pathlib import Path
from typing import get_args

from bench.catalogue import Language
from bench.picture import growth, ratios
from bench.results import Results, read_results, write_results
from bench.tables import groups, number, row_cells, row_heads, target_heads, target_table, word

DOCS = Path(__file__).parent.parent / "docs"
LANGUAGES: tuple[Language, ...] = get_args(Language)
PAGE = "reference/performance.md"
FILE = "assets/performance.json"
_PART = re.compile(r"(<!-- bench: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_GROWTH = {
    "events": "growth-events",
    "append_us": "growth-append",
    "short_case_us": "growth-short",
    "long_case_us": "growth-long",
    "memory_mb": "growth-memory",
}


def publish(results: Results, docs: Path = DOCS) -> None:
    """Write the results into the docs."""
    write_results(results, docs / FILE)
    kept = read_results(docs / FILE)
    for language in LANGUAGES:
        (docs / f"assets/performance.{language}.svg").write_text(ratios(kept, language), encoding="utf-8")
        (docs / f"assets/performance-growth.{language}.svg").write_text(growth(kept, language), encoding="utf-8")
        page = docs / language / PAGE
        page.write_text(filled(page.read_text(encoding="utf-8"), kept, language), encoding="utf-8")


def filled(page: str, results: Results, language: Language) -> str:
    """Return a page with its generated parts made anew."""
    parts = {
        "targets": _targets(results, language),
        "rows": _rows(results, language),
        "growth": _grown(results, language),
        "conditions": _conditions(results, language),
    }
    return _PART.sub(lambda found: f"{found[1]}\n{parts[found[2]]}\n\n{found[3]}", page)


def _targets(results: Results, language: Language) -> str:
    return _table(target_heads(language), target_table(results, language))


def _rows(results: Results, language: Language) -> str:
    blocks = []
    for group, rows in groups(results):
        cells = [row_cells(row, results, language, mark="`") for row in rows]
        for row, told in zip(rows, cells, strict=True):
            told[0] = f"**{told[0]}**" if row.kind == "ours" else told[0]
        blocks.append(f"### {word(f'group-{group}', language)}\n\n{_table(row_heads(language), cells)}")
    return "\n\n".join(blocks)


def _grown(results: Results, language: Language) -> str:
    if not results.growth:
        return word("verdict-unmeasured", language)
    cells = [[number(size[name], language) for name in _GROWTH] for size in results.growth]
    return _table([word(label, language) for label in _GROWTH.values()], cells)


def _conditions(results: Results, language: Language) -> str:
    told = {"rounds": f"{results.rounds} × {number(results.seconds, language)} s", **results.conditions}
    return "\n".join(f"- {word(f'conditions-{name}', language)}: {value}" for name, value in told.items())


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---", *["---:" for _ in heads[1:3]], *["---" for _ in heads[3:]]], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)

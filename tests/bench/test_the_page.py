from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.catalogue import Language, Row, all_rows
from bench.page import FILE, LANGUAGES, PAGE, filled
from bench.picture import growth, ratios
from bench.results import Results, read_results
from bench.tables import word
from bench.targets import Target, all_targets, reasons

DOCS = Path(__file__).parents[2] / "docs"
ROWS = {row.name: row for row in all_rows()}


@pytest.fixture(scope="module")
def published() -> Results:
    return read_results(DOCS / FILE)


def results(**values: Sequence[float]) -> Results:
    made = Results(rounds=3, seconds=1.0)
    for row, figures in values.items():
        for value in figures:
            made.add(row.replace("_", "-"), {"value": value})
    return made


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_what_the_results_say(language: Language, published: Results) -> None:
    page = (DOCS / language / PAGE).read_text(encoding="utf-8")
    assert filled(page, published, language) == page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pictures_show_what_the_results_say(language: Language, published: Results) -> None:
    drawn = {"performance": ratios, "performance-growth": growth}
    for name, draw in drawn.items():
        kept = (DOCS / f"assets/{name}.{language}.svg").read_text(encoding="utf-8")
        assert kept == draw(published, language)


def test_every_result_is_a_row_of_the_harness(published: Results) -> None:
    assert {*published.figures, *published.absent} <= set(ROWS)


def test_no_two_rows_have_the_same_name() -> None:
    assert len(ROWS) == len(all_rows())


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_every_row_has_a_program_and_its_words(row: Row) -> None:
    module, _, name = row.program.partition(":")
    source = (Path(__file__).parents[2] / f"bench/programs/{module}.py").read_text(encoding="utf-8")
    assert f"def {name}(" in source
    for language in LANGUAGES:
        assert row.label(language)
        assert word(f"unit-{row.unit}", language)
        assert word(f"group-{row.group}", language)
        assert word(f"durability-{row.durability or 'none'}", language) is not None


@pytest.mark.parametrize("target", all_targets(), ids=lambda target: target.name)
def test_every_target_is_of_rows_that_exist(target: Target) -> None:
    assert {target.row, target.over} - {""} <= set(ROWS)
    assert bool(target.row) != bool(target.growth)
    assert all(word(f"target-{target.name}", language) for language in LANGUAGES)


def test_reasons_are_of_targets_and_in_both_languages() -> None:
    assert set(reasons()) <= {target.name for target in all_targets()}
    assert all(set(told) == set(LANGUAGES) for told in reasons().values())


def test_a_ratio_is_of_the_medians_of_one_run() -> None:
    target = Target(name="sample", row="ours", over="theirs", must=4, aim=10)
    assert target.measured(results(ours=[10, 50, 90], theirs=[9, 10, 100])) == 5.0


@pytest.mark.parametrize(
    ("ours", "verdict"), [([50.0], "aim"), ([10.0], "aim"), ([4.0], "must"), ([3.9], "missed"), ([], "unmeasured")]
)
def test_a_target_is_met_from_its_bound_on(ours: list[float], verdict: str) -> None:
    target = Target(name="sample", row="ours", over="theirs", must=4, aim=10)
    assert target.verdict(results(ours=ours, theirs=[1.0])) == verdict


def test_of_a_duration_less_is_better() -> None:
    target = Target(name="sample", row="ours", at_most=True, must=5)
    assert [target.verdict(results(ours=[value])) for value in (4.0, 5.0, 5.1)] == ["must", "must", "missed"]

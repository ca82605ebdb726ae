"""Variants of a feature: drawn once for each case, imposed in the lab, and told to the ledger once."""

from collections.abc import Iterator
from uuid import UUID, uuid4, uuid5

import pytest
from msgspec.structs import replace

from labkit.prototype.kit_events import VariantShown
from labkit.prototype.service import Service, Variant
from labkit.prototype.story import ServiceCase
from labkit.prototype.trying import Trial
from labkit.prototype.variants import Showing, UnknownFeature, read_choices, variant_of, written

LEAD = Variant("lead", ("long", "short"))
HELP = Variant("help", ("none", "beside", "below"))
CASES = [uuid5(UUID(int=0), str(rank)) for rank in range(3_000)]
PAGE = """{% extends "page.html" %}
{% block before %}<p>{{ "en bref" if variant("lead") == "short" else "en détail" }}</p>{% endblock %}
"""


@pytest.fixture
def featured(trial: Trial) -> Iterator[Trial]:
    """A prototype whose second page has two variants."""
    service: Service = replace(trial.service, variants=(LEAD,))
    trial.service = trial.prototype.service = trial.cases.service = service
    page = trial.project.package / "pages" / "child.html"
    page.write_text(PAGE)
    yield trial
    page.unlink()


def shown_on(case: ServiceCase) -> list[tuple[str, str, str]]:
    return [(event.feature, event.variant, event.reason) for event in case.every(VariantShown)]


@pytest.mark.parametrize("feature", [LEAD, HELP])
def test_cases_are_shared_out_evenly_and_always_the_same_way(feature: Variant) -> None:
    drawn = [variant_of(feature, case, {}).variant for case in CASES]

    assert drawn == [variant_of(feature, case, {}).variant for case in CASES]
    share = len(CASES) / len(feature.variants)
    assert all(abs(drawn.count(variant) - share) < 0.15 * share for variant in feature.variants)


def test_two_features_split_the_cases_independently() -> None:
    other = Variant("another", LEAD.variants)
    alike = sum(variant_of(LEAD, case, {}).variant == variant_of(other, case, {}).variant for case in CASES)
    assert 0.4 < alike / len(CASES) < 0.6


def test_a_choice_wins_if_there_is_such_a_variant() -> None:
    case = uuid4()
    chosen, unknown = variant_of(LEAD, case, {"lead": "short"}), variant_of(LEAD, case, {"lead": "loud"})
    assert (chosen.variant, chosen.reason) == ("short", "chosen")
    assert unknown == variant_of(LEAD, case, {})
    assert variant_of(LEAD, None, {}).variant == "long"


def test_a_page_that_asks_for_a_feature_nobody_declared_says_so() -> None:
    with pytest.raises(UnknownFeature, match="help"):
        Showing((LEAD,), None, {})("help")


@pytest.mark.parametrize("cookie", [None, "", "lead", ":", "lead:", "&&", "=;", "lead:short&help:below"])
def test_choices_are_read_back_from_whatever_a_browser_sends(cookie: str | None) -> None:
    choices = read_choices(cookie)
    assert read_choices(written(choices)) == choices


def test_a_case_is_told_once_which_variant_it_was_shown(featured: Trial) -> None:
    case = featured.begin()

    pages = [featured.browser.get(f"/fr/case/{case.id}/child").text for _ in range(3)]

    details = variant_of(LEAD, case.id, {})
    word = "en bref" if details.variant == "short" else "en détail"
    assert all(word in page for page in pages)
    assert shown_on(featured.cases.get(case.id)) == [("lead", details.variant, "drawn")]


def test_who_imposes_another_variant_leaves_a_trace_of_it(featured: Trial) -> None:
    case = featured.begin()
    drawn = variant_of(LEAD, case.id, {}).variant
    other = next(variant for variant in LEAD.variants if variant != drawn)

    featured.browser.get(f"/fr/case/{case.id}/child")
    featured.browser.post("/_lab/fr/choose/variants", data={"lead": other, "here": f"/fr/case/{case.id}/child"})
    page = featured.browser.get(f"/fr/case/{case.id}/child").text

    assert ("en bref" if other == "short" else "en détail") in page
    assert shown_on(featured.cases.get(case.id)) == [("lead", drawn, "drawn"), ("lead", other, "chosen")]


def test_a_closed_case_is_shown_its_variant_and_told_nothing(featured: Trial) -> None:
    case = featured.cases.close(featured.begin().id)

    answer = featured.browser.get(f"/fr/case/{case.id}/child")

    assert answer.status_code == 200
    assert featured.cases.get(case.id).version == case.version


def test_the_lab_says_which_variant_is_imposed(featured: Trial) -> None:
    featured.browser.post("/_lab/fr/choose/variants", data={"lead": "short"})
    page = featured.browser.get("/_lab/en/variants").text
    assert 'value="short" checked' in page
    featured.browser.post("/_lab/fr/choose/variants", data={"lead": ""})
    assert 'value="short" checked' not in featured.browser.get("/_lab/en/variants").text

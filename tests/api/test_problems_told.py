import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from ledger.api.languages import preferred_language
from ledger.api.wording import GENERAL
from ledger.domain.errors import REFUSALS
from ledger.domain.vocabulary import Language
from projections.problems import preferred_language as preferred_by_the_views
from projections.wording import FORMS, OF_THE_VIEWS, OF_THE_WHOLE

ACCEPTED: dict[str, Language] = {
    "": "en",
    "fr": "fr",
    "FR": "fr",
    "fr-CA": "fr",
    "en": "en",
    "de": "en",
    "*": "en",
    "fr, en": "fr",
    "en, fr": "en",
    "fr;q=0.5, en;q=0.5": "fr",
    "de, fr;q=0.8, en;q=0.5": "fr",
    "en;q=0.5 , fr; q=0.8": "fr",
    "fr;q=0.2, en-GB;q=0.9, en;q=0.1": "en",
    "fr;q=0": "en",
    "fr;q=0.000, en;q=0.001": "en",
    "frr, en;q=0.1": "en",
    "fr;q=much": "en",
    "fr;q=nan, en;q=0.1": "en",
    "fr;;q=1": "en",
    "français": "en",
}


@pytest.mark.parametrize("accepted", ACCEPTED)
def test_the_language_is_the_one_preferred(accepted: str) -> None:
    assert preferred_language(accepted) == ACCEPTED[accepted]


@given(
    st.lists(st.sampled_from(["fr", "en", "de", "*", "fr-FR", ";q=0.5", ";q=0", " ", ",", "q", "=", "1"])).map("".join)
)
def test_both_sides_speak_the_same_language(accepted: str) -> None:
    assert preferred_by_the_views(accepted) == preferred_language(accepted)


@given(st.text())
def test_any_header_gets_one_of_our_languages(accepted: str) -> None:
    assert preferred_language(accepted) in {"en", "fr"}


@pytest.mark.parametrize("code", [*REFUSALS, *GENERAL])
def test_every_problem_of_the_write_side_is_told_at_its_address(untouched: TestClient[Litestar], code: str) -> None:
    english, french = _told(untouched, code)

    assert english["title"] == french["title"] == code.replace("-", " ")
    assert english["detail"] != french["detail"]


@pytest.mark.parametrize("code", [*OF_THE_VIEWS, *OF_THE_WHOLE])
def test_every_problem_of_the_read_side_is_told_at_its_address(empty_views: TestClient[Litestar], code: str) -> None:
    english, french = _told(empty_views, code)

    assert english["detail"] != french["detail"]


@pytest.mark.parametrize("said", [*GENERAL.values(), *OF_THE_VIEWS.values(), *OF_THE_WHOLE.values()])
def test_both_languages_name_the_same_details(said: tuple[int, str, str]) -> None:
    _, english, french = said
    assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", french))


def test_both_sides_give_what_both_may_say_the_same_status() -> None:
    shared = GENERAL.keys() & OF_THE_WHOLE.keys()
    assert {code: GENERAL[code][0] for code in shared} == {code: OF_THE_WHOLE[code][0] for code in shared}
    assert shared == OF_THE_WHOLE.keys()
    assert not GENERAL.keys() & OF_THE_VIEWS.keys()
    assert not (GENERAL.keys() | OF_THE_VIEWS.keys()) & REFUSALS.keys()
    assert all(english and french for english, french in FORMS.values())


def _told(client: TestClient[Litestar], code: str) -> list[dict[str, str]]:
    answers = [client.get(f"/problems/{code}", headers={"accept-language": each}) for each in ("en", "fr")]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert {answer.json()["type"] for answer in answers} == {f"/problems/{code}"}
    return [answer.json() for answer in answers]

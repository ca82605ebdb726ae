"""The telephone in a browser: what is said, what is filled in, what is promised and kept."""

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from uuid import uuid4

import pytest

from labkit.prototype.callbacks import call_back_of, soonest_first
from labkit.prototype.calls import EndOfCall, TelephoneSettings, due_of
from labkit.prototype.journey import asking
from labkit.prototype.script import lines_of, spelled
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import LANGUAGES, ZONE, Texts
from labkit.prototype.trying import Trial
from ledger.domain.events import EmailMessage, PhoneCall
from ledger.domain.vocabulary import Channel, Direction, Language, Outcome
from tests.prototype.rooms import HOSTILE, at, at_once, fill, only_case

DESK = "/fr/desk/telephone"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def promise(trial: Trial, case: ServiceCase, due: datetime, direction: Direction = Direction.IN) -> ServiceCase:
    return trial.cases.contact(case.id, Channel.TELEPHONE, direction, "", particulars=PhoneCall(call_back_by=due))


def end_of_call(**said: object) -> EndOfCall:
    return EndOfCall(**{"call_back": "no", **said})  # type: ignore[arg-type]  # each test says what it is about


def test_a_new_call_opens_a_case_and_says_who_speaks(trial: Trial) -> None:
    answer = trial.browser.post(DESK)

    (contact,) = only_case(trial).contacts()
    assert (contact.channel, contact.direction, contact.stamp.by) == (Channel.TELEPHONE, Direction.IN, "agent")
    assert contact.particulars == PhoneCall()
    assert "Ville de Pau, bonjour" in answer.text


def test_a_call_sent_twice_is_one_case(trial: Trial) -> None:
    once = str(uuid4())

    at_once([lambda: trial.browser.post(DESK, data={"once": once})] * 3)

    assert only_case(trial).version == 2


def test_the_script_words_each_question_for_speech(trial: Trial) -> None:
    call, case = trial.browser.post(DESK).url.path, only_case(trial)
    first = trial.browser.get(call).text
    fill(trial, case, call, pages=1)
    second = trial.browser.get(call).text
    fill(trial, case, call, pages=1)
    third = trial.browser.get(call).text.replace("\u00a0", " ")

    assert "Vos nom et prénom, s’il vous plaît\u00a0?" in first
    assert "Relisez les chiffres deux par deux." in first
    assert "Facultatif\u00a0: n’insistez pas." in first
    assert "École, s’il vous plaît\u00a0? Jean Moulin, Les Lauriers, Marancy ou Nandina Park\u00a0?" in second
    assert "A-t-il une allergie alimentaire ?" in third
    assert "alimentaire ?, s’il vous plaît" not in third
    assert "Plusieurs réponses possibles." in third


def test_a_question_is_said_in_the_project_s_own_words_where_it_wrote_them(trial: Trial) -> None:
    own = {"family-introduced.parent.say": "À qui ai-je l’honneur ?"}
    words = Texts("fr", {**trial.project.texts("fr")._words, **own})

    asked = asking(trial.service, trial.begin(), trial.service.pages[0], words)

    assert lines_of(asked, words)[0].say == "À qui ai-je l’honneur ?"


@pytest.mark.parametrize(
    ("language", "reference", "said"),
    [
        ("fr", "K7F-3QX", "K comme Kléber, sept, F comme François, tiret, trois, Q comme Quintal, X comme Xavier"),
        ("en", "K7F-3QX", "K as in Kilo, seven, F as in Foxtrot, dash, three, Q as in Quebec, X as in X-ray"),
        ("fr", "2026/é", "deux, zéro, deux, six, /, é"),
        ("fr", "", ""),
    ],
)
def test_a_reference_is_spelled_letter_by_letter(trial: Trial, language: Language, reference: str, said: str) -> None:
    assert spelled(reference, trial.project.texts(language)) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_and_digit_has_its_word(trial: Trial, language: Language) -> None:
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"

    said = spelled(signs, trial.project.texts(language)).split(", ")

    assert len(set(said)) == len(signs)
    assert all(len(word) > 1 for word in said)
    assert all(word.startswith(f"{sign} ") for sign, word in zip(signs[:26], said[:26], strict=True))


def test_a_call_about_a_known_case_goes_on_with_it_and_warns_the_agent(trial: Trial) -> None:
    case = trial.fill(trial.begin(), pages=1)

    answer = trial.browser.post(DESK, data={"reference": case.reference.lower()})

    assert f"/case/{case.id}/in/" in answer.url.path
    assert "savoir à qui vous parlez" in answer.text
    assert "Nadia Larrieu" in answer.text
    assert trial.cases.get(case.id).version == case.version


def test_a_call_that_opened_the_case_is_told_again_only_if_something_was_noted(trial: Trial) -> None:
    call = trial.browser.post(DESK).url.path
    trial.browser.post(call, data={"call_back": "no"})
    assert len(only_case(trial).contacts()) == 1

    for _ in range(2):
        trial.browser.post(call, data={"call_back": "no", "call_summary": "Cherche une place."})

    assert [contact.summary for contact in only_case(trial).contacts()] == ["", "Cherche une place."]


def test_a_call_about_a_known_case_is_told_once(trial: Trial) -> None:
    case = trial.begin()
    call = trial.browser.post(DESK, data={"reference": case.reference}).url.path

    at_once([lambda: trial.browser.post(call, data={"call_back": "no"})] * 3)

    assert [contact.channel.value for contact in trial.cases.get(case.id).contacts()] == ["web", "telephone"]


def test_a_call_back_is_promised_listed_made_and_gone(trial: Trial) -> None:
    at(trial, MONDAY)
    call, case = trial.browser.post(DESK).url.path, only_case(trial)

    desk = trial.browser.post(call, data={"call_back": "soon", "call_number": "05 59 00 00 09"})
    assert "L’appel est enregistré." in desk.text
    assert case.reference in desk.text
    assert "25 novembre 2026, 10\u202fh\u202f00" in desk.text

    back = next(link for link in desk.text.split('"') if "/out/" in link)
    page = trial.browser.get(back).text
    assert 'href="tel:0559000009"' in page
    assert "Je vous rappelle, comme promis" in page
    for _ in range(2):
        desk = trial.browser.post(back, data={"call_back": "no", "call_summary": "C’est fait."})

    assert case.reference not in desk.text
    told = only_case(trial).contacts()
    assert [contact.direction.value for contact in told] == ["in", "in", "out"]
    assert told[1].particulars == PhoneCall(call_back_by=MONDAY + timedelta(hours=48))
    assert told[1].contact == "05 59 00 00 09"


def test_a_call_back_without_an_answer_is_promised_again(trial: Trial) -> None:
    call, case = trial.browser.post(DESK).url.path, only_case(trial)
    desk = trial.browser.post(call, data={"call_back": "soon"})
    back = next(link for link in desk.text.split('"') if "/out/" in link)

    desk = trial.browser.post(back, data={"call_back": "soon", "call_summary": "Répondeur."})
    again = next(link for link in desk.text.split('"') if "/out/" in link)

    assert case.reference in desk.text
    assert again != back


def test_two_agents_who_make_the_same_call_back_tell_it_once(trial: Trial) -> None:
    at(trial, MONDAY)
    case = promise(trial, trial.begin(), MONDAY + timedelta(hours=1))
    links = [next(link for link in trial.browser.get(DESK).text.split('"') if "/out/" in link) for _ in range(2)]

    at_once([partial(trial.browser.post, link, data={"call_back": "no"}) for link in links])

    assert len(trial.cases.get(case.id).contacts(Direction.OUT)) == 1


def test_the_soonest_is_first_and_the_late_are_marked(trial: Trial) -> None:
    at(trial, MONDAY)
    later, late, soon = (trial.begin() for _ in range(3))
    promise(trial, later, MONDAY + timedelta(days=2))
    promise(trial, late, MONDAY + timedelta(hours=1))
    promise(trial, soon, MONDAY + timedelta(hours=3))
    at(trial, MONDAY + timedelta(hours=2))

    page = trial.browser.get(DESK).text

    assert (
        page.index(late.reference) < page.index("En retard") < page.index(soon.reference) < page.index(later.reference)
    )
    assert page.count("En retard") == 1


def test_of_two_promises_the_first_due_counts(trial: Trial) -> None:
    case = promise(trial, trial.begin(), MONDAY + timedelta(days=3))
    case = promise(trial, case, MONDAY + timedelta(days=1))

    kept = call_back_of(case)

    assert kept is not None
    assert kept.due == MONDAY + timedelta(days=1)
    assert soonest_first([None, kept, None]) == [kept]


@pytest.mark.parametrize(
    "answer",
    [
        lambda trial, case: trial.cases.contact(case.id, Channel.TELEPHONE, Direction.OUT, ""),
        lambda trial, case: trial.cases.contact(case.id, Channel.EMAIL, Direction.OUT, "Voici."),
        lambda trial, case: trial.cases.decide(case.id, Outcome.GRANTED),
        lambda trial, case: trial.cases.close(case.id),
    ],
    ids=["a call", "an e-mail", "a decision", "the closing"],
)
def test_whatever_answers_keeps_the_promise(trial: Trial, answer: object) -> None:
    case = promise(trial, trial.begin(), MONDAY)

    assert callable(answer)
    assert call_back_of(answer(trial, case)) is None


def test_neither_another_call_nor_a_machine_s_e_mail_keeps_the_promise(trial: Trial) -> None:
    case = promise(trial, trial.begin(), MONDAY)

    trial.cases.contact(case.id, Channel.TELEPHONE, Direction.IN, "Encore moi.")
    case = trial.cases.contact(
        case.id, Channel.EMAIL, Direction.OUT, "Absent.", particulars=EmailMessage(automatic=True)
    )

    assert call_back_of(case) is not None


def test_a_closed_case_is_not_to_be_called_back_and_asks_nothing(trial: Trial) -> None:
    case = promise(trial, trial.begin(), trial.cases.clock() + timedelta(days=1))
    trial.cases.close(case.id)

    call = trial.browser.post(DESK, data={"reference": case.reference})

    assert "/out/" not in trial.browser.get(DESK).text
    assert "clôturé" in call.text
    assert trial.browser.post(call.url.path, data={"call_back": "no"}).status_code == 409


def test_a_promise_for_a_day_ends_with_the_day(trial: Trial) -> None:
    settings = TelephoneSettings(day_ends=time(17, 30))

    due = due_of(end_of_call(call_back="day", call_back_day=date(2026, 11, 24)), settings, now=MONDAY)

    assert due == datetime(2026, 11, 24, 17, 30, tzinfo=ZONE)


@pytest.mark.parametrize("day", [None, date(2026, 11, 22), date(2028, 1, 1), date(1, 1, 1), date(9999, 12, 31)])
def test_a_promise_for_a_day_that_cannot_be_meant_is_refused(day: date | None) -> None:
    end = end_of_call(call_back="day", call_back_day=day)

    with pytest.raises(ValueError, match=r".*"):
        due_of(end, TelephoneSettings(), now=MONDAY)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"call_back": "perhaps"},
        {"call_back": "day"},
        {"call_back": "day", "call_back_day-day": "31", "call_back_day-month": "2", "call_back_day-year": "2027"},
        {"call_back": "day", "call_back_day-day": "1", "call_back_day-month": "1", "call_back_day-year": "2020"},
        {"call_back": "no", "call_number": "<script>"},
        {"call_back": "no", "call_summary": "x" * 2001},
    ],
)
def test_an_end_of_call_that_is_wrong_is_shown_again_and_nothing_is_kept(trial: Trial, said: dict[str, str]) -> None:
    call, case = trial.browser.post(DESK).url.path, only_case(trial)

    answer = trial.browser.post(call, data=said)

    assert answer.status_code == 422
    assert "Il y a quelque chose à vérifier" in answer.text
    assert "<script>" not in answer.text.replace("<script src", "")
    assert only_case(trial).version == case.version


def test_a_reference_that_is_none_is_said_to_be_none_and_nothing_is_kept(trial: Trial) -> None:
    for reference in HOSTILE:
        answer = trial.browser.post(DESK, data={"reference": reference})

        assert answer.status_code == 422, reference
        assert "Aucune demande n’a cette référence" in answer.text
    assert trial.cases.entries() == []


def test_an_address_that_was_tampered_with_leads_nowhere(trial: Trial) -> None:
    case, call = trial.begin(), uuid4()
    bad = (
        f"{DESK}/case/{case.id}/sideways/{call}",
        f"{DESK}/case/{case.id}/in/nothing",
        f"{DESK}/case/{uuid4()}/in/{call}",
        f"{DESK}/case/{case.id}/in/{call}/page/meals",
    )

    for path in bad:
        assert trial.browser.get(path).status_code == 404, path
        assert trial.browser.post(path, data={"call_back": "no"}).status_code == 404, path
    assert trial.cases.get(case.id).version == case.version


def test_a_page_left_empty_keeps_the_script_and_says_what_is_missing(trial: Trial) -> None:
    call, case = trial.browser.post(DESK).url.path, only_case(trial)

    answer = trial.browser.post(f"{call}/page/family", data={})

    assert answer.status_code == 422
    assert "Vos nom et prénom, s’il vous plaît" in answer.text
    assert only_case(trial).version == case.version


def test_everything_answered_is_sent_during_the_call(trial: Trial) -> None:
    call, case = trial.browser.post(DESK).url.path, only_case(trial)
    fill(trial, case, call, pages=5)

    answer = trial.browser.post(f"{call}/submit")

    assert "La demande est envoyée." in answer.text
    assert only_case(trial).submitted
    assert only_case(trial).channels == (Channel.TELEPHONE,)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_opens_in_both_languages(trial: Trial, language: str) -> None:
    call, case = trial.browser.post(DESK).url.path, only_case(trial)
    promise(trial, case, trial.cases.clock() + timedelta(hours=1))
    out = call.replace("/in/", "/out/")
    paths = (DESK, call, f"{call}/page/family", out, f"{call}?begun=1")

    answers = [trial.browser.get(path.replace("/fr", f"/{language}", 1)) for path in paths]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert all(f'<html lang="{language}"' in answer.text for answer in answers)

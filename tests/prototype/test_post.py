"""Letters: registered from their scan, refused in words, filled in as any page; those that leave are laid out on A4."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import Response

from labkit.prototype.documents import SIZE_MAX_BYTES
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import ZONE
from labkit.prototype.trying import Trial, form_of
from ledger.domain.events import InteractionRecorded, PostalItem
from ledger.domain.vocabulary import Channel, Direction
from tests.prototype.rooms import only_case

PDF = b"%PDF-1.7\nlettre"


def today() -> date:
    return datetime.now(ZONE).date()


def typed(name: str, day: date) -> dict[str, str]:
    return {f"{name}-{part}": str(getattr(day, part)) for part in ("day", "month", "year")}


def register(
    trial: Trial,
    *,
    scan: bytes | None = PDF,
    postmarked: date | None = None,
    received: date | None = None,
    **given: str,
) -> Response:
    form = {"registered": "no", "once": str(uuid4()), **given}
    form |= typed("postmarked_on", postmarked or today()) | typed("received_on", received or today())
    # Browsers send an empty file where none was chosen.
    files = {"scan": ("lettre.pdf" if scan is not None else "", scan or b"", "application/pdf")}
    return trial.browser.post("/fr/desk/post", data=form, files=files)


def letter_in(case: ServiceCase) -> InteractionRecorded:
    return next(c for c in case.contacts(Direction.IN) if c.channel is Channel.POST)


def test_a_letter_opens_a_case_and_its_pages_are_filled_from_it(trial: Trial) -> None:
    day = today() - timedelta(days=3)

    answer = register(
        trial, postmarked=day, received=today() - timedelta(days=1), registered="yes", sender="N. L.\n64000 Pau"
    )
    page = trial.service.pages[0]
    assert answer.url.path.endswith(f"/page/{page.name}")
    trial.browser.post(str(answer.url), data=form_of(page, trial.samples()))

    case = only_case(trial)
    letter = letter_in(case)
    assert letter.particulars == PostalItem(postmarked_on=day, registered=True)
    assert letter.occurred_at.astimezone(ZONE).date() == today() - timedelta(days=1)
    assert letter.contact == "N. L. / 64000 Pau"
    assert case.channels == (Channel.POST,)
    assert case.latest(page.event) is not None


def test_the_scan_is_kept_with_its_real_digest(trial: Trial) -> None:
    register(trial)

    case = only_case(trial)
    (scan,) = letter_in(case).attachments
    assert (scan.media_type, scan.size_bytes) == ("application/pdf", len(PDF))
    assert trial.browser.get(f"/fr/desk/documents/{scan.digest}?case={case.id}").content == PDF


def test_a_letter_goes_on_with_the_case_that_it_names(trial: Trial) -> None:
    case = trial.begin(Channel.TELEPHONE)

    register(trial, reference=case.reference.lower())

    assert only_case(trial).channels == (Channel.TELEPHONE, Channel.POST)


def test_a_transcription_may_stand_for_the_scan(trial: Trial) -> None:
    register(trial, scan=None, transcription="Bonjour, je voudrais une place.")

    assert letter_in(only_case(trial)).summary == "Bonjour, je voudrais une place."


def test_a_form_sent_twice_registers_one_letter(trial: Trial) -> None:
    case, once = trial.begin(), str(uuid4())

    for _ in range(2):
        register(trial, once=once)
        register(trial, once=once, reference=case.reference)

    assert len(trial.cases.entries()) == 2
    assert len(trial.cases.get(case.id).contacts()) == 2


TODAY = today()
BAD: list[tuple[dict[str, Any], str]] = [
    ({"postmarked": TODAY + timedelta(days=2)}, "Le cachet de la poste ne peut pas être à venir"),
    ({"postmarked": TODAY - timedelta(days=400)}, "a plus d’un an"),
    ({"received": TODAY + timedelta(days=2)}, "Le jour d’arrivée ne peut pas être à venir"),
    ({"received": TODAY - timedelta(days=9)}, "avant le cachet de la poste"),
    ({"reference": "ZZZ-ZZZ"}, "Aucune demande n’a cette référence"),
    ({"registered": ""}, "Répondez à ceci"),
    ({"registered": "maybe"}, "Choisissez oui ou non"),
    ({"scan": None}, "Joignez la lettre numérisée"),
    ({"scan": b"GIF89a"}, "ni un PDF"),
    ({"scan": b"%PDF" + b"a" * SIZE_MAX_BYTES}, "trop lourd"),
    ({"sender": "x" * 500}, "trop longue"),
    ({"sender": "\n".join("x" * 60)}, "trop longue"),
    ({"transcription": "x" * 5_000}, "trop longue"),
]


@pytest.mark.parametrize(("given", "words"), BAD)
def test_what_is_wrong_is_said_and_nothing_is_recorded(trial: Trial, given: dict[str, Any], words: str) -> None:
    answer = register(trial, **given)

    assert answer.status_code == 422
    assert words in answer.text
    assert trial.cases.entries() == []


def test_a_date_that_is_none_is_said(trial: Trial) -> None:
    form = {"registered": "no", "postmarked_on-day": "31", "postmarked_on-month": "2", "postmarked_on-year": "2026"}

    answer = trial.browser.post("/fr/desk/post", data=form)

    assert answer.status_code == 422
    assert 'value="31"' in answer.text


def test_a_postmark_a_year_old_still_counts(trial: Trial) -> None:
    assert register(trial, postmarked=today() - timedelta(days=365)).status_code == 200


def test_a_closed_case_is_said_to_be_closed(trial: Trial) -> None:
    case = trial.begin()
    trial.cases.close(case.id)

    answer = register(trial, reference=case.reference)

    assert answer.status_code == 422
    assert "clôturé" in answer.text


def test_a_letter_of_today_came_now(trial: Trial) -> None:
    dawn = datetime.combine(today(), datetime.min.time(), tzinfo=ZONE).astimezone(UTC) + timedelta(hours=1)
    trial.cases.clock = lambda: dawn

    register(trial)

    assert letter_in(only_case(trial)).occurred_at == dawn


LETTER = {
    "recipient": "Nadia Larrieu\r\n12, rue des Fleurs\r\n64000 Pau",
    "subject": "Votre inscription",
    "body": "Nous avons bien reçu votre lettre.\r\n\r\n<b>Merci.</b>",
    "registered": "yes",
}


def test_a_letter_that_leaves_is_recorded_and_laid_out(trial: Trial) -> None:
    case = trial.begin()

    printed = trial.browser.post(f"/fr/desk/post/case/{case.id}", data=LETTER)

    (contact,) = trial.cases.get(case.id).contacts(Direction.OUT)
    assert contact.channel is Channel.POST
    assert contact.particulars == PostalItem(postmarked_on=today(), registered=True)
    assert contact.contact == "Nadia Larrieu / 12, rue des Fleurs / 64000 Pau"
    assert "Nadia Larrieu<br>12, rue des Fleurs<br>64000 Pau" in printed.text
    assert "Votre inscription" in printed.text
    assert "<p>&lt;b&gt;Merci.&lt;/b&gt;</p>" in printed.text
    assert case.reference in printed.text


def test_a_letter_sent_twice_leaves_once(trial: Trial) -> None:
    case, once = trial.begin(), str(uuid4())

    for _ in range(2):
        trial.browser.post(f"/fr/desk/post/case/{case.id}", data={**LETTER, "once": once})

    assert len(trial.cases.get(case.id).contacts(Direction.OUT)) == 1


def test_an_empty_letter_is_refused(trial: Trial) -> None:
    case = trial.begin()

    answer = trial.browser.post(f"/fr/desk/post/case/{case.id}", data={})

    assert answer.status_code == 422
    assert trial.cases.get(case.id).contacts(Direction.OUT) == []


def test_the_sender_of_a_letter_is_suggested_for_the_answer(trial: Trial) -> None:
    register(trial, sender="Nadia Larrieu\n64000 Pau")
    case = only_case(trial)

    assert "Nadia Larrieu\n64000 Pau</textarea>" in trial.browser.get(f"/fr/desk/post/case/{case.id}").text


def test_what_is_written_in_the_general_form_is_a_letter_too(trial: Trial) -> None:
    register(trial, sender="Nadia Larrieu\n64000 Pau")
    case = only_case(trial)
    trial.browser.post(f"/fr/desk/case/{case.id}/write", data={"channel": "post", "message": "Bonjour\n\nMerci"})
    contact = trial.cases.get(case.id).contacts(Direction.OUT)[0]

    printed = trial.browser.get(f"/fr/desk/post/case/{case.id}/{contact.interaction_id}").text

    assert "<p>Bonjour</p><p>Merci</p>" in printed
    assert "Nadia Larrieu<br>64000 Pau" in printed


def test_the_case_to_write_to_is_found_by_its_reference(trial: Trial) -> None:
    case = trial.begin()

    found = trial.browser.post("/fr/desk/post/write", data={"to": case.reference.lower()})
    lost = trial.browser.post("/fr/desk/post/write", data={"to": "ZZZ-ZZZ"})

    assert found.url.path.endswith(f"/desk/post/case/{case.id}")
    assert lost.status_code == 422
    assert "ZZZ-ZZZ" in lost.text


def test_a_letter_of_another_case_is_not_found(trial: Trial) -> None:
    register(trial)
    case = only_case(trial)

    for letter_id in (uuid4(), letter_in(case).interaction_id):
        assert trial.browser.get(f"/fr/desk/post/case/{case.id}/{letter_id}").status_code == 404


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_desk_lists_letters_in_and_out(trial: Trial, language: str) -> None:
    register(trial, transcription="Je voudrais une place.")
    case = only_case(trial)
    trial.browser.post(f"/fr/desk/post/case/{case.id}", data=LETTER)

    page = trial.browser.get(f"/{language}/desk/post").text

    assert "Je voudrais une place." in page
    assert "Votre inscription" in page
    assert case.reference in page

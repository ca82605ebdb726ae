"""Letters: scanned and registered when they come, printed when they leave."""

from datetime import datetime

from labkit.prototype.texts import ZONE
from labkit.prototype.trying import Trial, form_of
from ledger.domain.vocabulary import Channel, Direction

SCAN = b"%PDF-1.4\n% a letter\n"


def register(trial: Trial, **more: str) -> str:
    today = datetime.now(ZONE).date()
    form = {"registered": "no", **more}
    for name in ("postmarked_on", "received_on"):
        form |= {f"{name}-{part}": str(getattr(today, part)) for part in ("day", "month", "year")}
    answer = trial.browser.post("/fr/desk/post", data=form, files={"scan": ("lettre.pdf", SCAN)})
    return str(answer.url)


def test_a_letter_opens_a_case_whose_pages_are_filled_from_it(trial: Trial) -> None:
    address = register(trial)

    page = trial.service.pages[0]
    trial.browser.post(address, data=form_of(page, trial.samples()))

    case = trial.cases.get(trial.cases.entries()[0].case_id)
    assert case.channels == (Channel.POST,)
    assert case.latest(page.event) is not None


def test_the_scan_is_kept_and_opened_from_the_desk(trial: Trial) -> None:
    register(trial)
    case = trial.cases.get(trial.cases.entries()[0].case_id)
    (document,) = case.contacts()[0].attachments

    opened = trial.browser.get(f"/fr/desk/documents/{document.digest}", params={"case": str(case.id)})

    assert opened.content == SCAN
    assert opened.headers["content-type"] == "application/pdf"


def test_a_case_begun_on_the_web_goes_on_by_post(trial: Trial) -> None:
    case = trial.begin(Channel.WEB)

    register(trial, reference=case.reference)

    assert trial.cases.get(case.id).channels == (Channel.WEB, Channel.POST)


def test_an_answer_leaves_as_a_letter_to_be_printed(trial: Trial) -> None:
    case = trial.begin()
    letter = {"recipient": "Nadia Larrieu\n64000 Pau", "subject": "Votre demande", "body": "Merci."}

    printed = trial.browser.post(f"/fr/desk/post/case/{case.id}", data={**letter, "registered": "no"})

    assert "Nadia Larrieu" in printed.text
    assert trial.cases.get(case.id).contacts(Direction.OUT)[-1].channel is Channel.POST

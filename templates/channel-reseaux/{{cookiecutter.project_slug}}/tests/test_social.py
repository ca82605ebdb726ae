"""Messages on social networks: signed when they come in, answered in public or in private."""

from labkit.prototype import ServiceCase
from labkit.prototype.trying import Trial
from ledger.domain.events import SocialPost
from ledger.domain.vocabulary import Channel, Direction


def post(trial: Trial, text: str) -> ServiceCase:
    form = {"author": "mado", "network": "Agora", "text": text, "audience": "public"}
    answer = trial.browser.post("/_lab/fr/social", data=form)
    assert answer.is_success, answer.text
    return trial.cases.get(trial.cases.entries()[0].case_id)


def reply(trial: Trial, case: ServiceCase, text: str, audience: str) -> ServiceCase:
    form = {"message": text, "audience": audience, "link": "yes"}
    answer = trial.browser.post(f"/fr/desk/social/{case.id}/answer", data=form)
    assert answer.is_success, answer.text
    return trial.cases.get(case.id)


def test_a_post_opens_a_case_and_waits_at_the_desk(trial: Trial) -> None:
    case = post(trial, "Comment faire la demande ?")

    assert case.channels == (Channel.SOCIAL,)
    assert "Comment faire la demande ?" in trial.browser.get("/fr/desk/social").text


def test_what_nobody_signed_is_refused(trial: Trial) -> None:
    refused = trial.browser.post("/channels/social/posts", json={"id": "1", "text": "…"})

    assert refused.status_code == 401
    assert refused.json()["type"] == "/problems/unsigned-post"


def test_only_a_private_answer_holds_the_link_to_the_case(trial: Trial) -> None:
    case = post(trial, "Comment faire la demande ?")

    case = reply(trial, case, "Tout est en ligne.", "public")
    case = reply(trial, case, "Voici votre demande.", "private")

    in_public, in_private = case.contacts(Direction.OUT)
    assert in_public.particulars == SocialPost(network="Agora", public=True)
    assert str(case.id) not in in_public.summary
    assert f"/case/{case.id}/" in in_private.summary

"""Social networks: the signed webhook, whose case a post goes on with, the desk, and answers on their way out."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import pytest
from litestar.testing import TestClient
from msgspec.structs import replace

from labkit.failures import BadSettings
from labkit.prototype import ServiceCase
from labkit.prototype.app import create_prototype
from labkit.prototype.cases import Cases
from labkit.prototype.forking import fork
from labkit.prototype.kit_events import DeliveryEnded
from labkit.prototype.social.delivery import ATTEMPTS_MAX, Courier
from labkit.prototype.social.keys import SECRET_NAME, read_keys, secret_file
from labkit.prototype.social.posts import case_id, read_post
from labkit.prototype.social.receiving import Receiver
from labkit.prototype.social.threads import said_in, to_deliver
from labkit.prototype.trying import Trial
from ledger.domain.events import SocialPost
from ledger.domain.vocabulary import Channel, Direction
from ledger.webhooks.signature import WINDOW_S, SignatureRefused, check, key_of, signed

WEBHOOK = "/channels/social/posts"
# The example that the Standard Webhooks specification and its libraries are tested with.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
SENT_AT = datetime.fromtimestamp(1614265330, UTC)
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def refusal(headers: dict[str, str], body: bytes = BODY, *, now: datetime = SENT_AT) -> str | None:
    try:
        check(headers, body, keys=(key_of(SECRET),), now=now)
    except SignatureRefused as refused:
        return refused.code
    return None


def test_we_sign_as_the_specification_does() -> None:
    assert signed(BODY, key=key_of(SECRET), delivery_id=HEADERS["webhook-id"], at=SENT_AT) == HEADERS


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, None),
        ({"webhook-signature": f"v1,AAAA v2,BBBB {HEADERS['webhook-signature']}"}, None),
        ({"webhook-signature": "v1,AAAA"}, "forged"),
        ({"webhook-signature": "é"}, "forged"),
        ({"webhook-signature": ""}, "unsigned"),
        ({"webhook-signature": " ".join(["v1,A"] * 10 + [HEADERS["webhook-signature"]])}, "forged"),
        ({"webhook-id": ""}, "unsigned"),
        ({"webhook-id": "msg_other"}, "forged"),
        ({"webhook-id": "a" * 257}, "unsigned"),
        ({"webhook-timestamp": ""}, "unsigned"),
        ({"webhook-timestamp": "yesterday"}, "unsigned"),
        ({"webhook-timestamp": "٣"}, "unsigned"),
        ({"webhook-timestamp": "1614265331"}, "forged"),
    ],
)
def test_a_delivery_is_believed_only_as_it_was_signed(changed: dict[str, str], code: str | None) -> None:
    assert refusal(HEADERS | changed) == code


def test_an_altered_body_is_forged() -> None:
    assert refusal(HEADERS, BODY.replace(b" ", b"")) == "forged"


@pytest.mark.parametrize(("away_s", "code"), [(WINDOW_S, None), (WINDOW_S + 1, "stale"), (-WINDOW_S - 1, "stale")])
def test_five_minutes_are_the_window_on_both_sides(away_s: int, code: str | None) -> None:
    assert refusal(HEADERS, now=SENT_AT + timedelta(seconds=away_s)) == code


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_short", "whsec_é", "not base64!", "whsec_" + "A" * 100])
def test_a_secret_that_cannot_sign_is_refused(secret: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="webhook secret"):
        key_of(secret)
    if secret:
        with pytest.raises(BadSettings):
            read_keys(tmp_path, {SECRET_NAME: secret})


def test_a_secret_is_made_once_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as several:
        made = set(several.map(lambda _: read_keys(tmp_path, {}), range(8)))

    assert len(made) == 1
    assert secret_file(tmp_path).stat().st_mode & 0o777 == 0o600
    assert {file.name for file in (tmp_path / "social").iterdir()} == {"webhook.secret", "naming.key"}


def test_while_secrets_are_changed_both_are_believed_and_the_first_signs(tmp_path: Path) -> None:
    keys = read_keys(tmp_path, {SECRET_NAME: f"{SECRET} whsec_{'B' * 40}"})

    assert keys.signing == (key_of(SECRET), key_of("B" * 40))


def a_post(**particulars: Any) -> dict[str, Any]:
    post = {
        "id": "post-1",
        "network": "Agora",
        "author": "@mado",
        "text": "Comment inscrire ma fille ?",
        "public": True,
        "posted_at": datetime.now(UTC).isoformat(),
    }
    return post | particulars


def deliver(trial: Trial, post: dict[str, Any] | bytes, **changed: str) -> Any:
    keys = read_keys(trial.prototype.data, {})
    body = post if isinstance(post, bytes) else json.dumps(post).encode()
    headers = signed(body, key=keys.signing[0], delivery_id=str(uuid4()), at=trial.cases.clock())
    return trial.browser.post(WEBHOOK, content=body, headers=headers | changed)


def take(trial: Trial, **particulars: Any) -> ServiceCase:
    answer = deliver(trial, a_post(**particulars))
    assert answer.json() == {"repeated": False}, answer.text
    return trial.cases.get(trial.cases.entries()[0].case_id)


def answer(trial: Trial, case: ServiceCase, message: str, **form: str) -> Any:
    return trial.browser.post(f"/fr/desk/social/{case.id}/answer", data={"message": message, "link": "yes", **form})


def test_a_post_opens_a_case_with_what_only_a_network_knows(trial: Trial) -> None:
    case = take(trial)

    (contact,) = case.contacts()
    assert contact.channel is Channel.SOCIAL
    assert contact.particulars == SocialPost(network="Agora", public=True)
    assert (contact.summary, contact.contact) == ("Comment inscrire ma fille ?", "@mado post-1")


def test_the_same_post_twice_is_told_once_whoever_delivers_it(trial: Trial) -> None:
    post = a_post()

    answers = [deliver(trial, post).json() for _ in range(2)]

    assert answers == [{"repeated": False}, {"repeated": True}]
    assert len(trial.cases.entries()) == 1


def test_the_same_post_many_times_at_once_is_told_once(trial: Trial) -> None:
    post = a_post()

    with ThreadPoolExecutor(6) as network:
        answers = list(network.map(lambda _: deliver(trial, post).json()["repeated"], range(6)))

    assert sorted(answers) == [False, *[True] * 5]


def test_posts_of_two_networks_may_have_the_same_identifier(trial: Trial) -> None:
    take(trial)
    take(trial, network="Palombe")

    assert len(trial.cases.entries()) == 2


def test_a_reply_goes_on_with_the_case_of_the_post_that_it_answers(trial: Trial) -> None:
    case = take(trial)
    take(trial, id="post-2", in_reply_to="post-1", text="Elle a neuf ans.")
    case = take(trial, id="post-3", in_reply_to="post-2", text="Et demi.", public=False)

    assert [contact.summary for contact in case.contacts()] == [
        "Comment inscrire ma fille ?",
        "Elle a neuf ans.",
        "Et demi.",
    ]
    assert len(trial.cases.entries()) == 1


def test_a_reply_to_our_answer_goes_on_with_its_case(trial: Trial) -> None:
    case = take(trial)
    answer(trial, case, "En ligne.", audience="public")
    ours = trial.cases.get(case.id).contacts()[-1].interaction_id

    case = take(trial, id="post-2", in_reply_to=str(ours), text="Merci !")

    assert len(case.contacts()) == 3


def test_who_joins_in_begins_a_case_of_their_own(trial: Trial) -> None:
    case = take(trial)

    other = take(trial, id="post-2", author="@riri", in_reply_to="post-1", text="Moi aussi !")

    assert other.id != case.id
    assert other.citizen != case.citizen


@pytest.mark.parametrize("in_reply_to", ["unknown", "7f0c0c52-6f2d-4b53-9b8f-0d8a1c1c2f10"])
def test_a_reply_to_nothing_known_begins_a_case(trial: Trial, in_reply_to: str) -> None:
    assert len(take(trial, in_reply_to=in_reply_to).contacts()) == 1


def test_a_reply_in_a_closed_case_begins_another(trial: Trial) -> None:
    case = take(trial)
    trial.cases.close(case.id)

    assert take(trial, id="post-2", in_reply_to="post-1").id != case.id


def test_nobody_can_tell_the_address_of_a_case_from_a_public_post(trial: Trial, tmp_path: Path) -> None:
    case = take(trial)

    ours, others = (
        read_keys(data, {}).naming_for(trial.cases.offer.service) for data in (trial.prototype.data, tmp_path)
    )
    assert case.id == case_id("Agora", "post-1", key=ours)
    assert case.id != case_id("Agora", "post-1", key=others)


def test_a_post_to_two_services_of_one_ledger_is_told_to_both(trial: Trial) -> None:
    neighbour = Cases(trial.cases.ledger, trial.service, replace(trial.cases.offer, service="mediatheque"))
    neighbour.publish()
    keys, post = read_keys(trial.prototype.data, {}), read_post(json.dumps(a_post()).encode())

    assert [Receiver(cases, keys).take(post) for cases in (trial.cases, neighbour)] == [True, True]


def test_a_post_from_tomorrow_is_told_as_of_now(trial: Trial) -> None:
    case = take(trial, posted_at=(datetime.now(UTC) + timedelta(days=1)).isoformat())

    assert case.contacts()[0].occurred_at <= trial.cases.clock()


@pytest.mark.parametrize(
    ("post", "changed", "status", "kind"),
    [
        (a_post(), {"webhook-signature": ""}, 401, "unsigned"),
        (a_post(), {"webhook-signature": "v1,AAAA"}, 401, "forged"),
        (b"{", {}, 400, "malformed"),
        (b"\xff", {}, 400, "malformed"),
        (b"[]", {}, 400, "malformed"),
        (a_post(text=""), {}, 400, "malformed"),
        (a_post(text="a" * 4001), {}, 400, "malformed"),
        (a_post(id="a b"), {}, 400, "malformed"),
        (a_post(author="@mado\n"), {}, 400, "malformed"),
        (a_post(public="yes"), {}, 400, "malformed"),
        (a_post(posted_at="2026-11-20T10:00:00"), {}, 400, "malformed"),
        (a_post(posted_at="0001-01-01T00:00:00+14:00"), {}, 400, "malformed"),
        (b'{"more": ' + b"[" * 60_000, {}, 400, "malformed"),
        (b'"' + b"a" * 70_000 + b'"', {}, 413, "too-large"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_name(
    trial: Trial, post: Any, changed: dict[str, str], status: int, kind: str
) -> None:
    refused = deliver(trial, post, **changed)

    assert refused.status_code == status
    assert refused.headers["content-type"].startswith("application/problem+json")
    assert refused.json()["type"] == f"/problems/{kind}-post"
    assert trial.cases.entries() == []


def test_a_stale_delivery_is_refused_in_the_language_asked_for(trial: Trial) -> None:
    body = json.dumps(a_post()).encode()
    early = trial.cases.clock() - timedelta(minutes=6)
    headers = signed(body, key=read_keys(trial.prototype.data, {}).signing[0], delivery_id="1", at=early)

    refused = trial.browser.post(WEBHOOK, content=body, headers=headers | {"Accept-Language": "fr"})

    assert refused.json()["type"] == "/problems/stale-post"
    assert "cinq minutes" in refused.json()["detail"]


def test_the_desk_shows_first_what_everybody_reads_and_nobody_answered(trial: Trial) -> None:
    private = take(trial, id="1", author="@un", public=False).reference
    answered = take(trial, id="2", author="@deux")
    answer(trial, answered, "En ligne.", audience="public")
    older = take(trial, id="3", author="@trois").reference
    newer = take(trial, id="4", author="@quatre").reference

    page = trial.browser.get("/fr/desk/social").text

    assert page.index(older) < page.index(newer) < page.index(private) < page.index(answered.reference)


def test_an_answer_is_public_only_if_it_says_so_and_the_link_is_for_one_person(trial: Trial) -> None:
    case = take(trial)

    answer(trial, case, "Tout est en ligne.", audience="public")
    answer(trial, case, "Voici votre demande.", audience="private")
    answer(trial, case, "Rien de plus.")

    public, private, unsaid = trial.cases.get(case.id).contacts(Direction.OUT)
    assert [each.particulars.public for each in (public, private, unsaid)] == [True, False, False]  # type: ignore[union-attr]
    assert str(case.id) not in public.summary
    assert f"http://127.0.0.1/fr/case/{case.id}/" in private.summary
    assert {each.contact for each in (public, private)} == {"@mado post-1"}


@pytest.mark.parametrize(
    "message",
    [
        "Bonjour Mme Larrieu, c’est fait.",
        "Appelez le 05 59 00 00 01.",
        "Écrivez à nadia@example.org.",
        "Pour l’arachide, voyez le médecin.",
        "Votre référence est {reference}.",
        "http://127.0.0.1/fr/case/{id}/family",
    ],
)
def test_what_is_personal_is_not_published_before_the_agent_insists(trial: Trial, message: str) -> None:
    case = trial.fill(take(trial))
    message = message.format(reference=case.reference, id=case.id)

    warned = answer(trial, case, message, audience="public")
    assert warned.status_code == 422
    assert "Publier quand même" in warned.text
    assert trial.cases.get(case.id).contacts(Direction.OUT) == []

    assert answer(trial, case, message, audience="public", anyway="yes").status_code == 200
    assert len(trial.cases.get(case.id).contacts(Direction.OUT)) == 1


def test_what_is_not_personal_is_published_at_once(trial: Trial) -> None:
    case = trial.fill(take(trial))

    assert answer(trial, case, "L’inscription se fait en ligne, toute l’année.", audience="public").status_code == 200


def test_a_person_who_said_too_much_in_public_is_noticed(trial: Trial) -> None:
    case = take(trial, text="Appelez-moi au 05 59 00 00 01 !")

    assert "La personne a écrit en public" in trial.browser.get(f"/fr/desk/social/{case.id}").text


@pytest.mark.parametrize("message", ["", " ", "a" * 2001])
def test_an_empty_or_endless_answer_is_refused(trial: Trial, message: str) -> None:
    assert answer(trial, take(trial), message, audience="public").status_code == 422


def test_an_answer_sent_twice_is_told_once(trial: Trial) -> None:
    case, once = take(trial), str(uuid4())

    for _ in range(2):
        answer(trial, case, "En ligne.", audience="public", once=once)

    assert len(trial.cases.get(case.id).contacts(Direction.OUT)) == 1


def test_a_case_without_a_post_has_no_page_here(trial: Trial) -> None:
    assert trial.browser.get(f"/fr/desk/social/{trial.begin().id}").status_code == 404


def test_without_an_address_to_send_to_agents_publish_by_hand(trial: Trial) -> None:
    case = take(trial)
    answer(trial, case, "En ligne.", audience="public")
    ours = trial.cases.get(case.id).contacts()[-1].interaction_id
    assert "Une réponse n’est pas encore publiée" in trial.browser.get("/fr/desk/social").text

    trial.browser.post(f"/fr/desk/social/{case.id}/published", data={"answer": str(ours)})

    assert said_in(trial.cases.get(case.id))[-1].state == "published"
    assert "pas encore publiée" not in trial.browser.get("/fr/desk/social").text
    again = trial.browser.post(f"/fr/desk/social/{case.id}/published", data={"answer": str(ours)})
    assert again.status_code == 404


def test_what_somebody_invented_posts_in_the_lab_goes_through_the_webhook(trial: Trial) -> None:
    form = {"author": "nadia", "network": "Palombe", "text": "Bonjour !", "audience": "private"}

    page = trial.browser.post("/_lab/fr/social", data=form)

    case = trial.cases.get(trial.cases.entries()[0].case_id)
    assert case.contacts()[0].particulars == SocialPost(network="Palombe", public=False)
    assert "@nadia" in page.text
    assert trial.browser.get("/_lab/social", headers={"Accept-Language": "en"}).url.path == "/_lab/en/social"


def test_the_lab_s_network_refuses_what_the_webhook_refuses(trial: Trial) -> None:
    form = {"author": "na dia", "network": "Agora", "text": "Bonjour !", "audience": "public"}

    refused = trial.browser.post("/_lab/fr/social", data=form)

    assert refused.status_code == 422
    assert "na dia" in refused.text
    assert trial.cases.entries() == []


def wait_until(holds: Callable[[], bool], *, timeout_s: float = 20.0) -> None:
    deadline = monotonic() + timeout_s
    while not holds():
        assert monotonic() < deadline
        sleep(0.05)


class Network:
    """The other side of the wire: it keeps what it takes, and refuses the first so many deliveries."""

    def __init__(self, refuses: int) -> None:
        self.refuses = refuses
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.asked = 0
        network = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # the library's name
                network.asked += 1
                body = self.rfile.read(int(self.headers["Content-Length"]))
                refused = network.asked <= network.refuses
                if not refused:
                    network.taken.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(503 if refused else 202)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/answers"


@contextmanager
def a_network(*, refuses: int = 0) -> Iterator[Network]:
    network = Network(refuses)
    thread = Thread(target=network.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield network
    finally:
        network.server.shutdown()
        thread.join(5)
        network.server.server_close()


def courier_of(trial: Trial, url: str) -> Courier:
    return Courier(trial.cases, url=url, key=read_keys(trial.prototype.data, {}).signing[0], pause_s=0.0)


def test_an_answer_leaves_signed_and_says_what_it_answers(trial: Trial) -> None:
    case = take(trial)
    answer(trial, case, "En ligne.", audience="public")

    with a_network() as network:
        courier_of(trial, network.url).turn()

    (headers, body), key = network.taken[0], read_keys(trial.prototype.data, {}).signing[0]
    check(headers, body, keys=(key,), now=trial.cases.clock())
    sent, ours = json.loads(body), trial.cases.get(case.id).contacts()[-1]
    assert headers["webhook-id"] == sent["id"] == str(ours.interaction_id)
    assert (sent["network"], sent["to"], sent["in_reply_to"]) == ("Agora", "@mado", "post-1")
    assert (sent["text"], sent["public"]) == ("En ligne.", True)
    assert said_in(trial.cases.get(case.id))[-1].state == "published"


def test_a_network_that_is_away_is_tried_again_and_a_delivery_ends_once(trial: Trial) -> None:
    case = take(trial)
    answer(trial, case, "En ligne.", audience="public")

    with a_network(refuses=2) as network:
        courier = courier_of(trial, network.url)
        for _ in range(5):
            courier.turn()

    assert (network.asked, len(network.taken)) == (3, 1)
    (ended,) = trial.cases.get(case.id).every(DeliveryEnded)
    assert (ended.delivered, ended.attempts) == (True, 3)


def test_a_dead_answer_is_shown_and_an_agent_may_try_again(trial: Trial) -> None:
    case = take(trial)
    answer(trial, case, "En ligne.", audience="public")

    courier = courier_of(trial, "http://127.0.0.1:9/nobody")
    for _ in range(ATTEMPTS_MAX + 2):
        courier.turn()

    case = trial.cases.get(case.id)
    assert case.every(DeliveryEnded) == (
        DeliveryEnded(answer=str(case.contacts()[-1].interaction_id), delivered=False, attempts=ATTEMPTS_MAX),
    )
    assert said_in(case)[-1].state == "given-up"


@pytest.mark.parametrize("url", ["http://a..b/answers", "http://127.0.0.1:9/réponses"])
def test_an_address_that_cannot_be_one_is_given_up_too(trial: Trial, url: str) -> None:
    case = take(trial)
    answer(trial, case, "En ligne.", audience="public")

    courier = courier_of(trial, url)
    for _ in range(ATTEMPTS_MAX):
        courier.turn()

    assert said_in(trial.cases.get(case.id))[-1].state == "given-up"


def test_a_pause_comes_after_a_failure(trial: Trial) -> None:
    answer(trial, take(trial), "En ligne.", audience="public")

    with a_network(refuses=9) as network:
        courier = Courier(trial.cases, url=network.url, key=key_of(SECRET))
        for _ in range(3):
            courier.turn()

    assert network.asked == 1


def test_a_restart_loses_no_answer(trial: Trial) -> None:
    answer(trial, take(trial), "En ligne.", audience="public")
    courier_of(trial, "http://127.0.0.1:9/nobody").turn()

    with a_network() as network:
        courier_of(trial, network.url).turn()

    assert len(network.taken) == 1


def test_an_answer_written_just_before_a_case_is_closed_leaves_all_the_same(trial: Trial) -> None:
    case = take(trial)
    answer(trial, case, "C’est réglé.", audience="public")
    trial.cases.close(case.id)

    with a_network() as network:
        courier = courier_of(trial, network.url)
        for _ in range(2):
            courier.turn()

    assert len(network.taken) == 1


def test_a_copied_case_sends_nothing_again(trial: Trial) -> None:
    case = take(trial)
    answer(trial, case, "En ligne.", audience="public")
    case = trial.cases.get(case.id)

    copy = fork(trial.cases, case, case.version)

    assert len(to_deliver(case)) == 1
    assert to_deliver(copy) == []


def test_with_an_address_the_courier_works_beside_the_pages(trial: Trial) -> None:
    file = trial.project.package / "channels" / "social.toml"
    before = file.read_text("utf-8")
    with a_network() as network:
        file.write_text(f'answers_url = "{network.url}"\n{before}', "utf-8")
        try:
            with TestClient(create_prototype(trial.prototype), base_url="http://127.0.0.1"):
                case = take(trial)
                answer(trial, case, "En ligne.", audience="public")
                wait_until(lambda: said_in(trial.cases.get(case.id))[-1].state == "published")
        finally:
            file.write_text(before, "utf-8")

    assert len(network.taken) == 1

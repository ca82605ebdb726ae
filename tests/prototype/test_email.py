"""The mailbox: real messages through a real SMTP session, the cases that they make, and what is written back."""

import re
import smtplib
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage as Message
from email.utils import make_msgid
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from msgspec.structs import replace

from labkit.prototype.cases import Cases
from labkit.prototype.channels import email as room
from labkit.prototype.documents import SIZE_MAX_BYTES
from labkit.prototype.failures import CannotBeKept
from labkit.prototype.mail import acknowledging, receiver
from labkit.prototype.mail.outbox import Outbox
from labkit.prototype.mail.reception import Delivery, Reception
from labkit.prototype.mail.settings import MailSettings, read_mail_settings
from labkit.prototype.serving import Prototype
from labkit.prototype.story import ServiceCase
from labkit.prototype.trying import Trial
from labkit.scaffold.render import render
from ledger.domain.events import EmailMessage
from ledger.domain.vocabulary import Channel, Direction
from tests.prototype.rooms import at_once
from tests.prototype.test_reading_mail import HOSTILE

NADIA = "nadia@example.net"
PNG = b"\x89PNG\r\n\x1a\nimage"


def session(trial: Trial) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", trial.prototype.ports[Channel.EMAIL], timeout=20)


def address(trial: Trial) -> str:
    return read_mail_settings(trial.project).address


def message(trial: Trial, subject: str = "Cantine", text: str = "Bonjour", **headers: str) -> Message:
    written = Message()
    given = {"From": NADIA, "To": address(trial), "Subject": subject, "Message-ID": make_msgid()} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    for name, value in given.items():
        written[name] = value
    written.set_content(text)
    return written


def write(trial: Trial, *given: str, to: str | None = None, sender: str = NADIA, **headers: str) -> None:
    deliver(trial, message(trial, *given, **headers).as_bytes(), to=to, sender=sender)


def deliver(trial: Trial, raw: bytes, *, to: str | None = None, sender: str = NADIA) -> None:
    with session(trial) as server:
        server.sendmail(sender, [to or address(trial)], raw)


def cases(trial: Trial) -> list[ServiceCase]:
    return list(trial.cases.all())


def the_case(trial: Trial) -> ServiceCase:
    (case,) = cases(trial)
    return case


def came(case: ServiceCase) -> list[Any]:
    return [contact for contact in case.contacts(Direction.IN) if contact.channel is Channel.EMAIL]


def left(trial: Trial, case: ServiceCase) -> list[Message]:
    """The messages of the outbox, as mail programs read them."""
    contacts = [contact for contact in case.contacts(Direction.OUT) if contact.channel is Channel.EMAIL]
    answers = [trial.browser.get(f"/fr/desk/email/{contact.interaction_id}") for contact in contacts]
    return [message_from_bytes(answer.content) for answer in answers if answer.status_code == 200]


def test_a_message_opens_a_case_and_is_acknowledged(trial: Trial) -> None:
    write(trial, "Inscription", "Bonjour, comment inscrire mon fils ?", Message_ID="<one@example.net>")

    case = the_case(trial)
    (contact,) = came(case)
    (acknowledgement,) = left(trial, case)
    assert case.opened.channel is Channel.EMAIL
    assert contact.summary == "Inscription\n\nBonjour, comment inscrire mon fils ?"
    assert contact.contact == NADIA
    assert contact.particulars == EmailMessage()
    assert acknowledgement["To"] == NADIA
    assert acknowledgement["In-Reply-To"] == "<one@example.net>"
    assert case.reference in acknowledgement["Subject"]
    assert case.reference in acknowledgement["Reply-To"]
    assert acknowledgement["Auto-Submitted"] == "auto-replied"


def test_the_acknowledgement_asks_what_is_still_open_and_tells_no_answer(trial: Trial) -> None:
    case = trial.fill(trial.begin(), pages=1)

    write(trial, f"[{case.reference}]")

    (acknowledgement,) = left(trial, trial.cases.get(case.id))
    text = acknowledgement.get_payload(decode=True).decode()
    assert "Nom et prénom de l’enfant" in text
    assert "Votre numéro de téléphone" not in text
    assert "Larrieu" not in text


@pytest.mark.parametrize("manner", ["subject", "small letters", "without hyphen", "tag", "answer", "thread"])
def test_a_message_finds_its_case(trial: Trial, manner: str) -> None:
    write(trial)
    case = the_case(trial)
    (acknowledgement,) = left(trial, case)
    local, _, domain = address(trial).partition("@")

    match manner:
        case "subject":
            write(trial, f"Re: [{case.reference}] Cantine")
        case "small letters":
            write(trial, f"suite de {case.reference.lower()}")
        case "without hyphen":
            write(
                trial, f"dossier {case.reference[:3]} {case.reference[4:]}, dossier {case.reference.replace('-', '')}"
            )
        case "tag":
            write(trial, to=f"{local}+{case.reference}@{domain}".upper())
        case "answer":
            write(trial, In_Reply_To=acknowledgement["Message-ID"])
        case "thread":
            write(trial, References=f"<other@example.net> {acknowledgement['Message-ID']} <last@example.net>")

    if manner != "without hyphen" or any(letter.isdigit() for letter in case.reference):
        assert len(came(the_case(trial))) == 2


def test_a_case_begun_elsewhere_goes_on_by_email(trial: Trial) -> None:
    case = trial.begin(Channel.COUNTER)

    write(trial, f"Référence {case.reference}")

    assert the_case(trial).channels == (Channel.COUNTER, Channel.EMAIL)


def test_a_reference_after_a_short_word_is_found(trial: Trial) -> None:
    case = trial.begin()

    write(trial, f"for {case.reference}")

    assert len(came(the_case(trial))) == 1


def test_an_invented_identifier_finds_nothing(trial: Trial) -> None:
    case = trial.begin()

    write(trial, In_Reply_To=f"<{case.reference}.{'0' * 32}@example.org>")

    assert len(cases(trial)) == 2


def test_the_same_message_twice_is_told_once(trial: Trial) -> None:
    for _ in range(2):
        write(trial, Message_ID="<one@example.net>")

    assert len(the_case(trial).contacts()) == 2


def test_the_same_message_without_identifier_is_told_once(trial: Trial) -> None:
    for _ in range(2):
        deliver(trial, b"From: nadia@example.net\r\n\r\nBonjour")

    assert len(came(the_case(trial))) == 1


def test_a_repeat_is_known_on_a_case_begun_elsewhere_even_once_closed(trial: Trial) -> None:
    case = trial.begin()
    write(trial, case.reference, Message_ID="<one@example.net>")
    trial.cases.close(case.id)

    write(trial, case.reference, Message_ID="<one@example.net>")

    assert len(came(the_case(trial))) == 1


def test_a_message_to_two_cases_is_told_on_both_however_often_it_comes(trial: Trial) -> None:
    both = [trial.begin(), trial.begin()]
    local, _, domain = address(trial).partition("@")

    for _ in range(2):
        for case in both:
            write(trial, to=f"{local}+{case.reference}@{domain}", Message_ID="<one@example.net>")

    assert [len(came(case)) for case in cases(trial)] == [1, 1]


def test_a_message_to_two_services_of_one_ledger_is_told_to_both(trial: Trial, tmp_path: Path) -> None:
    neighbour = Cases(trial.cases.ledger, trial.service, replace(trial.cases.offer, service="mediatheque"))
    neighbour.publish()
    delivery = Delivery(raw=message(trial).as_bytes(), sender=NADIA)

    for each in (trial.prototype, Prototype(trial.project, neighbour, data=tmp_path)):
        Reception(each).receive(delivery)

    assert len(list(neighbour.all())) == len(cases(trial)) == 1


def test_two_people_with_the_same_identifier_are_both_heard(trial: Trial) -> None:
    write(trial, Message_ID="<1@localhost>")
    raw = message(trial, Message_ID="<1@localhost>").as_bytes().replace(NADIA.encode(), b"jean@example.net")
    deliver(trial, raw)

    assert len(cases(trial)) == 2


def test_what_is_written_on_a_closed_case_begins_another(trial: Trial) -> None:
    case = trial.begin()
    trial.cases.close(case.id)

    write(trial, f"[{case.reference}] Encore un mot")

    assert len(cases(trial)) == 2
    assert came(trial.cases.get(case.id)) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_a_broken_message_is_received_all_the_same(trial: Trial, name: str) -> None:
    raw = HOSTILE[name]

    if max(map(len, raw.split(b"\n"))) > receiver.LINE_MAX_BYTES:
        with pytest.raises(smtplib.SMTPDataError, match="500"):
            deliver(trial, raw)
        return
    deliver(trial, raw)

    (contact,) = came(the_case(trial))
    assert contact.summary
    assert trial.browser.get("/fr/desk/email").status_code == 200


def test_the_message_is_kept_whole_beside_its_attachments(trial: Trial) -> None:
    written = message(trial)
    written.add_attachment(PNG, maintype="image", subtype="png", filename="photo.png")

    deliver(trial, written.as_bytes())

    case = the_case(trial)
    whole, photo = came(case)[0].attachments
    opened = {
        each.media_type: trial.browser.get(f"/fr/desk/documents/{each.digest}?case={case.id}")
        for each in (whole, photo)
    }
    assert b"photo.png" in opened["message/rfc822"].content
    assert opened["image/png"].content == PNG
    assert opened["message/rfc822"].headers["content-disposition"].startswith("attachment")


def test_a_long_message_is_cut_and_kept_whole(trial: Trial) -> None:
    write(trial, "Long", "\n".join(["une ligne"] * 2_000))

    (contact,) = came(the_case(trial))
    assert len(contact.summary) == 4_000
    assert contact.attachments[0].size_bytes > 18_000


def test_a_message_too_large_is_refused_to_its_sender(trial: Trial) -> None:
    with session(trial) as server:
        server.ehlo()
        assert int(server.esmtp_features["size"]) == SIZE_MAX_BYTES
        server.mail(NADIA)
        server.rcpt(address(trial))
        code, _ = server.data(b"a" * 70 + (b"\r\n" + b"a" * 70) * (SIZE_MAX_BYTES // 70))

    assert code == 552
    assert cases(trial) == []


@pytest.mark.parametrize("recipient", ["somebody@elsewhere.example", "cantine@", "other@example.org", "@example.org"])
def test_it_relays_nothing(trial: Trial, recipient: str) -> None:
    with session(trial) as server:
        server.ehlo()
        server.mail(NADIA)
        code, _ = server.rcpt(recipient)

    assert code >= 500


def test_a_whole_domain_may_be_received() -> None:
    settings = MailSettings(address="cantine@example.org", domain="Mairie.example")

    assert settings.receives("anybody@mairie.EXAMPLE")
    assert settings.receives("Cantine+K7F-3QX@example.org")
    assert settings.tag_of("cantine+K7F-3QX@example.org") == "K7F-3QX"
    assert settings.tag_of("cantine+K7F-3QX@elsewhere.example") == ""
    assert not settings.receives("anybody@example.org")


MACHINES: list[dict[str, str]] = [
    {"Auto_Submitted": "auto-replied"},
    {"X_Auto_Response_Suppress": "OOF"},
    {"Precedence": "auto_reply"},
    {"From": "MAILER-DAEMON@example.net"},
]


@pytest.mark.parametrize("headers", MACHINES)
def test_a_machine_is_recorded_and_never_answered(trial: Trial, headers: dict[str, str]) -> None:
    write(trial, **headers)

    (contact,) = the_case(trial).contacts()
    assert contact.particulars == EmailMessage(automatic=True)


def test_a_bounce_without_a_sender_is_never_answered(trial: Trial) -> None:
    write(trial, sender="")

    (contact,) = the_case(trial).contacts()
    assert contact.particulars == EmailMessage(automatic=True)


def test_our_own_address_is_never_answered(trial: Trial) -> None:
    raw = message(trial).as_bytes().replace(NADIA.encode(), address(trial).encode())

    deliver(trial, raw)

    assert len(the_case(trial).contacts()) == 1


def test_a_machine_that_hides_is_not_answered_for_ever(trial: Trial) -> None:
    for number in range(acknowledging.SAME_SENDER_MAX + 3):
        write(trial, f"Absence {number}")

    answered = [case for case in cases(trial) if case.contacts(Direction.OUT)]
    assert len(cases(trial)) == acknowledging.SAME_SENDER_MAX + 3
    assert len(answered) == acknowledging.SAME_SENDER_MAX


def test_capitals_in_an_address_make_nobody_somebody_else(trial: Trial) -> None:
    for number in range(acknowledging.SAME_SENDER_MAX + 3):
        deliver(
            trial,
            message(trial, f"Absence {number}").as_bytes().replace(b"nadia", b"NADIA" if number % 2 else b"nadia"),
        )

    assert sum(bool(case.contacts(Direction.OUT)) for case in cases(trial)) == acknowledging.SAME_SENDER_MAX


def test_an_hour_later_it_is_answered_again(trial: Trial) -> None:
    for number in range(acknowledging.SAME_SENDER_MAX):
        write(trial, f"Question {number}")
    now = trial.cases.clock()
    trial.cases.clock = lambda: now + acknowledging.WITHIN + timedelta(minutes=1)

    write(trial, "Une autre question", Message_ID="<later@example.net>")

    assert all(case.contacts(Direction.OUT) for case in cases(trial))


ANSWERS = """Bonjour,

Vos nom et prénom : Nadia Larrieu
VOTRE NUMERO DE TELEPHONE: 05 59 00 00 01

Nom et prénom de l’enfant : Inès Larrieu
Date de naissance : 27 mars 2017
École : Les Lauriers
"""


def test_answers_are_recorded_page_by_page_as_they_are_complete(trial: Trial) -> None:
    write(trial, "Inscription", ANSWERS)

    case = the_case(trial)
    names = [moment.name for moment in case.moments if moment.service_event]
    assert names == ["family-introduced.v1", "child-enrolled.v1"]
    assert all(moment.channel is Channel.EMAIL for moment in case.moments if moment.service_event)


def test_answers_in_several_messages_add_up(trial: Trial) -> None:
    write(trial, "Inscription", "Vos nom et prénom : Nadia")
    case = the_case(trial)
    assert trial.service.next_page(case) == trial.service.pages[0]

    write(trial, case.reference, "> Votre numéro de téléphone :\n05 59 00 00 01\n> Votre adresse électronique :")

    assert trial.service.next_page(the_case(trial)) == trial.service.pages[1]


def test_an_answer_that_does_not_fit_records_nothing(trial: Trial) -> None:
    write(trial, "Inscription", "Vos nom et prénom : Nadia\nVotre numéro de téléphone : aucun")

    assert trial.service.next_page(the_case(trial)) == trial.service.pages[0]


def test_an_answer_that_the_ledger_does_not_keep_is_asked_for_again(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise CannotBeKept(reason="it is too long")

    monkeypatch.setattr(trial.cases, "record", refuse)

    write(trial, "Inscription", ANSWERS)

    assert "Vos nom et prénom" in the_case(trial).contacts(Direction.OUT)[0].summary


def test_that_a_photo_is_attached_is_no_answer_and_hinders_none(tmp_path: Path) -> None:
    from labkit.prototype.trying import prototype  # noqa: PLC0415  # beside its few uses

    answers = {"project_slug": "photos", "package_name": "photos", "channels": "web, courriel"}
    with prototype(render("service-signalement", answers, tmp_path)) as trial:
        write(trial, "Rue", "Qu’avez-vous vu ? Autre chose\nQue se passe-t-il ? Un trou.\nUne photo : ci-jointe")

        assert trial.service.next_page(the_case(trial)) == trial.service.pages[1]


def test_a_machine_answers_no_question(trial: Trial) -> None:
    write(trial, "Inscription", ANSWERS, Auto_Submitted="auto-generated")

    assert trial.service.next_page(the_case(trial)) == trial.service.pages[0]


def test_a_request_goes_to_its_end_by_email(trial: Trial) -> None:
    more = "\nQuels jours mangera-t-il à la cantine ? lundi et jeudi\nQuel repas ? (…) : Le repas du jour\n"
    write(trial, "Inscription", f"{ANSWERS}{more}A-t-il une allergie alimentaire ? non\nVotre quotient familial : 645")
    case = the_case(trial)
    assert not case.submitted
    assert "ENVOYER" in case.contacts(Direction.OUT)[-1].summary

    write(trial, f"Re: [{case.reference}]", "Envoyer\n\nMerci")

    assert the_case(trial).submitted


def test_english_is_answered_in_english(trial: Trial) -> None:
    write(trial, "Enrolment", "Your name: Nadia", Accept_Language="en-GB, en;q=0.9")

    assert "We have received your message" in the_case(trial).contacts(Direction.OUT)[0].summary


def test_what_an_agent_writes_is_in_the_outbox_and_shown(trial: Trial) -> None:
    write(trial, "Inscription")
    case = the_case(trial)

    trial.browser.post(f"/fr/desk/case/{case.id}/write", data={"channel": "email", "message": "C’est noté."})

    written = left(trial, the_case(trial))[-1]
    page = trial.browser.get("/fr/desk/email").text
    assert written["To"] == NADIA
    assert written["Auto-Submitted"] is None
    assert written.get_payload(decode=True).decode().strip() == "C’est noté."
    assert "C’est noté." in page
    assert "dans la boîte d’envoi" in page


def test_an_agent_writes_to_the_address_among_the_answers_not_to_the_last_who_wrote(trial: Trial) -> None:
    case = trial.fill(trial.begin(), pages=1)
    raw = message(trial, case.reference).as_bytes().replace(NADIA.encode(), b"stranger@example.net")
    deliver(trial, raw)

    trial.browser.post(f"/fr/desk/case/{case.id}/write", data={"channel": "email", "message": "Bonjour"})

    assert left(trial, trial.cases.get(case.id))[-1]["To"] == "nadia@example.org"


def test_where_no_address_is_known_the_desk_says_so(trial: Trial) -> None:
    case = trial.begin(Channel.COUNTER)

    trial.browser.post(f"/fr/desk/case/{case.id}/write", data={"channel": "email", "message": "Bonjour"})

    assert left(trial, trial.cases.get(case.id)) == []
    assert "adresse inconnue" in trial.browser.get("/fr/desk/email").text


@pytest.mark.parametrize(
    "identifier", ["<=?utf-8?q?a=0D=0A=0D=0ABienvenue?=@x>", "<=?utf-8?b?DQpCY2M6eA==?=@x>", '<],"(:@>', "<a>"]
)
def test_an_identifier_that_is_none_is_not_repeated(trial: Trial, identifier: str) -> None:
    for _ in range(2):
        deliver(trial, f"From: {NADIA}\r\nMessage-ID: {identifier}\r\n\r\nBonjour".encode())

    (acknowledgement,) = left(trial, the_case(trial))
    assert acknowledgement["In-Reply-To"] is None
    assert acknowledgement["Bcc"] is None
    assert acknowledgement.get_payload(decode=True).decode().startswith("Bonjour,")


def test_a_long_identifier_is_answered_as_it_is(trial: Trial) -> None:
    identifier = f"<{'A' * 40}@{'B' * 14}.FRAP264.PROD.OUTLOOK.COM>"

    write(trial, Message_ID=identifier)

    contact = the_case(trial).contacts(Direction.OUT)[0]
    raw = trial.browser.get(f"/fr/desk/email/{contact.interaction_id}").content
    assert f"In-Reply-To: {identifier}\r\nReferences: {identifier}\r\n".encode() in raw


def test_no_line_end_gets_into_a_header(trial: Trial) -> None:
    sender = b"From: =?utf-8?q?a=0D=0ABcc:_x=40example.net?= <nadia@example.net>"

    deliver(trial, sender + b"\r\nSubject: =?utf-8?q?a=0D=0AX:_b?=\r\n\r\nBonjour")

    (acknowledgement,) = left(trial, the_case(trial))
    assert acknowledgement["Bcc"] is None
    assert acknowledgement["X"] is None


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_desk_tells_where_to_write(trial: Trial, language: str) -> None:
    page = trial.browser.get(f"/{language}/desk/email").text

    assert address(trial) in page
    assert str(trial.prototype.ports[Channel.EMAIL]) in page


def test_an_unknown_file_of_the_outbox_is_not_found(trial: Trial) -> None:
    assert trial.browser.get("/fr/desk/email/6f9619ff-8b86-4011-b42d-00cf4fc964ff").status_code == 404


def test_only_so_many_sessions_are_open_at_once(trial: Trial) -> None:
    port = trial.prototype.ports[Channel.EMAIL]
    held = [smtplib.SMTP("127.0.0.1", port, timeout=20) for _ in range(receiver.SESSIONS_MAX)]

    with socket.create_connection(("127.0.0.1", port), timeout=20) as one_more:
        assert one_more.recv(100).startswith(b"421")
    for each in held:
        each.quit()
        each.close()

    write(trial)
    assert len(cases(trial)) == 1


def test_a_message_interrupted_after_it_was_recorded_is_finished(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    raw = message(trial, "Inscription", ANSWERS).as_bytes()
    with monkeypatch.context() as broken:
        broken.setattr(trial.cases, "record", refuse)
        with pytest.raises(smtplib.SMTPDataError, match="451"):
            deliver(trial, raw)
    deliver(trial, raw)

    case = the_case(trial)
    assert len(came(case)) == 1
    assert len(case.contacts(Direction.OUT)) == 1
    assert trial.service.next_page(case) == trial.service.pages[2]


def test_an_acknowledgement_interrupted_before_the_outbox_is_put_there_later(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(Outbox, "put", refuse)
        with pytest.raises(smtplib.SMTPDataError, match="451"):
            write(trial, Message_ID="<one@example.net>")
    for _ in range(2):
        write(trial, Message_ID="<one@example.net>")

    assert len(left(trial, the_case(trial))) == 1


def test_words_that_are_no_command_stay_out_of_the_log(trial: Trial, caplog: pytest.LogCaptureFixture) -> None:
    with session(trial) as server:
        server.docmd("LARRIEU", "05 59 00 00 01")

    assert "LARRIEU" not in caplog.text


def test_many_write_at_once(trial: Trial) -> None:
    def write_five(sender: int) -> None:
        for number in range(5):
            write(trial, f"Question {number}", From=f"sender{sender}@example.net")
            write(trial, Message_ID="<same@example.net>")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write_five, range(8)))

    assert len(cases(trial)) == 41


def test_who_hangs_up_before_the_answer_may_send_again(trial: Trial) -> None:
    raw = message(trial, Message_ID="<one@example.net>").as_bytes()
    with socket.create_connection(("127.0.0.1", trial.prototype.ports[Channel.EMAIL]), timeout=20) as line:
        commands = f"EHLO x\r\nMAIL FROM:<{NADIA}>\r\nRCPT TO:<{address(trial)}>\r\nDATA\r\n"
        line.sendall(commands.encode() + raw.replace(b"\n", b"\r\n") + b"\r\n.\r\n")

    write(trial, Message_ID="<one@example.net>")

    assert len(came(the_case(trial))) == 1


def test_bare_bytes_on_the_envelope_do_no_harm(trial: Trial) -> None:
    with socket.create_connection(("127.0.0.1", trial.prototype.ports[Channel.EMAIL]), timeout=20) as line:
        rcpt = f"RCPT TO:<{address(trial)}>\r\n".encode()
        line.sendall(b"EHLO x\r\nMAIL FROM:<\xe9@example.net>\r\n" + rcpt + b"DATA\r\n\r\nBonjour\r\n.\r\nQUIT\r\n")
        answers = b"".join(iter(lambda: line.recv(4096), b""))

    assert b"250 2.0.0" in answers
    assert "Bonjour" in came(the_case(trial))[0].summary


def test_a_message_that_cannot_be_kept_is_left_to_its_sender(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    class LedgerIsFull(OSError):
        """What a full disk raises."""

    def refuse(*_: Any, **__: Any) -> None:
        raise LedgerIsFull("a secret of the message")

    with monkeypatch.context() as broken:
        broken.setattr(trial.cases, "open", refuse)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            write(trial)
    write(trial)

    assert refused.value.smtp_code == 451
    assert b"secret" not in refused.value.smtp_error
    assert len(came(the_case(trial))) == 1


@contextmanager
def configured(trial: Trial, line: str) -> Iterator[None]:
    """Let the mailbox's settings begin with a line."""
    file = trial.project.package / "channels" / "email.toml"
    before = file.read_text(encoding="utf-8")
    file.write_text(f"{line}\n{before}", encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(before, encoding="utf-8")


class Relay:
    """What a relay received."""

    def __init__(self) -> None:
        self.envelopes: list[Any] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        return "250 OK"


def test_a_relay_takes_what_is_written(trial: Trial) -> None:
    relay = Relay()
    controller = Controller(relay, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        with configured(trial, f'relay = "127.0.0.1:{controller.port}"'):
            write(trial)
            page = trial.browser.get("/fr/desk/email").text
    finally:
        controller.stop()

    (envelope,) = relay.envelopes
    assert envelope.rcpt_tos == [NADIA]
    assert envelope.mail_from == "<>"
    assert "dans la boîte d’envoi" not in page


def test_a_relay_whose_name_cannot_be_one_takes_nothing(trial: Trial) -> None:
    with configured(trial, 'relay = "mail..example:25"'):
        write(trial)
        page = trial.browser.get("/fr/desk/email").text

    assert "Envoyer de nouveau" in page


def test_two_who_send_again_at_once_send_once(trial: Trial) -> None:
    write(trial)
    contact = the_case(trial).contacts(Direction.OUT)[0]
    outbox, relay = Outbox(trial.prototype.data), Relay()
    controller = Controller(relay, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        sent = at_once([lambda: outbox.send(contact.interaction_id, f"127.0.0.1:{controller.port}")] * 4)
    finally:
        controller.stop()

    assert sorted(sent) == [False, False, False, True]
    assert len(relay.envelopes) == 1


def test_what_a_relay_does_not_take_stays_and_is_tried_again(trial: Trial) -> None:
    port = free_port()
    with configured(trial, f'relay = "127.0.0.1:{port}"'):
        write(trial)
        contact = the_case(trial).contacts(Direction.OUT)[0]
        waiting = trial.browser.get("/fr/desk/email").text
        relay = Relay()
        controller = Controller(relay, hostname="127.0.0.1", port=port)
        controller.start()
        try:
            after = trial.browser.post(f"/fr/desk/email/{contact.interaction_id}/send").text
            trial.browser.post(f"/fr/desk/email/{contact.interaction_id}/send")
        finally:
            controller.stop()

    assert "Envoyer de nouveau" in waiting
    assert "Envoyer de nouveau" not in after
    assert len(relay.envelopes) == 1


def test_where_the_port_is_taken_the_prototype_runs_and_says_so(project: Path) -> None:
    from labkit.prototype.trying import prototype  # noqa: PLC0415  # beside its one use

    with socket.create_server(("127.0.0.1", 0)) as taken:
        file = project / "src" / "cantine" / "channels" / "email.toml"
        before = file.read_text(encoding="utf-8")
        file.write_text(re.sub(r"(?m)^port = 0$", f"port = {taken.getsockname()[1]}", before), encoding="utf-8")
        try:
            with prototype(project) as trial:
                page = trial.browser.get("/fr/desk/email").text
        finally:
            file.write_text(before, encoding="utf-8")

    assert "Aucun courriel ne peut arriver" in page


def test_the_channel_is_e_mail() -> None:
    assert room.CHANNEL is Channel.EMAIL


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])

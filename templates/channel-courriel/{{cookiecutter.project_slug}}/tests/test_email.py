"""The mailbox: real messages, sent to the port on which the prototype listens."""

import smtplib
from email.message import EmailMessage

from labkit.prototype.mail.settings import read_mail_settings
from labkit.prototype.trying import Trial
from ledger.domain.vocabulary import Channel, Direction


def write(trial: Trial, subject: str, text: str) -> None:
    message = EmailMessage()
    message["From"] = "nadia@example.org"
    message["To"] = read_mail_settings(trial.project).address
    message["Subject"] = subject
    message.set_content(text)
    with smtplib.SMTP("127.0.0.1", trial.prototype.ports[Channel.EMAIL], timeout=10) as server:
        server.send_message(message)


def test_a_message_opens_a_case_and_is_acknowledged(trial: Trial) -> None:
    write(trial, "Ma demande", "Bonjour, comment faire ?")

    case = trial.cases.get(trial.cases.entries()[0].case_id)

    assert [contact.direction for contact in case.contacts()] == [Direction.IN, Direction.OUT]
    assert case.reference in case.contacts(Direction.OUT)[0].summary


def test_a_case_begun_on_the_web_goes_on_by_email(trial: Trial) -> None:
    case = trial.begin(Channel.WEB)

    write(trial, f"Référence {case.reference}", "Voici la suite.")

    assert trial.cases.get(case.id).channels == (Channel.WEB, Channel.EMAIL)
    assert len(trial.cases.entries()) == 1


def test_what_an_agent_writes_is_in_the_outbox(trial: Trial) -> None:
    write(trial, "Ma demande", "Bonjour, comment faire ?")
    case = trial.cases.entries()[0].case_id

    trial.browser.post(f"/fr/desk/case/{case}/write", data={"channel": "email", "message": "Voici comment."})

    contact = trial.cases.get(case).contacts(Direction.OUT)[-1]
    assert b"To: nadia@example.org" in trial.browser.get(f"/fr/desk/email/{contact.interaction_id}").content

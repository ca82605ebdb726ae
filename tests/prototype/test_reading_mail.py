"""Messages as they really come: whatever is broken, something is read, and nothing is raised."""

import base64
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from labkit.prototype.mail.answers import answers_in
from labkit.prototype.mail.cutting import new_text
from labkit.prototype.mail.html_text import text_of
from labkit.prototype.mail.reading import TEXT_MAX, Mail, read
from labkit.prototype.questions import Question

NESTED = b"".join(
    b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (depth, depth) for depth in range(1_200)
)
PDF = b"%PDF-1.4\nscan"


def raw(*headers: bytes, body: bytes = b"Bonjour") -> bytes:
    return b"\r\n".join((b"From: nadia@example.org", *headers, b"", body))


HOSTILE = {
    "nothing at all": b"",
    "only line ends": b"\r\n\r\n\r\n",
    "no header": b"Bonjour, je voudrais une place.",
    "no body": b"From: nadia@example.org\r\nSubject: Bonjour",
    "a header of NUL bytes": raw(b"Subject: a\x00b\x00", body=b"a\x00b"),
    "a charset that does not exist": raw(b"Content-Type: text/plain; charset=klingon", body="été".encode()),
    "a charset with a NUL": raw(b"Content-Type: text/plain; charset=a\x00b", body="été".encode()),
    "a charset that is a transformation": raw(b"Content-Type: text/plain; charset=base64", body=b"YQ=="),
    "a slow charset": raw(b"Content-Type: text/plain; charset=punycode", body=b"-" + b"a" * 200_000),
    "a charset that lies": raw(b"Content-Type: text/plain; charset=utf-8", body="été".encode("latin-1")),
    "half characters in UTF-7": raw(b"Content-Type: text/plain; charset=utf-7", body=b"+2AA-"),
    "a multipart without a boundary": raw(b"Content-Type: multipart/mixed"),
    "a boundary that never comes": raw(b'Content-Type: multipart/mixed; boundary="x"'),
    "a boundary that is never closed": raw(
        b'Content-Type: multipart/mixed; boundary="x"', body=b"--x\r\n\r\nBonjour\r\n--x\r\n"
    ),
    "multiparts in multiparts": b"From: nadia@example.org\r\n" + NESTED + b"Bonjour",
    "base64 garbage": raw(b"Content-Transfer-Encoding: base64", body=b"\xff\xfe!!! not base64 ==="),
    "broken quoted-printable": raw(b"Content-Transfer-Encoding: quoted-printable", body=b"=G1=\r\n=E9t=E9="),
    "uuencoded garbage": raw(b"Content-Transfer-Encoding: x-uuencode", body=b"begin 6 a\r\n\xff\xff"),
    "an encoding that does not exist": raw(b"Content-Transfer-Encoding: rot13"),
    "bare bytes in headers": raw("Subject: Été à Pau".encode("latin-1"), "X-Name: é".encode()),
    "bare bytes in identifiers": raw(
        b"Message-ID: <\xe9@x>", b"References: <\xff>", b"Content-Language: \xe9", b"Content-Type: \xe9/\xe9"
    ),
    "broken encoded words": raw(b"Subject: =?utf-8?b?w6k?= =?nope?q?=FF?= =?utf-8?x?a?="),
    "a date in the future": raw(b"Date: Fri, 31 Dec 9999 23:59:59 +0000"),
    "a date that is none": raw(b"Date: yesterday, around 25:61"),
    "a thousand opened brackets": raw(b"To: " + b"(" * 5_000),
    "ten thousand headers": raw(*(b"X-%d: a" % number for number in range(10_000))),
    "an endless header": raw(b"Subject: " + b"a" * 500_000, b"References: " + b"<a@b> " * 50_000),
    "headers without a name": b": a\r\n :b\r\nFrom: nadia@example.org\r\n\r\nBonjour",
    "a Unix line before": b"From nadia Mon Jan  1 00:00:00 2026\r\n" + raw(),
    "a message in a message": raw(b"Content-Type: message/rfc822", body=b"Content-Type: multipart/mixed\r\n\r\n\xff"),
    "a file name in pieces": raw(b"Content-Disposition: attachment; filename*0*=klingon''%FF; filename*2=b"),
    "a thousand parts": raw(b'Content-Type: multipart/mixed; boundary="x"', body=b"--x\r\n\r\nBonjour\r\n" * 1_000),
    "HTML alone, and broken": raw(b"Content-Type: text/html", body=b"<p>Bonjour<blockquote><!--<b" + b"<!" * 20_000),
    "HTML whose title is never closed": raw(b"Content-Type: text/html", body=b"<title>Bonjour"),
    "lone carriage returns": raw(body=b"a\rb\rc"),
    "a sender that looks encoded": b"From: =?utf-8?b?DQpCY2M6eA==?=@example.org\r\n\r\nBonjour",
    "an identifier that looks encoded": raw(b"Message-ID: <=?utf-8?q?a=0D=0A=0D=0Ab?=@x>"),
    "an identifier that is none": raw(b'Message-ID: <],"(:@>'),
    "UTF-16 with its mark": raw(b"Content-Type: text/plain; charset=utf-16", body="été".encode("utf-16")),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_broken_message_is_read_all_the_same(name: str) -> None:
    mail = read(HOSTILE[name])

    assert_fit_to_be_kept(mail)


@given(content=st.binary(max_size=2_000))
@example(content=b"From: \xff\r\nContent-Type: multipart/alternative; boundary=\r\n\r\n--\r\n")
def test_any_bytes_are_read(content: bytes) -> None:
    assert_fit_to_be_kept(read(content))


@given(
    headers=st.lists(
        st.sampled_from(
            [
                b"Content-Type: multipart/alternative; boundary=x",
                b"Content-Type: message/rfc822",
                b"Content-Type: text/html; charset=utf-7",
                b"Content-Transfer-Encoding: base64",
                b"Content-Disposition: attachment; filename*=utf-8''%e9",
                b"Subject: =?utf-8?q?=C3?=",
                b"--x",
                b"",
            ]
        )
        | st.binary(max_size=60),
        max_size=20,
    )
)
def test_any_pieces_of_messages_are_read(headers: list[bytes]) -> None:
    assert_fit_to_be_kept(read(b"\r\n".join(headers)))


def assert_fit_to_be_kept(mail: Mail) -> None:
    texts = (mail.text, mail.subject, mail.sender, mail.message_id, new_text(mail.text, mail.subject))
    assert all("\x00" not in text and text.encode("utf-8") == text.encode("utf-8", "replace") for text in texts)
    assert len(mail.text) <= TEXT_MAX
    assert all(part.content for part in mail.parts)


@pytest.mark.parametrize(
    "name",
    [
        "no header",
        "a multipart without a boundary",
        "a boundary that is never closed",
        "multiparts in multiparts",
        "a date in the future",
        "a date that is none",
        "a thousand opened brackets",
        "HTML alone, and broken",
        "HTML whose title is never closed",
    ],
)
def test_what_was_written_is_not_lost(name: str) -> None:
    assert "Bonjour" in read(HOSTILE[name]).text


def test_bare_bytes_are_read_in_their_likeliest_charset() -> None:
    assert read(HOSTILE["bare bytes in headers"]).subject == "Été à Pau"
    assert read(HOSTILE["a charset that lies"]).text == "été"
    assert read(HOSTILE["a charset that does not exist"]).text == "été"
    assert read(HOSTILE["UTF-16 with its mark"]).text == "été"


def test_the_sender_is_the_address_and_never_the_name() -> None:
    assert read(raw(b'Reply-To: "mayor@pau.example" <nadia@example.net>')).sender == "nadia@example.net"
    assert read(b"From: Nadia\r\n\r\n").sender == ""


def test_of_two_ways_to_say_the_same_the_plain_one_is_read() -> None:
    message = EmailMessage()
    message.set_content("Bonjour en clair")
    message.add_alternative("<p>Bonjour en couleurs</p>", subtype="html")
    message.add_attachment(PDF, maintype="application", subtype="pdf", filename="scan.pdf")

    mail = read(message.as_bytes())

    assert mail.text == "Bonjour en clair"
    assert [(part.content, part.media_type) for part in mail.parts] == [(PDF, "application/pdf")]


def test_html_alone_is_read_as_text() -> None:
    head = "<html><head><title>x</title><style>p{}</style></head><body>"

    assert text_of(f"{head}<p>Un&nbsp;mot</p><ul><li>a<li>b</ul><script>1</script>") == "Un mot\n\n- a\n- b"


def test_a_quotation_in_html_is_marked_as_one() -> None:
    assert text_of("<div>Oui</div><blockquote>Non<br>jamais</blockquote>") == "Oui\n> Non\n> jamais"


def test_a_bounce_names_the_message_that_was_not_delivered() -> None:
    bounce = raw(
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="x"',
        body=b"--x\r\n\r\nUnknown\r\n--x\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        b"Message-ID: <ABC-DEF.0@example.org>\r\n--x--\r\n",
    )

    assert read(bounce).answers_to == ("<ABC-DEF.0@example.org>",)
    assert read(bounce).automatic


@pytest.mark.parametrize(
    "header",
    [
        b"Auto-Submitted: auto-replied",
        b"Auto-Submitted: Auto-Generated; owner-email=a@b",
        b"X-Auto-Response-Suppress: All",
        b"Precedence: bulk",
        b"Return-Path: <>",
        b"List-Id: <all.example.org>",
        b"X-Autoreply: yes",
        b"Content-Type: multipart/report; boundary=x",
    ],
)
def test_a_machine_is_known_by_its_headers(header: bytes) -> None:
    assert read(raw(header)).automatic


@pytest.mark.parametrize("header", [b"Auto-Submitted: no", b"X-Auto-Response-Suppress: None", b"Precedence: normal"])
def test_a_person_is_not_taken_for_a_machine(header: bytes) -> None:
    assert not read(raw(header)).automatic


def test_the_bouncer_is_a_machine() -> None:
    assert read(b"From: Mail <MAILER-DAEMON@example.org>\r\n\r\n").automatic


def test_a_part_that_cannot_be_decoded_is_kept_as_it_came() -> None:
    message = raw(
        b"Content-Type: application/pdf", b"Content-Transfer-Encoding: base64", body=base64.b64encode(PDF)[:-1] + b"%"
    )

    assert read(message).parts[0].media_type == "application/pdf"


TOP_POSTED = (
    "Voici la suite.\n\nLe 22/11/2026 à 10:00, Ville de Pau <a@example.org>\na écrit :\n> Bonjour,\n> Que faire ?\n"
)


@pytest.mark.parametrize(
    ("text", "new"),
    [
        (TOP_POSTED, "Voici la suite."),
        ("Yes.\n\nOn Mon, 1 Jan 2026 at 10:00, A <a@b> wrote:\n> Why?", "Yes."),
        ("Oui.\n\n-----Message d’origine-----\nDe : a@b\nSuite", "Oui."),
        ("Oui.\n________________________________\nDe : a@b\nEnvoyé : lundi\nÀ : c@d\nObjet : Bonjour\n\nSuite", "Oui."),
        ("Oui.\n-- \nNadia Larrieu\n06 00 00 00 00", "Oui."),
        ("Oui.\n\nEnvoyé de mon iPhone", "Oui."),
    ],
)
def test_history_and_signature_are_left_out(text: str, new: str) -> None:
    assert new_text(text) == new


@pytest.mark.parametrize(
    "text",
    [
        "> Votre nom :\nNadia\n> Votre école :\nMarancy",
        "> Tout est cité",
        "-- \nNadia",
        "Une liste :\n--\n" + "\n".join(f"ligne {number}" for number in range(20)),
        "De : Pau\nVers : Lescar",
        "Envoyé de mon iPhone",
    ],
)
def test_in_doubt_the_whole_is_kept(text: str) -> None:
    assert new_text(text) == text


def test_what_is_forwarded_is_not_history() -> None:
    assert new_text(TOP_POSTED, "TR: Cantine") == TOP_POSTED.strip()


QUESTIONS = [
    Question(name="parent", kind="text", label="Vos nom et prénom"),
    Question(name="born_on", kind="date", label="Date de naissance"),
    Question(name="allergy", kind="yes_no", label="A-t-il une allergie\u00a0?"),
    Question(name="days", kind="choices", label="Quels jours", options=(("monday", "Lundi"), ("thursday", "Jeudi"))),
    Question(
        name="meal", kind="choice", label="Quel repas\u00a0?", options=(("std", "Du jour"), ("veg", "Végétarien"))
    ),
    Question(name="why", kind="lines", label="Pourquoi"),
    Question(name="plan", kind="yes_no", label="Y a-t-il un projet (PAI)\u00a0?"),
    Question(name="parent", kind="text", label="Your name"),
]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("Vos nom et prénom : Nadia", {"parent": ["Nadia"]}),
        ("VOS NOM ET PRENOM: Nadia", {"parent": ["Nadia"]}),
        ("- **vos nom et prénom** : Nadia", {"parent": ["Nadia"]}),
        ("Your name: Nadia", {"parent": ["Nadia"]}),
        ("> Vos nom et prénom\u00a0:\nNadia", {"parent": ["Nadia"]}),
        ("Vos nom et prénom (facultatif) : Nadia : la mère", {"parent": ["Nadia : la mère"]}),
        ("Vos nom et prénom :", {}),
        ("Vos nom et prénom :\nDate de naissance :", {}),
        ("Date de naissance : 27/03/2017", {"born_on": ["2017-03-27"]}),
        ("Date de naissance (par exemple 27 3 2017) : 1er août 2017", {"born_on": ["2017-08-01"]}),
        ("Date de naissance : March 27, 2017", {"born_on": ["2017-03-27"]}),
        ("Date de naissance : 2017-03-27", {"born_on": ["2017-03-27"]}),
        ("Date de naissance : 99999999999999999999 3 1", {"born_on": ["99999999999999999999 3 1"]}),
        ("Date de naissance : 27/03/17", {"born_on": ["27/03/17"]}),
        ("A-t-il une allergie ? Oui.", {"allergy": ["yes"]}),
        ("A-t-il une allergie ? O", {"allergy": ["yes"]}),
        ("A-t-il une allergie ? Oui oui", {"allergy": ["yes"]}),
        ("A-t-il une allergie ? Oui, il n’a pas droit au lait", {"allergy": ["yes"]}),
        ("A-t-il une allergie ? Y en a pas", {"allergy": ["Y en a pas"]}),
        ("A-t-il une allergie ? Oui, Non", {"allergy": ["Oui, Non"]}),
        ("A-t-il une allergie ? (Oui, Non) : non", {"allergy": ["no"]}),
        ("A-t-il une allergie ? peut-être", {"allergy": ["peut-être"]}),
        ("Quels jours : lundi et JEUDI", {"days": ["monday", "thursday"]}),
        ("Quels jours : lundi, dimanche", {"days": ["monday", " dimanche"]}),
        ("Quel repas ? (Du jour, Végétarien) : vegetarien", {"meal": ["veg"]}),
        ("Quel repas ? (Du jour, Végétarien) :", {}),
        ("Pourquoi : il tousse\net il dort mal\n\nMerci", {"why": ["il tousse\net il dort mal"]}),
        ("Vos nom et prénom : Nadia\nVos nom et prénom : Jean", {"parent": ["Nadia"]}),
        ("Y a-t-il un projet (PAI) ? oui", {"plan": ["yes"]}),
        ("Y a-t-il un projet (PAI) ? (Oui, Non) : oui", {"plan": ["yes"]}),
        ("Bonjour : bonsoir", {}),
    ],
)
def test_an_answer_is_known_by_its_question(line: str, answer: dict[str, list[str]]) -> None:
    assert answers_in(line, QUESTIONS) == answer


@given(text=st.text(max_size=500))
def test_any_text_may_be_asked_for_answers(text: str) -> None:
    assert isinstance(answers_in(text, QUESTIONS), dict)
    assert isinstance(new_text(text), str)
    assert isinstance(text_of(text), str)

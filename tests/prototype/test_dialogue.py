"""What the machine understands, says and remembers: rules alone, on a thread told event after event."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Meta

from labkit.prototype import Document, Email, Money, Page, Personal, PersonalDate, PersonalLines, Phone, Service
from labkit.prototype.cases import AGENT, CITIZEN
from labkit.prototype.conversation.dialogue import (
    AtEnd,
    AtOnlinePage,
    AtQuestion,
    AtSending,
    AtStart,
    AtSummary,
    Dialogue,
    where,
)
from labkit.prototype.conversation.prompting import LENGTH_MAX, pending_answers, prompt, worded
from labkit.prototype.conversation.replying import Reply, reply
from labkit.prototype.conversation.script import PreparedAnswer, Script
from labkit.prototype.conversation.thread import MACHINE, care_of, dialogue_of, turns_of
from labkit.prototype.conversation.understanding import understand
from labkit.prototype.events import ServiceEvent, name_of
from labkit.prototype.forking import copied
from labkit.prototype.kit_events import RequestSubmitted
from labkit.prototype.questions import questions_of
from labkit.prototype.story import Moment, ServiceCase
from labkit.prototype.texts import Texts
from ledger.domain.events import CaseOpened, ChatbotExchange, InteractionRecorded, ServiceEventRecorded, Stamp
from ledger.domain.identifiers import CaseId, InteractionId
from ledger.domain.vocabulary import Channel, Direction

CASE = CaseId(UUID("7a3f3a1c-0000-4000-8000-000000000001"))
T0 = datetime(2026, 11, 20, 9, tzinfo=UTC)
School = Literal["jean-moulin", "les-lauriers"]
Day = Literal["monday", "tuesday", "thursday"]


class ChildNamed(ServiceEvent, frozen=True, kw_only=True, tag="child-named.v1"):
    child: Personal
    born_on: PersonalDate
    school: School
    email: Email | None = None


class DaysChosen(ServiceEvent, frozen=True, kw_only=True, tag="days-chosen.v1"):
    days: tuple[Day, ...]
    allergy: bool
    quotient: Annotated[int, Meta(ge=0, le=20_000)] | None = None
    paid: Money | None = None
    phone: Phone | None = None
    about: PersonalLines | None = None


class PhotoGiven(ServiceEvent, frozen=True, kw_only=True, tag="photo-given.v1"):
    photo: Document


class LongAnswers(ServiceEvent, frozen=True, kw_only=True, tag="long-answers.v1"):
    first: PersonalLines
    second: PersonalLines
    third: PersonalLines


CHILD, DAYS, PHOTO = Page("child", ChildNamed), Page("days", DaysChosen), Page("photo", PhotoGiven)
SERVICE = Service(pages=(CHILD, DAYS))
FRENCH = {
    "service.title": "Cantine",
    "child-named.title": "L’enfant",
    "child-named.child.label": "Son nom",
    "child-named.born_on.label": "Né le",
    "child-named.school.label": "École",
    "child-named.school.options.jean-moulin": "Jean Moulin",
    "child-named.school.options.les-lauriers": "Les Lauriers",
    "child-named.email.label": "Adresse",
    "days-chosen.title": "Les jours",
    "days-chosen.days.label": "Quels jours ?",
    "days-chosen.days.options.monday": "Lundi",
    "days-chosen.days.options.tuesday": "Mardi",
    "days-chosen.days.options.thursday": "Jeudi",
    "days-chosen.allergy.label": "Une allergie ?",
    "days-chosen.quotient.label": "Quotient",
    "days-chosen.paid.label": "Déjà payé",
    "days-chosen.phone.label": "Téléphone",
    "days-chosen.about.label": "À savoir",
    "long-answers.title": "Le reste",
    "long-answers.first.label": "Un",
    "long-answers.second.label": "Deux",
    "long-answers.third.label": "Trois",
    "photo-given.title": "La photo",
    "photo-given.photo.label": "Photo",
}
ENGLISH = FRENCH | {
    "child-named.school.options.les-lauriers": "The Laurels",
    "days-chosen.days.options.monday": "Monday",
    "days-chosen.days.options.tuesday": "Tuesday",
    "days-chosen.days.options.thursday": "Thursday",
}
PRICE = PreparedAnswer(
    keywords={"fr": ("tarif", "combien coûte"), "en": ("price",)},
    answer={"fr": "Un repas coûte 2,90 €.", "en": "A meal is 2.90 €."},
)
PRICE_OF_ALLERGIES = PreparedAnswer(keywords={"fr": ("tarif allergie",)}, answer={"fr": "Le même."})
SCRIPT = Script(texts=Texts("fr", FRENCH), others=(Texts("en", ENGLISH),), prepared=(PRICE, PRICE_OF_ALLERGIES))
IN_ENGLISH = Script(texts=Texts("en", ENGLISH), others=(Texts("fr", FRENCH),), prepared=(PRICE,))
CHILD_TOLD = ("commencer", "Inès Larrieu", "27 mars 2017", "2", "passer")
INES = ChildNamed(child="Inès Larrieu", born_on=date(2017, 3, 27), school="les-lauriers")
DAYS_TOLD = ("lundi, jeudi", "non", "passer", "passer", "passer", "passer")


@dataclass
class Told:
    """A thread as the ledger would tell it, without a ledger."""

    service: Service = SERVICE
    script: Script = SCRIPT
    moments: list[Moment] = field(default_factory=list)

    def __post_init__(self) -> None:
        opened = CaseOpened(
            **self._where(), authority="216404459", service="cantine", channel=Channel.CHATBOT, reference="K7F-3QX"
        )
        self.moments.append(Moment(event=opened))

    @property
    def case(self) -> ServiceCase:
        return ServiceCase(id=CASE, moments=tuple(self.moments))

    @property
    def dialogue(self) -> Dialogue:
        return dialogue_of(self.case, service=self.service, script=self.script)

    @property
    def place(self) -> Any:
        return where(self.dialogue, service=self.service, case=self.case, texts=self.script.texts)

    @property
    def last(self) -> str:
        return turns_of(self.case)[-1].text

    def say(self, *messages: str) -> Reply:
        answers = [self._take(message) for message in messages]
        return answers[-1]

    def _take(self, message: str) -> Reply:
        before = self.case
        answer = reply(self.dialogue, message, service=self.service, case=before, script=self.script)
        self.contact(message, Direction.IN, by=CITIZEN)
        if answer.event is not None:
            self.record(answer.event)
        if answer.submits:
            self.record(RequestSubmitted())
        if answer.said or answer.asks:
            self.contact(
                worded(answer, service=self.service, case=self.case, script=self.script),
                Direction.OUT,
                by=MACHINE,
                human=answer.human,
            )
        return answer

    def contact(self, text: str, direction: Direction, *, by: str, human: bool = False) -> None:
        event = InteractionRecorded(
            **self._where(by),
            interaction_id=InteractionId(uuid5(CASE, str(len(self.moments)))),
            channel=Channel.CHATBOT,
            direction=direction,
            particulars=ChatbotExchange(human_wanted=human),
            summary=text,
        )
        self.moments.append(Moment(event=event))

    def record(self, event: ServiceEvent, channel: Channel = Channel.CHATBOT) -> None:
        recorded = ServiceEventRecorded(**self._where(), name=name_of(event), channel=channel)
        self.moments.append(Moment(event=recorded, service_event=event))

    def _where(self, by: str = CITIZEN) -> dict[str, Any]:
        at = T0 + timedelta(minutes=len(self.moments))
        return {
            "case_id": CASE,
            "version": len(self.moments) + 1,
            "occurred_at": at,
            "stamp": Stamp(by=by, recorded_at=at),
        }


def understood(page: Page, name: str, message: str, script: Script = SCRIPT) -> tuple[str, ...] | None:
    question = next(each for each in questions_of(page.event, script.texts) if each.name == name)
    return understand(question, page, message, script)


@pytest.mark.parametrize(
    "message",
    ["27 mars 2017", "27/03/2017", "27-3-2017", "27.03.2017", "le 27 mars 2017", "2017-03-27", "March 27th, 2017"],
)
def test_a_date_is_understood_as_people_write_it(message: str) -> None:
    assert understood(CHILD, "born_on", message) == ("2017-03-27",)


@pytest.mark.parametrize(
    ("message", "day"),
    [
        ("1er avril 2020", "2020-04-01"),
        ("02/11/2019", "2019-11-02"),
        ("2 aout 2019", "2019-08-02"),
        ("3 sept 2018", "2018-09-03"),
    ],
)
def test_a_day_comes_before_its_month_and_a_month_may_be_short(message: str, day: str) -> None:
    assert understood(CHILD, "born_on", message) == (day,)


@pytest.mark.parametrize(
    "message",
    ["31 février 2017", "27/13/2017", "27 mars 17", "ju 2 2017", "2 jui 2017", "hier", "1/1/2017 ou 2/1/2017"],
)
def test_a_date_is_never_guessed(message: str) -> None:
    assert understood(CHILD, "born_on", message) is None


@pytest.mark.parametrize(
    "message", ["2", "Les Lauriers", "LES LAURIERS", "lauriers", "les-lauriers", "The Laurels", "n° 2"]
)
def test_a_choice_is_known_by_its_name_or_its_number_in_any_language(message: str) -> None:
    assert understood(CHILD, "school", message) == ("les-lauriers",)


@pytest.mark.parametrize("message", ["3", "0", "pas les Lauriers", "Jean Moulin ou Les Lauriers", "Ronsard", "…"])
def test_a_choice_that_is_none_of_them_is_not_understood(message: str) -> None:
    assert understood(CHILD, "school", message) is None


@pytest.mark.parametrize(
    "message", ["lundi et jeudi", "Lundi, Jeudi", "1, 3", "1 3", "le lundi et le 3", "Monday and Thursday"]
)
def test_several_choices_come_in_one_message(message: str) -> None:
    assert understood(DAYS, "days", message) == ("monday", "thursday")


@pytest.mark.parametrize("message", ["lundi et mercredi", "tous sauf lundi", "1 et 9", "lundi peut-être"])
def test_a_word_left_over_means_that_nothing_is_taken(message: str) -> None:
    assert understood(DAYS, "days", message) is None


def test_all_of_them_is_an_answer() -> None:
    assert understood(DAYS, "days", "tous") == ("monday", "tuesday", "thursday")


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("oui", ("yes",)),
        ("Oui, une", ("yes",)),
        ("YES", ("yes",)),
        ("non", ("no",)),
        ("n", ("no",)),
        ("aucune", ("no",)),
        ("oui et non", None),
        ("n’importe", None),
        ("peut-être", None),
    ],
)
def test_yes_and_no(message: str, answer: tuple[str, ...] | None) -> None:
    assert understood(DAYS, "allergy", message) == answer


@pytest.mark.parametrize(
    ("message", "amount"),
    [
        ("12,50 €", ("12,50",)),
        ("12€50", ("12,50",)),
        ("environ 1 200 euros", ("1 200",)),
        ("12.50", ("12.50",)),
        ("1.200", None),
        ("entre 10 et 20", None),
        ("inf", None),
        ("beaucoup", None),
    ],
)
def test_an_amount_is_one_number(message: str, amount: tuple[str, ...] | None) -> None:
    assert understood(DAYS, "paid", message) == amount


@pytest.mark.parametrize(
    ("message", "number"), [("645", ("645",)), ("c’est 1 200", ("1 200",)), ("12,5", None), ("2 ou 3", None)]
)
def test_a_number_is_whole(message: str, number: tuple[str, ...] | None) -> None:
    assert understood(DAYS, "quotient", message) == number


def test_an_address_and_a_telephone_number_are_found_in_a_sentence() -> None:
    assert understood(CHILD, "email", "c’est nadia@example.org, merci") == ("nadia@example.org",)
    assert understood(DAYS, "phone", "au 05 59 00 00 01 le soir") == ("05 59 00 00 01",)


def test_the_first_thing_said_is_that_a_machine_speaks() -> None:
    told = Told()

    told.say("bonjour")

    assert told.last.startswith("Bonjour. Je suis une machine, pas une personne.")


def test_it_says_so_once() -> None:
    told = Told()

    told.say("bonjour", "commencer")

    assert "machine" not in told.last
    assert "Son nom" in told.last


def test_questions_come_one_after_the_other_and_a_page_is_summed_up_before_it_is_recorded() -> None:
    told = Told()

    summed_up = told.say(*CHILD_TOLD)

    assert summed_up.event is None
    assert (
        "1. Son nom – Inès Larrieu\n2. Né le – 27 mars 2017\n3. École – Les Lauriers\n4. Adresse – sans réponse"
        in told.last
    )

    assert told.say("oui").event == INES
    assert told.place == AtQuestion(DAYS, questions_of(DaysChosen, SCRIPT.texts)[0])


def test_however_long_the_answers_are_the_summary_ends_with_its_question() -> None:
    about = Page("about", LongAnswers)
    told = Told(service=Service(pages=(about,)))

    told.say("commencer", *["a" * 2_000] * 3)

    assert told.place == AtSummary(about, LongAnswers(first="a" * 2_000, second="a" * 2_000, third="a" * 2_000))
    assert told.last.endswith("le numéro de la réponse à changer.")


def test_a_whole_request_is_made_by_talking() -> None:
    told = Told()

    told.say(*CHILD_TOLD, "oui", *DAYS_TOLD, "oui")
    assert told.place == AtSending()

    assert told.say("oui").submits
    assert told.place == AtEnd()
    assert "K7F-3QX" in told.last


def test_an_answer_is_changed_by_its_number() -> None:
    told = Told()
    told.say(*CHILD_TOLD)

    told.say("non", "2", "28/03/2017")

    assert "28 mars 2017" in told.last
    assert "Inès Larrieu" in told.last


def test_half_a_page_is_found_again_in_the_thread() -> None:
    told = Told()
    told.say("commencer", "Inès Larrieu", "27 mars 2017")

    pending = pending_answers(told.dialogue, service=SERVICE, case=told.case, texts=SCRIPT.texts)

    assert pending == [("Son nom", "Inès Larrieu"), ("Né le", "27 mars 2017")]


def test_a_change_of_language_loses_no_answer() -> None:
    told = Told()
    told.say("commencer", "Inès Larrieu", "27 mars 2017", "lauriers")

    told.script = IN_ENGLISH

    assert told.dialogue.given == {
        "child": ("Inès Larrieu",),
        "born_on": ("2017-03-27",),
        "school": ("les-lauriers",),
    }


def test_a_page_answered_elsewhere_is_not_asked_again() -> None:
    told = Told()
    told.say("commencer", "Inès Larrieu")

    told.record(INES, Channel.TELEPHONE)

    assert told.dialogue.given == {}
    assert isinstance(told.place, AtQuestion)
    assert told.place.page == DAYS


def test_answers_of_an_unfinished_page_are_forgotten_once_an_agent_moved_the_case_on() -> None:
    told = Told(service=Service(pages=(CHILD, DAYS), desk=(PHOTO,)))
    told.say("commencer", "Inès Larrieu")

    told.record(PhotoGiven(photo=f"sha256:{'0' * 64}"), Channel.INTERNAL)

    assert told.dialogue.given == {}
    assert told.dialogue.begun


def test_a_question_is_left_unanswered_only_if_it_is_optional() -> None:
    told = Told()
    told.say("commencer", "passer")

    assert "attend une réponse" in told.last
    assert told.dialogue.given == {}


def test_going_back_asks_the_question_before_then_the_page_before() -> None:
    told = Told()
    told.say(*CHILD_TOLD, "oui", "lundi")

    told.say("retour")
    assert "Quels jours" in told.last
    told.say("retour")
    assert "Son nom" in told.last
    told.say("retour")
    assert "Il n’y a rien avant" in told.last


def test_a_page_answered_again_is_recorded_again_and_the_next_one_is_asked() -> None:
    told = Told()
    told.say(*CHILD_TOLD, "oui", "retour", "Xan Larrieu", "27 mars 2017", "1", "passer")

    assert told.say("oui").event == ChildNamed(child="Xan Larrieu", born_on=date(2017, 3, 27), school="jean-moulin")
    assert told.place.page == DAYS


def test_beginning_again_and_stopping_keep_nothing_that_was_not_confirmed() -> None:
    told = Told()
    told.say("commencer", "Inès Larrieu", "recommencer")
    assert told.dialogue == Dialogue(introduced=True, begun=True)

    told.say("Inès Larrieu", "annuler")
    assert told.place == AtStart()


def test_a_prepared_answer_comes_in_the_middle_of_a_page_and_loses_nothing() -> None:
    told = Told()
    told.say("commencer", "Inès Larrieu")

    told.say("Quels sont les TARIFS ?")

    assert "2,90" in told.last
    assert "Né le" in told.last
    assert told.dialogue.given == {"child": ("Inès Larrieu",)}


def test_the_longest_words_recognised_decide() -> None:
    told = Told()

    told.say("tarif allergie")

    assert "Le même." in told.last


def test_a_name_is_an_answer_even_if_it_is_a_keyword() -> None:
    told = Told()

    told.say("commencer", "Tarif")

    assert told.dialogue.given == {"child": ("Tarif",)}


@pytest.mark.parametrize("message", ["oui", "d’accord", "Yes"])
def test_saying_yes_to_the_offer_begins(message: str) -> None:
    told = Told()

    told.say(message)

    assert told.dialogue.begun


def test_it_says_what_it_did_not_understand_then_lets_a_person_read() -> None:
    told = Told()
    told.say("commencer", "Inès Larrieu")

    first = told.say("hier ou avant-hier")
    assert "Je n’ai pas compris «\u00a0hier ou avant-hier\u00a0»" in told.last
    second = told.say("je ne sais plus trop")

    assert (first.human, second.human) == (False, True)
    assert told.dialogue.human


def test_a_misunderstanding_is_forgotten_once_something_was_understood() -> None:
    told = Told()
    told.say("commencer", "Inès Larrieu", "hier", "27 mars 2017")

    assert not told.say("Ronsard").human


@pytest.mark.parametrize(
    "message",
    [
        "un humain",
        "Conseiller",
        "je voudrais parler à un conseiller s’il vous plaît",
        "a person",
        "I want to talk to someone",
    ],
)
def test_a_person_is_had_by_asking(message: str) -> None:
    told = Told()

    assert told.say(message).human


def test_in_the_answer_to_an_open_question_only_a_message_that_says_nothing_else_asks_for_a_person() -> None:
    told = Told()
    told.say("commencer")

    assert not told.say("Un conseiller municipal, M. Larrieu").human
    assert told.say("un conseiller").human


@pytest.mark.parametrize(
    "message", ["je n'en peux plus", "J’ai envie de mourir", "il me frappe", "I want to die", "AU SECOURS"]
)
def test_distress_is_heard_everywhere_and_gives_the_numbers_to_call(message: str) -> None:
    told = Told()
    told.say("commencer")

    assert told.say(message).human
    assert "112" in told.last
    assert "3114" in told.last


def test_after_the_hand_over_the_machine_is_silent() -> None:
    told = Told()
    told.say("commencer", "Inès Larrieu", "un humain")

    silence = told.say("vous êtes là ?")

    assert (silence.said, silence.asks, silence.event) == ("", False, None)
    assert turns_of(told.case)[-1].author == "citizen"


def test_somebody_waits_from_the_hand_over_to_the_agent_s_answer() -> None:
    told = Told()
    told.say("un humain")
    wanted_at = told.case.contacts()[-1].occurred_at
    told.say("il y a quelqu’un ?")
    assert care_of(told.case).wanted_since == wanted_at

    told.contact("Bonjour, je vous écoute.", Direction.OUT, by=AGENT)
    assert (care_of(told.case).human, care_of(told.case).wanted_since) == (True, None)

    told.say("merci")
    assert care_of(told.case).wanted_since == told.case.contacts()[-1].occurred_at


def test_given_back_the_machine_goes_on_where_it_was() -> None:
    told = Told()
    told.say("commencer", "Inès Larrieu", "un humain")
    told.contact("C’est réglé.", Direction.OUT, by=AGENT)

    told.contact("La machine reprend.", Direction.OUT, by=MACHINE)

    assert told.dialogue == Dialogue(introduced=True, begun=True, given={"child": ("Inès Larrieu",)})
    assert told.say("27 mars 2017").dialogue.given["born_on"] == ("2017-03-27",)


def test_what_was_said_to_a_person_is_no_answer() -> None:
    told = Told()
    told.say("commencer", "un humain", "Xan Larrieu")
    told.contact("La machine reprend.", Direction.OUT, by=MACHINE)

    assert told.dialogue.given == {}


def test_an_agent_who_writes_without_being_asked_takes_over() -> None:
    told = Told()
    told.say("commencer")
    told.contact("Bonjour, ici le service.", Direction.OUT, by=AGENT)

    assert told.dialogue.human


def test_in_a_copied_case_the_machine_still_knows_what_it_said() -> None:
    told = Told()
    told.contact("commencer", Direction.IN, by=copied(CITIZEN))
    told.contact("Je suis une machine. Son nom ?", Direction.OUT, by=copied(MACHINE))

    assert told.dialogue == Dialogue(introduced=True, begun=True)


def test_a_page_that_needs_a_file_is_filled_in_online() -> None:
    told = Told(service=Service(pages=(PHOTO,)))

    told.say("commencer")
    assert told.place == AtOnlinePage(PHOTO)
    assert not told.say("la voici").human
    assert not told.say("et maintenant").human

    told.record(PhotoGiven(photo=f"sha256:{'0' * 64}"), Channel.WEB)
    assert told.place == AtSending()


def test_how_far_a_case_has_come_is_told_without_what_was_decided() -> None:
    told = Told()

    told.say("Où en est ma demande ?")

    assert "K7F-3QX n’est pas encore envoyée" in told.last


def test_once_sent_a_request_is_not_begun_again() -> None:
    told = Told()
    told.record(INES)
    told.record(RequestSubmitted())

    told.say("commencer")

    assert "Votre demande est envoyée" in told.last


def test_what_was_erased_says_nothing() -> None:
    told = Told()
    told.contact("", Direction.IN, by=CITIZEN)

    assert told.dialogue == Dialogue()
    assert turns_of(told.case) == []


WORDS = st.sampled_from(
    [
        *(
            "oui",
            "non",
            "commencer",
            "passer",
            "retour",
            "recommencer",
            "annuler",
            "envoyer",
            "bonjour",
            "merci",
            "aide",
        ),
        *("Inès", "27 mars 2017", "1", "2", "lundi", "tous", "tarif ?", "12,50 €", "un humain", "où en est ma demande"),
        *("{0}", "{child}", "%s", "\x00", "\u202e", "9" * 400, "1e999", "²", "ﬀ", "İ", "n", "?"),
    ]
)
MESSAGES = st.lists(st.one_of(WORDS, st.text(max_size=60)), max_size=12)


@settings(max_examples=150, deadline=None)
@given(messages=MESSAGES, elsewhere=st.booleans())
def test_whatever_is_written_something_is_said_or_a_person_reads(*, messages: list[str], elsewhere: bool) -> None:
    told = Told(service=Service(pages=(CHILD, DAYS, PHOTO) if elsewhere else (CHILD, DAYS)))
    for message in filter(None, messages):
        read_by_a_person = told.dialogue.human
        answer = told.say(message)
        if read_by_a_person:
            assert not answer.said
        else:
            assert 0 < len(told.last) <= LENGTH_MAX
            assert prompt(told.dialogue, service=told.service, case=told.case, script=told.script)


@settings(max_examples=100, deadline=None)
@given(MESSAGES)
def test_folding_the_thread_gives_the_dialogue_that_led_to_it(messages: list[str]) -> None:
    told = Told()
    for message in filter(None, messages):
        answer = told.say(message)
        after = told.dialogue
        assert after.given == answer.dialogue.given
        assert after.begun == answer.dialogue.begun
        assert after.human == (answer.human or answer.dialogue.human)

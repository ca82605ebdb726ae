"""`labkit add page`: a page of the journey or of the desk, with its event, its template, words, answers and test."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from msgspec import Struct

from labkit.prototype.lab.again import SENT
from labkit.prototype.trials import CHECK
from labkit.scaffold.additions.declaration import calls_in, with_item
from labkit.scaffold.additions.definitions import events_in
from labkit.scaffold.additions.drafts import Drafts
from labkit.scaffold.additions.event import declare_event, event_type, events_code, import_into
from labkit.scaffold.additions.failures import NameTaken, UnknownEvent, UnknownPage
from labkit.scaffold.additions.fields import Field, Value, read_field
from labkit.scaffold.additions.layout import Term, string
from labkit.scaffold.additions.names import Name
from labkit.scaffold.additions.places import Code
from labkit.scaffold.additions.samples import answers_of, answers_to, put_answers

_OF_EVERY_JOURNEY = (CHECK, SENT, "feedback")
# What a page asks for when nothing else is said.
_QUESTION = "answer:lines:personal"
STANDARD = """\
{# A page of this project's own: what is between the two tags stands before the questions. #}
{% extends "page.html" %}
{% block before %}{% endblock %}
"""
_TEST = '''\
"""The page “{page}”: asked in every language, and its answers are kept."""

from labkit.prototype.trying import Trial

from {package}.events import {event}


def test_{variable}_is_asked_in_every_language(trial: Trial) -> None:
    case = trial.begin()

    for language in trial.project.languages:
        assert trial.browser.get(f"/{{language}}/case/{{case.id}}/{page}").status_code == 200


def test_the_answers_to_{variable}_are_kept(trial: Trial) -> None:
    case = trial.fill(trial.begin())

    assert case.latest({event}) is not None
'''
_TEST_AT_THE_DESK = '''\
"""The page “{page}” of the desk: shown in every language, and its answers are kept."""

from labkit.prototype.trying import Trial
from ledger.domain.vocabulary import Channel

from {package}.events import {event}


def test_{variable}_is_shown_to_agents_in_every_language(trial: Trial) -> None:
    case = trial.begin()

    for language in trial.project.languages:
        assert trial.browser.get(f"/{{language}}/desk/case/{{case.id}}/page/{page}").status_code == 200


def test_what_agents_fill_in_on_{variable}_is_kept(trial: Trial) -> None:
    case, page = trial.fill(trial.begin()), trial.service.page("{page}")
    assert page is not None

    trial.post(case, page, Channel.COUNTER)

    assert trial.cases.get(case.id).latest({event}) is not None
'''


class Place(Struct, frozen=True, kw_only=True):
    """Where a page goes: at the end of the journey, after another page, or on the desk."""

    after: str | None = None
    desk: bool = False

    @property
    def keyword(self) -> str:
        """Return which tuple of `SERVICE` it goes into."""
        return "desk" if self.desk else "pages"


class NewPage(Struct, frozen=True):
    """A page that is to be declared: its name, the type of its event, and when it is asked."""

    name: Name
    event: str
    when: str | None = None
    template: str = STANDARD


def add_page(drafts: Drafts, name: Name, place: Place, *, event: Name | None, fields: Sequence[Field]) -> None:
    """Add a page that asks for the fields of an event: one that there is, or a new one.

    Raises:
        BeyondRecognition, NameTaken, UnknownEvent, UnknownPage, NoSampleAnswer: the project cannot be edited so.
    """
    if has_page(drafts, name):
        return
    asked = event or Name((*name.words, "given"))
    known = events_in(events_code(drafts, by_hand=f"class {asked.type_name}"))
    if event is None and asked.stem in known:
        raise NameTaken(name=asked.stem, file=drafts.own("events.py"))
    if event is not None and asked.stem not in known and not fields:
        raise UnknownEvent(name=asked.stem, known=", ".join(known))
    answers: Callable[[], Mapping[str, Value]] = partial(
        answers_to, drafts.project, known.get(asked.stem, ""), asked.stem
    )
    if asked.stem not in known:
        fields = fields or [read_field(_QUESTION)]
        declare_event(drafts, asked, fields, title=name.title)
        answers = partial(answers_of, fields)
    put_page(drafts, NewPage(name, event_type(drafts, asked)), place)
    put_answers(drafts, asked.stem, answers)


def has_page(drafts: Drafts, name: Name) -> bool:
    """Tell whether the service has a page of this name.

    Raises:
        NameTaken: every journey has something of this name at its end.
    """
    if name.stem in _OF_EVERY_JOURNEY:
        raise NameTaken(name=name.stem, file=drafts.own("service.py"))
    code = _service(drafts, f'Page("{name.stem}", …)')
    return any(name.stem in calls_in(code, keyword) for keyword in ("pages", "desk"))


def put_page(drafts: Drafts, page: NewPage, place: Place) -> None:
    """Add a page to the declaration, with its template and its test."""
    declared = Term("Page", (string(page.name.stem), page.event, *([f"when={page.when}"] if page.when else [])))
    code = _service(drafts, f"{declared}, in {place.keyword}=(…)")
    pages = calls_in(code, place.keyword)
    if place.after is not None and place.after not in pages:
        raise UnknownPage(name=place.after, known=", ".join(pages))
    after = pages[place.after] if place.after is not None else None
    drafts.change(code.file, with_item(code, place.keyword, declared, width=drafts.width, after=after))
    import_into(drafts, "service.py", "labkit.prototype", ["Page"])
    import_into(drafts, "service.py", f"{drafts.package}.events", [page.event])
    if not place.desk:
        # Agents fill every page in the same form: a template of its own would never be shown.
        drafts.create(drafts.own(f"pages/{page.name.stem}.html"), page.template)
    variable = page.name.variable
    test = _TEST_AT_THE_DESK if place.desk else _TEST
    text = test.format(page=page.name.stem, variable=variable, package=drafts.package, event=page.event)
    drafts.create(f"tests/test_page_{variable}.py", text)


def _service(drafts: Drafts, by_hand: str) -> Code:
    path = drafts.own("service.py")
    return Code(drafts.read(path), file=path, by_hand=by_hand)

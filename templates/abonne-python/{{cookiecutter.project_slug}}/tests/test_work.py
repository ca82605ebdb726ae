"""The view counts each step once."""

from pathlib import Path

from labkit.controls.histories import a_whole_story
from labkit.controls.stream import published
from projections.engine.store import ViewStore

from {{ cookiecutter.package_name }}.work import VIEW, steps_by_activity


def test_every_step_counts_once_even_when_a_page_comes_twice(tmp_path: Path) -> None:
    page = published(a_whole_story())
    view = ViewStore(VIEW, tmp_path)

    view.apply(page)
    view.apply(page)

    assert sum(steps_by_activity(view.open()).values()) == 1
    assert view.position() == len(page)


def test_a_view_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    page = published(a_whole_story())
    ViewStore(VIEW, tmp_path).apply(page[:3])

    view = ViewStore(VIEW, tmp_path)
    view.apply(page[view.position() :])

    assert sum(steps_by_activity(view.open()).values()) == 1

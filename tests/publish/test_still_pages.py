"""Pages as they were: they look the same, and can do nothing any more."""

import pytest

from labkit.prototype.trying import Trial
from labkit.replay.still import DEPTH_MAX, still


def body(markup: str) -> str:
    return still(f"<!doctype html><html><body>{markup}</body></html>").body


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        "<svg><script>alert(1)</script></svg>",
        "<style>body{background:url(https://elsewhere.example)}</style>",
        '<iframe src="https://elsewhere.example"></iframe>',
        '<object data="x"></object><embed src="x">',
        '<link rel="stylesheet" href="https://elsewhere.example/x.css">',
        '<meta http-equiv="refresh" content="0;url=https://elsewhere.example">',
        '<base href="https://elsewhere.example/">',
        "<template><img src=x onerror=alert(1)></template>",
        "<noscript><img src=https://elsewhere.example></noscript>",
        "<!-- a remark -->",
        "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
    ],
)
def test_what_could_run_or_ask_is_gone(markup: str) -> None:
    kept = body(f"<p>before</p>{markup}<p>after</p>")

    assert kept.startswith("<p>before</p>")
    for word in ("alert", "elsewhere", "onerror", "script", "style", "remark"):
        assert word not in kept


@pytest.mark.parametrize(
    ("markup", "kept"),
    [
        ('<a href="javascript:alert(1)" ping="https://x">a</a>', "<a>a</a>"),
        ('<a href="/fr" class="back">a</a>', '<a class="back">a</a>'),
        ('<img src="https://elsewhere.example/x.png" alt="b" onerror="x">', '<img alt="b">'),
        ('<img src="data:image/png;base64,AA==" alt="">', '<img src="data:image/png;base64,AA==" alt="">'),
        ('<img src="data:text/html,x">', "<img>"),
        ('<form action="https://x" method="post"><button formaction="/x">c</button></form>',
         '<form><button tabindex="-1">c</button></form>'),
        ('<p style="color:red" onclick="x()">d</p>', "<p>d</p>"),
        ('<svg><path d="M0" fill="url(https://x)"/></svg>', '<svg><path d="M0"></path></svg>'),
        ('<input value="&quot;>&lt;b>" autofocus>', '<input value="&quot;&gt;&lt;b&gt;" tabindex="-1">'),
        ("<textarea>\n\n&lt;/textarea></textarea>", '<textarea tabindex="-1">\n\n&lt;/textarea&gt;</textarea>'),
        ("<x-thing>e</x-thing>", "e"),
        ("<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
    ],
)  # fmt: skip
def test_what_is_kept_is_listed(markup: str, kept: str) -> None:
    assert body(markup) == kept


def test_the_bar_of_the_lab_is_left_out_and_that_of_a_trial_is_not() -> None:
    assert body('<section class="lab-bar"><p>x</p></section>') == ""
    assert "x" in body('<section class="lab-bar trial-bar"><p>x</p></section>')


@pytest.mark.parametrize(("mode", "kept"), [("dark", "dark"), ("light", "light"), ('x" onload="y', None)])
def test_the_colours_that_were_chosen_are_kept(mode: str, kept: str | None) -> None:
    assert still(f"<html data-theme='{mode}'><body></body></html>").mode == kept


def test_a_page_of_nobody_is_cut_at_some_depth() -> None:
    kept = body("<div>" * (DEPTH_MAX + 50))
    assert kept.count("<div>") == DEPTH_MAX


def test_a_real_page_keeps_its_words_and_its_questions(trial: Trial) -> None:
    html = trial.browser.get(f"/fr/case/{trial.begin().id}/family").text
    kept = still(html).body

    assert "<h1>" in kept
    assert "<input" in kept
    assert "href" not in kept
    assert "/_lab" not in kept

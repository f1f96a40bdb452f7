"""An exported document shows every answer in its own section, whatever is in it, and can be read back."""

from __future__ import annotations

from contextlib import suppress
from html import escape
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from smallchat.safe_text import safe_text
from smallchat.sessions.containment import contain, inline, reaches_beyond
from smallchat.sessions.files import export_session
from smallchat.sessions.markdown_reading import read_markdown
from smallchat.sessions.record import BadExport, read_session, session_record
from smallchat.sessions.session import Session
from tests.sessions.conversations import LINE_PARTS, NASTY_ANSWERS, any_char, conversation, sessions, texts

RENDERERS = [MarkdownIt("commonmark"), MarkdownIt("gfm-like", {"linkify": False}), MarkdownIt("js-default")]


def top_headings(markdown: str, renderer: MarkdownIt, level: str) -> list[str]:
    tokens = renderer.parse(markdown)
    return [
        shown(inner)
        for token, inner in pairwise(tokens)
        if token.type == "heading_open" and token.tag == level
    ]


def shown(token: Token) -> str:
    return "".join(child.content for child in token.children or [])


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("nasty", NASTY_ANSWERS)
def test_no_answer_swallows_the_next(nasty: str, renderer: MarkdownIt) -> None:
    markdown = export_session(conversation(nasty, "calm", "calm", nasty, prompt=nasty), "markdown")
    assert top_headings(markdown, renderer, "h1") == ["Turn 1", "Turn 2"]
    assert top_headings(markdown, renderer, "h2") == ["fast", "slow_2", "fast", "slow_2"]
    assert renderer.render(markdown).count("<p>calm</p>") == 2


@given(sessions)
def test_any_session_comes_back_and_is_written_the_same(session: Session) -> None:
    markdown = export_session(session, "markdown")
    again = read_session(read_markdown(markdown))
    assert export_session(again, "markdown") == markdown
    assert safe_text(markdown) == markdown
    written = [safe_text(kept.answer.text) for turn in session.turns for kept in turn.all_answers()]
    assert [kept.answer.text for turn in again.turns for kept in turn.all_answers()] == written
    assert [turn.prompt for turn in again.turns] == [safe_text(turn.prompt) for turn in session.turns]


@given(sessions)
def test_any_session_has_as_many_sections_as_answers(session: Session) -> None:
    markdown = export_session(session, "markdown")
    for renderer in RENDERERS:
        answers = sum(1 for turn in session.turns for _ in turn.all_answers())
        assert len(top_headings(markdown, renderer, "h2")) == answers
        assert len(top_headings(markdown, renderer, "h1")) == len(session.turns)


@settings(max_examples=1000)
@given(texts.map(safe_text))
@example("- a\n  ```\n<script>\n  ```")
@example("1. ```\n   x\n```")
def test_what_follows_a_contained_text_is_left_alone(text: str) -> None:
    block = contain(text)
    markdown = "\n".join(["<!-- before -->", "", *block.lines, "", "## After", "", "[a] <b>x</b>", ""])
    renderer = RENDERERS[0]
    environment: dict[str, object] = {}
    tokens = renderer.parse(markdown, environment)
    assert [token.tag for token in tokens[-6:]] == ["h2", "", "h2", "p", "", "p"]
    assert tokens[-2].content == "[a] <b>x</b>"
    assert not environment.get("references")
    html = [token for token in tokens[1:-6] if token.type == "html_block"]
    assert not html


def test_an_ordinary_answer_stays_as_it_is() -> None:
    answer = """\
The sky is *blue*, see [this](https://example.org):

1. Light

   ```python
   # scatter
   a < b
   ```
2. Air

### Code

```html
<script>
# no heading
[a]: /b
```

| a | b |
|---|---|
| 1 | 2 |

---

Done."""
    assert not reaches_beyond(answer.split("\n"))
    assert f"\n\n{answer}\n" in export_session(conversation(answer), "markdown")


@pytest.mark.parametrize("text", [text for text in NASTY_ANSWERS if "`" in text])
def test_a_fence_is_longer_than_any_inside(text: str) -> None:
    block = contain(text, fenced=True)
    fence = block.lines[-1]
    assert fence not in text
    assert block.lines[1:-1] == text.split("\n")


@given(st.lists(st.sampled_from(LINE_PARTS), max_size=6).map("".join))
def test_a_line_is_shown_as_it_is(text: str) -> None:
    line = " ".join(safe_text(text).split())
    rendered = RENDERERS[0].render(f"x {inline(line)} x")
    assert rendered == f"<p>x {escape(line, quote=False)} x</p>\n".replace('"', "&quot;")


def test_front_matter_is_yaml() -> None:
    yaml = pytest.importorskip("yaml")
    session = conversation("text", "text")
    head = yaml.safe_load(export_session(session, "markdown").split("\n---\n")[0])
    assert head["title"] == session.title
    assert head["session"] == "k3x97fq2ab"
    assert head["models"][0]["served"] == ["fast-0915"]
    assert head["models"][0]["price"]["as_of"] == "2026-11-20"
    assert head["totals"]["exact_usd"] == "0.0022176"
    assert head["totals"]["input_tokens"] == 2408


@given(sessions)
def test_any_front_matter_is_yaml(session: Session) -> None:
    yaml = pytest.importorskip("yaml")
    head = yaml.safe_load(export_session(session, "markdown").split("\n---\n")[0])
    assert head["title"] == safe_text(session.title)


def test_a_table_shows_all_figures() -> None:
    markdown = export_session(conversation("text"), "markdown")
    assert "| fast | ok | 212 ms | 84.1 | 1,204 | 1,024 | 122 | $0.0011088 |" in markdown


@given(st.data())
def test_a_changed_file_is_refused_not_misread(data: st.DataObject) -> None:
    markdown = export_session(conversation("one\ntwo", "three"), "markdown")
    lines = markdown.split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    match data.draw(st.sampled_from(["drop", "swap", "noise"])):
        case "drop":
            del lines[at]
        case "swap":
            lines[at], lines[-1] = lines[-1], lines[at]
        case _:
            lines[at] = data.draw(st.text(max_size=30))
    with suppress(BadExport):
        read_session(read_markdown("\n".join(lines)))


@given(st.text(any_char))
def test_any_file_is_read_or_refused(text: str) -> None:
    with pytest.raises(BadExport):
        read_markdown(text)


def test_line_ends_of_windows_are_understood() -> None:
    markdown = export_session(conversation("one\ntwo"), "markdown")
    assert export_session(read_session(read_markdown(markdown.replace("\n", "\r\n"))), "markdown") == markdown


def test_record_and_session_say_the_same() -> None:
    session = conversation("one", "two")
    assert read_session(session_record(session)) == session

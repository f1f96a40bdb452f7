"""The widget in an app: following, scrolling, selecting, clicking, finding, other widths, other themes."""

from __future__ import annotations

import re

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import SELECT_ALL, Selection

from smallchat.tui.widgets.transcript import Transcript

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Shell(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.follows: list[bool] = []
        self.topics: list[object] = []
        self.quits = 0

    def compose(self) -> ComposeResult:
        yield Transcript()

    def on_transcript_link_clicked(self, message: Transcript.LinkClicked) -> None:
        self.links.append(message.url)

    def on_transcript_follow_changed(self, message: Transcript.FollowChanged) -> None:
        self.follows.append(message.follow)

    def on_transcript_note_clicked(self, message: Transcript.NoteClicked) -> None:
        self.topics.append(message.about)

    async def action_quit(self) -> None:
        self.quits += 1


async def settled(pilot: Pilot[None]) -> Transcript:
    transcript = pilot.app.query_one(Transcript)
    await pilot.pause()
    while transcript.busy:
        await pilot.pause(0.01)
    await pilot.pause()
    return transcript


def rows(transcript: Transcript) -> list[str]:
    """Return the rows as they are painted."""
    return [strip.text.rstrip() for strip in transcript.render_lines(transcript.size.region)]


async def test_follows_until_scrolled_up_and_again_from_the_end() -> None:
    app = Shell()
    async with app.run_test(size=(60, 20)) as pilot:
        transcript = await settled(pilot)
        transcript.focus()
        transcript.append("".join(f"line {number}\n\n" for number in range(50)))
        await settled(pilot)
        assert "line 49" in rows(transcript)[-1]
        await pilot.press("pageup")
        assert (transcript.follow, app.follows) == (False, [False])
        held = rows(transcript)
        transcript.append("".join(f"more {number}\n\n" for number in range(50)))
        await settled(pilot)
        assert rows(transcript) == held
        await pilot.press("end")
        assert (transcript.follow, app.follows) == (True, [False, True])
        assert "more 49" in rows(transcript)[-1]
        await pilot.press("up")
        await pilot.press("down")
        assert transcript.follow


async def test_the_wheel_scrolls_up_while_text_streams() -> None:
    app = Shell()
    async with app.run_test(size=(60, 20)) as pilot:
        transcript = await settled(pilot)
        for number in range(60):
            transcript.append(f"line {number}\n\n")
            if number == 40:
                transcript._on_mouse_scroll_up(_wheel(transcript))
        await settled(pilot)
        assert not transcript.follow
        assert "line 59" not in "".join(rows(transcript))


def _wheel(transcript: Transcript):  # type: ignore[no-untyped-def]
    from textual.events import MouseScrollUp

    return MouseScrollUp(transcript, 1, 1, 0, 0, 0, False, False, False)


async def test_a_click_on_a_link_only_tells() -> None:
    app = Shell()
    async with app.run_test(size=(60, 20)) as pilot:
        transcript = await settled(pilot)
        transcript.append("See [docs](https://docs.org/a) or [bad](javascript:x) now.\n\n")
        await settled(pilot)
        await pilot.click(Transcript, offset=(6, 0))
        await pilot.click(Transcript, offset=(14, 0))
        await pilot.click(Transcript, offset=(30, 10))
        assert app.links == ["https://docs.org/a"]


async def test_markup_and_controls_do_nothing() -> None:
    app = Shell()
    async with app.run_test(size=(60, 20)) as pilot:
        transcript = await settled(pilot)
        text = "[@click=app.quit]click[/] [/] \x1b]52;c;AAAA\x07 [link=x]y[/link] \u202e\x9b2J [b]"
        transcript.add_prompt(text)
        transcript.append(text, "reasoning")
        transcript.append(text)
        transcript.append(text, "tool")
        transcript.add_note(text, "error")
        await settled(pilot)
        for y in range(transcript.size.height):
            strip = transcript.render_line(y)
            assert not CONTROL.search(strip.text)
            for segment in strip:
                assert segment.control is None
                assert segment.style is None or segment.style.link is None
                assert segment.style is None or set(segment.style.meta) <= {"offset", "transcript_link"}
        for x in range(0, 40, 4):
            await pilot.click(Transcript, offset=(x, 0))
        assert app.quits == 0
        assert transcript.answer_text() == text


async def test_copies_what_is_seen_without_bars_and_line_breaks() -> None:
    app = Shell()
    async with app.run_test(size=(40, 30)) as pilot:
        transcript = await settled(pilot)
        transcript.add_prompt("Why?")
        transcript.append(
            "> Quoted words that go on for more than one row of it.\n\n"
            "- an item that is long enough to be wrapped around\n- two\n\n```python\nx = 1\n    y = 2\n```\n"
        )
        transcript.end_answer()
        await settled(pilot)
        copied = transcript.get_selection(SELECT_ALL)
        assert copied is not None
        assert copied[0] == (
            "Why?\n\nQuoted words that go on for more than one row of it.\n\n"
            "• an item that is long enough to be wrapped around\n• two\n\n\nx = 1\n    y = 2"
        )
        part = transcript.get_selection(Selection(Offset(4, 0), Offset(10, 2)))
        assert part == ("y?\n\nQuoted w", "\n")


async def test_selecting_with_the_mouse() -> None:
    app = Shell()
    async with app.run_test(size=(40, 10)) as pilot:
        transcript = await settled(pilot)
        transcript.append("One two three.\n\nFour five six.\n")
        await settled(pilot)
        await pilot.mouse_down(Transcript, offset=(5, 0))
        await pilot.hover(Transcript, offset=(4, 2))
        await pilot.mouse_up(Transcript, offset=(4, 2))
        assert app.screen.get_selected_text() == "two three.\n\nFour"


async def test_a_new_width_keeps_the_place() -> None:
    app = Shell()
    async with app.run_test(size=(100, 20)) as pilot:
        transcript = await settled(pilot)
        transcript.append("".join(f"mark{number} " + "word " * 40 + "\n\n" for number in range(200)))
        await settled(pilot)
        transcript.scroll_to(y=300)
        await settled(pilot)
        first = next(row for row in rows(transcript) if "mark" in row).split()[0]
        for width in (50, 120, 41):
            await pilot.resize_terminal(width, 20)
            await settled(pilot)
            assert any(first in row for row in rows(transcript))
            assert not transcript.follow


async def test_one_huge_block_arrives_in_slices() -> None:
    app = Shell()
    async with app.run_test(size=(100, 20)) as pilot:
        transcript = await settled(pilot)
        transcript.append("```python\n" + "x = [1, 2, 3]  # words\n" * 5000)
        assert transcript.busy
        assert transcript.virtual_size.height < 5000
        transcript.end_answer()
        await settled(pilot)
        assert transcript.virtual_size.height == 5001
        assert transcript.last_code_block() == "\n".join(["x = [1, 2, 3]  # words"] * 5000)


async def test_finding() -> None:
    app = Shell()
    async with app.run_test(size=(40, 10)) as pilot:
        transcript = await settled(pilot)
        transcript.append(
            "Needle here.\n\n" + "hay\n\n" * 50 + "A long row of words ends in nee" + "dle, wrapped NEEDLE.\n"
        )
        await settled(pilot)
        assert transcript.find("needle") == 3
        await settled(pilot)
        assert any("NEEDLE" in row for row in rows(transcript))
        transcript.find_next()
        await settled(pilot)
        assert rows(transcript)[0].strip() == "Needle here."
        transcript.find_previous()
        await settled(pilot)
        assert any("NEEDLE" in row for row in rows(transcript))
        assert transcript.find("nothing") == 0
        assert transcript.find("") == 0


async def test_finding_over_wrapped_rows() -> None:
    app = Shell()
    async with app.run_test(size=(24, 10)) as pilot:
        transcript = await settled(pilot)
        transcript.append("Some words that are wrapped\n")
        await settled(pilot)
        assert transcript.find("are wrapped") == 1


async def test_channels_and_turns_are_kept_apart() -> None:
    app = Shell()
    async with app.run_test(size=(60, 30)) as pilot:
        transcript = await settled(pilot)
        for turn in range(2):
            transcript.add_prompt(f"prompt {turn}")
            transcript.begin_answer()
            transcript.append("thought ", "reasoning")
            transcript.append("on", "reasoning")
            transcript.append("\n\n")
            transcript.append(f"**answer** {turn}")
            transcript.end_answer()
        await settled(pilot)
        assert transcript.answer_count == 2
        assert transcript.answer_text(0) == "\n\n**answer** 0"
        assert transcript.answer_text(channel="reasoning") == "thought on"
        assert transcript.answer_text(7) == ""
        assert [row.strip() for row in rows(transcript) if row.strip()] == [
            "▌ prompt 0", "┊ thinking", "┊ thought on", "answer 0",
            "▌ prompt 1", "┊ thinking", "┊ thought on", "answer 1",
        ]  # fmt: skip
        transcript.clear()
        await settled(pilot)
        assert not any(row.strip() for row in rows(transcript))
        assert transcript.answer_count == 0


@pytest.mark.parametrize("theme", ["textual-light", "nord"])
async def test_another_theme_repaints(theme: str) -> None:
    app = Shell()
    async with app.run_test(size=(40, 10)) as pilot:
        transcript = await settled(pilot)
        transcript.append("# Title\n\n`code`\n")
        await settled(pilot)
        before = [segment.style for segment in transcript.render_lines(transcript.size.region)[0]]
        app.theme = theme
        await settled(pilot)
        after = [segment.style for segment in transcript.render_lines(transcript.size.region)[0]]
        assert before != after


async def test_rows_are_the_same_with_a_border() -> None:
    """The quick way to paint is only for a widget without special styles; the other must show the same."""
    app = Shell()
    async with app.run_test(size=(40, 10)) as pilot:
        transcript = await settled(pilot)
        transcript.append("Some *words*\n")
        await settled(pilot)
        transcript.styles.border = ("round", "white")
        await settled(pilot)
        painted = transcript.render_lines(transcript.region.reset_offset)
        assert painted[1].text.strip("│ ").rstrip() == "Some words"


async def test_a_note_with_more_to_say_tells_what_it_is_about_when_clicked() -> None:
    app = Shell()
    async with app.run_test(size=(30, 12)) as pilot:
        transcript = app.query_one(Transcript)
        transcript.add_prompt("Hi")
        transcript.add_note("a note that fills more than a row", about=7)
        transcript.add_note("one that says all")
        await settled(pilot)
        shown = rows(transcript)
        for words in ("· a note", "than a row", "· one that", "▌ Hi"):
            (y,) = [y for y, row in enumerate(shown) if row.strip().startswith(words)]
            await pilot.click(transcript, offset=(6, y))
        await pilot.click(transcript, offset=(6, 1))  # the blank row above the note
        assert app.topics == [7, 7]

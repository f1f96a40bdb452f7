"""The diff of two answers: complete, in bounded time, readable without colours, safe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from smallchat.tui.diff_layout import lay_beside, lay_inline
from smallchat.tui.screens.diff import DiffScreen
from smallchat.tui.word_diff import count_words, diff_words, split_words
from tests.tui.drawing import click_words
from tests.tui.fakes import Stage

words = st.lists(st.sampled_from(["a", "b", "c", "the", "\n", "日本語", "x" * 30]), max_size=40)
texts = st.text(st.characters(exclude_categories=[]), max_size=80)


@given(words, words)
def test_both_texts_can_be_read_from_the_diff(left: list[str], right: list[str]) -> None:
    for longest_s in (1.0, 0.0):
        pieces = diff_words(left, right, longest_s)
        assert [word for piece in pieces if piece.kind != "added" for word in piece.words] == left
        assert [word for piece in pieces if piece.kind != "removed" for word in piece.words] == right


@given(words)
def test_equal_texts_do_not_differ(text: list[str]) -> None:
    counts = count_words(diff_words(text, text))
    assert (counts["removed"], counts["added"]) == (0, 0)


@given(texts, texts, st.integers(10, 100))
def test_lines_fit_and_are_safe(left: str, right: str, width: int) -> None:
    pieces = diff_words(split_words(left), split_words(right))
    inline, beside = lay_inline(pieces, width), lay_beside(pieces, width)
    for page in (inline, beside):
        assert page.places == sorted(page.places)
        assert all(place < len(page.lines) for place in page.places)
    for line in (*inline.lines, *beside.lines):
        assert line.cell_length <= width
        assert "\x1b" not in line.plain
        assert "\n" not in line.plain


def test_what_differs_is_marked_by_signs() -> None:
    pieces = diff_words(["The", "Rhine", "is", "long", "."], ["The", "Nile", "is", "very", "long", "."])
    assert [line.plain for line in lay_inline(pieces, 80).lines] == [
        "The [-Rhine-] {+Nile+} is {+very+} long ."
    ]


LEFT = """\
Rivers
Nile and Rhine and many others, of course
1. one
if long:
    flow()
the end"""
RIGHT = """\
Rivers
Amazon and Rhine
1. one
1b. one more
1c. and more
if long:
        flow()
the end"""


def test_lines_that_are_alike_stand_side_by_side() -> None:
    page = lay_beside(diff_words(split_words(LEFT), split_words(RIGHT)), 43)
    assert [line.plain.rstrip() for line in page.lines] == [
        "Rivers               │ Rivers",
        "[-Nile-] and Rhine   │ {+Amazon+} and Rhine",
        "[-and many others,   │",
        "of course-]          │",
        "1. one               │ 1. one",
        "                     │ {+1b. one more",
        "                     │ 1c. and more+}",
        "if long:             │ if long:",
        "[-    flow()-]       │ {+        flow()+}",
        "the end              │ the end",
    ]
    assert page.places == [1, 2, 5, 8]


plain_words = st.lists(st.sampled_from(["a", "b", "c", "the", "\n", "    if", "x" * 30]), max_size=40)


@given(plain_words, plain_words, st.integers(20, 100))
def test_both_columns_hold_their_text(left: list[str], right: list[str], width: int) -> None:
    lines = lay_beside(diff_words(left, right), width).lines
    room = (width - 3) // 2
    columns = (line.plain[:room] for line in lines), (line.plain[room + 3 :] for line in lines)
    for column, words in zip(columns, (left, right), strict=True):
        told = "".join(column)
        for sign in (" ", "[-", "-]", "{+", "+}"):
            told = told.replace(sign, "")
        assert told == "".join(words).replace("\n", "").replace(" ", "")


def test_repetitive_texts_are_compared_in_bounded_work() -> None:
    left, right = ["a", "b"] * 20_000, ["b", "b", "a"] * 14_000
    pieces = diff_words(left, right, 0.2)
    assert sum(len(piece.words) for piece in pieces if piece.kind != "added") == len(left)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


NILE = "The Nile is the longest river on Earth,\nmost people say."
AMAZON = "The Amazon is the longest river on Earth,\nsome people say. \x1b[2J[/]"


async def open_diff(stage: Stage, pilot: Pilot[None], left: str = NILE, right: str = AMAZON) -> DiffScreen:
    await stage.ready(pilot)
    await stage.ask(pilot, "Which river is the longest?")
    engine = stage.engine
    engine.finish(engine.lane("alpha"), left)
    engine.finish(engine.lane("beta"), right)
    engine.finish(engine.lane("gamma"), "Nobody knows.")
    await stage.settled(pilot)
    await pilot.press("alt+y")
    await pilot.pause()
    screen = stage.app.screen
    assert isinstance(screen, DiffScreen)
    await compared(screen, pilot)
    return screen


async def compared(screen: DiffScreen, pilot: Pilot[None]) -> None:
    while "words" not in str(screen.query_one("#diff-counts").render()):
        await pilot.pause(0.01)
    await pilot.pause()


def told(screen: DiffScreen) -> str:
    return "\n".join(line.plain for line in screen.lines.page.lines)


async def test_pairs_and_views_are_changed_by_keys(stage: Stage) -> None:
    async with stage.app.run_test(size=(100, 24)) as pilot:
        screen = await open_diff(stage, pilot)
        assert "│" in told(screen)
        await pilot.press("s")
        while "│" in told(screen):
            await pilot.pause(0.01)
        assert "The [-Nile-] {+Amazon+} is the longest river on Earth," in told(screen)
        assert "{+␛[2J[/]+}" in told(screen)
        await pilot.press("x")
        while "[-Amazon-]" not in told(screen):
            await pilot.pause(0.01)
        await pilot.press("tab")
        while "Nobody" not in told(screen):
            await pilot.pause(0.01)
        await pilot.press("escape")
        await pilot.pause()
        assert stage.screen


async def test_the_cursor_goes_from_difference_to_difference(stage: Stage) -> None:
    async with stage.app.run_test(size=(100, 24)) as pilot:
        screen = await open_diff(stage, pilot, LEFT, RIGHT)
        counts = screen.query_one("#diff-counts")
        assert "3 to see" in str(counts.render())
        for key, line, place in (("n", 1, 1), ("n", 4, 2), ("n", 7, 3), ("n", 1, 1), ("N", 7, 3)):
            await pilot.press(key)
            await pilot.pause()
            assert screen.lines.cursor == line, key
            assert f"place {place} of 3" in str(counts.render())
        await pilot.click(counts, offset=(counts.content_size.width, 0))  # ▸
        await pilot.pause()
        assert screen.lines.cursor == 1
        await click_words(pilot, counts, "◂")
        assert screen.lines.cursor == 7
        bar = str(screen.query_one("KeyBar").render())
        assert "Open" not in bar
        await click_words(pilot, "KeyBar", "Next difference")
        assert screen.lines.cursor == 1


async def test_equal_answers_are_told_to_be_equal(stage: Stage) -> None:
    async with stage.app.run_test(size=(40, 12)) as pilot:
        screen = await open_diff(stage, pilot, NILE, NILE.replace(" ", "  "))
        assert str(screen.query_one("#diff-counts").render()).strip() == "11 words, all the same"
        await pilot.press("n")
        await pilot.pause()
        assert any("No word differs." in shown.message for shown in stage.app._notifications)


@pytest.mark.parametrize("width", [80, 40])
async def test_pairs_and_views_are_clicked(stage: Stage, width: int) -> None:
    async with stage.app.run_test(size=(width, 12)) as pilot:
        screen = await open_diff(stage, pilot)
        title = screen.query_one("#diff-title")
        assert title.render().plain.rstrip().endswith("◂ pair 1 of 3 ▸" if width == 80 else "◂ 1/3 ▸")
        await pilot.click(title, offset=(title.content_size.width, 0))
        while "Nobody" not in told(screen):
            await pilot.pause(0.01)
        assert "Gamma" in str(title.render())
        if width == 80:
            await click_words(pilot, title, "side by side")
            while "│" in told(screen):
                await pilot.pause(0.01)


@pytest.mark.parametrize("inline", [False, True], ids=["beside", "inline"])
@pytest.mark.usefixtures("still")
def test_its_looks(snap_compare: Callable[..., bool], stage: Stage, inline: bool) -> None:
    async def look(pilot: Pilot[None]) -> None:
        screen = await open_diff(stage, pilot)
        if inline:
            await pilot.press("s")
            while "│" in told(screen):
                await pilot.pause(0.01)
        await pilot.pause()

    assert snap_compare(stage.app, terminal_size=(80, 24), run_before=look)

"""The diff of two answers: complete, in bounded time, readable without colours, safe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from smallchat.tui.screens.diff import DiffScreen
from smallchat.tui.word_diff import count_words, diff_words, side_by_side, split_words, wrap_pieces
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
    for line in (*wrap_pieces(pieces, width), *side_by_side(pieces, width)):
        assert line.cell_length <= width
        assert "\x1b" not in line.plain
        assert "\n" not in line.plain


def test_what_differs_is_marked_by_signs() -> None:
    pieces = diff_words(["The", "Rhine", "is", "long", "."], ["The", "Nile", "is", "very", "long", "."])
    assert [line.plain for line in wrap_pieces(pieces, 80)] == ["The [-Rhine-] {+Nile+} is {+very+} long ."]


def test_repetitive_texts_are_compared_in_bounded_work() -> None:
    left, right = ["a", "b"] * 20_000, ["b", "b", "a"] * 14_000
    pieces = diff_words(left, right, 0.2)
    assert sum(len(piece.words) for piece in pieces if piece.kind != "added") == len(left)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


async def open_diff(stage: Stage, pilot: Pilot[None]) -> DiffScreen:
    await stage.ready(pilot)
    await stage.ask(pilot, "Which river is the longest?")
    engine = stage.engine
    engine.finish(engine.lane("alpha"), "The Nile is the longest river on Earth,\nmost people say.")
    engine.finish(
        engine.lane("beta"), "The Amazon is the longest river on Earth,\nsome people say. \x1b[2J[/]"
    )
    engine.finish(engine.lane("gamma"), "Nobody knows.")
    await stage.settled(pilot)
    await pilot.press("alt+y")
    await pilot.pause()
    screen = stage.app.screen
    assert isinstance(screen, DiffScreen)
    await compared(screen, pilot)
    return screen


async def compared(screen: DiffScreen, pilot: Pilot[None]) -> None:
    while "alike" not in str(screen.query_one("#diff-counts").render()):
        await pilot.pause(0.01)
    await pilot.pause()


def told(screen: DiffScreen) -> str:
    return "\n".join(line.plain for line in screen.lines.lines)


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
        await pilot.press("n")
        while "Nobody" not in told(screen):
            await pilot.pause(0.01)
        await pilot.press("escape")
        await pilot.pause()
        assert stage.screen


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

"""The figures screen: a table that can be sorted and copied, medians, bars, waterfalls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.pilot import Pilot
from textual.widgets import Static

from smallchat.metering.answer import Answer, Figures, Validity
from smallchat.metering.timeline import Timeline
from smallchat.tui.bars import PARTS, draw_bar, draw_waterfall
from smallchat.tui.figures_layout import lay_out
from smallchat.tui.figures_table import COLUMNS, Row, sort_rows, write_table
from smallchat.tui.screens.figures import FiguresScreen
from smallchat.tui.widgets.figures_line import FiguresLine
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.target_line import TargetLine
from tests.tui.drawing import click_words
from tests.tui.fakes import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


async def open_figures(stage: Stage, pilot: Pilot[None], turns: int = 2) -> FiguresScreen:
    await stage.ready(pilot)
    stage.screen.composer.cursor_blink = False
    for turn in range(turns):
        await stage.ask(pilot, "Tell me about rivers.")
        engine = stage.engine
        engine.finish(engine.lane("alpha"), "one two " * 40, ttft_ms=212 + turn, output=180)
        engine.finish(engine.lane("beta"), "one two three " * 40, ttft_ms=480 + turn, output=90)
        engine.fail(engine.lane("gamma"), "Gateway answered 503.", "Try again in a moment.")
        await stage.settled(pilot)
    await pilot.press("alt+i")
    await pilot.pause()
    screen = stage.app.screen
    assert isinstance(screen, FiguresScreen)
    while not screen.ready:
        await pilot.pause(0.01)
    await pilot.pause()
    return screen


def toasts(stage: Stage) -> str:
    return " ".join(notification.message for notification in stage.app._notifications)


def models_of(screen: FiguresScreen) -> list[str]:
    return [row.answer.model for row in screen.table.rows]


def text_of(screen: FiguresScreen) -> str:
    return str(screen.query_one("#figures-text", Static).render())


async def test_a_click_on_a_panes_figures_opens_them_all(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        for act in (lambda: pilot.press("alt+i"), lambda: pilot.click(FiguresLine)):
            await act()
            await pilot.pause()
            assert "ask something first" in toasts(stage)
            stage.app.clear_notifications()
        await stage.ask(pilot, "Tell me about rivers.")
        await pilot.click(FiguresLine)
        await pilot.pause()
        assert "when the answers are complete" in toasts(stage)
        for name in ("alpha", "beta", "gamma"):
            stage.engine.finish(stage.engine.lane(name), "Here.")
        await stage.settled(pilot)
        assert "Figures" in str(stage.screen.query_one(KeyBar).render())
        await pilot.click(FiguresLine)
        await pilot.pause()
        assert isinstance(stage.app.screen, FiguresScreen)


async def test_the_table_is_sorted_by_keys_and_by_a_click(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        screen = await open_figures(stage, pilot)
        assert [row.turn for row in screen.table.rows] == [2, 2, 2, 1, 1, 1]
        await pilot.press("right", "right", "right")
        assert models_of(screen) == ["beta", "beta", "alpha", "alpha", "gamma", "gamma"]
        await pilot.press("r")
        assert models_of(screen) == ["alpha", "alpha", "beta", "beta", "gamma", "gamma"]
        await pilot.click("#figures-head", offset=(screen.table.columns.widths[0] + 5, 0))
        await pilot.pause()
        assert models_of(screen) == ["alpha", "alpha", "beta", "beta", "gamma", "gamma"]
        await pilot.click("#figures-head", offset=(screen.table.columns.widths[0] + 5, 0))
        await pilot.pause()
        assert models_of(screen)[0] == "gamma"
        await pilot.press("escape")
        await pilot.pause()
        assert stage.screen


async def test_the_table_is_copied_for_a_spreadsheet_and_as_markdown(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await open_figures(stage, pilot, turns=1)
        await pilot.press("y")
        head, *rows = stage.app.clipboard.splitlines()
        assert head.split("\t") == [column.heading for column in COLUMNS]
        assert rows[0].split("\t")[:4] == ["1", "alpha", "ok", "212.0"]
        assert "\t0.002104\texact\t" in rows[0]
        await pilot.press("m")
        lines = stage.app.clipboard.splitlines()
        assert lines[1].startswith("|--:|---|---|--:|")
        assert {line.count("|") for line in lines} == {len(COLUMNS) + 1}


def test_no_name_is_a_formula_to_a_spreadsheet() -> None:
    answer = Answer('=HYPERLINK("http://evil")', "gateway", "ok")
    _, row = write_table([Row(1, 0, answer, True, None)], "tsv").splitlines()
    assert row.startswith("1\t'=HYPERLINK(")


async def test_models_are_told_by_median_range_and_number(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await open_figures(stage, pilot)
        await pilot.press("tab")
        told = text_of(screen)
        assert "TTFT   212 ms [212 ms–213 ms]  n = 2" in told
        assert "gamma  0 answers  2 more that did not end well" in told
        assert "First token: ▲ alpha fastest" in told
        assert "p95" not in told


async def test_one_run_is_no_ranking(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await open_figures(stage, pilot, turns=1)
        await pilot.press("tab")
        told = text_of(screen)
        assert "TTFT   212 ms\n" in told
        assert "One answer ranks nobody" in told


async def test_a_turn_is_drawn_in_bars_and_as_a_waterfall(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await open_figures(stage, pilot, turns=1)
        await pilot.press("enter")
        told = text_of(screen).splitlines()
        assert told[1] == "TTFT, lower is better"
        assert told[3].endswith("█")
        assert sum(line.startswith("gamma (error)  ") for line in told) == 4  # not by its colour alone
        assert len(told[3]) > 70  # drawn for the whole width, though it was hidden until now
        waterfall = told[-3]
        assert waterfall.startswith("alpha")
        assert waterfall.index("·") < waterfall.index("░") < waterfall.index("█")
        assert max(map(len, told)) <= 80


async def test_views_turns_and_columns_are_reached_by_the_mouse(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await open_figures(stage, pilot)
        tabs = screen.query_one(TargetLine)

        async def click(words: str) -> None:
            await click_words(pilot, TargetLine, words)

        assert "TTFT" in str(screen.table.head.render())
        await click("7 ▸")
        assert "TTFT" not in str(screen.table.head.render())
        assert [row.turn for row in screen.table.rows] == [2, 2, 2, 1, 1, 1]  # sorted as before
        await click("◂")
        assert "◂" not in str(tabs.render())
        await pilot._post_mouse_events(
            [events.MouseScrollDown], screen.table.list, offset=(9, 2), shift=True, button=0
        )
        await pilot.pause()
        assert screen.table.columns.before == 1
        await click("models")
        assert "answers" in text_of(screen)
        await click("bars")
        assert text_of(screen).startswith("Turn 2, this run alone  Tell me about rivers.")
        await click("▸")
        assert text_of(screen).startswith("Turn 1,")
        await pilot.press("left")
        assert text_of(screen).startswith("Turn 2,")
        await click("table")
        assert screen.table.current is not None
        assert screen.table.current.turn == 2


@pytest.mark.parametrize("size", [(40, 12), (200, 50)])
async def test_what_is_told_of_models_fits(stage: Stage, size: tuple[int, int]) -> None:
    async with stage.app.run_test(size=size) as pilot:
        screen = await open_figures(stage, pilot)
        await pilot.press("tab")
        told = text_of(screen)
        assert "n = 2" in told
        for view in ("table", "models", "bars"):
            assert view in str(screen.query_one(TargetLine).render())
        lines = [line for line in told.splitlines() if line.startswith(" ")]
        assert not [line for line in lines if len(line) > size[0] - 3]


answers = st.builds(
    Answer,
    st.text(max_size=30),
    st.just("p"),
    st.sampled_from(["ok", "error"]),
    figures=st.builds(Figures, ttft_ms=st.none() | st.floats(0, 1e7)),
)
rows = st.lists(
    st.builds(Row, st.integers(1, 99), st.integers(0, 2), answers, st.booleans(), st.none()), max_size=8
)


@given(rows, st.integers(0, len(COLUMNS) - 1), st.booleans())
def test_sorting_loses_nothing_and_puts_the_unknown_last(table: list[Row], column: int, down: bool) -> None:
    ordered = sort_rows(table, column, descending=down)
    assert sorted(map(id, ordered)) == sorted(map(id, table))
    values = [COLUMNS[column].value(row) for row in ordered]
    known = [value for value in values if value is not None]
    assert values[: len(known)] == known
    assert known == sorted(known, reverse=down)  # type: ignore[type-var]


@given(rows, st.integers(40, 300), st.integers(0, len(COLUMNS) - 1))
def test_the_column_it_is_sorted_by_is_always_there(table: list[Row], width: int, column: int) -> None:
    layout = lay_out(table, width, 0, column)
    assert column in layout.columns
    for index, size in zip(layout.columns, layout.widths, strict=True):
        assert size >= len(COLUMNS[index].heading)


@given(rows)
def test_a_copied_table_has_as_many_cells_as_columns(table: list[Row]) -> None:
    lines = write_table(table, "tsv").split("\n")[:-1]
    assert len(lines) == len(table) + 1
    assert {line.count("\t") for line in lines} == {len(COLUMNS) - 1}


@pytest.mark.parametrize(
    ("schema", "told"), [(None, ""), (Validity(True), "yes"), (Validity(False), "no"), (Validity(None), "")]
)
def test_whether_an_answer_follows_its_schema_is_in_the_table(schema: Validity | None, told: str) -> None:
    answer = Answer("fast", "gateway", "ok", schema=schema)
    head, row = write_table([Row(1, 0, answer, True, None)], "tsv").splitlines()
    assert dict(zip(head.split("\t"), row.split("\t"), strict=True))["valid JSON"] == told


@given(st.floats(-1, 2), st.integers(1, 80))
def test_a_bar_fits(share: float, width: int) -> None:
    bar = draw_bar(share, width)
    assert len(bar) <= width
    assert bool(bar) == (share > 0)


@given(
    st.builds(Timeline, st.floats(1, 1e5), *[st.none() | st.floats(0, 1e5)] * 3, st.just(((10.0, 20.0),))),
    st.integers(8, 120),
)
def test_no_part_of_a_waterfall_vanishes(timeline: Timeline, width: int) -> None:
    drawn = draw_waterfall(timeline, width, timeline.end_ms).plain
    assert len(drawn) <= width
    for part, *_ in timeline.parts():
        assert PARTS[part][0] in drawn


SIZES = pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")


@SIZES
@pytest.mark.parametrize("view", ["table", "models", "turn"])
@pytest.mark.usefixtures("still")
def test_its_looks(snap_compare: Callable[..., bool], stage: Stage, size: tuple[int, int], view: str) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await open_figures(stage, pilot)
        await pilot.press(*{"table": ["right"] * 3, "models": ["tab"], "turn": ["enter"]}[view])
        await pilot.pause()

    assert snap_compare(stage.app, terminal_size=size, run_before=look)

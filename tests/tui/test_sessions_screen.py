"""The sessions screen on a real store: what is listed, found, renamed, deleted, exported."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from smallchat.config.paths import data_dir
from smallchat.metering.answer import Answer, Cost
from smallchat.sessions import store as store_module
from smallchat.sessions.session import SessionModel
from smallchat.sessions.store import Store
from smallchat.tui.screens.rename import RenameScreen
from smallchat.tui.screens.sessions import PAGE, SessionsScreen
from smallchat.tui.screens.turns import TurnsScreen
from tests.tui.fakes import Stage
from tests.tui.test_safety import EVIL, FORBIDDEN, drawn_text

Compare = Callable[..., bool]
TALKS = [
    ("Which river is the longest?", "The Nile, or the Amazon: it depends on where one begins to measure."),
    ("Draft an email to my landlord about the heating, polite but firm, with a date", "Dear Ms Weber, …"),
    ("寿司の作り方を教えて", "まず米を炊きます。"),
    ("What is a monad?", "A monoid in the category of endofunctors; the Nile has nothing to do with it."),
]


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL_ANIMATIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    return Stage(tmp_path)


def fill(monkeypatch: pytest.MonkeyPatch, talks: list[tuple[str, str]] = TALKS) -> None:
    """Keep a session for each of ``talks``, each an hour newer than the one before."""
    with closing(Store.open(data_dir(), pytest.fail)) as store, monkeypatch.context() as clock:
        for number, (prompt, text) in enumerate(talks):
            created = datetime(2026, 3, 1, 8, 30, tzinfo=UTC) + timedelta(hours=number)
            clock.setattr(store_module, "now", lambda created=created: created)
            keys = count(int(created.timestamp() * 1000) << 20)
            clock.setattr(store_module, "new_key", lambda keys=keys: next(keys))
            models = [SessionModel(name, "gateway", name) for name in ("alpha", "beta")]
            session = store.create_session("compare", models, name=f"session{number:03}")
            turn = store.begin_turn(session, prompt)
            for pane, model in enumerate(("alpha", "beta")):
                begun = store.begin_answer(turn, model, "gateway", pane=pane)
                cost = Cost(Decimal("0.0011"), "exact")
                store.settle(begun, Answer(model, "gateway", "ok", text=text, cost=cost))


async def open_list(stage: Stage, pilot: Pilot[None]) -> SessionsScreen:
    await stage.ready(pilot)
    await pilot.press("f2")
    while not (isinstance(stage.app.screen, SessionsScreen) and stage.app.screen.list.row_count):
        await pilot.pause(0.01)
    await pilot.pause()
    return stage.app.screen


async def search(screen: SessionsScreen, pilot: Pilot[None], words: str) -> None:
    await pilot.press("slash")
    await pilot.press(*words)
    while screen.found != words:
        await pilot.pause(0.01)
    await pilot.pause()


def titles(screen: SessionsScreen) -> str:
    """Return the list as it is drawn, a line for each row."""
    strips = [screen.list.render_line(y) for y in range(screen.list.size.height)]
    return "\n".join(strip.text for strip in strips if strip.text.strip())


async def test_the_newest_is_first_and_enter_opens_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(monkeypatch)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        screen = await open_list(stage, pilot)
        rows = titles(screen).splitlines()
        assert [row[2:7] for row in rows] == ["What ", "寿司の作り", "Draft", "Which"]
        assert "alpha, beta" in rows[0]
        assert "$0.0022" in rows[0]
        assert "2026-03-01 11:30" in rows[0]
        await pilot.press("down", "down", "enter")
        while not (stage.app.screen is not screen and stage.screen.session_id == "session001"):
            await pilot.pause(0.01)
        assert stage.screen.row.panes[1].transcript.answer_text() == "Dear Ms Weber, …"


async def test_a_search_shows_the_words_it_found(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(monkeypatch)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        screen = await open_list(stage, pilot)
        await search(screen, pilot, "nil")
        assert "What is a monad?" in titles(screen)
        assert "Which river" in titles(screen)
        assert "Draft" not in titles(screen)
        assert "endofunctors; the Nile has nothing" in titles(screen)
        strips = [screen.list.render_line(y) for y in range(2)]
        bold = [segment.text for strip in strips for segment in strip if segment.style and segment.style.bold]
        assert bold == ["Nile"]
        await pilot.press("down", "enter")  # without leaving the search
        while stage.app.screen is screen:
            await pilot.pause(0.01)
        await pilot.pause()
        assert stage.screen.session_id == "session000"


async def test_what_was_found_in_a_long_session_is_told_with_its_turn(stage: Stage) -> None:
    with closing(Store.open(data_dir(), pytest.fail)) as store:
        session = store.create_session("chat", [], seated={0: "alpha"})
        for prompt in ("Rivers", "Lakes", "Seas"):
            answer = store.begin_answer(store.begin_turn(session, prompt), "alpha", "gateway")
            store.settle(answer, Answer("alpha", "gateway", "ok", text=f"{prompt} are wet."))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await open_list(stage, pilot)
        await search(screen, pilot, "lakes")
        await pilot.press("enter")
        told = "Found in turn 2 of 3. Alt+Q searches a pane, F3 lists the turns."
        while not any(note.message == told for note in stage.app._notifications):
            await pilot.pause(0.01)
        assert stage.screen.session_id == session


async def test_escape_ends_the_search_then_leaves(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(monkeypatch)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await open_list(stage, pilot)
        await search(screen, pilot, "xyzzy")
        assert screen.list.row_count == 0
        assert "No session has these words" in drawn_text(screen.query_one("#session-detail"))
        await pilot.press("escape")
        await pilot.pause()
        assert screen.list.row_count == len(TALKS)
        await pilot.press("escape")
        await pilot.pause()
        assert stage.app.screen is not screen


async def test_what_can_not_be_done_is_told(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await pilot.press("f2")
        while not isinstance(stage.app.screen, SessionsScreen):
            await pilot.pause(0.01)
        for key, why in (("d", "There is no session yet."), ("u", "Nothing was deleted that")):
            await pilot.press(key)
            await pilot.pause()
            assert [note.message[: len(why)] for note in stage.app._notifications] == [why]


async def test_the_cursor_stays_on_what_a_search_found(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(monkeypatch)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await open_list(stage, pilot)
        await search(screen, pilot, "landlord")
        await pilot.press("escape")
        await pilot.pause()
        assert screen.list.current is not None
        assert screen.list.current.id == "session001"


async def test_a_session_is_renamed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(monkeypatch)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        screen = await open_list(stage, pilot)
        await pilot.press("r")
        await pilot.pause()
        assert isinstance(stage.app.screen, RenameScreen)
        stage.app.screen.query_one(Input).value = "Burritos"
        await pilot.press("enter")
        await pilot.pause()
        assert "Burritos" in titles(screen)
        assert stage.app.backend is not None
        assert stage.app.backend.store.list(1)[0].title == "Burritos"
        await search(screen, pilot, "burr")
        assert "title: Burritos" in titles(screen)


async def test_a_deletion_is_taken_back(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(monkeypatch)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        screen = await open_list(stage, pilot)
        assert stage.app.backend is not None
        store = stage.app.backend.store
        await pilot.press("down", "d", "d")
        await pilot.pause()
        assert [summary.id for summary in store.list()] == ["session003", "session000"]
        assert "Draft" not in titles(screen)
        await pilot.press("u", "u", "u")
        await pilot.pause()
        assert [summary.id for summary in store.list()] == [f"session00{number}" for number in (3, 2, 1, 0)]
        rows = [row[2:7] for row in titles(screen).splitlines()]
        assert rows == ["What ", "寿司の作り", "Draft", "Which"]


async def test_a_deletion_is_taken_back_when_the_list_is_opened_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(monkeypatch)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await open_list(stage, pilot)
        await pilot.press("d", "escape")
        await pilot.pause()
        screen = await open_list(stage, pilot)
        assert "What is a monad?" not in titles(screen)
        await pilot.press("u")
        await pilot.pause()
        assert titles(screen).startswith("▸ What is a monad?")


async def test_the_session_in_the_panes_is_not_deleted(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "One")
        while not stage.screen.frames.running:
            await pilot.pause(0.01)
        for name in ("alpha", "beta", "gamma"):
            stage.engine.finish(stage.engine.lane(name), "text")
        await stage.settled(pilot)
        screen = await open_list(stage, pilot)
        await pilot.press("d")
        await pilot.pause()
        assert screen.list.row_count == 1


async def test_a_session_is_saved_as_json(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fill(monkeypatch)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await open_list(stage, pilot)
        await pilot.press("E")
        while not list(folder.iterdir()):
            await pilot.pause(0.01)
    assert (folder / "what-is-a-monad-session003.json").read_text(encoding="utf-8").startswith("{")


async def test_an_export_is_told_of_when_the_list_was_left(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(monkeypatch)
    monkeypatch.chdir(tmp_path)
    left = threading.Event()
    load = Store.load
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await open_list(stage, pilot)
        monkeypatch.setattr(Store, "load", lambda *args: left.wait(10) and load(*args))
        await pilot.press("e", "escape")
        while isinstance(stage.app.screen, SessionsScreen):
            await pilot.pause(0.01)
        await pilot.pause()
        left.set()
        while not any("Saved what-is-a-monad" in note.message for note in stage.app._notifications):
            await pilot.pause(0.01)


async def test_pages_come_as_they_are_needed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Store.open(data_dir(), pytest.fail)) as store:
        for number in range(2 * PAGE + 50):
            store.create_session("chat", [], f"Number {number}")
    async with stage.app.run_test(size=(120, 36)) as pilot:
        screen = await open_list(stage, pilot)
        assert screen.list.row_count == PAGE
        await pilot.press("end")
        while screen.list.row_count < 2 * PAGE + 50:
            await pilot.pause(0.01)
        await pilot.pause()
        assert "Number 0 " in titles(screen)
        assert screen.list.current is not None
        assert screen.list.current.title == "Number 0"


async def test_the_mouse_goes_to_a_row_and_opens_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(monkeypatch)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        screen = await open_list(stage, pilot)
        await pilot.click(screen.list, offset=(10, 2))
        assert screen.list.cursor == 2
        await pilot.click(screen.list, offset=(10, 2), times=2)
        while stage.app.screen is screen:
            await pilot.pause(0.01)
        await pilot.pause()
        assert stage.screen.session_id == "session001"


@pytest.mark.parametrize("size", [(120, 36), (60, 20)])
async def test_nothing_that_was_said_leaks_control_characters(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    fill(monkeypatch, [(f"nile {EVIL}", f"the nile {EVIL}")])
    async with stage.app.run_test(size=size) as pilot:
        screen = await open_list(stage, pilot)
        assert not FORBIDDEN.search(titles(screen))
        await search(screen, pilot, "nile")
        drawn = titles(screen)
        assert "evil" in drawn or "nile" in drawn
        assert not FORBIDDEN.search(drawn), FORBIDDEN.findall(drawn)
        await pilot.press("enter")
        while stage.app.screen is screen:
            await pilot.pause(0.01)
        await pilot.press("f3")
        while not (isinstance(stage.app.screen, TurnsScreen) and stage.app.screen.list.row_count):
            await pilot.pause(0.01)
        await pilot.pause()
        turns = stage.app.screen
        drawn = "\n".join(drawn_text(widget) for widget in turns.children if widget is not turns.list)
        assert not FORBIDDEN.search(drawn + drawn_text(turns.list))


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 12)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_list(
    snap_compare: Compare, stage: Stage, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    fill(monkeypatch)

    async def wait(pilot: Pilot[None]) -> None:
        await open_list(stage, pilot)
        await pilot.press("down")

    assert snap_compare(stage.app, terminal_size=size, run_before=wait)


def test_a_search(snap_compare: Compare, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(monkeypatch)

    async def wait(pilot: Pilot[None]) -> None:
        screen = await open_list(stage, pilot)
        screen.query_one(Input).cursor_blink = False
        await search(screen, pilot, "nil")

    assert snap_compare(stage.app, terminal_size=(80, 24), run_before=wait)

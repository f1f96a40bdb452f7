"""A session of the store in the panes: resumed, promoted, branched, answered again, in trouble."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from textual.pilot import Pilot

from smallchat.catalog.model import Model
from smallchat.config.errors import ConfigError
from smallchat.config.paths import data_dir
from smallchat.metering.answer import Answer
from smallchat.metering.cost import Total
from smallchat.sessions.files import export_session
from smallchat.sessions.session import Kept, Session, SessionModel, Turn
from smallchat.sessions.store import FILE_NAME, Store
from smallchat.tui.app import SmallchatApp
from smallchat.tui.opening import prepare
from smallchat.tui.recall import MOST_CHARS, choose_recent
from smallchat.tui.screens.compare import CompareScreen
from smallchat.tui.screens.route import RouteScreen
from smallchat.tui.screens.sessions import SessionsScreen
from smallchat.tui.screens.turns import TurnsScreen
from smallchat.tui.widgets.title_bar import TitleBar
from tests.tui.fakes import Stage
from tests.tui.routes import WRITING, RouteStage

NAMES = ("alpha", "beta", "gamma")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture
def resume(tmp_path: Path) -> Callable[..., Stage]:
    """Return a stage whose app begins with a session."""

    def make(name: str = "last", **options: str) -> Stage:
        stage = Stage(tmp_path, **options)
        stage.app = SmallchatApp(stage.load, (), resume=name)
        return stage

    return make


async def opened(stage: Stage, pilot: Pilot[None], but: str = "") -> None:
    """Wait until a session other than ``but`` is in the panes."""
    while True:
        screen = stage.app.screen
        if isinstance(screen, CompareScreen) and screen.session_id not in ("", but):
            return
        await pilot.pause(0.01)


async def failed(stage: Stage, pilot: Pilot[None]) -> None:
    """Wait until the app has given up."""
    while stage.app.problem is None:
        await pilot.pause(0.01)


async def talk(stage: Stage, pilot: Pilot[None], *prompts: str) -> str:
    """Have every pane answer each prompt; return the id of the session."""
    await stage.ready(pilot)
    for prompt in prompts:
        await answer(stage, pilot, prompt)
    return stage.screen.session_id


async def answer(stage: Stage, pilot: Pilot[None], prompt: str) -> None:
    await stage.ask(pilot, prompt)
    while not stage.screen.frames.running:
        await pilot.pause(0.01)
    asked = stage.engine.orders[-1].lanes
    for lane in asked:
        stage.engine.finish(stage.engine.lane(lane.model.name), f"{lane.model.name} on {prompt}")
    await stage.settled(pilot)


def sent(stage: Stage) -> list[list[str]]:
    return [[message.text for message in lane.messages] for lane in stage.engine.orders[-1].lanes]


def keep(build: Callable[[Store], object]) -> None:
    """Put something into the store before the app opens it."""
    with closing(Store.open(data_dir(), pytest.fail)) as store:
        build(store)


def load(session: str) -> Session:
    with closing(Store.open(data_dir(), pytest.fail)) as store:
        return store.load(session)


async def test_a_session_comes_back_and_goes_on(
    stage: Stage, resume: Callable[..., Stage], tmp_path: Path
) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        session = await talk(stage, pilot, "One", "Two")
        before = str(stage.screen.row.panes[0].figures.render())
        assert stage.app.backend is not None
        stage.app.backend.close()

    stage = resume()
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await opened(stage, pilot)
        screen = stage.screen
        assert screen.session_id == session
        assert [pane.header.model for pane in screen.row.panes] == ["Alpha 1", "Beta 2", "Gamma 3"]
        assert [pane.header.phase.word for pane in screen.row.panes] == ["done"] * 3
        assert screen.row.panes[1].transcript.answer_text(0).strip() == "beta on One"
        assert str(screen.row.panes[0].figures.render()) == before  # figures, marks and total
        await answer(stage, pilot, "Three")
        assert sent(stage)[0] == ["One", "alpha on One ", "Two", "alpha on Two ", "Three"]
        assert stage.engine.orders[-1].session == session
        assert stage.app.backend is not None
        stage.app.backend.close()
    assert [turn.prompt for turn in load(session).turns] == ["One", "Two", "Three"]


async def test_an_answer_cut_by_a_crash_is_shown_and_can_be_asked_for_again(
    resume: Callable[..., Stage],
) -> None:
    def build(store: Store) -> None:
        session = store.create_session("chat", [])
        turn = store.begin_turn(session, "Which river?")
        running = store.begin_answer(turn, "alpha", "gateway")
        store.append(running, "text", "The Rhi")
        store.flush()

    keep(build)
    stage = resume()
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await opened(stage, pilot)
        (pane,) = stage.screen.row.panes
        assert pane.header.phase.word == "cut off"
        assert pane.transcript.answer_text() == "The Rhi"
        assert pane.transcript.find("smallchat ended while") == 1
        await pilot.press("ctrl+r")
        while not stage.engine.orders:
            await pilot.pause(0.01)
        assert sent(stage) == [["Which river?"]]


async def test_who_took_over_a_pane_is_told(resume: Callable[..., Stage]) -> None:
    def build(store: Store) -> None:
        session = store.create_session("chat", [], seated={0: "alpha"})
        for prompt, model in (("One", "alpha"), ("Two", "beta"), ("Three", "beta")):
            answer = store.begin_answer(store.begin_turn(session, prompt), model, "gateway")
            store.settle(answer, Answer(model, "gateway", "ok", text=f"{model} on {prompt}"))
        store.seat(session, [], {0: "gamma"})

    keep(build)
    stage = resume()
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await opened(stage, pilot)
        (pane,) = stage.screen.row.panes
        while pane.transcript.busy or pane.transcript.answer_count < 3:
            await pilot.pause(0.01)
        assert pane.header.model == "Gamma 3"
        assert pane.transcript.find("goes on from here") == 2
        assert pane.transcript.find("Beta 2 goes on from here, with what was said to Alpha 1.") == 1
        assert pane.transcript.find("Gamma 3 goes on from here, with what was said to Beta 2.") == 1


async def test_models_that_nobody_knows_are_shown_and_named(resume: Callable[..., Stage]) -> None:
    def build(store: Store) -> None:
        session = store.create_session("compare", [])
        turn = store.begin_turn(session, "One")
        for pane, model in enumerate(("alpha", "of-another")):
            store.settle(
                store.begin_answer(turn, model, "elsewhere", pane=pane),
                Answer(model, "elsewhere", "ok", text=model),
            )

    keep(build)
    stage = resume()
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await opened(stage, pilot)
        known, unknown = stage.screen.row.panes
        assert stage.engine.warmed == ["alpha"]
        assert known.header.model == "Alpha 1"
        assert "not known here" in str(unknown.header.render())
        assert unknown.transcript.answer_text() == "of-another"
        assert any("of-another" in note.message for note in stage.app._notifications)


async def test_a_session_that_is_not_there_ends_the_start(
    resume: Callable[..., Stage],
) -> None:
    stage = resume("nosuch")
    async with stage.app.run_test() as pilot:
        await failed(stage, pilot)
    assert isinstance(stage.app.problem, ConfigError)
    assert "no session" in str(stage.app.problem)
    assert stage.app.return_code == 2


async def test_a_session_that_another_terminal_answers_is_not_opened(resume: Callable[..., Stage]) -> None:
    with closing(Store.open(data_dir(), pytest.fail)) as other:
        turn = other.begin_turn(other.create_session("chat", []), "One")
        other.begin_answer(turn, "alpha", "gateway")
        other.flush()
        stage = resume()
        async with stage.app.run_test() as pilot:
            await failed(stage, pilot)
    assert "another terminal" in str(stage.app.problem)


async def test_what_another_terminal_added_is_taken_up(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        session = await talk(stage, pilot, "One")
        with closing(Store.open(data_dir(), pytest.fail)) as other:
            turn = other.begin_turn(session, "Two")
            other.settle(
                other.begin_answer(turn, "alpha", "gateway"), Answer("alpha", "gateway", "ok", "there")
            )
        await pilot.press("f2")
        while not (isinstance(stage.app.screen, SessionsScreen) and stage.app.screen.list.row_count):
            await pilot.pause(0.01)
        await pilot.press("enter")
        await opened(stage, pilot)
        assert stage.screen.session_id == session
        assert stage.screen.row.panes[0].transcript.answer_text() == "there"
        assert stage.screen.row.panes[1].transcript.find("Not asked.") == 1


async def test_an_exported_file_is_added_and_opened(stage: Stage, tmp_path: Path) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        session = await talk(stage, pilot, "One")
        assert stage.app.backend is not None
        stage.app.backend.close()
    file = tmp_path / "one.json"
    file.write_text(export_session(load(session), "json"), encoding="utf-8")
    again = Stage(tmp_path)
    again.app = SmallchatApp(again.load, (), resume=str(file))
    async with again.app.run_test(size=(120, 36)) as pilot:
        await opened(again, pilot)
        assert again.screen.session_id != session
        assert again.screen.row.panes[2].transcript.answer_text().strip() == "gamma on One"


async def test_one_pane_goes_on_alone(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        session = await talk(stage, pilot, "One")
        await pilot.press("ctrl+n", "f5")
        await opened(stage, pilot, but=session)
        (pane,) = stage.screen.row.panes
        assert pane.header.model == "Beta 2"
        await answer(stage, pilot, "Two")
        assert sent(stage) == [["One", "beta on One ", "Two"]]


async def test_the_last_prompt_is_edited_in_a_branch(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        session = await talk(stage, pilot, "One", "Two")
        await pilot.press("alt+e")
        await opened(stage, pilot, but=session)
        assert stage.screen.composer.text == "Two"
        stage.screen.composer.clear()
        await answer(stage, pilot, "Two!")
        assert sent(stage)[0] == ["One", "alpha on One ", "Two!"]
        assert stage.app.backend is not None
        assert len(stage.app.backend.store.load(session).turns) == 2


async def test_the_first_prompt_is_edited_in_a_new_chat(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await talk(stage, pilot, "One")
        await pilot.press("alt+e")
        await pilot.pause()
        assert stage.screen.composer.text == "One"
        assert stage.screen.session_id == ""


async def test_an_earlier_turn_is_branched_from(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        session = await talk(stage, pilot, "One", "Two")
        await pilot.press("f3")
        while not (isinstance(stage.app.screen, TurnsScreen) and stage.app.screen.list.row_count):
            await pilot.pause(0.01)
        await pilot.press("up", "enter")
        await opened(stage, pilot, but=session)
        assert stage.screen.row.panes[0].transcript.answer_count == 1
        await answer(stage, pilot, "Other")
        assert sent(stage)[2] == ["One", "gamma on One ", "Other"]


async def test_a_new_session_has_cost_nothing_yet(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await talk(stage, pilot, "One")
        comparison = stage.screen.comparison
        assert comparison is not None
        comparison.total = Total(exact=Decimal(1))
        await pilot.press("ctrl+l")
        await pilot.pause()
        assert comparison.total == Total()
        assert all(seat.total == Total() for seat in comparison.seats)
        assert "session $0" in str(stage.screen.query_one(TitleBar).render())


async def test_the_last_turn_is_where_the_panes_are(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        session = await talk(stage, pilot, "One", "Two")
        await pilot.press("f3")
        while not (isinstance(stage.app.screen, TurnsScreen) and stage.app.screen.list.row_count):
            await pilot.pause(0.01)
        await pilot.press("enter")
        while isinstance(stage.app.screen, TurnsScreen):
            await pilot.pause(0.01)
        assert stage.screen.session_id == session
        assert stage.app.backend is not None
        assert len(stage.app.backend.store.list()) == 1


async def test_an_answer_asked_for_again_has_the_first_one_beside_it(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        session = await talk(stage, pilot, "One")
        await pilot.press("ctrl+r")
        while not stage.screen.frames.running:
            await pilot.pause(0.01)
        stage.engine.finish(stage.engine.lane("alpha"), "better")
        await stage.settled(pilot)
        await pilot.press("alt+a")
        transcript = stage.screen.row.panes[0].transcript
        while "alpha on One" not in transcript.answer_text():
            await pilot.pause(0.01)
        assert transcript.find("Answer 1 of 2") == 1
        await answer(stage, pilot, "Two")
        assert sent(stage)[0] == ["One", "alpha on One ", "Two"]
        assert stage.app.backend is not None
        kept = stage.app.backend.store.load(session).turns[0]
        assert kept.answers[0].answer.text == "alpha on One "
        assert kept.alternatives[0].answer.text == "better "


async def test_nothing_is_opened_while_answers_come_in(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        session = await talk(stage, pilot, "One")
        await stage.ask(pilot, "Two")
        await pilot.press("f5")
        await pilot.pause()
        assert stage.screen.session_id == session
        assert len(stage.screen.row.panes) == 3


async def test_a_session_is_saved_under_a_free_name(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        session = await talk(stage, pilot, "One")
        for number in (1, 2):
            await pilot.press("ctrl+s")
            while len(list(folder.iterdir())) < number:
                await pilot.pause(0.01)
        assert sorted(path.name for path in folder.iterdir()) == [f"one-{session}-2.md", f"one-{session}.md"]
        await pilot.press("alt+c")
        while not stage.app.clipboard:
            await pilot.pause(0.01)
    text = (folder / f"one-{session}.md").read_text(encoding="utf-8")
    assert stage.app.clipboard == text
    assert "gamma on One" in text


async def test_a_store_of_a_newer_version_is_told_of_and_the_chat_goes_on(stage: Stage) -> None:
    keep(lambda store: store.create_session("chat", []))
    with closing(sqlite3.connect(data_dir() / FILE_NAME)) as db:
        db.execute("PRAGMA user_version = 99")
    async with stage.app.run_test(size=(120, 36)) as pilot:
        session = await talk(stage, pilot, "One", "Two")
        told = [note.message for note in stage.app._notifications]
        assert len([text for text in told if "newer smallchat" in text]) == 1
        await pilot.press("ctrl+n", "f5")
        await opened(stage, pilot, but=session)
        assert stage.screen.row.panes[0].transcript.answer_text().strip() == "beta on Two"


def test_of_a_long_session_the_last_turns_are_shown_at_once() -> None:
    def turn(number: int, size: int) -> Turn:
        kept = Kept(Answer("m", "p", "ok", text="x" * size))
        return Turn(number, "prompt", datetime.now(UTC), (kept,))

    turns = [turn(number, MOST_CHARS // 4) for number in range(1, 11)]
    assert [one.number for one in choose_recent(turns)] == [8, 9, 10]
    huge = [turn(1, 10), turn(2, 2 * MOST_CHARS)]
    assert [one.number for one in choose_recent(huge)] == [2]
    assert choose_recent([]) == []


async def test_all_turns_are_shown_from_the_end_and_what_is_asked_meanwhile_stands_below(
    resume: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smallchat.tui.recall._MORE_CHARS", 200)

    def build(store: Store) -> None:
        session = store.create_session("compare", [], seated={0: "alpha", 1: "beta"})
        for number in range(1, 31):
            turn = store.begin_turn(session, f"Prompt {number}")
            for pane, model in enumerate(("alpha", "beta")):
                text = f"{model} on {number}" + (" and so on" * 7000 if number == 28 else "")
                answer = store.begin_answer(turn, model, "gateway", pane=pane)
                store.settle(answer, Answer(model, "gateway", "ok", text=text))

    keep(build)
    stage = resume()
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await opened(stage, pilot)
        transcripts = [pane.transcript for pane in stage.screen.row.panes]
        assert transcripts[0].find("28 earlier turns") == 1
        transcripts[0].find("")
        transcripts[0].scroll_home()
        await pilot.pause()
        await pilot.click(transcripts[0], offset=(5, 0))  # on the note
        while not (isinstance(stage.app.screen, TurnsScreen) and stage.app.screen.list.row_count):
            await pilot.pause(0.01)
        await pilot.press("a")
        await pilot.pause()
        stage.screen.composer.focus()
        await answer(stage, pilot, "New")
        while any(transcript.answer_count < 31 for transcript in transcripts):
            await pilot.pause(0.01)
        for transcript, model in zip(transcripts, ("alpha", "beta"), strict=True):
            texts = [transcript.answer_text(index).split(" and ")[0].strip() for index in range(31)]
            assert texts == [f"{model} on {number}" for number in (*range(1, 31), "New")]
            assert transcript.find("earlier turns") == 0


def test_panes_of_a_session_are_found_by_who_answered_there() -> None:
    class Catalog:
        def get(self, name: str) -> Model:
            return Model(name, "p", name, label=name)

    def session(mode: str, models: list[str], answers: list[tuple[int, str]]) -> Session:
        kept = tuple(Kept(Answer(name, "p", "ok"), pane=pane) for pane, name in answers)
        described = tuple(SessionModel(name, "p", name) for name in models)
        return Session("x", "t", datetime.now(UTC), mode, described, (Turn(1, "a", datetime.now(UTC), kept),))

    def names(mode: str, models: list[str], answers: list[tuple[int, str]]) -> list[str]:
        prepared = prepare(session(mode, models, answers), Catalog())  # type: ignore[arg-type]
        return [model.name for model in prepared.models]

    assert names("compare", ["a", "b"], [(0, "a"), (1, "b")]) == ["a", "b"]
    assert names("compare", ["a", "b"], [(1, "b")]) == ["a", "b"]
    assert names("compare", [], [(0, "a"), (1, "b")]) == ["a", "b"]
    assert names("route", ["a", "b"], [(0, "b")]) == ["b"]
    assert names("compare", list("abcd"), []) == ["a", "b", "c"]
    with pytest.raises(ConfigError, match="names no model"):
        prepare(session("chat", [], []), Catalog())  # type: ignore[arg-type]


async def test_a_routed_chat_is_routed_on_where_its_preset_is_known(tmp_path: Path) -> None:
    stage = RouteStage(tmp_path)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, WRITING)
        await stage.answered(pilot, "alpha")
        session = stage.screen.session_id
        assert stage.app.backend is not None
        stage.app.backend.close()

    again = RouteStage(tmp_path)
    again.app = SmallchatApp(again.load, (), resume=session)
    async with again.app.run_test(size=(120, 36)) as pilot:
        await opened(again, pilot)
        assert isinstance(again.screen, RouteScreen)
        assert again.screen.row.panes[0].transcript.answer_text().strip() == "Dear landlord,"
        assert again.screen.row.panes[0].header.model == "own → Alpha 1"
        assert again.shows('→ Alpha 1 · prose ("write')  # who answered, and why, is told again
        await pilot.press("alt+o")
        await pilot.pause()
        await pilot.press("enter")  # beta, the first of the others
        await again.left(pilot)
        (lane,) = again.engine.orders[-1].lanes
        assert (lane.model.name, [message.text for message in lane.messages]) == ("beta", [WRITING])
        await again.answered(pilot, "beta")
        assert again.app.backend is not None
        again.app.backend.close()

    unrouted = Stage(tmp_path)  # its configuration has no such preset
    unrouted.app = SmallchatApp(unrouted.load, (), resume=session)
    async with unrouted.app.run_test(size=(120, 36)) as pilot:
        await opened(unrouted, pilot)
        while isinstance(unrouted.app.screen, RouteScreen):
            await pilot.pause(0.01)
        await opened(unrouted, pilot)
        assert unrouted.screen.row.panes[0].header.model == "Beta 2"

"""Files, schemas and pasted blocks that go with a prompt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from smallchat.engine.attaching import Attachment
from smallchat.tui.app import SmallchatApp
from smallchat.tui.opening import OpenRequested
from smallchat.tui.screens.choosing import ChoosingScreen
from smallchat.tui.screens.compare import CompareScreen
from smallchat.tui.screens.path import PathScreen
from smallchat.tui.screens.side_compare import SideCompareScreen
from smallchat.tui.widgets.enclosed_line import Chip, EnclosedLine
from tests.tui.drawing import click_words
from tests.tui.fakes import Stage
from tests.tui.routes import ROUTES, SORTING, RouteStage
from tests.tui.test_prompt_keys import PNG, SEEING, SIZE, ask_and_answer, lines, open_list, other_list, until


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "cat.png").write_bytes(PNG)
    (tmp_path / "notes.txt").write_text("Buy milk.\n")
    (tmp_path / "person.json").write_text(
        json.dumps({"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]})
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def attach(stage: Stage, pilot: Pilot[None], name: str, key: str = "alt+u") -> None:
    await pilot.press(key)
    await until(pilot, lambda: isinstance(stage.app.screen, PathScreen))
    stage.app.screen.query_one(Input).value = name
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(stage.app.screen, CompareScreen))
    await pilot.pause()


def chips(stage: Stage) -> str:
    line = stage.screen.query_one(EnclosedLine)
    return line.render().plain if line.display else ""


async def test_a_large_paste_is_a_chip_that_can_be_written_out_or_taken_off(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        composer = stage.screen.composer
        composer.insert("See ")
        composer.post_message(events.Paste("word " * 3000))
        await until(pilot, lambda: "¶ pasted text 1: 15,000 characters" in chips(stage))
        composer.post_message(events.Paste("text " * 4000))
        await until(pilot, lambda: "¶ pasted text 2: 20,000 characters" in chips(stage))
        first = await open_list(stage, pilot, "alt+x")
        await pilot.press("delete")
        again = await other_list(stage, pilot, first)
        await until(pilot, lambda: again.query_one(OptionList).option_count == 1)
        await pilot.press("enter")
        await until(pilot, lambda: chips(stage) == "")
        assert composer.text == "See " + "text " * 4000


async def test_files_are_taken_off_with_the_mouse_alone(tmp_path: Path, files: Path) -> None:
    stage = Stage(tmp_path, SEEING)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await attach(stage, pilot, "cat.png")
        await attach(stage, pilot, "notes.txt")
        await click_words(pilot, EnclosedLine, "✕")
        assert chips(stage).startswith(" ≡ notes.txt · 10 B · ~")
        assert stage.screen.composer.has_focus
        await pilot.click(EnclosedLine, offset=(3, 0))
        screen = stage.app.screen
        assert isinstance(screen, ChoosingScreen)
        await until(pilot, lambda: len(lines(screen)) == 1)
        await pilot.click("#items", offset=(3, 0))  # there is nothing to do with it but to take it off
        assert "only be taken off" in str(screen.query_one("#trouble").render())
        await pilot.click("HintLine", offset=(1, 0))
        await until(pilot, lambda: isinstance(stage.app.screen, CompareScreen))
        assert chips(stage) == ""


async def test_chips_that_do_not_fit_are_told_by_their_names(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(60, 24)) as pilot:
        await stage.ready(pilot)
        line = stage.screen.enclosed_line
        found = [Chip("text", f"notes-{number}.txt", "10 kB · ~3 tokens") for number in range(4)]
        line.show(found[:1], "alt+x")
        await pilot.pause()
        assert chips(stage) == " ≡ notes-0.txt · 10 kB · ~3 tokens ✕   alt+x lists them"
        line.show(found, "alt+x")
        await pilot.pause()
        assert chips(stage) == " ≡ notes-0.txt ✕   ≡ notes-1.txt ✕  +2 more"


async def test_what_is_being_written_goes_along_to_another_session(tmp_path: Path, files: Path) -> None:
    stage = Stage(tmp_path, SEEING)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await ask_and_answer(stage, pilot, "first")
        session, before = stage.screen.session_id, stage.screen
        stage.screen.action_start_over()
        await attach(stage, pilot, "notes.txt")
        await attach(stage, pilot, "person.json", key="alt+j")
        await pilot.press(*"See ")
        before.composer.insert_pasted("word " * 3000)
        stage.app.post_message(OpenRequested(lambda store: session, draft="first"))
        await until(pilot, lambda: stage.app.screen is not before and stage.screen.comparison is not None)
        composer = stage.screen.composer
        assert composer.text == "first\nSee [pasted text 1: 15,000 characters]"
        assert composer.prompt == "first\nSee " + "word " * 3000
        await until(pilot, lambda: "notes.txt" in chips(stage) and "person.json" in chips(stage))


async def test_files_of_the_command_line_go_with_a_session_that_goes_on(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await ask_and_answer(stage, pilot, "first")
    again = Stage(tmp_path)
    again.app = SmallchatApp(again.load, (), resume="last", files=(Attachment("notes.txt", 4, text="milk"),))
    async with again.app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(again.app.screen.query(EnclosedLine)))
        await until(pilot, lambda: "notes.txt" in chips(again))


async def test_an_edited_prompt_has_its_image_again(tmp_path: Path, files: Path) -> None:
    stage = Stage(tmp_path, SEEING)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await attach(stage, pilot, "cat.png")
        await ask_and_answer(stage, pilot, "What is it?")
        assert chips(stage) == ""
        await pilot.press("alt+e")
        await until(pilot, lambda: "cat.png" in chips(stage))
        await stage.ask(pilot, " Say more.")
        (lane,) = stage.engine.orders[-1].lanes
        assert (lane.messages[-1].text, len(lane.messages[-1].images)) == ("What is it? Say more.", 1)


async def test_words_are_asked_for_where_there_are_files_only(tmp_path: Path, files: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await attach(stage, pilot, "notes.txt")
        await pilot.press("enter")
        await until(pilot, lambda: any("Write a prompt" in note.message for note in stage.app._notifications))
        assert not stage.engine.orders


async def test_files_go_with_one_prompt_and_a_blind_pane_is_left_out(tmp_path: Path, files: Path) -> None:
    stage = Stage(tmp_path, SEEING)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await attach(stage, pilot, "cat.png")
        await attach(stage, pilot, "notes.txt")
        assert "▣ cat.png · 2 kB · ~1,600 tokens" in chips(stage)
        assert "≡ notes.txt · 10 B" in chips(stage)
        await ask_and_answer(stage, pilot, "What is it?")
        (lane,) = stage.engine.orders[-1].lanes
        assert lane.model.name == "alpha"
        assert lane.messages[-1].images[0].data == PNG
        assert lane.messages[-1].text == "What is it?\n\nFile notes.txt:\n```\nBuy milk.\n```"
        assert chips(stage) == ""
        seeing, blind_pane, _ = (pane.transcript for pane in stage.screen.row.panes)
        assert (seeing.find("can not see images"), blind_pane.find("can not see images")) == (0, 1)
        stage.screen.row.turn_to(1)
        await pilot.press("ctrl+r")
        await stage.sent(pilot)
        assert len(stage.engine.orders) == 1
        await ask_and_answer(stage, pilot, "And now?")
        seen, blind, _ = stage.engine.orders[-1].lanes
        assert [len(message.images) for message in seen.messages] == [1, 0, 0]
        assert [len(message.images) for message in blind.messages] == [0]


async def test_nothing_is_sent_where_nobody_can_see(tmp_path: Path, files: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await attach(stage, pilot, "cat.png")
        stage.screen.composer.insert("What is")
        line = stage.screen.query_one("#send-line")
        await until(pilot, lambda: "None of these models can see" in str(line.render()))
        await stage.ask(pilot, " it?")
        assert not stage.engine.orders
        assert stage.screen.composer.text == "What is it?"
        assert "cat.png" in chips(stage)


async def test_a_pasted_path_offers_to_attach_the_file(tmp_path: Path, files: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        (files / "a b.txt").write_text("x")
        path = f"'{files}/a b.txt' "
        stage.screen.composer.post_message(events.Paste(path))
        await until(pilot, lambda: isinstance(stage.app.screen, PathScreen))
        await pilot.press("escape")
        await until(pilot, lambda: stage.app.screen is not None and stage.screen.composer.text == path)
        stage.screen.composer.post_message(events.Paste(path))
        await until(pilot, lambda: isinstance(stage.app.screen, PathScreen))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(stage.app.screen, CompareScreen) and "a b.txt" in chips(stage))


async def test_dropped_files_are_asked_about_one_by_one(tmp_path: Path, files: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        stage.screen.composer.post_message(events.Paste(f"{files}/notes.txt {files}/person.json"))
        await until(pilot, lambda: len(stage.app.screen_stack) == 3 and bool(stage.app.screen.query(Input)))
        for name, key in [("notes.txt", "enter"), ("person.json", "escape")]:
            assert stage.app.screen.query_one(Input).value == str(files / name)
            left = len(stage.app.screen_stack) - 1
            await pilot.press(key)
            await until(pilot, lambda left=left: len(stage.app.screen_stack) == left)  # type: ignore[misc]
        await until(pilot, lambda: "notes.txt" in chips(stage))
        assert stage.screen.composer.text == f"{files}/person.json\n"


async def test_what_can_not_be_attached_is_told_where_it_is_asked(tmp_path: Path, files: Path) -> None:
    stage = Stage(tmp_path)
    (files / "tool").write_bytes(b"\x7fELF\0\1")
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await pilot.press("alt+u")
        await until(pilot, lambda: isinstance(stage.app.screen, PathScreen))
        stage.app.screen.query_one(Input).value = "tool"
        await pilot.press("enter")
        await until(pilot, lambda: "neither" in str(stage.app.screen.query_one("#trouble").render()))


async def test_answers_are_marked_against_the_schema_until_it_is_taken_off(
    tmp_path: Path, files: Path
) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await attach(stage, pilot, "person.json", key="alt+j")
        assert "{} person.json" in chips(stage)
        await stage.ask(pilot, "How old?")
        alpha, beta, gamma = (stage.engine.lane(name) for name in ("alpha", "beta", "gamma"))
        assert alpha.lane.schema is not None
        stage.engine.finish(alpha, '{"age": 36}')
        stage.engine.finish(beta, '{"age": "old"}')
        stage.engine.fail(gamma, "Gateway answered 503.")
        await stage.settled(pilot)
        panes = stage.screen.row.panes
        assert panes[0].transcript.find("✓ valid JSON") == 1
        assert panes[1].transcript.find("$.age: 'old'") == 1
        assert panes[2].transcript.find("no whole answer") == 0
        assert "person.json" in chips(stage)
        await pilot.press("ctrl+r")
        await stage.sent(pilot)
        assert stage.engine.orders[-1].lanes[0].schema is not None
        session = stage.app.backend.store.load(stage.screen.session_id)  # type: ignore[union-attr]
        kept = [one.answer.schema.valid for one in session.turns[0].all_answers() if one.answer.schema]
        assert kept.count(True) == 1


async def test_a_routed_prompt_takes_its_image_to_somebody_who_can_see(tmp_path: Path, files: Path) -> None:
    stage = RouteStage(tmp_path, SEEING + ROUTES)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await attach(stage, pilot, "cat.png")
        await attach(stage, pilot, "person.json", key="alt+j")
        await attach(stage, pilot, "notes.txt")
        await stage.ask(pilot, SORTING)  # whose rule names a model that can not see
        (lane,) = stage.engine.orders[-1].lanes
        assert lane.model.name == "alpha"
        assert len(lane.messages[-1].images) == 1
        assert lane.schema is not None
        await stage.answered(pilot, "alpha", '{"age": 3}')
        assert stage.shows("✓ valid JSON")
        assert "cat.png" not in chips(stage)


async def test_a_routed_prompt_that_nobody_can_answer_comes_back_without_its_files(
    tmp_path: Path, files: Path
) -> None:
    stage = RouteStage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await attach(stage, pilot, "cat.png")
        await attach(stage, pilot, "notes.txt")
        await stage.ask(pilot, SORTING)
        assert not stage.engine.orders
        assert stage.screen.composer.text == SORTING
        assert "cat.png" in chips(stage)


async def test_files_go_along_to_the_comparison_of_candidates(tmp_path: Path, files: Path) -> None:
    stage = RouteStage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await attach(stage, pilot, "notes.txt")
        await pilot.press("alt+v")
        await until(pilot, lambda: isinstance(stage.app.screen, SideCompareScreen))
        side = stage.app.screen
        assert isinstance(side, SideCompareScreen)
        await until(pilot, lambda: "notes.txt" in side.enclosed_line.render().plain)

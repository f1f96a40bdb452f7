"""Earlier prompts, the library, the editor, files and schemas in the composer."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from smallchat.tui.screens.choosing import ChoosingScreen
from smallchat.tui.screens.compare import CompareScreen
from smallchat.tui.screens.path import PathScreen
from smallchat.tui.widgets.enclosed_line import EnclosedLine
from tests.tui.fakes import CONFIG, Stage
from tests.tui.routes import ROUTES, SORTING, RouteStage

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 2000
SIZE = (100, 30)
SEEING = CONFIG.replace('label = "Alpha 1"', 'label = "Alpha 1"\nvision = true')
LIBRARY = '[sum]\ntitle = "Summarise"\ntext = "Sum up {text} in {count} words."\n'


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "cat.png").write_bytes(PNG)
    (tmp_path / "notes.txt").write_text("Buy milk.\n")
    (tmp_path / "person.json").write_text(
        json.dumps({"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]})
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    while not holds():
        await pilot.pause(0.01)


async def ask_and_answer(stage: Stage, pilot: Pilot[None], prompt: str, text: str = "Yes.") -> None:
    await stage.ask(pilot, prompt)
    for running in tuple(stage.engine.running):
        if not running.done:
            stage.engine.finish(running, text)
    await stage.settled(pilot)


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


async def test_up_goes_through_earlier_prompts_and_down_back_to_the_draft(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await ask_and_answer(stage, pilot, "first")
        await ask_and_answer(stage, pilot, "second\nline")
        composer = stage.screen.composer
        composer.insert("my draft ")
        composer.insert_pasted("word " * 3000)
        await pilot.press("up")
        await until(pilot, lambda: composer.text == "second\nline")
        await pilot.press("up")
        assert composer.text == "second\nline"  # the cursor was on its last line
        await pilot.press("up")
        assert composer.text == "first"
        await pilot.press("up")
        assert composer.text == "first"
        await pilot.press("down")
        assert composer.text == "second\nline"
        await pilot.press("down")
        assert composer.text == "my draft [pasted text 1: 15,000 characters]"
        assert composer.prompt == "my draft " + "word " * 3000


async def test_the_history_is_searched_over_all_sessions(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await ask_and_answer(stage, pilot, "about rivers")
        stage.screen.action_start_over()
        await ask_and_answer(stage, pilot, "100% of _all_ seas\x1b[31m")
        await pilot.press("alt+h")
        await until(pilot, lambda: isinstance(stage.app.screen, ChoosingScreen))
        listed = stage.app.screen.query_one(OptionList)
        await until(pilot, lambda: listed.option_count == 2)
        assert "\x1b" not in str(listed.get_option_at_index(0).prompt)
        await pilot.press(*"rivers")
        await until(pilot, lambda: listed.option_count == 1)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(stage.app.screen, CompareScreen))
        assert stage.screen.composer.text == "about rivers"


async def test_placeholders_of_a_library_prompt_are_filled_in_with_tab(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "mine.toml").write_text(LIBRARY)
    (tmp_path / "prompts" / "bad.toml").write_text('[x]\ntext = "fine"\n[y\n')
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await pilot.press("alt+l")
        await until(pilot, lambda: isinstance(stage.app.screen, ChoosingScreen))
        assert any("bad.toml, line 3" in note.message for note in stage.app._notifications)
        await until(pilot, lambda: bool(stage.app.screen._items))  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(stage.app.screen, CompareScreen))
        composer = stage.screen.composer
        assert composer.selected_text == "{text}"
        await pilot.press(*"this")
        await pilot.press("enter")
        assert composer.text == "Sum up this in {count} words."  # not sent, and the field selected
        await pilot.press(*"5", "enter")
        await stage.sent(pilot)
        assert stage.engine.orders[-1].lanes[0].messages[-1].text == "Sum up this in 5 words."


async def test_the_editor_takes_the_draft_and_gives_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "editor"
    script.write_text('#!/bin/sh\nprintf "edited: " > "$1.new"; cat "$1" >> "$1.new"; mv "$1.new" "$1"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        monkeypatch.setattr("smallchat.tui.editor.App", None, raising=False)
        from contextlib import nullcontext

        monkeypatch.setattr(stage.app, "suspend", nullcontext)
        composer = stage.screen.composer
        composer.insert("draft")
        for editor, words in [("", "No editor is set"), ("/none/such", "No such file"), ("false", "code 1")]:
            monkeypatch.setenv("VISUAL", "")
            monkeypatch.setenv("EDITOR", editor)
            await pilot.press("alt+g")
            await until(pilot, lambda w=words: any(w in n.message for n in stage.app._notifications))  # type: ignore[misc]
            assert composer.text == "draft"
        monkeypatch.setenv("EDITOR", str(script))
        await pilot.press("alt+g")
        await until(pilot, lambda: composer.text == "edited: draft")


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
        await pilot.press("alt+x")
        await until(pilot, lambda: isinstance(stage.app.screen, ChoosingScreen))
        await until(pilot, lambda: bool(stage.app.screen._items))  # type: ignore[attr-defined]
        await pilot.press("delete")
        await until(pilot, lambda: "pasted text 1" not in chips(stage))
        await pilot.press("alt+x")
        await until(pilot, lambda: isinstance(stage.app.screen, ChoosingScreen))
        await until(pilot, lambda: bool(stage.app.screen._items))  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: chips(stage) == "")
        assert composer.text == "See " + "text " * 4000


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
        assert stage.screen.row.panes[1].transcript.find("can not see images") == 1
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

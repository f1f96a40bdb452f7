"""What is written in the composer, and that none of it is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from smallchat.tui.widgets.composer import Composer

LONG = "word " * 3000
LABEL = "[pasted text 1: 15,000 characters]"


class ComposerApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.composer = Composer()
        self.sent: list[str] = []
        self.told: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.composer

    def on_composer_submitted(self, message: Composer.Submitted) -> None:
        self.sent.append(message.prompt)
        self.told.append(message)

    def on_composer_nothing_written(self, message: Message) -> None:
        self.told.append(message)

    def on_draft_area_drafted(self, message: Composer.Drafted) -> None:
        if not message.draft:
            self.told.append(message)

    def on_composer_incomplete(self, message: Message) -> None:
        self.told.append(message)


@asynccontextmanager
async def composing() -> AsyncIterator[tuple[ComposerApp, Composer, Pilot[None]]]:
    app = ComposerApp()
    async with app.run_test() as pilot:
        yield app, app.composer, pilot


@pytest.mark.parametrize("text", ["an earlier prompt", "", "x", LONG])
async def test_one_undo_takes_back_what_replaced_the_draft(text: str) -> None:
    async with composing() as (_, composer, pilot):
        await pilot.press(*"draft")
        composer.replace_draft(text)
        await pilot.press("ctrl+z")
        assert composer.text == "draft"


async def test_a_pasted_block_comes_back_by_undoing() -> None:
    async with composing() as (app, composer, pilot):
        composer.post_message(events.Paste(LONG))
        await pilot.pause()
        assert composer.text == LABEL
        composer.replace_draft("something else")
        await pilot.press("ctrl+z", "enter")
        assert app.sent == [LONG]
        await pilot.press("ctrl+z")
        assert composer.prompt == LONG


async def test_what_could_not_be_sent_comes_back_as_it_was_written() -> None:
    async with composing() as (app, composer, pilot):
        await pilot.press(*"See ")
        composer.post_message(events.Paste(LONG))
        await pilot.pause()
        await pilot.press("enter")
        (prompt,) = app.sent
        assert prompt == f"See {LONG}"
        await pilot.press(*"and")
        composer.take_back(prompt)
        assert composer.text == f"See {LABEL}\nand"
        assert composer.prompt == f"See {LONG}\nand"


async def test_what_goes_with_a_prompt_is_known_to_be_gone_when_it_is_sent() -> None:
    async with composing() as (app, composer, pilot):
        await pilot.press("a")
        composer.action_send()
        await pilot.pause()
        assert [type(message) for message in app.told[:2]] == [Composer.Drafted, Composer.Submitted]


async def test_enter_in_the_middle_of_two_library_prompts_asks_for_what_is_open() -> None:
    async with composing() as (app, composer, pilot):
        composer.fill_in("Sum up {text}. ", ("{text}",))
        await pilot.press("end")
        composer.fill_in("Answer in {language}.", ("{language}",))
        assert composer.selected_text == "{language}"
        await pilot.press(*"German", "enter")
        assert (app.sent, composer.selected_text) == ([], "{text}")
        await pilot.press(*"it", "enter")
        assert app.sent == ["Sum up it. Answer in German."]


async def test_inserting_a_library_prompt_is_undone_at_once() -> None:
    async with composing() as (_, composer, pilot):
        await pilot.press(*"ab", "left")
        composer.fill_in("Sum up {text}.", ("{text}",))
        await pilot.press("ctrl+z")
        assert composer.text == "ab"
        await pilot.press("tab")  # no placeholder is left to go to
        assert not composer.selected_text


async def test_nothing_written_is_told_and_kept() -> None:
    async with composing() as (app, composer, pilot):
        await pilot.press("space", "enter")
        assert not app.sent
        assert Composer.NothingWritten in [type(message) for message in app.told]
        assert composer.text == " "


async def test_a_new_line_has_a_key_that_every_terminal_sends() -> None:
    async with composing() as (app, composer, pilot):
        await pilot.press("a", "ctrl+j", "b", "shift+enter", "c")
        assert composer.text == "a\nb\nc"
        first = next(binding for binding in Composer.BINDINGS if getattr(binding, "id", "") == "newline")
        assert first.key.split(",")[0] == "ctrl+j"  # type: ignore[union-attr]
        assert not app.sent

"""The routed chat on a stage: a preset of three candidates."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from smallchat.tui.app import SmallchatApp
from smallchat.tui.screens.route import RouteScreen
from tests.tui.fakes import CONFIG, Stage

ROUTES = """
[routing.presets.own]
candidates = ["beta", "alpha", "delta", "locked"]
fallback = "beta"
[[routing.presets.own.rules]]
id = "sorting"
when = { task = "classify" }
use = "beta"
why = "simple and repetitive"
[[routing.presets.own.rules]]
id = "prose"
when = { task = "writing" }
use = ["alpha", "delta"]
why = "user-facing writing"
[models.delta]
provider = "gateway"
label = "Delta 4"
price = { input = 0.5, output = 2, as_of = 2026-11-20 }
[models.locked]
provider = "anthropic"
label = "Locked 5"
"""
WRITING = "Write an email to my landlord about the broken heating."
SORTING = "Classify this review as positive or negative: I loved it."
UNCLEAR = "blue otters"
SIZE = (120, 36)


class RouteStage(Stage):
    """The app with a routed chat."""

    def __init__(self, tmp_path: Path, config: str = CONFIG + ROUTES) -> None:
        super().__init__(tmp_path, config)
        self.app = SmallchatApp(self.load, (), route="own")
        self.app.animation_level = "none"

    @property
    def screen(self) -> RouteScreen:
        screen = self.app.screen
        assert isinstance(screen, RouteScreen)
        return screen

    def configure(self, more: str) -> None:
        """Add ``more`` to the configuration, which is read when the app starts."""
        with self.config.open("a", encoding="utf-8") as file:
            file.write(more)

    @asynccontextmanager
    async def open(self, size: tuple[int, int] = SIZE) -> AsyncIterator[Pilot[None]]:
        """Run the app until its chat can be used."""
        async with self.app.run_test(size=size) as pilot:
            await self.ready(pilot)
            yield pilot

    async def exchange(
        self, pilot: Pilot[None], prompt: str, name: str, text: str = "Dear landlord,"
    ) -> None:
        """Ask ``prompt`` and let the model ``name`` answer with ``text``."""
        await self.ask(pilot, prompt)
        await self.answered(pilot, name, text)

    async def begin(self, pilot: Pilot[None], prompt: str) -> None:
        """Type ``prompt`` and send it."""
        self.screen.composer.insert(prompt)
        await pilot.press("enter")
        await pilot.pause()

    async def ask(self, pilot: Pilot[None], prompt: str) -> None:
        """Type ``prompt``, send it, and wait until it has left, or waits for the user, or was given back."""
        await self.begin(pilot, prompt)
        await self.left(pilot)

    async def left(self, pilot: Pilot[None]) -> None:
        """Wait until no prompt waits for anything but its answer."""
        while isinstance(self.app.screen, RouteScreen) and self.screen.asking:
            await pilot.pause(0.01)
        await pilot.pause()

    async def answered(self, pilot: Pilot[None], name: str, text: str = "Dear landlord,") -> None:
        """Let the model ``name`` answer, and wait until that is on the screen."""
        self.engine.finish(self.engine.lane(name), text)
        await self.settled(pilot)

    def shows(self, words: str) -> bool:
        """Return whether the pane's transcript has ``words`` in it."""
        return self.screen.row.panes[0].transcript.find(words) > 0

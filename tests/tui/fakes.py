"""A backend whose engine sends nothing: tests say what comes back, event by event."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual.pilot import Pilot

from smallchat.engine.budgeting import Budget
from smallchat.engine.order import Order
from smallchat.engine.running import Running
from smallchat.engine.seams import Journal, Refused, Reservation
from smallchat.engine.services import Services
from smallchat.engine.settling import settle
from smallchat.metering.answer import Answer
from smallchat.metering.events import (
    AttemptStarted,
    Cancelled,
    Connected,
    Event,
    Failed,
    Failure,
    Finished,
    Payload,
    StreamEnded,
    UsageReported,
)
from smallchat.metering.usage import Usage
from smallchat.sessions.store import Store
from smallchat.tui.app import SmallchatApp
from smallchat.tui.backend import Backend
from smallchat.tui.screens.compare import CompareScreen

MS = 1_000_000

CONFIG = """
[app]
models = ["alpha", "beta", "gamma"]
[providers.gateway]
wire = "openai"
base_url = "http://127.0.0.1:9/v1"
label = "Gateway"
[models.alpha]
provider = "gateway"
label = "Alpha 1"
context = 10000
price = { input = 1, output = 5, as_of = 2026-11-20 }
[models.beta]
provider = "gateway"
label = "Beta 2"
price = { input = 0.1, output = 0.5, as_of = 2026-11-20 }
[models.gamma]
provider = "gateway"
label = "Gamma 3"
"""


class FakeSend:
    def __init__(self, answers: tuple[Running, ...]) -> None:
        self.answers = answers
        self.released = False

    def release(self) -> None:
        self.released = True


class FakeEngine:
    """Takes orders that the budget allows and answers them as the test says."""

    def __init__(self, services: Services, budget: Budget) -> None:
        self.services = services
        self.budget = budget
        self.orders: list[Order] = []
        self.running: list[Running] = []
        self.stopped: list[str] = []
        self.warmed: list[str] = []
        self.refusal = ""
        self.open = threading.Event()
        self.open.set()
        self._seen: dict[int, list[Event]] = {}
        self._reservations: dict[int, Reservation] = {}
        self._journals: dict[int, Callable[[Answer], object] | None] = {}

    @property
    def busy(self) -> bool:
        return False

    def start(self) -> None: ...

    def close(self) -> None: ...

    def warm(self, models: Any) -> None:
        self.warmed = [model.name for model in models]

    def send(self, order: Order, open_journal: Callable[[], Journal | None] | None = None) -> FakeSend:
        assert self.open.wait(10)
        if self.refusal:
            raise Refused(self.refusal)
        reservations = self.budget.admit(order)
        self.orders.append(order)
        journal = open_journal() if open_journal else None
        answers = []
        for lane, reservation in zip(order.lanes, reservations, strict=True):
            running = Running(lane, _count, self._stopper(lane.model.name), reservation.usd)
            self._reservations[id(running)] = reservation
            running.price = self.services.prices.price(lane.model)
            running.input_estimate = 10
            answers.append(running)
            self._journals[id(running)] = partial(journal.settle, len(answers) - 1) if journal else None
        asked = {running.model.name for running in answers}
        self.running = [running for running in self.running if running.model.name not in asked] + answers
        return FakeSend(tuple(answers))

    def _stopper(self, name: str) -> Callable[[], None]:
        def stop() -> None:
            self.stopped.append(name)
            self.end(self.lane(name), Cancelled(time.perf_counter_ns()))

        return stop

    def lane(self, name: str) -> Running:
        """Return what runs for the model ``name``."""
        return next(running for running in self.running if running.model.name == name)

    def post(self, running: Running, *events: Event) -> None:
        """Post ``events`` as the network thread does."""
        for event in events:
            self._seen.setdefault(id(running), []).append(event)
            running.post(event)

    def begin(self, running: Running, text: str = "", ttft_ms: int = 200) -> int:
        """Start the clock, connect, stream ``text`` word by word, 10 ms apart; return the time after that."""
        start = time.perf_counter_ns()
        self.post(running, AttemptStarted(start, 1), Connected(start + 100 * MS))
        at = start + ttft_ms * MS
        for word in text.split(" ") if text else []:
            self.post(running, Payload(at, "text", word + " "))
            at += 10 * MS
        return at

    def end(self, running: Running, *events: Event) -> None:
        """Post the last ``events`` and settle, as the engine does."""
        self.post(running, *events)
        meter = running.new_meter()
        for event in self._seen[id(running)]:
            meter.feed(event)
        answer = settle(running.model, meter, running.price, running.lane.schema)
        self.budget.settle(self._reservations[id(running)], answer)
        if keep := self._journals[id(running)]:
            keep(answer)
        running.finish(answer)

    def finish(self, running: Running, text: str, *, ttft_ms: int = 200, output: int = 100) -> None:
        """Answer with ``text`` and usage, well."""
        at = self.begin(running, text, ttft_ms)
        usage = Usage(1_204, output, cached=1_024)
        self.end(running, Finished(at, "stop", "ok"), UsageReported(at, usage), StreamEnded(at, True))

    def fail(self, running: Running, message: str, hint: str = "") -> None:
        """Fail before the first token."""
        at = self.begin(running)
        self.end(running, Failed(at, Failure("server", message, hint)))


def _count(text: str) -> int:
    return len(text) // 4


class Stage:
    """The app on a stage: its engine, and the moment its backend gets loaded.

    Attributes:
        loaded: The backends of all stages, which a fixture closes when the test is over.
    """

    loaded: ClassVar[list[Backend]] = []

    def __init__(
        self, tmp_path: Path, config: str = CONFIG, models: tuple[str, ...] = ("alpha", "beta", "gamma")
    ) -> None:
        self.config = tmp_path / "config.toml"
        self.config.write_text(config, encoding="utf-8")
        self.config.chmod(0o600)
        self.curtain = threading.Event()
        self.curtain.set()
        self.app = SmallchatApp(self.load, models)
        self.app.animation_level = "none"
        self._engine: FakeEngine | None = None

    @property
    def engine(self) -> FakeEngine:
        assert self._engine is not None
        return self._engine

    @property
    def screen(self) -> CompareScreen:
        screen = self.app.screen
        assert isinstance(screen, CompareScreen)
        return screen

    async def ready(self, pilot: Pilot[None]) -> None:
        """Wait until the backend is loaded and used."""
        while self.app.backend is None or self.screen.comparison is None:
            await pilot.pause(0.01)

    async def ask(self, pilot: Pilot[None], prompt: str) -> None:
        """Type ``prompt`` and send it."""
        self.screen.composer.insert(prompt)
        await pilot.press("enter")
        await self.sent(pilot)

    async def sent(self, pilot: Pilot[None]) -> None:
        """Wait until what was asked has left, or the user is asked about it."""
        await pilot.pause()
        while isinstance(self.app.screen, CompareScreen) and self.screen.asking:
            await pilot.pause(0.01)
        await pilot.pause()

    async def settled(self, pilot: Pilot[None]) -> None:
        """Wait until every answer is on the screen."""
        while self.screen.frames.running:
            await pilot.pause(0.01)
        await pilot.pause()

    def load(self, on_trouble: Callable[[str], None]) -> Backend:
        from smallchat.tui.keymap import check_keymap

        assert self.curtain.wait(10)
        services = Services.load(self.config, {})
        check_keymap(services.settings.keys, self.config)
        budget = Budget(services, on_trouble)
        self._engine = FakeEngine(services, budget)
        store = Store.open(services.data_dir, on_trouble)
        self.loaded.append(Backend(services, budget, self._engine, store))  # type: ignore[arg-type]
        return self.loaded[-1]


def hide(screen: CompareScreen) -> None:
    """Show nothing of a screen that lies below another: that has pictures of its own."""
    for child in screen.children:
        child.visible = False

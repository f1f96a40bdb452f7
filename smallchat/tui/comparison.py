"""What is compared: each pane's conversation, the answers on their way, and what they cost so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from smallchat.engine.conversation import Conversation
from smallchat.engine.keeping import Keeper
from smallchat.engine.order import Lane, Order
from smallchat.metering.answer import Answer
from smallchat.metering.cost import Total
from smallchat.tui.exchange import Exchange
from smallchat.tui.marks import Mark, mark_turn
from smallchat.tui.phase import ITS_TURN, WAITING, Phase

if TYPE_CHECKING:
    from smallchat.catalog.model import Model
    from smallchat.tui.backend import Backend

LOCAL = "local"


@dataclass(slots=True)
class Seat:
    """One model at the table.

    Attributes:
        conversation: What was said with it.
        prompt: What it was asked last.
        exchange: The answer to that, running or settled.
        total: What its answers cost.
    """

    conversation: Conversation
    prompt: str = ""
    exchange: Exchange | None = None
    total: Total = field(default_factory=Total)

    @property
    def model(self) -> Model:
        """Who sits here."""
        return self.conversation.model

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine's own CPU."""
        return self.model.provider == LOCAL

    @property
    def running(self) -> bool:
        """Whether an answer is on its way."""
        return self.exchange is not None and self.exchange.answer is None


class Comparison:
    """Sends prompts to all seats, or one again, and keeps what came of it."""

    def __init__(self, backend: Backend, models: Sequence[Model]) -> None:
        """Begin with nothing said."""
        self._backend = backend
        settings = backend.services.settings
        self.max_output: int = settings.app.max_output
        self.sequential: bool = settings.app.run == "sequential"
        self.seats = tuple(Seat(Conversation(model, backend.system_for(model))) for model in models)
        self.total = Total()
        self.keeper = self._begin_session()

    def _begin_session(self) -> Keeper:
        backend = self._backend
        mode = "compare" if len(self.seats) > 1 else "chat"
        return Keeper(backend.store, backend.services.prices, mode)

    @property
    def running(self) -> bool:
        """Whether any answer is on its way."""
        return any(seat.running for seat in self.seats)

    @property
    def shares_cpu(self) -> bool:
        """Whether several seats run on this machine's own CPU."""
        return sum(seat.is_local for seat in self.seats) > 1

    def lanes_for(self, prompt: str) -> tuple[Lane, ...]:
        """Return what asking every seat ``prompt`` would send."""
        return tuple(seat.conversation.lane_for(prompt, self.max_output) for seat in self.seats)

    def send(self, prompt: str) -> list[Phase]:
        """Ask every seat ``prompt`` and return what each shows until its clock starts.

        Raises:
            Refused: The budget does not allow it; nothing was sent.
        """
        lanes = self.lanes_for(prompt)
        order = Order(lanes, self.sequential, session=self.keeper.session)
        answers = self._backend.engine.send(order, partial(self.keeper.begin_turn, prompt, lanes)).answers
        phases = [ITS_TURN if self.sequential and index else WAITING for index in range(len(lanes))]
        for seat, running, phase in zip(self.seats, answers, phases, strict=True):
            seat.prompt = prompt
            seat.exchange = Exchange(running, phase)
        return phases

    def ask_again(self, index: int) -> Phase | None:
        """Ask one seat its last prompt once more; return its phase, or ``None`` when there is nothing to ask.

        The answer that is replaced is forgotten by the conversation, not by the bill.

        Raises:
            Refused: The budget does not allow it; nothing was sent.
        """
        seat = self.seats[index]
        if seat.running or not seat.prompt:
            return None
        dropped = seat.conversation.drop_last()
        try:
            lane = seat.conversation.lane_for(seat.prompt, self.max_output)
            order = Order((lane,), session=self.keeper.session)
            journal = partial(self.keeper.begin_again, index, lane)
            (running,) = self._backend.engine.send(order, journal).answers
        except Exception:
            if dropped is not None:
                seat.conversation.turns.append(dropped)
            raise
        seat.exchange = Exchange(running)
        return WAITING

    def stop(self, index: int | None = None) -> bool:
        """Stop one seat's answer, or all; return whether there was one to stop."""
        seats = self.seats if index is None else (self.seats[index],)
        running = [seat.exchange for seat in seats if seat.exchange and seat.running]
        for exchange in running:
            exchange.stop()
        return bool(running)

    def settle(self, index: int, answer: Answer) -> None:
        """Book a settled answer."""
        seat = self.seats[index]
        seat.conversation.add(seat.prompt, answer)
        if answer.usage is not None or answer.cost.usd is not None:
            seat.total = seat.total.plus(answer.cost)
            self.total = self.total.plus(answer.cost)

    def marks(self) -> list[tuple[Mark, ...]]:
        """Return each seat's marks for this turn; none before all its answers are settled."""
        if self.running:
            return [() for _ in self.seats]
        return mark_turn([seat.exchange.answer if seat.exchange else None for seat in self.seats])

    def forget(self) -> None:
        """Begin new conversations; the totals stay, since the money is spent."""
        for seat in self.seats:
            seat.conversation = Conversation(seat.model, seat.conversation.system)
            seat.prompt, seat.exchange = "", None
        self.keeper = self._begin_session()

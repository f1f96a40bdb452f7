"""Who takes part in a comparison: the models, what was said with each, and the session that keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from smallchat.config.defaults import LOCAL
from smallchat.engine.conversation import Conversation
from smallchat.engine.keeping import Keeper
from smallchat.metering.answer import Answer
from smallchat.metering.cost import Total
from smallchat.tui.exchange import Exchange

if TYPE_CHECKING:
    from smallchat.catalog.model import Model
    from smallchat.providers.base import Image
    from smallchat.sessions.session import Session, Turn
    from smallchat.tui.backend import Backend


@dataclass(slots=True)
class Seat:
    """One model at the table.

    Attributes:
        conversation: What was said with it.
        place: Its pane's place among all that the session ever had, by which answers are kept.
        prompt: What it was asked last.
        exchange: The answer to that, running or settled.
        recalled: The answer to that, when it was kept in the session that goes on.
        missed: Whether it was left out when that was asked.
        total: What its answers cost.
        images: The pictures that went with what it was asked last.
        schema: The JSON schema that the answer must follow; ``None`` for free text.
    """

    conversation: Conversation
    place: int = 0
    prompt: str = ""
    exchange: Exchange | None = None
    recalled: Answer | None = None
    missed: bool = False
    total: Total = field(default_factory=Total)
    images: tuple[Image, ...] = ()
    schema: Mapping[str, Any] | None = None

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

    @property
    def answer(self) -> Answer | None:
        """The settled answer to the last prompt."""
        return self.exchange.answer if self.exchange else self.recalled

    def begin_anew(self) -> None:
        """Forget what was said, and what it cost."""
        self.total = Total()
        self.conversation = self.conversation.begin_anew()
        self.prompt, self.exchange, self.recalled, self.missed = "", None, None, False
        self.images, self.schema = (), None

    def recall(self, turns: Sequence[Turn]) -> None:
        """Take up what was said in its place of a session, and what it cost, instead of what is here."""
        self.begin_anew()
        for turn in turns:
            for kept in turn.all_answers():
                if kept.pane == self.place:
                    self.total = self.total.with_answer(kept.answer)
            self.prompt = turn.prompt
            self.recalled = next((kept.answer for kept in turn.answers if kept.pane == self.place), None)
            self.missed = self.recalled is None
            if self.recalled is not None:
                self.conversation.add(turn.prompt, self.recalled)


class Seats:
    """The models that are asked, each in its place; others may take part, and go, while it lasts.

    Attributes:
        seats: One for each pane.
        total: What all answers cost, those of models that went included.
        keeper: Keeps what is said.
    """

    def __init__(
        self, backend: Backend, models: Sequence[Model], session: Session | None, places: Sequence[int]
    ) -> None:
        """Seat ``models`` with nothing said, or with what was said at ``places`` of ``session``."""
        self.backend = backend
        self.seats = tuple(
            Seat(Conversation(model, backend.system_for(model)), place)
            for place, model in zip(places or range(len(models)), models, strict=True)
        )
        self.total = Total()
        self.keeper = self._keep(session)
        self._last_place = _find_last_place(session) if session else -1
        if session is not None:
            self.recall(session)

    def _keep(self, session: Session | None = None) -> Keeper:
        backend = self.backend
        mode = "compare" if len(self.seats) > 1 else "chat"
        models = [seat.model for seat in self.seats]
        return Keeper(backend.store, backend.services.prices, mode, models, session=session)

    def recall(self, session: Session) -> None:
        """Take up what was said in ``session``, and what it cost."""
        for seat in self.seats:
            seat.recall(session.turns)
        self.total = session.total()

    @property
    def running(self) -> bool:
        """Whether any answer is on its way."""
        return any(seat.running for seat in self.seats)

    @property
    def shares_cpu(self) -> bool:
        """Whether several seats run on this machine's own CPU."""
        return sum(seat.is_local for seat in self.seats) > 1

    def blind(self) -> list[str]:
        """Return the labels of the models that can not see images."""
        return [seat.model.label for seat in self.seats if not seat.model.vision]

    def change_model(self, index: int, model: Model) -> None:
        """Let ``model`` go on with what was said in a seat, from the next prompt on."""
        conversation = self.seats[index].conversation
        if conversation.system == self.backend.system_for(conversation.model):
            conversation.system = self.backend.system_for(model)
        refused = model.refused(conversation.params)
        conversation.params = {
            name: value for name, value in conversation.params.items() if name not in refused
        }
        conversation.model = model
        self._keep_models()

    def add_seat(self, model: Model) -> Seat:
        """Seat ``model``, with nothing said."""
        place = max((seat.place for seat in self.seats), default=-1)
        seat = Seat(Conversation(model, self.backend.system_for(model)), max(place, self._last_place) + 1)
        self.seats = (*self.seats, seat)
        self._keep_models()
        return seat

    def remove_seat(self, index: int) -> None:
        """Ask one seat no more. What it answered stays in the session."""
        self._last_place = max(self._last_place, *(seat.place for seat in self.seats))
        self.seats = (*self.seats[:index], *self.seats[index + 1 :])
        self._keep_models()

    def _keep_models(self) -> None:
        if self.keeper.turns:
            self.keeper.go_on_with({seat.place: seat.model for seat in self.seats})
        else:
            self._keep_anew()

    def _keep_anew(self) -> None:
        """Begin to keep another session, in which the seats are the first."""
        for place, seat in enumerate(self.seats):
            seat.place = place
        self.keeper, self._last_place = self._keep(), -1

    def forget(self) -> None:
        """Begin a new session, which has cost nothing yet."""
        self.total = Total()
        for seat in self.seats:
            seat.begin_anew()
        self._keep_anew()


def _find_last_place(session: Session) -> int:
    """Return the highest place that a pane of ``session`` ever had; -1 without any."""
    answered = (kept.pane for turn in session.turns for kept in turn.answers)
    seated = (place for seating in session.seatings for place in seating.models)
    return max((*answered, *seated), default=-1)

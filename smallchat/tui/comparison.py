"""What is compared: each pane's conversation, the answers on their way, and what they cost so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from smallchat.engine.conversation import Conversation
from smallchat.engine.keeping import Keeper
from smallchat.engine.order import Lane, Order
from smallchat.metering.answer import Answer
from smallchat.metering.cost import Total
from smallchat.tui.enclosed import NOTHING
from smallchat.tui.exchange import Exchange
from smallchat.tui.marks import Mark, mark_turn
from smallchat.tui.phase import ITS_TURN, WAITING, Phase
from smallchat.tui.question import Head, Question

if TYPE_CHECKING:
    from smallchat.catalog.model import Model
    from smallchat.engine.running import Running
    from smallchat.engine.seams import Journal
    from smallchat.engine.sending import Send
    from smallchat.metering.timeline import Timeline
    from smallchat.providers.base import Image
    from smallchat.sessions.session import Session, Turn
    from smallchat.tui.backend import Backend

LOCAL = "local"


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

    def recall(self, turns: Sequence[Turn]) -> None:
        """Take up what was said in its place of a session, and what it cost, instead of what is here."""
        self.conversation = self.conversation.begin_anew()
        self.prompt, self.exchange, self.recalled, self.missed = "", None, None, False
        self.images, self.schema = (), None
        self.total = Total()
        for turn in turns:
            for kept in turn.all_answers():
                if kept.pane == self.place:
                    self.total = self.total.with_answer(kept.answer)
            self.prompt = turn.prompt
            self.recalled = next((kept.answer for kept in turn.answers if kept.pane == self.place), None)
            self.missed = self.recalled is None
            if self.recalled is not None:
                self.conversation.add(turn.prompt, self.recalled)


class Comparison:
    """Sends prompts to all seats, or one again, and keeps what came of it.

    Attributes:
        enclosed: What goes with the next prompt.
    """

    def __init__(
        self,
        backend: Backend,
        models: Sequence[Model],
        session: Session | None = None,
        places: Sequence[int] = (),
    ) -> None:
        """Begin with nothing said, or go on with ``session``, whose panes at ``places`` are of ``models``."""
        self.backend = backend
        settings = backend.services.settings
        self.max_output: int = settings.app.max_output
        self.sequential: bool = settings.app.run == "sequential"
        self.seats = tuple(
            Seat(Conversation(model, backend.system_for(model)), place)
            for place, model in zip(places or range(len(models)), models, strict=True)
        )
        self.total = Total()
        self.enclosed = NOTHING
        self.timelines: dict[tuple[int, int], Timeline] = {}  # by turn and place, of this run
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

    def _lane(
        self, seat: Seat, prompt: str, images: tuple[Image, ...], schema: Mapping[str, Any] | None
    ) -> Lane:
        return seat.conversation.lane_for(prompt, self.max_output, images, schema=schema)

    def _order(self, lanes: Sequence[Lane]) -> Order:
        return Order(tuple(lanes), self.sequential, session=self.keeper.session, held=True)

    def question(self, prompt: str, *, shown: bool = False) -> Question:
        """Return what asks every seat ``prompt``, what is enclosed with it.

        ``shown`` says that the panes show it already.
        """
        enclosed = self.enclosed
        text = enclosed.join(prompt)
        lanes = [self._lane(seat, text, enclosed.images, enclosed.schema) for seat in self.seats]
        return Question(text, self._order(lanes), tuple(range(len(self.seats))), shown=shown)

    def can_ask_again(self, index: int) -> bool:
        """Return whether one seat has a prompt, and no answer to it on the way."""
        return bool(self.seats[index].prompt) and not self.seats[index].running

    def question_again(self, index: int) -> Question | None:
        """Return what asks one seat its last prompt once more; ``None`` when there is nothing to ask."""
        seat = self.seats[index]
        if not self.can_ask_again(index):
            return None
        conversation = seat.conversation
        dropped = None if seat.missed else conversation.drop_last()
        lane = self._lane(seat, seat.prompt, seat.images, seat.schema)
        if dropped is not None:
            conversation.turns.append(dropped)  # until it is known that the question leaves
        return Question(seat.prompt, self._order([lane]), (index,), again=True)

    def send(self, question: Question) -> Send:
        """Send ``question``, held until released. Waits for the budget: for a thread beside the screen's.

        Raises:
            Refused: The budget does not allow it; nothing was sent.
        """
        return self.backend.engine.send(question.order, lambda: self.open_journal(question))

    def open_journal(self, question: Question) -> Journal | None:
        """Begin to keep the answers to ``question``, which leaves."""
        lanes, panes = question.order.lanes, [self.seats[pane].place for pane in question.panes]
        if question.again:
            return self.keeper.begin_again(panes[0], lanes[0])
        return self.keeper.begin_turn(question.prompt, lanes, panes=panes)

    def begin(self, question: Question, answers: Sequence[Running]) -> dict[int, Phase]:
        """Seat the ``answers`` to a question and return what each asked pane shows until its clock starts.

        An answer that is replaced is forgotten by the conversation, not by the bill.
        """
        if not question.again:
            for seat in self.seats:
                seat.prompt, seat.exchange, seat.missed = question.prompt, None, True
                seat.recalled = None
                seat.images, seat.schema = question.images, question.order.lanes[0].schema
        phases: dict[int, Phase] = {}
        for pane, running in zip(question.panes, answers, strict=True):
            seat = self.seats[pane]
            if question.again and not seat.missed:
                seat.conversation.drop_last()
            phases[pane] = ITS_TURN if self.sequential and phases else WAITING
            seat.exchange, seat.missed = Exchange(running, phases[pane]), False
        return phases

    def head_of(self, turn: Turn) -> Head | None:
        """Return what stands above the answers to a ``turn`` that is taken up; ``None`` for nothing."""
        return None

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
        seat.conversation.add(seat.prompt, answer, seat.images)
        seat.total = seat.total.with_answer(answer)
        self.total = self.total.with_answer(answer)
        if seat.exchange is not None and (timeline := seat.exchange.timeline) is not None:
            self.timelines[self.keeper.turns, seat.place] = timeline

    def marks(self) -> list[tuple[Mark, ...]]:
        """Return each seat's marks for this turn; none before all its answers are settled."""
        if self.running:
            return [() for _ in self.seats]
        return mark_turn([seat.answer for seat in self.seats])

    # Who sits there

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
            for place, seat in enumerate(self.seats):
                seat.place = place
            self.keeper, self._last_place = self._keep(), -1

    def forget(self) -> None:
        """Begin new conversations; the totals stay, since the money is spent."""
        for place, seat in enumerate(self.seats):
            seat.conversation, seat.place = seat.conversation.begin_anew(), place
            seat.prompt, seat.exchange, seat.recalled, seat.missed = "", None, None, False
        self.keeper, self._last_place = self._keep(), -1
        self.timelines.clear()


def _find_last_place(session: Session) -> int:
    """Return the highest place that a pane of ``session`` ever had; -1 without any."""
    answered = (kept.pane for turn in session.turns for kept in turn.answers)
    seated = (place for seating in session.seatings for place in seating.models)
    return max((*answered, *seated), default=-1)

"""What is compared: prompts on their way to all seats, the answers that come, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from smallchat.engine.order import Lane, Order
from smallchat.metering.answer import Answer
from smallchat.tui.enclosed import NOTHING
from smallchat.tui.exchange import Exchange
from smallchat.tui.marks import Mark, mark_turn
from smallchat.tui.phase import ITS_TURN, WAITING, Phase
from smallchat.tui.question import Head, Question
from smallchat.tui.seats import Seat, Seats
from smallchat.tui.succession import find_successors, label_of, tell_succession

if TYPE_CHECKING:
    from smallchat.catalog.model import Model
    from smallchat.engine.running import Running
    from smallchat.engine.seams import Journal
    from smallchat.engine.sending import Send
    from smallchat.metering.timeline import Timeline
    from smallchat.providers.base import Image
    from smallchat.sessions.session import Session, Turn
    from smallchat.tui.backend import Backend


class Comparison(Seats):
    """Sends prompts to all seats, or one again, and keeps what came of it.

    Attributes:
        enclosed: What goes with the next prompt.
        sequential: Whether the models answer one after another.
        timelines: When the parts of this run's answers happened, by turn and place.
    """

    def __init__(
        self,
        backend: Backend,
        models: Sequence[Model],
        session: Session | None = None,
        places: Sequence[int] = (),
    ) -> None:
        """Begin with nothing said, or go on with ``session``, whose panes at ``places`` are of ``models``."""
        settings = backend.services.settings
        self.max_output: int = settings.app.max_output
        self.sequential: bool = settings.app.run == "sequential"
        self.enclosed = NOTHING
        self.timelines: dict[tuple[int, int], Timeline] = {}
        super().__init__(backend, models, session, places)

    def take_up(self, backend: Backend) -> None:
        """Go on with other settings from the next prompt on."""
        before, self.backend = self.backend, backend
        app = backend.services.settings.app
        self.max_output = app.max_output
        if app.run != before.services.settings.app.run:  # else it stays as the user turned it here
            self.sequential = app.run == "sequential"
        for seat in self.seats:
            if seat.conversation.system == before.system_for(seat.model):
                seat.conversation.system = backend.system_for(seat.model)

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

    def recall(self, session: Session) -> None:
        """Take up what was said in ``session``, by whom, and what it cost."""
        super().recall(session)
        self._successors = {seat.place: find_successors(session.turns, seat.place) for seat in self.seats}

    def head_of(self, turn: Turn, place: int) -> Head | None:
        """Return what stands above the answer at ``place`` to a ``turn`` that is taken up, if anything."""
        succession = self._successors.get(place, {}).get(turn.number)
        return Head(self._tell_succession(*succession)) if succession else None

    def closing_of(self, seat: Seat) -> str:
        """Return what stands below all that was taken up: who goes on instead of the last one, if so."""
        before = seat.recalled.model if seat.recalled is not None else seat.model.name
        return "" if before == seat.model.name else self._tell_succession(seat.model.name, before)

    def _tell_succession(self, new: str, old: str) -> str:
        catalog = self.backend.services.catalog
        return tell_succession(label_of(new, catalog), label_of(old, catalog))

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

    def forget(self) -> None:
        """Begin a new session, which has cost nothing yet."""
        super().forget()
        self.timelines.clear()

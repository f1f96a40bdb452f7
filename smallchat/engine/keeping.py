"""Keeps a conversation in the store while it happens: each send in the session it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from smallchat.metering.answer import Answer
from smallchat.metering.events import Event, Payload
from smallchat.sessions.names import new_session_id
from smallchat.sessions.session import SessionModel

if TYPE_CHECKING:
    from smallchat.catalog.model import Model
    from smallchat.catalog.prices import PriceBook
    from smallchat.engine.order import Lane
    from smallchat.sessions.session import AnswerId, Session, TurnId
    from smallchat.sessions.store import Store


class Keeper:
    """One session of the store, which begins with its first prompt. Nothing here waits for the disk.

    Attributes:
        store: Where the session is kept.
        session: The session's id.
        turns: How many turns it has; 0 for one that is not in the store yet.
    """

    def __init__(
        self,
        store: Store,
        prices: PriceBook,
        mode: str,
        models: Sequence[Model] = (),
        *,
        session: Session | None = None,
    ) -> None:
        """Prepare to keep a session.

        Args:
            store: Where to keep it.
            prices: For the prices that the session's models have.
            mode: ``compare``, ``chat`` or ``route``.
            models: The models of its panes; without them, those that are asked first.
            session: A session to go on with.
        """
        self.store = store
        self.session = session.id if session else new_session_id()
        self.turns = len(session.turns) if session else 0
        self._begun = session is not None
        self._prices = prices
        self._mode = mode
        self._models = tuple(models)
        self._former = session.models if session else ()
        self._changed = False
        self._turn: TurnId | None = session.turns[-1].id if session and session.turns else None
        self._unpriced: Sequence[Model] = ()

    def go_on_with(self, seated: Mapping[int, Model]) -> None:
        """Ask the models ``seated`` at these places from now on; the session remembers those before, too.

        Args:
            seated: Who goes on, by place. Kept at once, so that nobody who left comes back with the session.
        """
        if not self._changed:
            self._former = self._describe(self._models, self._former)
        self._models, self._changed = tuple(seated.values()), True
        self._unpriced = () if self._prices.loaded else self._models
        names = {place: model.name for place, model in seated.items()}
        self.store.seat(self.session, self._describe(self._models, self._former), names)

    def begin_turn(
        self,
        prompt: str,
        lanes: Sequence[Lane],
        decision: Mapping[str, Any] | None = None,
        *,
        panes: Sequence[int] | None = None,
    ) -> SendJournal:
        """Add a prompt to the session and return the journal of the send that asks it of ``lanes``.

        Args:
            prompt: The prompt.
            lanes: Who is asked.
            decision: How routing chose the model.
            panes: The pane of each lane; without it, they are all the panes in their order.
        """
        if not self._begun:
            self._begun = True
            models = self._models or tuple(lane.model for lane in lanes)
            self._unpriced = () if self._prices.loaded else models
            # A preset's candidates share one pane.
            seated = {} if self._mode == "route" else {at: model.name for at, model in enumerate(models)}
            self.store.create_session(self._mode, self._describe(models), name=self.session, seated=seated)
        self._changed = False
        self.turns += 1
        self._turn = self.store.begin_turn(self.session, prompt, decision)
        return SendJournal(
            self,
            [
                self._begin_answer(self._turn, pane, lane)
                for pane, lane in zip(panes or range(len(lanes)), lanes, strict=True)
            ],
        )

    def begin_again(self, pane: int, lane: Lane) -> SendJournal | None:
        """Return the journal of another answer to the last prompt, kept beside the first one."""
        if self._turn is None:
            return None
        self._changed = False
        return SendJournal(self, [self._begin_answer(self._turn, pane, lane)])

    @property
    def turn(self) -> TurnId | None:
        """The last turn's identity in the store; ``None`` before the first."""
        return self._turn

    def note_budget(self, budget: Mapping[str, Any]) -> None:
        """Add to the last turn what was reserved and settled for it."""
        if self._turn is not None:
            self.store.update_turn(self._turn, budget=budget)

    def note_decision(self, decision: Mapping[str, Any]) -> None:
        """Replace how the last turn was routed: who answered is known."""
        if self._turn is not None:
            self.store.update_turn(self._turn, decision=decision)

    def _begin_answer(self, turn: TurnId, pane: int, lane: Lane) -> AnswerId:
        model = lane.model
        params = {**model.params, **lane.params, "max_output": lane.max_output}
        return self.store.begin_answer(
            turn, model.name, model.provider, pane=pane, system=lane.system, params=params
        )

    def add_prices(self) -> None:
        """Keep the models' prices with the session, if they were not known yet when it began."""
        if self._unpriced:
            models, self._unpriced = self._unpriced, ()
            self.store.set_models(self.session, self._describe(models, self._former))

    def _describe(
        self, models: Sequence[Model], former: Sequence[SessionModel] = ()
    ) -> tuple[SessionModel, ...]:
        # Loading the prices would keep the screen waiting.
        known = self._prices.loaded
        now = [SessionModel.of(model, self._prices.price(model) if known else None) for model in models]
        names = {model.name for model in models}
        return (*now, *(model for model in former if model.name not in names))


class SendJournal:
    """Writes one send into the store: text as it comes, the settled answer at its end."""

    def __init__(self, keeper: Keeper, answers: Sequence[AnswerId]) -> None:
        """Write lane number n into ``answers[n]``."""
        self._keeper = keeper
        self._store = keeper.store
        self._answers = answers

    def write(self, lane: int, events: Sequence[Event]) -> None:
        """Keep the text among ``events``."""
        for event in events:
            if isinstance(event, Payload):
                self._store.append(self._answers[lane], event.channel, event.text)

    def settle(self, lane: int, answer: Answer) -> None:
        """Keep the settled answer."""
        self._store.settle(self._answers[lane], answer)
        self._keeper.add_prices()

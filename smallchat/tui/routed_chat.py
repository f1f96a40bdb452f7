"""A chat in which a preset chooses who answers: one pane, one history, several candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from smallchat.engine.candidates import require_candidate
from smallchat.engine.choice import Choice, describe_passing_on, is_passed_on
from smallchat.engine.consulting import Consultant
from smallchat.engine.keeping import Keeper
from smallchat.engine.routing import Router
from smallchat.engine.scene import Said
from smallchat.engine.single_costs import single_costs
from smallchat.metering.answer import Answer
from smallchat.routing.wording import describe_cost
from smallchat.safe_text import safe_line
from smallchat.tui.comparison import Comparison
from smallchat.tui.question import Head, Question
from smallchat.tui.told_choices import ToldChoices

if TYPE_CHECKING:
    from smallchat.catalog.model import Model, Price
    from smallchat.engine.running import Running
    from smallchat.engine.seams import Journal
    from smallchat.sessions.session import Session, Turn
    from smallchat.tui.backend import Backend
    from smallchat.tui.phase import Phase
    from smallchat.tui.seats import Seat


@dataclass(frozen=True, slots=True)
class RoutedQuestion(Question):
    """A question that routing chose the model for.

    Attributes:
        choice: What was chosen, and why.
    """

    choice: Choice | None = None


class RoutedChat(Comparison):
    """Sends each prompt to the candidate that the preset chooses; the seat's model changes with it.

    Attributes:
        router: Chooses.
        consultant: Asks the second stage.
        choice: The last choice that was acted upon.
        told: What was decided on each turn.
    """

    def __init__(self, backend: Backend, name: str, session: Session | None = None) -> None:
        """Begin with nothing said, or go on with ``session``.

        Raises:
            ConfigError: The preset ``name`` is not known or has a mistake, or none of its candidates can
                answer.
        """
        self.router = Router(backend.services, backend.budget, name)
        require_candidate(self.router)
        self.consultant = Consultant(backend.services, backend.engine, backend.budget)
        self.choice: Choice | None = None
        self.told = ToldChoices(self.router, self.consultant.model)
        self._asked: list[str] = []
        self._answers: list[Answer | None] = []
        self._prices: dict[str, Price | None] = {}
        preset = self.router.preset
        super().__init__(backend, [preset.candidate(preset.fallback)], session)

    @property
    def models(self) -> tuple[Model, ...]:
        """The candidates."""
        return self.router.preset.candidates

    def take_up(self, backend: Backend) -> None:
        """Go on with other settings from the next prompt on; the preset stays as it was read."""
        super().take_up(backend)
        self.router.take_up(backend.services)

    def _keep(self, session: Session | None = None) -> Keeper:
        return Keeper(self.backend.store, self.backend.services.prices, "route", self.models, session=session)

    def recall(self, session: Session) -> None:
        """Take up what was said in ``session``, by whom, and what it cost."""
        super().recall(session)
        seat = self.seats[0]
        if not self.told:  # else it is the same session, of which another answer was chosen
            self.choice = self._restore_last(session.turns)
        self._answers = [next((kept.answer for kept in turn.answers), None) for turn in session.turns]
        last = next((answer.model for answer in reversed(self._answers) if answer is not None), None)
        for model in self.models:
            if model.name == last:
                seat.conversation.model = model

    def _restore_last(self, turns: Sequence[Turn]) -> Choice | None:
        if not turns or turns[-1].decision is None:
            return None
        said = self._said()
        before = said.turns[:-1] if turns[-1].answers else said.turns
        return self.router.restore(turns[-1].decision, turns[-1].prompt, replace(said, turns=before))

    def head_of(self, turn: Turn, place: int) -> Head | None:
        """Return the decision that was told above the answer to ``turn``."""
        return self.told.head_of(turn)

    def closing_of(self, seat: Seat) -> str:
        """Return nothing: each answer has its own model."""
        return ""

    def blind(self) -> list[str]:
        """Return nothing: routing chooses somebody who can see."""
        return []

    # Choosing: for a thread beside the screen's

    def draft(self, prompt: str) -> Choice:
        """Return who would answer ``prompt`` now; the second stage is not asked."""
        enclosed, self.router.schema = self.enclosed, self.enclosed.schema
        texts = len(enclosed.files) - len(enclosed.images)
        return self.router.decide(enclosed.join(prompt), self._said(), images=enclosed.images, files=texts)

    def decide(self, prompt: str) -> Choice:
        """Return who answers ``prompt``, after the second stage where it is on and no rule matched."""
        choice = self.draft(prompt)
        if self.router.may_consult(choice) and (consulted := self.consultant.ask(choice)) is not None:
            choice = self.router.reconsider(choice, consulted)
        return choice

    def _said(self) -> Said:
        turns = tuple(self.seats[0].conversation.turns)
        current = self.seats[0].model.name if turns else None
        return Said(turns, current, self.keeper.session)

    # Asking

    def count_consulted(self, choice: Choice) -> None:
        """Count what the second stage cost, whatever becomes of the prompt."""
        if choice.consulted is not None and choice.consulted.cost is not None:
            self.total = self.total.plus(choice.consulted.cost)

    def question_for(self, choice: Choice, *, shown: bool = False) -> RoutedQuestion:
        """Return what asks the chosen model."""
        assert choice.decision.model is not None
        order = self._order([choice.lanes[choice.decision.model]])
        head = self.told.write_head(choice, self.keeper.turns + 1)
        return RoutedQuestion(choice.prompt, order, (0,), shown=shown, head=head, choice=choice)

    def question_to(self, name: str) -> RoutedQuestion | None:
        """Return what asks the candidate ``name`` the last prompt too; ``None`` when there is none."""
        if self.choice is None or self.running:
            return None
        decision = self.choice.decision
        cost, label = describe_cost(decision.costs.get(name)), safe_line(decision.label(name), 60)
        return self._again(name, f"→ {label} · you asked it too · {cost}")

    def question_again(self, index: int) -> Question | None:
        """Return what asks the model that answered last once more."""
        name = self.seats[0].model.name
        if self.choice is None or name not in self.choice.lanes:
            return super().question_again(index)
        return self._again(name, "") if self.can_ask_again(index) else None

    def others(self) -> list[str]:
        """Return the candidates that can answer the last prompt too."""
        choice, current = self.choice, self.seats[0].model.name
        if choice is None:
            return []
        return [name for name in choice.lanes if name in choice.decision.costs and name != current]

    def passed_on(self) -> RoutedQuestion | None:
        """Return what asks the next candidate, when the last one was out of reach."""
        answer, choice = self.seats[0].answer, self.choice
        if answer is None or choice is None or not is_passed_on(answer):
            return None
        name = choice.next_after(self._asked)
        return None if name is None else self._again(name, describe_passing_on(choice, answer, name))

    def _again(self, name: str, head: str) -> RoutedQuestion:
        assert self.choice is not None
        order = self._order([self.choice.lanes[name]])
        told = Head(head, self.keeper.turns) if head else None
        return RoutedQuestion(self.choice.prompt, order, (0,), again=True, head=told, choice=self.choice)

    def open_journal(self, question: Question) -> Journal | None:
        """Return the journal of ``question``, the decision with it."""
        if question.again or not isinstance(question, RoutedQuestion) or question.choice is None:
            return super().open_journal(question)
        return self.keeper.begin_turn(question.prompt, question.order.lanes, question.choice.record())

    def begin(self, question: Question, answers: Sequence[Running]) -> dict[int, Phase]:
        """Seat the answer, and with it the model that gives it."""
        phases = super().begin(question, answers)
        lane, conversation = question.order.lanes[0], self.seats[0].conversation
        conversation.model, conversation.system = lane.model, lane.system
        if not question.again:
            self._asked = []
            self._answers.append(None)
            if isinstance(question, RoutedQuestion) and question.choice is not None:
                self._take(question.choice)
        self._asked.append(lane.model.name)
        return phases

    def settle(self, index: int, answer: Answer) -> None:
        """Book a settled answer, and who gave it."""
        super().settle(index, answer)
        if is_passed_on(answer):
            return
        if self._answers and answer.usage is not None:
            self._answers[-1] = answer
        if self.choice is not None and (choice := self.choice.settled(answer)) is not self.choice:
            self._take(choice)
            self.keeper.note_decision(choice.record())

    def _take(self, choice: Choice) -> None:
        self.choice = choice
        self.told.take(self.keeper.turns, choice)

    def forget(self) -> None:
        """Begin a new conversation."""
        super().forget()
        self.choice, self._asked, self._answers = None, [], []
        self.told.clear()

    # What it comes to

    def single_costs(self) -> dict[str, Decimal | None]:
        """Return what the prompts so far would have cost on each single candidate, in US dollars."""
        services = self.backend.services
        for model in self.models:
            if model.name not in self._prices:
                self._prices[model.name] = services.prices.price(model)
        answers = [answer for answer in self._answers if answer is not None]
        return single_costs(
            answers, self.models, lambda model: self._prices[model.name], services.tokens.ratio
        )

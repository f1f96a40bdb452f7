"""``smallchat ask --route``: one prompt to the model that a preset chooses."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from smallchat.commands.ask_end import EXIT_OVER_BUDGET, end_ask
from smallchat.commands.narration import follow, narrate
from smallchat.commands.opening import open_budget, open_keeper, start_engine
from smallchat.commands.prompt_input import read_images
from smallchat.config.errors import ConfigError

if TYPE_CHECKING:
    import argparse

    from smallchat.engine.choice import Choice
    from smallchat.engine.consulting import Consultant
    from smallchat.engine.engine import Engine
    from smallchat.engine.keeping import Keeper
    from smallchat.engine.order import Lane
    from smallchat.engine.routing import Router
    from smallchat.engine.running import Running
    from smallchat.engine.seams import Journal
    from smallchat.engine.services import Services
    from smallchat.metering.answer import Answer


def ask_routed(options: argparse.Namespace, services: Services, prompt: str) -> int:
    """Route, ask, print the answer and return the exit code.

    Raises:
        ConfigError: The preset is not known or has a mistake, or none of its candidates can answer.
    """
    from smallchat.commands.ask_order import choose_max_output, choose_schema
    from smallchat.engine.consulting import Consultant
    from smallchat.engine.routing import Router
    from smallchat.engine.scene import Said

    images, schema = read_images(options.image), choose_schema(options)
    most = choose_max_output(options, services)
    with ExitStack() as opened:
        budget = open_budget(services, opened)
        router = Router(
            services, budget, options.route, max_output=most, system=options.system, schema=schema
        )
        models = router.preset.candidates
        keeper = None if options.no_save else open_keeper(services, models, opened, "route")
        engine = start_engine(services, budget, opened)
        consultant = Consultant(services, engine, budget)
        tell_about(router)
        services.tokens.load()
        said = Said(session=keeper.session if keeper else "")
        choice = router.decide(
            prompt, said, images=images, files=len(options.file), over_budget=options.force
        )
        asking = Asking(consult(choice, router, consultant), engine, keeper, force=options.force)
        finished = asking.run(as_json=options.json)
        for warning in budget.warnings(models, said.session):
            narrate(warning)
        if not asking.asked:
            return EXIT_OVER_BUDGET
        decision = asking.choice.record()
        if keeper is not None:
            keeper.note_decision(decision)
        code = end_ask(asking.asked, choice.prompt, keeper, decision, finished=finished, as_json=options.json)
        return EXIT_OVER_BUDGET if asking.refused else code


def tell_about(router: Router) -> None:
    """Tell which candidates are left out for want of a key or of weights, and what is odd about the preset.

    Raises:
        ConfigError: None is left.
    """
    from smallchat.engine.candidates import require_candidate

    require_candidate(router)
    if missing := router.missing():
        narrate(f"{', '.join(dict.fromkeys(missing.values()))}: {', '.join(missing)} left out")
    for warning in router.warnings:
        narrate(f"warning: {warning}")


def consult(choice: Choice, router: Router, consultant: Consultant) -> Choice:
    """Return ``choice`` after the second stage, where it is on and has something to say, and tell it.

    Raises:
        ConfigError: There is nobody to ask.
    """
    from smallchat.engine.choice_wording import opening_note

    if (
        not choice.obstacle
        and router.may_consult(choice)
        and (consulted := consultant.ask(choice)) is not None
    ):
        choice = router.reconsider(choice, consulted)
    if choice.obstacle:
        raise ConfigError(f"{choice.obstacle} Nothing was sent.")
    narrate(opening_note(choice, consultant.model))
    return choice


class Asking:
    """Asks the chosen model, and while one does not pick up, the next.

    Attributes:
        choice: What was chosen, and who answered.
        asked: The answers of all that were asked, in order; the last one is the one that counts.
        refused: Whether the budget did not allow to ask, or to ask the next one.
    """

    def __init__(self, choice: Choice, engine: Engine, keeper: Keeper | None, *, force: bool) -> None:
        """Prepare to ask."""
        self.choice = choice
        self.asked: list[Running] = []
        self.refused = False
        self._engine, self._keeper, self._force = engine, keeper, force

    def run(self, *, as_json: bool) -> bool:
        """Ask until somebody answers; return whether that went on to its end."""
        from smallchat.engine.seams import Refused

        name = self.choice.decision.model
        while name is not None:
            session = self._keeper.session if self._keeper else ""
            order = self.choice.order(name, session, force=self._force)
            try:
                send = self._engine.send(order, partial(self._open_journal, order.lanes[0]))
            except Refused as refusal:
                narrate(str(refusal))
                self.refused = True
                break
            self.asked += send.answers
            finished, answer = follow(send, as_json=as_json), send.answers[0].answer
            if answer is not None:
                self.choice = self.choice.settled(answer)
            if not finished or answer is None:
                return finished
            name = self._find_next(answer)
        return True

    def _find_next(self, answer: Answer) -> str | None:
        """Return who is asked after ``answer``, and tell why; ``None`` when it stands."""
        from smallchat.engine.choice import describe_passing_on, is_passed_on

        if not is_passed_on(answer):
            return None
        name = self.choice.next_after([running.model.name for running in self.asked])
        if name is not None:
            narrate(describe_passing_on(self.choice, answer, name))
        return name

    def _open_journal(self, lane: Lane) -> Journal | None:
        if self._keeper is None:
            return None
        if self.asked:
            return self._keeper.begin_again(0, lane)
        return self._keeper.begin_turn(self.choice.prompt, [lane], self.choice.record())

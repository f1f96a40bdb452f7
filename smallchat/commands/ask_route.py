"""``smallchat ask --route``: one prompt to the model that a preset chooses."""

from __future__ import annotations

import json
import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING

from smallchat.commands.ask import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_OVER_BUDGET,
    GOOD,
    choose_max_output,
    choose_schema,
    describe_budget,
    follow,
    load_services,
    narrate,
    open_budget,
    open_keeper,
    start_engine,
)
from smallchat.commands.prompt_input import join_text_files, read_images, read_prompt
from smallchat.config.errors import ConfigError
from smallchat.metering.record import exchange_record

if TYPE_CHECKING:
    import argparse

    from smallchat.engine.choice import Choice
    from smallchat.engine.consulting import Consultant
    from smallchat.engine.engine import Engine
    from smallchat.engine.keeping import Keeper
    from smallchat.engine.routing import Router
    from smallchat.engine.running import Running
    from smallchat.engine.seams import Journal


def run_routed(options: argparse.Namespace) -> int:
    """Route, ask, print the answer and return the exit code.

    Raises:
        ConfigError: The preset is not known or has a mistake, or none of its candidates can answer.
    """
    if options.models:
        raise ConfigError("-m and --route exclude each other: name the models, or let the preset choose.")
    prompt = join_text_files(read_prompt(options.prompt), options.file)
    services = load_services(options)

    from smallchat.engine.consulting import Consultant
    from smallchat.engine.routing import Router
    from smallchat.engine.scene import Said

    images, schema = read_images(options.image), choose_schema(options)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    with ExitStack() as opened:
        budget = open_budget(services, opened)
        router = Router(
            services,
            budget,
            options.route,
            max_output=choose_max_output(options, services),
            system=options.system,
            schema=schema,
        )
        models = router.preset.candidates
        keeper = None if options.no_save else open_keeper(services, models, opened, "route")
        engine = start_engine(services, budget, opened)
        consultant = Consultant(services, engine, budget)
        tell_about(router)
        services.tokens.load()
        said = Said(session=keeper.session if keeper else "")
        choice = router.decide(prompt, said, images=images, over_budget=options.force)
        if not choice.prompt.strip():
            raise ConfigError(f"There is no prompt behind {choice.typed.strip()}.")
        choice = consult(choice, router, consultant)
        asking = Asking(choice, engine, keeper, force=options.force, as_json=options.json)
        code = asking.run()
        for warning in budget.warnings(router.preset.candidates, said.session):
            narrate(warning)
        if options.json and asking.asked:
            print(json.dumps(asking.record(), ensure_ascii=False, indent=1))
    return code


def tell_about(router: Router) -> None:
    """Tell which candidates are left out for want of a key or of weights, and what is odd about the preset.

    Raises:
        ConfigError: None is left.
    """
    router.require_candidate()
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

    if router.may_consult(choice) and (consulted := consultant.ask(choice)) is not None:
        choice = router.reconsider(choice, consulted)
    if choice.decision.model is None:
        why = choice.decision.why
        raise ConfigError(f"{why[0].upper()}{why[1:]}. Nothing was sent.")
    narrate(opening_note(choice, consultant.model))
    return choice


class Asking:
    """Asks the chosen model, and while one does not pick up, the next.

    Attributes:
        asked: The answers of all that were asked, in order; the last one is the one that counts.
    """

    def __init__(
        self, choice: Choice, engine: Engine, keeper: Keeper | None, *, force: bool, as_json: bool
    ) -> None:
        """Prepare to ask."""
        self._choice, self._engine, self._keeper = choice, engine, keeper
        self._force, self._as_json = force, as_json
        self.asked: list[Running] = []

    def run(self) -> int:
        """Ask until somebody answers and return the exit code."""
        from smallchat.engine.seams import Refused

        name = self._choice.decision.model
        code = EXIT_FAILED
        while name is not None:
            try:
                code = self._ask(name)
            except Refused as refusal:
                narrate(str(refusal))
                code = EXIT_OVER_BUDGET
                break
            name = self._find_next() if code == EXIT_FAILED else None
        self._keep_end()
        return code

    def record(self) -> dict[str, object]:
        """Return the exchange ready for ``json.dumps``, with the answer of the last one asked."""
        answers = [running.answer for running in self.asked[-1:] if running.answer is not None]
        budget = describe_budget(self.asked)
        return exchange_record(self._choice.prompt, answers, self._choice.record(), budget)

    def _ask(self, name: str) -> int:
        session = self._keeper.session if self._keeper else ""
        order = self._choice.order(name, session, force=self._force)
        send = self._engine.send(order, lambda: self._open_journal(name))
        self.asked += send.answers
        if not follow(send, as_json=self._as_json):
            return EXIT_INTERRUPTED
        answer = send.answers[0].answer
        if answer is None:
            return EXIT_FAILED
        if answer.text or answer.status != "error":
            self._choice = self._choice.answered(name)
        return 0 if answer.status in GOOD else EXIT_FAILED

    def _find_next(self) -> str | None:
        """Return who is asked next, and tell why; ``None`` when the last answer stands."""
        from smallchat.engine.choice import describe_passing_on, is_passed_on

        answer = self.asked[-1].answer
        if answer is None or not is_passed_on(answer):
            return None
        name = self._choice.next_after([running.model.name for running in self.asked])
        if name is not None:
            narrate(describe_passing_on(self._choice, answer, name))
        return name

    def _open_journal(self, name: str) -> Journal | None:
        if self._keeper is None:
            return None
        lane = self._choice.lanes[name]
        if self.asked:
            return self._keeper.begin_again(0, lane)
        return self._keeper.begin_turn(self._choice.prompt, [lane], self._choice.record())

    def _keep_end(self) -> None:
        if self._keeper is not None:
            self._keeper.note_budget(describe_budget(self.asked))
            self._keeper.note_decision(self._choice.record())

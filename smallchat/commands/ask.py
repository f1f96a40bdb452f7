"""``smallchat ask``: one prompt to one to three models, without a screen."""

from __future__ import annotations

import argparse
import signal
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from smallchat.commands.ask_end import EXIT_OVER_BUDGET, end_ask
from smallchat.commands.narration import follow, narrate
from smallchat.commands.opening import load_services, open_budget, open_keeper, start_engine
from smallchat.commands.prompt_input import join_text_files, read_prompt
from smallchat.config.defaults import LOCAL
from smallchat.config.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smallchat.catalog.model import Model
    from smallchat.engine.engine import Engine
    from smallchat.engine.keeping import Keeper
    from smallchat.engine.order import Order
    from smallchat.engine.sending import Send
    from smallchat.engine.services import Services


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give ``parser`` the arguments of this command."""
    # Left out here, the -m before the command holds.
    parser.add_argument("-m", "--models", metavar="A,B", default=argparse.SUPPRESS, help="ask these models")
    parser.add_argument(
        "--route", metavar="NAME", default=argparse.SUPPRESS, help="let this preset choose the model, or auto"
    )
    parser.add_argument("--system", metavar="TEXT", help="the system prompt")
    parser.add_argument(
        "--image", metavar="FILE", type=Path, action="append", default=[], help="send this image too"
    )
    parser.add_argument(
        "--file", metavar="FILE", type=Path, action="append", default=[], help="send this text file too"
    )
    parser.add_argument(
        "--schema", metavar="FILE", type=Path, help="have answers follow this JSON schema, and check them"
    )
    parser.add_argument("--max-output", metavar="N", type=int, help="the most tokens of an answer")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    parser.add_argument("--force", action="store_true", help="send once over the budget's caps")
    parser.add_argument("--no-save", action="store_true", help="do not keep this exchange as a session")
    parser.add_argument(
        "prompt", nargs="?", metavar="PROMPT", help="the prompt; - reads it from standard input"
    )


def run(options: argparse.Namespace) -> int:
    """Ask, print the answers and return the exit code.

    Raises:
        ConfigError: The options or the configuration have a mistake, or there is nobody to ask.
    """
    if options.models and options.route is not None:
        raise ConfigError("-m and --route exclude each other: name the models, or let the preset choose.")
    prompt = join_text_files(read_prompt(options.prompt), options.file)
    services = load_services(options)
    # A terminated ask ends like an interrupted one: connections and the local model's process are closed.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    if options.route is not None:
        from smallchat.commands.ask_route import ask_routed

        return ask_routed(options, services, prompt)
    return ask_models(options, services, prompt)


def ask_models(options: argparse.Namespace, services: Services, prompt: str) -> int:
    """Ask the models that are named, all of them, and return the exit code."""
    from smallchat.commands.ask_order import build_order, choose_models
    from smallchat.engine.seams import Refused

    models = choose_models(options, services)
    order = build_order(options, services, models, prompt)
    prepare_weights(models, services)
    with ExitStack() as opened:
        keeper = None if options.no_save else open_keeper(services, models, opened)
        budget = open_budget(services, opened)
        engine = start_engine(services, budget, opened)
        if keeper:
            order = replace(order, session=keeper.session)
        try:
            send = send_in_budget(engine, order, prompt, keeper)
        except Refused as refusal:
            narrate(str(refusal))
            return EXIT_OVER_BUDGET
        finished = follow(send, as_json=options.json)
        for warning in budget.warnings(models, order.session):
            narrate(warning)
        return end_ask(send.answers, prompt, keeper, finished=finished, as_json=options.json)


def send_in_budget(engine: Engine, order: Order, prompt: str, keeper: Keeper | None) -> Send:
    """Send ``order``, or the cheapest lane of it that fits, where the user wants that.

    Raises:
        Refused: The budget does not allow it; nothing was sent.
    """
    from smallchat.engine.budgeting import OverBudget

    def send(order: Order, panes: Sequence[int]) -> Send:
        begin = partial(keeper.begin_turn, prompt, order.lanes, panes=panes) if keeper else None
        return engine.send(order, begin)

    try:
        return send(order, range(len(order.lanes)))
    except OverBudget as refused:
        if (lane := refused.instead) is None:
            raise
        model = order.lanes[lane].model.name
        narrate(f"{refused.refusal.sentence}\nAsking {model} alone, the cheapest that the budget allows.")
    return send(order.only((lane,)), (lane,))


def prepare_weights(models: tuple[Model, ...], services: Services) -> None:
    """Fetch the weights of the built-in model if one of ``models`` needs them and they are missing."""
    if any(model.provider == LOCAL and model.path is None for model in models):
        from smallchat.commands.local import ensure_weights

        ensure_weights(services.data_dir)

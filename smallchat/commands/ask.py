"""``smallchat ask``: one prompt to one to three models, without a screen."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smallchat.commands.model_names import parse_model_names
from smallchat.commands.prompt_input import join_text_files, read_images, read_prompt
from smallchat.config.errors import ConfigError
from smallchat.metering.cost import ZERO, add, usd_text
from smallchat.metering.record import exchange_record
from smallchat.safe_text import safe_text

if TYPE_CHECKING:
    from decimal import Decimal

    from smallchat.catalog.model import Model
    from smallchat.engine.budgeting import Budget
    from smallchat.engine.engine import Engine
    from smallchat.engine.keeping import Keeper
    from smallchat.engine.order import Order
    from smallchat.engine.running import Running
    from smallchat.engine.sending import Send
    from smallchat.engine.services import Services

EXIT_FAILED, EXIT_OVER_BUDGET, EXIT_INTERRUPTED = 1, 3, 130
GOOD = ("ok", "length")


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
    """Ask, print the answers and return the exit code."""
    if options.route is not None:
        from smallchat.commands.ask_route import run_routed

        return run_routed(options)
    prompt = join_text_files(read_prompt(options.prompt), options.file)
    services = load_services(options)
    models = choose_models(options, services)
    order = build_order(options, services, models, prompt)
    prepare_weights(models, services)

    from smallchat.engine.seams import Refused

    # A terminated ask ends like an interrupted one: connections and the local model's process are closed.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
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
        interrupted = not follow(send, as_json=options.json)
        answers = [running.answer for running in send.answers if running.answer is not None]
        for warning in budget.warnings(models, order.session):
            narrate(warning)
        money = describe_budget(send.answers)
        if keeper:
            keeper.note_budget(money)
        if options.json:
            print(json.dumps(exchange_record(prompt, answers, budget=money), ensure_ascii=False, indent=1))
    if interrupted:
        return EXIT_INTERRUPTED
    return 0 if all(answer.status in GOOD for answer in answers) else EXIT_FAILED


def open_keeper(services: Services, models: Sequence[Model], opened: ExitStack, mode: str = "") -> Keeper:
    """Return what keeps the exchange as a session; closing ``opened`` writes what waits to be written."""
    from smallchat.engine.keeping import Keeper
    from smallchat.sessions.store import Store

    store = opened.enter_context(closing(Store.open(services.data_dir, narrate)))
    services.prices.load()  # to be kept with the session
    return Keeper(store, services.prices, mode or ("compare" if len(models) > 1 else "chat"), models)


def open_budget(services: Services, opened: ExitStack) -> Budget:
    """Return the user's budget; closing ``opened`` books what waits to be booked."""
    from smallchat.engine.budgeting import Budget

    return opened.enter_context(closing(Budget(services, narrate)))


def start_engine(services: Services, budget: Budget, opened: ExitStack) -> Engine:
    """Return a running engine under ``budget``; closing ``opened`` ends it and books what it spent."""
    from smallchat.engine.engine import Engine

    engine = opened.enter_context(closing(Engine(services, admission=budget)))
    engine.start()
    return engine


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


def load_services(options: argparse.Namespace) -> Services:
    """Return the user's settings and what follows from them."""
    from smallchat.config.paths import config_file
    from smallchat.engine.services import Services

    return Services.load(config_file(options.config), os.environ, must_exist=options.config is not None)


def choose_models(options: argparse.Namespace, services: Services) -> tuple[Model, ...]:
    """Return the models to ask: those of ``-m``, of the configuration, or those that have a key.

    Raises:
        ConfigError: A name is not known, or there is nobody to ask.
    """
    names = parse_model_names(options.models) if options.models else services.providers.default_models()
    if not names:
        raise ConfigError(
            "No model to ask: there is no key yet.\n"
            "Use the built-in model with -m smollm2, or add a key: smallchat keys set openai"
        )
    return tuple(services.catalog.get(name) for name in names)


def build_order(
    options: argparse.Namespace, services: Services, models: tuple[Model, ...], prompt: str
) -> Order:
    """Return what is asked of whom.

    Raises:
        ConfigError: A model can not see the images, a file can not be sent, or the output limit is none.
    """
    from smallchat.engine.conversation import Conversation
    from smallchat.engine.order import Order

    app = services.settings.app
    max_output = choose_max_output(options, services)
    images, schema = read_images(options.image), choose_schema(options)
    blind = [model.name for model in models if images and not model.vision]
    if blind:
        raise ConfigError(
            f"{' and '.join(blind)} can not see images: leave --image out or ask another model."
        )
    lanes = []
    for model in models:
        system = options.system if options.system is not None else (model.system or app.system)
        lanes.append(Conversation(model, system).lane_for(prompt, max_output, images, schema=schema))
    return Order(tuple(lanes), sequential=app.run == "sequential", force=options.force)


def choose_max_output(options: argparse.Namespace, services: Services) -> int:
    """Return the most tokens of an answer.

    Raises:
        ConfigError: It is none.
    """
    most: int = services.settings.app.max_output if options.max_output is None else options.max_output
    if most < 1:
        raise ConfigError(f"--max-output {most}: an answer needs at least one token.")
    return most


def choose_schema(options: argparse.Namespace) -> Mapping[str, Any] | None:
    """Return the JSON schema that answers must follow; ``None`` for free text.

    Raises:
        ConfigError: Its file can not be read, or holds none.
    """
    if options.schema is None:
        return None
    from smallchat.engine.structured import read_schema

    try:
        return read_schema(options.schema)
    except ConfigError as error:
        raise ConfigError(f"--schema {error}") from None


def prepare_weights(models: tuple[Model, ...], services: Services) -> None:
    """Fetch the weights of the built-in model if one of ``models`` needs them and they are missing."""
    if any(model.provider == "local" and model.path is None for model in models):
        from smallchat.commands.local import ensure_weights

        ensure_weights(services.data_dir)


def follow(send: Send, *, as_json: bool) -> bool:
    """Print the answers as they come; return whether that went on to the end.

    Ctrl+C stops the answers; what has arrived is printed and settled.
    """
    from smallchat.commands.narration import Narrator

    narrator = Narrator(send, as_json=as_json)
    try:
        narrator.run()
    except KeyboardInterrupt:
        send.stop()
        send.wait(2.0)
        narrator.finish()
        return False
    except BrokenPipeError:
        send.stop()
        raise
    return True


def describe_budget(answers: Sequence[Running]) -> dict[str, str | None]:
    """Return the US dollars set aside for ``answers`` and spent; ``None`` where a price is not known."""
    reserved = [running.reserved_usd for running in answers]
    settled = [one.answer.cost.usd if one.answer.usage else ZERO for one in answers if one.answer is not None]
    return {"reserved_usd": add_known(reserved), "settled_usd": add_known(settled)}


def add_known(amounts: Sequence[Decimal | None]) -> str | None:
    """Return the sum of ``amounts`` as text, ``None`` when one of them is not known."""
    known = [amount for amount in amounts if amount is not None]
    return usd_text(add(*known)) if len(known) == len(amounts) else None


def narrate(text: str) -> None:
    """Print what the user should know on standard error."""
    print(safe_text(text), file=sys.stderr, flush=True)

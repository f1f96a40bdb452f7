"""``smallchat ask``: one prompt to one to three models, without a screen."""

from __future__ import annotations

import argparse
import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from smallchat.commands.model_names import parse_model_names
from smallchat.commands.prompt_input import read_image, read_prompt
from smallchat.config.errors import ConfigError

if TYPE_CHECKING:
    from decimal import Decimal

    from smallchat.catalog.model import Model
    from smallchat.engine.order import Order
    from smallchat.engine.sending import Send
    from smallchat.engine.services import Services
    from smallchat.metering.answer import Answer
    from smallchat.metering.record import Record

EXIT_FAILED, EXIT_INTERRUPTED = 1, 130
GOOD = ("ok", "length")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give ``parser`` the arguments of this command."""
    # Left out here, the -m before the command holds.
    parser.add_argument("-m", "--models", metavar="A,B", default=argparse.SUPPRESS, help="ask these models")
    parser.add_argument("--system", metavar="TEXT", help="the system prompt")
    parser.add_argument(
        "--image", metavar="FILE", type=Path, action="append", default=[], help="send this image too"
    )
    parser.add_argument("--max-output", metavar="N", type=int, help="the most tokens of an answer")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    parser.add_argument(
        "prompt", nargs="?", metavar="PROMPT", help="the prompt; - reads it from standard input"
    )


def run(options: argparse.Namespace) -> int:
    """Ask, print the answers and return the exit code."""
    prompt = read_prompt(options.prompt)
    services = load_services(options)
    models = choose_models(options, services)
    order = build_order(options, services, models, prompt)
    prepare_weights(models, services)

    from smallchat.engine.engine import Engine

    # A terminated ask ends like an interrupted one: connections and the local model's process are closed.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    engine = Engine(services)
    engine.start()
    try:
        send = engine.send(order)
        interrupted = not follow(send, as_json=options.json)
        answers = [running.answer for running in send.answers if running.answer is not None]
        if options.json:
            record = describe(prompt, answers, reserved_usd(send))
            print(json.dumps(record, ensure_ascii=False, indent=1))
    finally:
        engine.close()
    if interrupted:
        return EXIT_INTERRUPTED
    return 0 if all(answer.status in GOOD for answer in answers) else EXIT_FAILED


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
        ConfigError: A model can not see the images, or the output limit is none.
    """
    from smallchat.engine.conversation import Conversation
    from smallchat.engine.order import Order
    from smallchat.providers.base import Image

    app = services.settings.app
    max_output = app.max_output if options.max_output is None else options.max_output
    if max_output < 1:
        raise ConfigError(f"--max-output {max_output}: an answer needs at least one token.")
    images = tuple(Image(*read_image(path)) for path in options.image)
    blind = [model.name for model in models if images and not model.vision]
    if blind:
        raise ConfigError(
            f"{' and '.join(blind)} can not see images: leave --image out or ask another model."
        )
    lanes = []
    for model in models:
        system = options.system if options.system is not None else (model.system or app.system)
        lanes.append(Conversation(model, system).lane_for(prompt, max_output, images))
    return Order(tuple(lanes), sequential=app.run == "sequential")


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


def reserved_usd(send: Send) -> Decimal | None:
    """Return the most that ``send`` could have cost, in US dollars; ``None`` when a price is not known."""
    from smallchat.metering.cost import add, estimate_range

    worst = []
    for running in send.answers:
        expected = estimate_range(running.price, running.input_estimate, running.lane.max_output)
        if expected is None:
            return None
        worst.append(expected.worst)
    return add(*worst)


def describe(prompt: str, answers: list[Answer], reserved: Decimal | None) -> Record:
    """Return the object that ``--json`` prints."""
    from smallchat.metering.cost import Total, usd_text
    from smallchat.metering.record import exchange_record

    total = Total()
    for answer in answers:
        total = total.plus(answer.cost)
    budget = {
        "reserved_usd": usd_text(reserved) if reserved is not None else None,
        "settled_usd": usd_text(total.usd) if not total.unpriced else None,
    }
    return exchange_record(prompt, answers, budget=budget)

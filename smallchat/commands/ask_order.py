"""What ``ask`` asks, and of whom: from its options to an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smallchat.commands.model_names import parse_model_names
from smallchat.commands.prompt_input import read_images
from smallchat.config.errors import ConfigError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from typing import Any

    from smallchat.catalog.model import Model
    from smallchat.engine.order import Order
    from smallchat.engine.services import Services


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
        system = options.system if options.system is not None else services.system_for(model)
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

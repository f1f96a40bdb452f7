"""``smallchat route``: which model a prompt would go to, and why, without asking any."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smallchat.commands.narration import narrate
from smallchat.commands.opening import load_services, open_budget
from smallchat.commands.prompt_input import MOST_INPUT, read_images, read_prompt
from smallchat.config.errors import ConfigError

if TYPE_CHECKING:
    from smallchat.engine.choice import Choice
    from smallchat.engine.routing import Router

KEYS_HELP = (
    "Nothing is sent, so it works without keys: when no candidate has a key, keys are not looked at, "
    "and stderr says which are missing. As soon as one has a key, candidates without one are dropped."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes to ``parser``."""
    parser.epilog = KEYS_HELP
    presets = parser.add_mutually_exclusive_group()
    presets.add_argument("--preset", metavar="NAME", default="auto", help="the preset (auto: your default)")
    presets.add_argument("--compare-presets", action="store_true", help="what each preset would choose")
    parser.add_argument(
        "--image", metavar="FILE", type=Path, action="append", default=[], help="as if this image went along"
    )
    parser.add_argument(
        "--file",
        metavar="PROMPTS.jsonl",
        type=Path,
        help='decide on each line\'s "prompt": one JSON line each',
    )
    parser.add_argument("--json", action="store_true", help="print decisions as JSON")
    parser.add_argument(
        "prompt", nargs="?", metavar="PROMPT", help="the prompt; - reads it from standard input"
    )


def run(options: argparse.Namespace) -> int:
    """Explain the decision and return the exit code.

    Raises:
        ConfigError: A preset is not known or has a mistake, or there is no prompt.
    """
    if options.file is not None and options.prompt is not None:
        raise ConfigError("Give either a PROMPT or --file, not both.")
    images, compared = read_images(options.image), options.compare_presets
    prompts = read_prompts(options.file) if options.file is not None else iter([read_prompt(options.prompt)])
    with ExitStack() as opened:
        routers = open_routers(options, opened)
        tell_about(routers)
        for prompt in prompts:
            choices = [router.decide(prompt, images=images) for router in routers]
            if not choices[0].prompt.strip():
                raise ConfigError(choices[0].obstacle)
            if options.file is not None or options.json:
                print_json(choices, many=compared)
            else:
                print_text(choices, many=compared)
            if options.file is None:
                tell_refusals(routers, choices)
    return 0


def open_routers(options: argparse.Namespace, opened: ExitStack) -> Sequence[Router]:
    """Return the routers of the presets that are asked for: they decide as a chat with them would.

    Raises:
        ConfigError: A preset is not known or has a mistake.
    """
    from smallchat.engine.routing import Router
    from smallchat.routing.presets import Presets

    services = load_services(options)
    names: Sequence[str] = (options.preset,)
    if options.compare_presets:
        names = Presets(services.settings.routing, services.catalog).names()
    budget = open_budget(services, opened)
    routers = [Router(services, budget, name) for name in names]
    services.tokens.load()
    services.prices.load()
    return routers


def tell_about(routers: Sequence[Router]) -> None:
    """Tell which candidates lack a key or weights, and which rules can never be reached.

    When all lack something, it is not looked at.
    """
    candidates = {model.name for router in routers for model in router.preset.candidates}
    missing = {name: reason for router in routers for name, reason in router.missing().items()}
    if missing:
        left = candidates - missing.keys()
        effect = "these candidates are left out" if left else "decided as if there were"
        narrate(f"{', '.join(sorted(set(missing.values())))}: {effect}")
        for router in routers if not left else ():
            router.assume_equipped()
    for router in routers:
        for warning in router.warnings:
            narrate(f"warning: {warning}")


def tell_refusals(routers: Sequence[Router], choices: Sequence[Choice]) -> None:
    """Tell which of the chosen models the budget would not let be asked."""
    for router, choice in zip(routers, choices, strict=True):
        if (refusal := router.refusal(choice)) and (name := choice.decision.model):
            narrate(f"over the budget: {choice.decision.label(name)} {refusal}")


def print_text(choices: Sequence[Choice], *, many: bool) -> None:
    """Print the decisions for people: one whole, or several in a table."""
    from smallchat.commands.route_text import compare_lines, explain_lines

    lines = compare_lines(choices) if many else explain_lines(choices[0])
    sys.stdout.writelines(f"{line}\n" for line in lines)


def print_json(choices: Sequence[Choice], *, many: bool) -> None:
    """Print the decisions on one line."""
    records = [choice.record() for choice in choices]
    data: Any = records if many else records[0]
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")


def read_prompts(path: Path) -> Iterator[str]:
    """Return the prompts of a JSON-lines file, in order; empty lines are skipped.

    Raises:
        ConfigError: It can not be read, or a line is no object with a ``prompt``.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise ConfigError(f"--file {path}: {error.strerror or error}") from None
    with file:
        for number, line in enumerate(iter(lambda: file.readline(MOST_INPUT + 1), b""), 1):
            if line.strip():
                yield _read_line(path, number, line)


def _read_line(path: Path, number: int, line: bytes) -> str:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise ConfigError(f"--file {path}, line {number}: this is no JSON.") from None
    prompt = entry.get("prompt") if isinstance(entry, dict) else None
    if not isinstance(prompt, str):
        raise ConfigError(f'--file {path}, line {number}: needs an object with a "prompt" in it.')
    return prompt.encode("utf-8", "replace").decode("utf-8")

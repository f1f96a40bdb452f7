"""``smallchat route``: which model a prompt would go to, and why, without asking any."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smallchat.commands.prompt_input import MOST_INPUT, read_image, read_prompt
from smallchat.config.errors import ConfigError

if TYPE_CHECKING:
    from smallchat.catalog.model import Model, Price
    from smallchat.engine.services import Services
    from smallchat.routing.decision import Decision
    from smallchat.routing.limits import Situation
    from smallchat.routing.presets import Preset, Presets

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
    """Explain the decision and return the exit code."""
    if options.file is not None and options.prompt is not None:
        raise ConfigError("Give either a PROMPT or --file, not both.")
    router = Router.load(options)
    presets = router.choose_presets(options)
    router.tell(presets)
    if options.file is not None:
        for prompt in read_prompts(options.file):
            _print_json([router.decide(prompt, preset) for preset in presets], many=options.compare_presets)
        return 0
    prompt = read_prompt(options.prompt)
    decisions = [router.decide(prompt, preset) for preset in presets]
    if options.json:
        _print_json(decisions, many=options.compare_presets)
    else:
        from smallchat.commands.route_text import compare_lines, explain_lines

        compared = options.compare_presets
        lines = compare_lines(decisions) if compared else explain_lines(decisions[0], prompt)
        sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


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


@dataclass(slots=True)
class Router:
    """Decides on prompts with the user's settings, as a chat with them would."""

    services: Services
    presets: Presets
    images: int
    has_keys: bool = True
    _prices: dict[str, Price | None] = field(default_factory=dict)

    @classmethod
    def load(cls, options: argparse.Namespace) -> Router:
        """Read the settings; load what counts tokens and knows prices."""
        from smallchat.config.paths import config_file
        from smallchat.engine.services import Services
        from smallchat.routing import vocabulary
        from smallchat.routing.presets import Presets

        vocabulary.load()
        images = [read_image(path) for path in options.image]
        services = Services.load(config_file(options.config), os.environ)
        services.tokens.load()
        services.prices.load()
        return cls(services, Presets(services.settings.routing, services.catalog), len(images))

    def choose_presets(self, options: argparse.Namespace) -> list[Preset]:
        """Return the presets that are asked for, and find out whether keys are to be looked at."""
        names = self.presets.names() if options.compare_presets else (options.preset,)
        chosen = [self.presets.get(name) for name in names]
        self.has_keys = any(self._missing_key(model) is None for one in chosen for model in one.candidates)
        return chosen

    def tell(self, presets: list[Preset]) -> None:
        """Tell on stderr which keys are missing, and which rules can never be reached."""
        candidates = {model.name: model for preset in presets for model in preset.candidates}
        missing = {self._missing_key(model) for model in candidates.values()} - {None}
        if missing:
            reasons = ", ".join(sorted(str(reason) for reason in missing))
            effect = "these candidates are left out" if self.has_keys else "decided as if there were"
            _tell(f"{reasons}: {effect}")
        for preset in presets:
            for warning in self.presets.warnings(preset.name):
                _tell(f"warning: {warning}")

    def decide(self, prompt: str, preset: Preset) -> Decision:
        """Return the decision of ``preset`` on ``prompt``, as the first turn of a chat."""
        from dataclasses import replace

        from smallchat.routing.decision import route_prompt
        from smallchat.routing.pins import parse_pin

        pin, prompt = parse_pin(prompt, preset.candidates)
        tokens = self.services.tokens
        model = preset.candidates[0]
        system = self.services.settings.app.system
        counted = {one.name: self._count(one, prompt) for one in preset.candidates}
        return route_prompt(
            prompt,
            preset,
            replace(self.situation(counted), pin=pin),
            tokens=tokens.count(model, prompt),
            system_tokens=tokens.count(model, system) if system else 0,
            images=self.images,
        )

    def situation(self, counted: dict[str, int]) -> Situation:
        """Return what a decision depends on, given each candidate's estimated input in tokens."""
        from smallchat.routing.limits import Situation

        return Situation(
            today=date.today(),
            max_output=self.services.settings.app.max_output,
            input_tokens=lambda model: counted[model.name],
            price=self._price,
            missing_key=self._missing_key if self.has_keys else None,
        )

    def _count(self, model: Model, prompt: str) -> int:
        app = self.services.settings.app
        system = model.system if model.system is not None else app.system
        return self.services.tokens.estimate_request(model, system, [prompt], self.images)

    def _price(self, model: Model) -> Price | None:
        if model.name not in self._prices:
            self._prices[model.name] = self.services.prices.price(model)
        return self._prices[model.name]

    def _missing_key(self, model: Model) -> str | None:
        providers = self.services.providers
        provider = providers.get(model.provider)
        if not provider.needs_key or providers.key_source(provider) is not None:
            return None
        return f"no key for {provider.name}"


def _print_json(decisions: list[Decision], *, many: bool) -> None:
    from smallchat.routing.record import decision_record

    records = [decision_record(decision) for decision in decisions]
    data: Any = records if many else records[0]
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")


def _tell(text: str) -> None:
    from smallchat.safe_text import safe_line

    sys.stderr.write(f"{safe_line(text, 400)}\n")

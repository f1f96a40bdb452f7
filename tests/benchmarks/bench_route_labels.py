"""How many of the routes that a user called wrong are right by now.

``python -m tests.benchmarks.bench_route_labels [--config FILE] [route-labels.jsonl]``: each prompt is decided
on again by its preset, as the first turn of a chat with every key at hand.
"""

from __future__ import annotations

import argparse
import json
import os
from datetime import date
from pathlib import Path

from smallchat.config.paths import config_file, data_dir
from smallchat.engine.route_labels import FILE_NAME
from smallchat.engine.services import Services
from smallchat.routing.decision import route_prompt
from smallchat.routing.limits import Situation
from smallchat.routing.presets import Presets


def main() -> None:
    """Print each label with what would be chosen now, and how many are right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=data_dir() / FILE_NAME)
    parser.add_argument("--config", type=Path)
    options = parser.parse_args()
    services = Services.load(config_file(options.config), os.environ)
    services.tokens.load()
    presets = Presets(services.settings.routing, services.catalog)
    right = total = 0
    for line in options.file.read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        preset, prompt = presets.get(label["preset"]), label["prompt"]
        tokens = services.tokens.count(preset.candidates[0], prompt)
        situation = Situation(
            today=date.today(),
            max_output=services.settings.app.max_output,
            input_tokens=lambda model, prompt=prompt: services.tokens.estimate_request(model, "", [prompt]),  # type: ignore[misc]
            price=services.prices.price,
        )
        decision = route_prompt(prompt, preset, situation, tokens=tokens)
        total += 1
        right += decision.model == label["right"]
        mark = "✓" if decision.model == label["right"] else "✗"
        print(f"{mark} {decision.model} by {decision.rule}, {label['right']} is right: {prompt[:80]!r}")
    print(f"{right} of {total} right")


if __name__ == "__main__":
    main()

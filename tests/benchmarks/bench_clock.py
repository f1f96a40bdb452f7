"""How true TTFT and tokens per second are while three panes draw.

    python -m tests.benchmarks.bench_clock [--turns N] [--tps N] [--tokens N]

A server in a process of its own streams to three panes on both wires with a known schedule. The error is what
smallchat measured minus what the server did: its scheduled first token, and the rate of its own send stamps.
The floor is the same engine in the same run without a screen.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.terminal import Terminal
from tests.servers.script import Seen
from tests.servers.sse import ServerProcess, serve_process

ROOT = Path(__file__).resolve().parents[2]
TTFT_S = 0.2
WARM_UP_TURNS = 1
MODELS = ("one", "two", "three")

# The child: the real program, with each settled answer also written to a file.
APP = """
import sys
from smallchat.tui.comparison import Comparison
settle = Comparison.settle
out = open(sys.argv[1], "a", buffering=1)
def settle_and_tell(self, index, answer):
    settle(self, index, answer)
    print(answer.model, answer.status, answer.figures.ttft_ms, answer.figures.tokens_per_s, file=out)
Comparison.settle = settle_and_tell
from smallchat.cli import main
sys.exit(main(["--config", sys.argv[2], "-m", sys.argv[3]]))
"""

# The floor: the engine alone, warmed up and tuned the same way.
ENGINE = """
import os, sys
from pathlib import Path
from smallchat.engine.conversation import Conversation
from smallchat.engine.engine import Engine
from smallchat.engine.order import Order
from smallchat.engine.services import Services
from smallchat.engine.tuning import tune_for_streaming
out = open(sys.argv[1], "a", buffering=1)
services = Services.load(Path(sys.argv[2]), os.environ)
models = [services.catalog.get(name) for name in sys.argv[3].split(",")]
engine = Engine(services)
engine.start()
engine.warm(models)
services.prices.load()
services.tokens.load()
tune_for_streaming()
for _ in range(int(sys.argv[4])):
    send = engine.send(Order(tuple(Conversation(model).lane_for("Hello", 8192) for model in models)))
    send.wait()
    for running in send.answers:
        answer = running.answer
        print(answer.model, answer.status, answer.figures.ttft_ms, answer.figures.tokens_per_s, file=out)
engine.close()
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--tps", type=float, default=300)
    parser.add_argument("--tokens", type=int, default=600)
    options = parser.parse_args()
    turns = options.turns + WARM_UP_TURNS
    schedule = ("--ttft", str(TTFT_S), "--tps", str(options.tps), "--tokens", str(options.tokens))
    print(f"{len(MODELS)} panes, {options.tps:.0f} tok/s, {options.tokens} tokens, {options.turns} turns")
    errors = {}
    for name, run in (("engine alone", run_engine), ("three panes drawing", run_app)):
        with serve_process(*schedule) as server, tempfile.TemporaryDirectory() as folder:
            told = run(Path(folder), write_config(Path(folder), server), turns)
            errors[name] = compare(told, server.seen())
            print_errors(name, errors[name])
    floor, screen = (percentile(ttft, 0.95) for ttft, _ in errors.values())
    print(f"TTFT error p95 with the screen / without: {screen / floor:.2f}")


def write_config(folder: Path, server: ServerProcess) -> Path:
    config = folder / "config.toml"
    config.write_text(
        "[app]\nmax_output = 8192\n"
        f'[providers.chat]\nbase_url = "{server.openai_url}"\n'
        f'[providers.messages]\nwire = "anthropic"\nbase_url = "{server.anthropic_url}"\n'
        + "".join(
            f'[models.{name}]\nprovider = "{"messages" if name == "two" else "chat"}"\n' for name in MODELS
        )
    )
    return config


def environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SMALLCHAT_DATA_DIR": str(folder / "data"),
    }


def run_engine(folder: Path, config: Path, turns: int) -> list[list[str]]:
    told = folder / "told"
    command = [sys.executable, "-c", ENGINE, str(told), str(config), ",".join(MODELS), str(turns)]
    subprocess.run(command, env=environment(folder), check=True)
    return [line.split() for line in told.read_text().splitlines()]


def run_app(folder: Path, config: Path, turns: int) -> list[list[str]]:
    told = folder / "told"
    told.touch()
    arguments = [sys.executable, "-c", APP, str(told), str(config), ",".join(MODELS)]
    with Terminal(arguments, environment(folder)) as screen:
        screen.read_until(lambda: "ready" in screen.text, 20)
        screen.read_until(lambda: False, 3)  # importing the SDKs and warming up, as while a person types
        for turn in range(turns):
            screen.write(b"Hello\r")
            wanted = (turn + 1) * len(MODELS)
            screen.read_until(lambda: len(told.read_text().splitlines()) >= wanted, 120)  # noqa: B023
        screen.write(b"\x11")
        screen.read_until(lambda: screen.closed, 10)
    return [line.split() for line in told.read_text().splitlines()]


def compare(told: list[list[str]], seen: list[Seen]) -> tuple[list[float], list[float]]:
    """Return the errors of TTFT in ms and of tokens per second in percent, the warm-up left out."""
    first_tokens: list[float] = []
    rates: list[float] = []
    served: dict[str, list[Seen]] = {name: [] for name in MODELS}
    for request in seen:
        if request.model in served:
            served[request.model].append(request)
    counts = dict.fromkeys(MODELS, 0)
    for model, status, ttft_ms, rate in told:
        number = counts[model]
        counts[model] += 1
        if number < WARM_UP_TURNS:
            continue
        if status != "ok":
            print(f"{model}: {status}")
            continue
        sent = served[model][number].sent
        true_rate = sum(event.tokens for event in sent[1:]) / (sent[-1].at - sent[0].at) * 1e9
        first_tokens.append(float(ttft_ms) - TTFT_S * 1000)
        rates.append(100 * (float(rate) / true_rate - 1))
    return first_tokens, rates


def print_errors(name: str, errors: tuple[list[float], list[float]]) -> None:
    ttft, rate = errors
    print(
        f"{name:20}  TTFT error p50 {statistics.median(ttft):5.2f}  p95 {percentile(ttft, 0.95):5.2f}  "
        f"max {max(ttft):5.2f} ms   tok/s error p50 {statistics.median(map(abs, rate)):.2f}  "
        f"max {max(map(abs, rate)):.2f} %   n {len(ttft)}"
    )


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


if __name__ == "__main__":
    main()

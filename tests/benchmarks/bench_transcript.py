"""Three panes of streaming Markdown in a pseudo-terminal: speed, CPU, memory, and how long a key waits.

    python tests/benchmarks/bench_transcript.py [--quick]

Each scenario runs in a process of its own behind a pty whose output is read at once. Keys are pressed at
random moments; a key counts as painted when the number it brings up comes out of the terminal. The floor is
the same app with Textual's plain ``Log`` in the panes, fed the same stream.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import random
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.widgets import Log, Static

from smallchat.engine.tuning import tune_for_streaming
from smallchat.tui.widgets.transcript import Transcript, warm_transcript

TOKEN = 4  # characters
COLUMNS, ROWS = 180, 50
FRAME_S = 1 / 15

MIXED = """## A heading about *sorting*

Some **bold** words, `code()`, a [link](https://example.org/page) and plain prose that goes on for a while so
that it has to be wrapped in every pane, as most of what a model says does.

1. first step of the list, with `inline code`
2. second step, a bit longer than the first one was
   - nested detail

```python
def quicksort(items: list[int]) -> list[int]:
    \"\"\"Sort without haste.\"\"\"
    if len(items) <= 1:
        return items  # nothing to do
    return quicksort([x for x in items[1:] if x < items[0]]) + items[:1]
```

| name | best | average |
|------|:----:|--------:|
| quick | `n log n` | 12.5 |
| tim | n | 8 |

> A quote, to make it complete.

"""


def growing(opening: str, line: str, lines: int) -> str:
    return opening + "".join(line.format(number) for number in range(lines))


SOURCES = {
    "mixed": MIXED,
    "fence": growing("```python\n", "value_{0} = compute(items[{0}], 'text')  # step {0}\n", 2000),
    "table": growing(
        "| name | value | note |\n|---|--:|---|\n", "| row {0} | `{0}` | some **words** |\n", 500
    ),
    "list": growing("", "- item {0} with `code` and a few more words\n", 300),
}


def tokens_of(kind: str, count: int) -> list[str]:
    source = SOURCES[kind]
    pieces = [source[start : start + TOKEN] for start in range(0, len(source), TOKEN)]
    return list(islice(cycle(pieces), count)) if kind == "mixed" else pieces


class Bench(App[None]):
    """Three panes and a line that answers keys."""

    CSS = "Static { height: 1; } Horizontal > * { width: 1fr; }"

    def __init__(self, widget: str, tokens: list[str], rate: float, at_once: int, report: Path) -> None:
        super().__init__()
        self.widget = widget
        self.at_once = tokens[:at_once]
        self.tokens = tokens[at_once:]
        self.rate = rate
        self.report = report
        self.fed = 0
        self.keys = 0

    def compose(self) -> ComposeResult:
        with Horizontal():
            for _ in range(3):
                yield Transcript() if self.widget == "transcript" else Log()
        yield Static("ready", id="answer")

    def on_mount(self) -> None:
        self.panes: list[Any] = list(self.query_one(Horizontal).children)
        self.set_timer(0.5, self.begin)

    def write(self, text: str) -> None:
        for pane in self.panes:
            if isinstance(pane, Transcript):
                pane.append(text)
            else:
                pane.write(text)

    def begin(self) -> None:
        warm_transcript()
        self.write("".join(self.at_once))
        self.wait_for_calm()

    def wait_for_calm(self) -> None:
        if any(getattr(pane, "busy", False) for pane in self.panes):
            self.set_timer(0.05, self.wait_for_calm)
            return
        tune_for_streaming()
        self.query_one("#answer", Static).update("⟦go⟧")
        self.memory = resident()
        self.cpu = time.process_time()
        self.start = time.perf_counter()
        self.frames = self.set_interval(FRAME_S, self.frame)

    def frame(self) -> None:
        due = min(len(self.tokens), int((time.perf_counter() - self.start) * self.rate))
        if due > self.fed:
            self.write("".join(self.tokens[self.fed : due]))
            self.fed = due
        if self.fed == len(self.tokens) and not any(getattr(pane, "busy", False) for pane in self.panes):
            self.frames.stop()
            took = time.perf_counter() - self.start
            figures = {
                "tok_s": self.fed / took,
                "behind_s": max(0.0, took - self.fed / self.rate),
                "cpu_per_1k": (time.process_time() - self.cpu) / (3 * self.fed / 1000),
                "memory_mb": (resident() - self.memory) / 1e6,
            }
            self.report.write_text(json.dumps(figures))
            self.exit()

    def key_x(self) -> None:
        self.keys += 1
        self.query_one("#answer", Static).update(f"⟦{self.keys}⟧", layout=False)


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def run(widget: str, kind: str, rate: float, count: int, at_once: int) -> dict[str, float]:
    """Run one scenario in a process behind a pty, press keys, and return its figures."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "figures.json"
        scenario = [widget, kind, str(rate), str(count), str(at_once), str(report)]
        command = [sys.executable, __file__, "--child", *scenario]
        # 240 screen updates a second at most, as in the app, for keys: text comes with 15 frames a second
        environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_FPS": "240"}
        child = subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, env=environ)
        os.close(follower)
        waits = press_keys(leader, child)
        child.wait()
        os.close(leader)
        figures: dict[str, float] = json.loads(report.read_text())
    waits.sort()
    figures["key_p50_ms"] = statistics.median(waits) * 1000
    figures["key_p99_ms"] = waits[min(len(waits) - 1, int(len(waits) * 0.99))] * 1000
    figures["keys"] = len(waits)
    return figures


def press_keys(leader: int, child: subprocess.Popen[bytes]) -> list[float]:
    """Read all output; once the stream runs press a key now and then and time its way to the screen."""
    waits: list[float] = []
    seen = b""
    number = 0
    pressed = 0.0
    next_press = float("inf")
    while child.poll() is None:
        readable, _, _ = select.select([leader], [], [], 0.002)
        if readable:
            try:
                seen = seen[-64:] + os.read(leader, 1 << 16)
            except OSError:
                break
        now = time.perf_counter()
        if next_press == float("inf") and not pressed and "⟦go⟧".encode() in seen:
            next_press = now + 0.2
        if pressed and f"⟦{number}⟧".encode() in seen:
            waits.append(now - pressed)
            pressed, next_press = 0.0, now + random.uniform(0.02, 0.1)
        if not pressed and now >= next_press:
            number += 1
            pressed = now
            os.write(leader, b"x")  # bound to nothing in a transcript
    return waits


def show(name: str, figures: dict[str, float], floor: dict[str, float] | None = None) -> None:
    ratio = f"{figures['cpu_per_1k'] / floor['cpu_per_1k']:.1f} ×" if floor else "floor"
    print(
        f"{name:<20}{figures['tok_s']:>7.0f}{figures['behind_s']:>9.2f}{figures['cpu_per_1k']:>10.3f}{ratio:>8}"
        f"{figures['key_p50_ms']:>9.1f}{figures['key_p99_ms']:>8.1f}{figures['keys']:>6.0f}"
        f"{figures['memory_mb']:>+8.1f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="about 20 seconds instead of five minutes")
    quick = parser.parse_args().quick
    print("three panes           tok/s behind s  CPU s/1k          key p50  p99 ms  keys      MB")
    for rate in (500, 2000):
        count = (1500 if rate == 500 else 3000) if quick else 20_000
        floor = run("log", "mixed", rate, count, 0)
        show(f"plain log, {rate}/s", floor)
        show(f"mixed, {rate}/s", run("transcript", "mixed", rate, count, 0), floor)
    for kind in ("fence", "table", "list"):
        length = len(tokens_of(kind, 0))
        show(f"{kind}, 500/s", run("transcript", kind, 500, 0, length - 1200 if quick else 0))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        kind, rate, count, at_once = sys.argv[3], float(sys.argv[4]), int(sys.argv[5]), int(sys.argv[6])
        Bench(sys.argv[2], tokens_of(kind, count), rate, at_once, Path(sys.argv[7])).run()
    else:
        main()

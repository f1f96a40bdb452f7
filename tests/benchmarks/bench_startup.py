"""Launch to first painted compare screen, against a bare Textual app of the same shape, in a real pty.

Run it as ``python -m tests.benchmarks.bench_startup [RUNS]``. The time is from the spawn of the process until
every part of the screen was written to the terminal; both programs run from compiled bytecode, in turns.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.terminal import Terminal

TIMEOUT_S = 10.0

BARE = """
from textual.app import App
from textual.containers import Horizontal
from textual.widgets import Footer, Static, TextArea

class Bare(App):
    CSS = "Static {width:1fr; height:1fr; border:round gray} Horizontal {height:1fr} TextArea {height:5}"
    BINDINGS = [("ctrl+q", "quit", "Leave")]

    def compose(self):
        with Horizontal():
            for number in range(3):
                yield Static(f"pane-{number}")
        yield TextArea(placeholder="composer")
        yield Footer()

Bare().run()
"""


def measure_paint(command: list[str], marks: list[str], environ: dict[str, str]) -> tuple[float, float]:
    """Return milliseconds from spawning ``command`` in a pty until it has written all ``marks``.

    The second figure is the processor time until then, which other programs hardly change.
    """
    start = time.perf_counter()
    with Terminal(command, environ) as terminal:
        terminal.read_marks(marks, TIMEOUT_S)
        return (terminal.drawn_at - start) * 1000, terminal.cpu_ms()


def measure_exit(command: list[str], environ: dict[str, str]) -> float:
    """Return milliseconds that ``command`` takes from its spawn to its end."""
    start = time.perf_counter()
    subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - start) * 1000


def describe(name: str, times: list[float]) -> str:
    """Return a line with median and range."""
    return (
        f"{name:<34} {statistics.median(times):6.0f} ms  [{min(times):.0f}–{max(times):.0f}]  n={len(times)}"
    )


def medians(found: dict[str, list[float]]) -> list[float]:
    """Return the median of each program."""
    return [statistics.median(one) for one in found.values()]


def main() -> None:
    """Measure and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as home:
        bare = Path(home) / "bare.py"
        bare.write_text(BARE, encoding="utf-8")
        environ = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        environ |= {
            "HOME": home,
            "OPENAI_API_KEY": "test",
        }
        environ |= {"SMALLCHAT_CONFIG": f"{home}/config.toml", "SMALLCHAT_DATA_DIR": home}
        smallchat = [sys.executable, "-m", "smallchat"]
        three = [*smallchat, "-m", "gpt-5.4-mini,claude-haiku-4-5,gpt-5.4-nano"]
        programs = {
            "bare Textual app": ([sys.executable, str(bare)], ["pane-0", "pane-2", "omposer", "Leave"]),
            "smallchat, three panes": (
                three,
                ["gpt-5.4-mini", "gpt-5.4-nano", "TTFT", "sk…", "Send"],
            ),
        }
        times: dict[str, list[float]] = {name: [] for name in programs}
        spent: dict[str, list[float]] = {name: [] for name in programs}
        version: list[float] = []
        for run in range(runs + 2):
            for name, (command, marks) in programs.items():
                took, cpu = measure_paint(command, marks, environ)
                if run >= 2:  # the first ones compile bytecode and fill the disk cache
                    times[name].append(took)
                    spent[name].append(cpu)
            took = measure_exit([*smallchat, "--version"], environ)
            if run >= 2:
                version.append(took)
    for name, found in times.items():
        print(describe(name, found))
    ratio, of_cpu = (ours / floor for floor, ours in map(medians, (times, spent)))
    print(f"ratio {ratio:.2f}, of processor time {of_cpu:.2f} (goal: 1.30 or less)")
    print(describe("smallchat --version", version) + "  (goal: 60 ms or less)")


if __name__ == "__main__":
    main()

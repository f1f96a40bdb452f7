"""How long every screen and dialog takes from its key to its paint, in the real program.

    python -m tests.benchmarks.bench_open [--runs 5] [--size 120x36] [--wait 3] [NAME...]

Each is opened behind a pseudo-terminal in processes of its own, first and three times more, above three panes
of long answers and with 200 sessions kept. A screen counts as painted when the last part of what it is for
was written to the terminal. Beside it stands the processor time until then, which other programs hardly
change. The floor is a bare Textual app that opens a modal screen with an ``Input`` and an ``OptionList``.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass

from tests.benchmarks.open_stage import PROMPT, TITLE, fresh_home, stage
from tests.benchmarks.terminal import Terminal

LATER = 3
QUIET_S = 0.25
TIMEOUT_S = 15.0
ESC = b"\x1b"
PASTE = ESC + b"[200~" + b"some prose " * 1000 + ESC + b"[201~"

FLOOR = """
from textual.app import App
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, OptionList, Static, TextArea

class Dialog(ModalScreen):
    CSS = "Dialog {align: center middle} Vertical {width: 90%; height: 20; border: round gray}"
    BINDINGS = [("escape", "dismiss", "Back")]

    def compose(self):
        with Vertical():
            yield Input(placeholder="search")
            yield OptionList(*[f"option-{number}" for number in range(100)])

class Bare(App):
    CSS = "Static {width: 1fr; height: 1fr; border: round gray} Horizontal {height: 1fr} TextArea {height: 5}"
    BINDINGS = [("f2", "open", "Open")]

    def compose(self):
        with Horizontal():
            for number in range(3):
                yield Static("prose " * 500)
        yield TextArea(placeholder="ready")
        yield Footer()

    def action_open(self):
        self.push_screen(Dialog())

Bare().run()
"""


@dataclass(frozen=True)
class Opening:
    """How a screen is opened and closed.

    Attributes:
        name: Of the screen.
        key: Opens it.
        marks: What it has when it is painted, the last part included.
        leave: Keys that close it, one after the other.
        before: Keys that are pressed before, each time, one after the other.
        once: Keys that are pressed before the first time.
        arguments: Of the program; by default it goes on with the long session.
        started: What the program draws when it is up.
    """

    name: str
    key: bytes
    marks: tuple[str, ...]
    leave: tuple[bytes, ...] = (ESC,)
    before: tuple[bytes, ...] = ()
    once: tuple[bytes, ...] = ()
    arguments: tuple[str, ...] = ("--resume",)
    started: tuple[str, ...] = ("average", "tim", "session")


def alt(letter: str) -> bytes:
    """Return what a terminal sends for Alt and a letter."""
    return ESC + letter.encode()


def routed(name: str, key: bytes, *marks: str) -> Opening:
    """Return a screen of a routed chat with one answer."""
    return Opening(name, key, marks, once=(b"Hello", b"\r"), arguments=("--route", "mine"), started=("Ask",))


OPENINGS = (
    Opening("help", b"\x1bOP", ("Search the keys", "Esc goes back"), (ESC,)),
    Opening("palette", b"\x10", ("Send the prompt", "Maximise"), (ESC,)),
    Opening("models", alt("m"), ("The model", "gpt-5.4")),
    Opening("pane settings", alt("p"), ("System prompt", "top_p")),
    Opening("settings", b"\x1b[21~", ("Settings", "Theme", "Save")),
    Opening("keys", alt("k"), ("OpenAI", "Anthropic")),
    Opening("figures", alt("i"), ("Figures", "TTFT", "1.83 s")),
    Opening("diff", alt("y"), ("prose", "Back")),
    Opening("scores", alt("s"), ("Blind votes", "No ")),
    Opening("blind", b"\r", ("1 ", "Stop"), (ESC, b"u", ESC), (b"Hello",), (alt("z"),)),
    Opening("sessions", b"\x1bOQ", ("Rename", TITLE)),
    Opening("turns", b"\x1bOR", (PROMPT,)),
    Opening("spend", b"\x1bOS", ("Spent", "gpt-5.4-nano")),
    Opening("themes", b"\x1b[24~", ("smallchat-light",)),
    Opening("find", alt("q"), ("Find in this pane",)),
    Opening("history", alt("h"), ("Earlier prompts", PROMPT)),
    Opening("library", alt("l"), ("Prompt library", "Summarise")),
    Opening("attach", alt("u"), ("Attach an image", "~/pictures", "Esc goes back")),
    Opening("schema", alt("j"), ("JSON schema", "Esc goes back")),
    Opening("chips", alt("x"), ("With the next prompt", "characters"), once=(PASTE,)),
    routed("why", alt("d"), "Esc goes back", "fallback"),
    routed("ask another", alt("o"), "Who should answer", "Esc goes back"),
)
FLOOR_OPENING = Opening("floor", b"\x1bOQ", ("search", "option-9"), arguments=(), started=("ready", "Open"))


@dataclass(frozen=True)
class Opened:
    """What an opening took: milliseconds until the paint, and of processor time."""

    ms: float
    cpu_ms: float


def measure(
    opening: Opening, command: Iterable[str], environ: dict[str, str], size: tuple[int, int], wait_s: float
) -> list[Opened]:
    """Start the program, wait, open the screen, close it, and again; return what each time took."""
    found = []
    with fresh_home(environ) as own, Terminal([*command, *opening.arguments], own, *size) as terminal:
        terminal.read_marks(opening.started, TIMEOUT_S)
        terminal.read_until(lambda: False, wait_s)
        press(terminal, opening.once)
        for _ in range(1 + LATER):
            press(terminal, opening.before)
            terminal.forget()
            cpu, start = terminal.cpu_ms(), time.perf_counter()
            terminal.write(opening.key)
            terminal.read_marks(opening.marks, TIMEOUT_S)
            found.append(Opened((terminal.drawn_at - start) * 1000, terminal.cpu_ms() - cpu))
            terminal.settle(QUIET_S, 1.0)
            press(terminal, opening.leave)
    return found


def press(terminal: Terminal, keys: Iterable[bytes]) -> None:
    """Press ``keys``, each once what the one before did is drawn."""
    for key in keys:
        terminal.write(key)
        terminal.read_until(lambda: False, QUIET_S)  # Esc alone is heard after 0.1 s
        terminal.settle(QUIET_S, 1.0)


def show(name: str, runs: list[list[Opened]], floor: list[list[Opened]]) -> None:
    """Print what the first and the later openings took."""
    line = f"{name:<14}"
    for which in (slice(0, 1), slice(1, None)):
        ms = [opened.ms for run in runs for opened in run[which]]
        cpu = statistics.median(opened.cpu_ms for run in runs for opened in run[which])
        ratio = cpu / statistics.median(opened.cpu_ms for run in floor for opened in run[which])
        line += f"{statistics.median(ms):8.0f} {min(ms):5.0f}–{max(ms):<5.0f}{cpu:5.0f} {ratio:4.1f} ×   "
    print(line, flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="of screens; all without one")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--size", default="120x36", help="of the terminal, in columns and rows")
    parser.add_argument("--wait", type=float, default=3.0, help="seconds between the start and the key")
    options = parser.parse_args()
    columns, rows = map(int, options.size.split("x"))
    with stage() as (folder, environ):
        bare = folder / "bare.py"
        bare.write_text(FLOOR, encoding="utf-8")

        def repeat(opening: Opening, *command: str) -> list[list[Opened]]:
            command = (sys.executable, *command)
            return [
                measure(opening, command, environ, (columns, rows), options.wait) for _ in range(options.runs)
            ]

        floor = repeat(FLOOR_OPENING, str(bare))
        print("ms: first opening: median, range, processor, × floor; then the same of later ones")
        show("floor", floor, floor)
        for opening in OPENINGS:
            if not options.names or opening.name in options.names:
                try:
                    show(opening.name, repeat(opening, "-m", "smallchat"), floor)
                except TimeoutError as error:
                    print(opening.name, error)


if __name__ == "__main__":
    main()

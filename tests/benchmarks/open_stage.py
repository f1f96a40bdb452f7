"""A home for the program with all that a screen may show: sessions, spending, models, a preset, a library."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from smallchat.metering.answer import Answer, Cost, Figures
from smallchat.metering.usage import Usage
from smallchat.sessions import schema, writes
from smallchat.sessions.names import new_key, new_session_id
from smallchat.sessions.session import AnswerId, Kept, Session, SessionModel, Turn, TurnId
from smallchat.sessions.store import FILE_NAME
from tests.benchmarks import bench_ledger, bench_sessions
from tests.benchmarks.bench_transcript import MIXED
from tests.servers.sse import ServerProcess, serve_process

MODELS = ("one", "two", "three")
SESSIONS, CHARGES = 200, 1_000
TURNS, ANSWER = 4, MIXED * 8  # of the session that is gone on with
TITLE, PROMPT = "the long one", "Tell me about sorting"


def fill(folder: Path) -> None:
    """Write 200 sessions, the last one long, and what was spent."""
    with contextlib.redirect_stdout(io.StringIO()):
        bench_sessions.fill(folder, SESSIONS, 4)
    bench_ledger.fill(folder, CHARGES)

    def answer(pane: int) -> Kept:
        settled = Answer(
            MODELS[pane],
            "gateway",
            "ok",
            text=f"{pane} {ANSWER}",
            served_model=MODELS[pane],
            attempts=1,
            figures=Figures(212.4, 212.4, 1830.2, 84.1, 70.2, 391.0, 120, 1.02),
            usage=Usage(1204, 1220, 1024),
            cost=Cost(Decimal("0.0011088"), "exact"),
        )
        return Kept(settled, pane=pane, id=AnswerId(new_key()))

    now = datetime.now(UTC)
    turns = tuple(
        Turn(0, PROMPT, now, tuple(answer(pane) for pane in range(3)), id=TurnId(new_key()))
        for _ in range(TURNS)
    )
    models = tuple(SessionModel(name, "gateway", name) for name in MODELS)
    session = Session(new_session_id(), TITLE, now, "compare", models, turns, "0")
    with closing(schema.open_for_writing(folder / FILE_NAME)) as db:
        writes.insert_whole(db, session, new_key())


def write_config(folder: Path, server: ServerProcess) -> None:
    """Write a configuration with three models of ``server``, a preset and a library."""
    config = folder / "config.toml"
    price = "price = { input = 0.75, output = 4.50, as_of = 2026-11-20 }"
    config.write_text(
        f'[app]\nmodels = ["one", "two", "three"]\n[providers.gateway]\nbase_url = "{server.openai_url}"\n'
        + "".join(f'[models.{name}]\nprovider = "gateway"\n{price}\n' for name in MODELS)
        + '[routing.presets.mine]\ncandidates = ["one", "two", "three"]\nfallback = "one"\n',
        encoding="utf-8",
    )
    config.chmod(0o600)
    library = '[summary]\ntitle = "Summarise"\ntext = "Sum up {text}."\n'
    (folder / "prompts.toml").write_text(library, encoding="utf-8")


@contextlib.contextmanager
def stage() -> Iterator[tuple[Path, dict[str, str]]]:
    """Set up a home with everything in it; yield it and the environment."""
    with (
        serve_process("--ttft", "0.05", "--tps", "0", "--tokens", "100") as server,
        tempfile.TemporaryDirectory() as name,
    ):
        folder = Path(name)
        fill(folder)
        write_config(folder, server)
        environ = {key: value for key, value in os.environ.items() if not key.endswith("_API_KEY")}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        environ |= {"HOME": name, "SMALLCHAT_CONFIG": f"{name}/config.toml", "SMALLCHAT_DATA_DIR": name}
        yield folder, environ


@contextlib.contextmanager
def fresh_home(environ: dict[str, str]) -> Iterator[dict[str, str]]:
    """Yield the environment with a copy of its home, since what is sent is kept."""
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(environ["HOME"], name, dirs_exist_ok=True)
        yield {key: value.replace(environ["HOME"], name) for key, value in environ.items()}

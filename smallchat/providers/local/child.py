"""One child process that serves one GGUF file."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import re
import secrets
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from pathlib import Path

from smallchat.config.keys import Secret
from smallchat.metering.events import Failure, FailureKind
from smallchat.providers.base import ProviderError
from smallchat.providers.local.endpoint import Endpoint
from smallchat.providers.local.wheel import size_of
from smallchat.safe_text import safe_line

SLOTS = 3  # answers at once, one per pane
_RUNNER = Path(__file__).with_name("runner.py")
_READY_S = 60.0
_READY_BYTES_PER_S = 20_000_000  # a slow disk; large files get longer
_STOP_S = 2.0
_TOLD_LINES = 20


class Child:
    """A running child, ready to answer."""

    def __init__(self, process: Process, told: deque[str]) -> None:
        """Watch ``process``, whose last lines of stderr go to ``told``."""
        self._process = process
        self._told = told
        assert process.stderr is not None
        self._reading = asyncio.create_task(_keep_last(process.stderr, told), name="errors of a local model")
        self._endpoint: Endpoint | None = None
        _alive.add(process)

    @classmethod
    async def start(cls, path: Path, name: str, alias: str, context: int) -> Child:
        """Start a child for the model in ``path`` and wait until it listens.

        Args:
            path: The GGUF file.
            name: What to call the model in errors.
            alias: What its replies shall call it.
            context: Tokens that all its conversations share.

        Raises:
            ProviderError: It ended while loading, or was not ready in time.
        """
        key = Secret(secrets.token_urlsafe(32))
        order = {
            "model": str(path),
            "alias": alias,
            "key": key.reveal(),
            "parent": os.getpid(),
            "slots": SLOTS,
            "context": context,
        }
        # -P: no module of the current directory may pose as llama.cpp. A session of its own: the terminal's
        # Ctrl+C stops answers, not the model.
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", str(_RUNNER)),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            start_new_session=True,
        )
        child = cls(process, deque(maxlen=_TOLD_LINES))
        try:
            address = await child._hand_over(order, _READY_S + size_of(path) / _READY_BYTES_PER_S, name)
            if address is None:
                raise await child._explain_end(path, name)
            child._endpoint = Endpoint(address, key)
        finally:
            if child._endpoint is None:
                await child.stop()
        return child

    @property
    def endpoint(self) -> Endpoint:
        """Where it answers."""
        assert self._endpoint is not None
        return self._endpoint

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.returncode is None

    async def stop(self) -> None:
        """End it and wait until it is gone: by closing its stdin, by SIGTERM, in the end by SIGKILL."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self.alive:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), _STOP_S)
            except TimeoutError:
                self._process.kill()
        await self._process.wait()
        await self._reading
        _alive.discard(self._process)

    async def _hand_over(self, order: dict[str, object], timeout_s: float, name: str) -> str | None:
        """Tell it what to do and return the address it answers with; ``None`` when it ends instead."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            await self._process.stdin.drain()
            line = await asyncio.wait_for(self._process.stdout.readline(), timeout_s)
            return str(json.loads(line)["address"]) if line else None
        except TimeoutError:
            message = f"{name} was not ready after {timeout_s:.0f} s."
            raise local_failure("timeout", message, "Is the machine busy, or the model too large?") from None
        except (ConnectionError, ValueError, KeyError):
            return None

    async def _explain_end(self, path: Path, name: str) -> ProviderError:
        """Return why it ended while loading."""
        code = await self._process.wait()
        await self._reading
        if code < 0:
            hint = "There may not be enough memory for it." if -code == signal.SIGKILL else ""
            return local_failure(
                "server", f"The process of {name} ended while loading (signal {-code}).", hint
            )
        reasons = [
            match[1] for line in self._told if (match := re.search(r"error loading model: (.*)", line))
        ]
        reason = reasons[-1] if reasons else next(reversed(self._told), "it gave no reason")
        return local_failure("server", f"llama.cpp can not load {path.name}: {reason}", "Is the file whole?")


def local_failure(kind: FailureKind, message: str, hint: str = "") -> ProviderError:
    """Return the error of a local model that can not answer."""
    return ProviderError(Failure(kind, safe_line(message), safe_line(hint)))


async def _keep_last(stream: asyncio.StreamReader, told: deque[str]) -> None:
    """Read until the end, so that the child never waits for us, and keep the last lines."""
    while piece := await stream.read(1 << 16):
        told.extend(piece.decode("utf-8", "replace").splitlines())


_alive: set[Process] = set()


@atexit.register
def _kill_all() -> None:
    """End the children of a loop that ended without closing its servers."""
    for process in _alive:
        if process.returncode is None:
            try:
                os.kill(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

"""A small HTTP/1.1 server that streams answers on both wires with a known schedule, and goes wrong on cue.

In a thread (``with serve() as server``) its state can be looked at; in a process of its own (``python -m
tests.servers.sse``, or ``with serve_process()``) it takes no time from the program it times. Send stamps are
``perf_counter_ns``, which processes of one machine share on Linux.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import itertools
import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.servers.answers import STREAM_HEAD, write_canned, write_chunk, write_stream
from tests.servers.script import MARKDOWN, Canned, Script, Seen, Sent, script_for

WIRES = {"/v1/chat/completions": "openai", "/v1/messages": "anthropic"}


class SSEServer:
    """The server. All but ``start`` and ``close`` may be called from any thread.

    Attributes:
        scripts: Scripts by model name.
        otherwise: The script of every other model.
        requests: Every request seen, in order.
        open_connections: TCP connections open now, idle ones included.
        key: The only key that may list the models; ``None`` lets everybody.
    """

    def __init__(self, otherwise: Script | None = None, scripts: Mapping[str, Script] | None = None) -> None:
        self.otherwise = otherwise or Script()
        self.scripts = dict(scripts or {})
        self.requests: list[Seen] = []
        self.open_connections = 0
        self.port = 0
        self.key: str | None = None
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._tried: Counter[str] = Counter()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def openai_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def anthropic_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def chats(self) -> list[Seen]:
        """The requests that asked for an answer; warming up is none."""
        return [seen for seen in self.requests if seen.wire]

    def wait_until(self, holds: Callable[[SSEServer], bool], timeout: float = 10.0) -> bool:
        """Wait until ``holds(self)``, checked on every change; return whether it came to hold."""
        with self._changed:
            return self._changed.wait_for(lambda: holds(self), timeout)

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port, limit=1 << 26)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _note(self, change: Callable[[], object]) -> None:
        with self._changed:
            change()
            self._changed.notify_all()

    def _count(self, by: int) -> None:
        self.open_connections += by

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._note(lambda: self._count(1))
        try:
            await self._serve(reader, writer, next(self._numbers))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)
            self._note(lambda: self._count(-1))

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int
    ) -> None:
        while True:
            seen = await _read_request(reader, connection)
            self._note(lambda seen=seen: self.requests.append(seen))  # type: ignore[misc]
            answering = asyncio.ensure_future(self._answer(seen, writer))
            leaving = asyncio.ensure_future(reader.read(1))
            outcome = "dropped"
            try:
                await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
                if not answering.done():
                    outcome = "gone"
                    return
                if not answering.result():
                    return
                outcome = "done"
            except ConnectionError:
                outcome = "gone"
                return
            finally:
                answering.cancel()
                leaving.cancel()
                await asyncio.gather(answering, leaving, return_exceptions=True)
                self._note(lambda seen=seen, outcome=outcome: setattr(seen, "ended", outcome))  # type: ignore[misc]

    async def _answer(self, seen: Seen, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether the connection stays open."""
        if not seen.wire:
            self._answer_other(seen, writer)
            return True
        script = script_for(seen.model, self.scripts, self.otherwise)
        self._tried[seen.model] += 1
        if script.times and self._tried[seen.model] > script.times:
            script = self.otherwise
        if script.silent_s:
            await asyncio.sleep(script.silent_s)
        if script.refuses and script.refuses in seen.body:
            message = f"Unknown parameter: '{script.refuses}'."
            write_canned(seen, writer, Canned(400, message, "invalid_request_error"))
            return True
        if script.canned is not None:
            write_canned(seen, writer, script.canned)
            return True
        writer.write(STREAM_HEAD)
        if script.raw is not None:
            for piece in script.raw:
                write_chunk(writer, piece)
                await writer.drain()
        elif not await write_stream(seen, script, writer):
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    def _answer_other(self, seen: Seen, writer: asyncio.StreamWriter) -> None:
        if seen.path == "/seen":
            log = [dataclasses.asdict(chat) for chat in self.chats]
            write_canned(seen, writer, Canned(200, body=json.dumps(log)))
        elif seen.path.startswith("/v1/models") and not self._knows_key(seen):
            said = seen.headers.get("authorization", seen.headers.get("x-api-key", ""))
            write_canned(seen, writer, Canned(401, f"Incorrect API key: {said}", "authentication_error"))
        elif seen.path.startswith("/v1/models"):
            models = [
                {"id": name, "object": "model", "created": 1, "owned_by": "test"} for name in self.scripts
            ]
            write_canned(seen, writer, Canned(200, body=json.dumps({"object": "list", "data": models})))
        else:
            write_canned(seen, writer, Canned(404, "no such path", "not_found_error"))

    def _knows_key(self, seen: Seen) -> bool:
        given = (seen.headers.get("authorization"), seen.headers.get("x-api-key"))
        return self.key is None or f"Bearer {self.key}" in given or self.key in given


async def _read_request(reader: asyncio.StreamReader, connection: int) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ", 2)
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    at = time.perf_counter_ns()
    path = path.partition("?")[0]
    wire = WIRES.get(path, "") if method == "POST" else ""
    body: dict[str, Any] = json.loads(raw) if wire else {}
    return Seen(method, path, headers, body, wire, str(body.get("model", "")), at, connection)


@contextlib.contextmanager
def serve(
    otherwise: Script | None = None, scripts: Mapping[str, Script] | None = None
) -> Iterator[SSEServer]:
    """Run a server in a thread of its own."""
    server = SSEServer(otherwise, scripts)
    ready, loop = threading.Event(), asyncio.new_event_loop()

    async def run() -> None:
        await server.start()
        ready.set()
        await stop.wait()
        await server.close()

    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), name="sse-server")
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


class ServerProcess:
    """A server in a process of its own; ``seen()`` fetches what it noted."""

    def __init__(self, port: int) -> None:
        self.openai_url = f"http://127.0.0.1:{port}/v1"
        self.anthropic_url = f"http://127.0.0.1:{port}"

    def seen(self) -> list[Seen]:
        """Return the chat requests so far, with their send stamps."""
        with urllib.request.urlopen(f"{self.anthropic_url}/seen") as answer:
            log = json.load(answer)
        return [Seen(**{**chat, "sent": [Sent(**sent) for sent in chat["sent"]]}) for chat in log]


@contextlib.contextmanager
def serve_process(*options: str) -> Iterator[ServerProcess]:
    """Run ``python -m tests.servers.sse`` with ``options``, such as ``--tps 300``."""
    command = [sys.executable, "-m", "tests.servers.sse", *options]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        try:
            yield ServerProcess(json.loads(process.stdout.readline())["port"])
        finally:
            process.terminate()


def _parse_script(text: str, base: Script) -> tuple[str, Script]:
    """Read ``NAME:key=value,key=value``."""
    name, _, settings = text.partition(":")
    known = {field.name: type(getattr(base, field.name)) for field in dataclasses.fields(Script)}
    changes: dict[str, Any] = {}
    for setting in filter(None, settings.split(",")):
        key, _, value = setting.partition("=")
        changes[key] = json.loads(value) if known.get(key) is not str else value
    return name, replace(base, **changes)


def _texts(choice: str) -> str | None:
    if choice == "words":
        return None
    return MARKDOWN if choice == "markdown" else Path(choice).read_text("utf-8")


def main() -> None:
    """Serve until interrupted; the first line of output is JSON with the port and the base URLs."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers.sse", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ttft", type=float, default=0.2, help="seconds to the first token")
    parser.add_argument(
        "--tps", type=float, default=100.0, help="tokens per second, 0 for as fast as it goes"
    )
    parser.add_argument("--tokens", type=int, default=400)
    parser.add_argument("--bundle", type=int, default=1, help="tokens per event")
    parser.add_argument("--jitter", type=float, default=0.0, help="random part of each gap, 0 to 1")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--reasoning", type=int, default=0, help="tokens of reasoning before the text")
    parser.add_argument("--key", help="the only key that may list the models")
    parser.add_argument("--text", default="markdown", help="words, markdown, or a file")
    models = "a model with a script of its own, e.g. slow:tokens_per_s=20,ttft_s=1.5"
    parser.add_argument("--model", action="append", default=[], metavar="NAME:key=value,...", help=models)
    args = parser.parse_args()
    script = Script(
        ttft_s=args.ttft,
        tokens_per_s=args.tps,
        tokens=args.tokens,
        bundle=args.bundle,
        jitter=args.jitter,
        seed=args.seed,
        reasoning=args.reasoning,
        text=_texts(args.text),
    )

    async def run() -> None:
        server = SSEServer(script, dict(_parse_script(text, script) for text in args.model))
        server.key = args.key
        await server.start(args.port)
        urls = {"port": server.port, "openai": server.openai_url, "anthropic": server.anthropic_url}
        print(json.dumps(urls), flush=True)
        await asyncio.Event().wait()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())


if __name__ == "__main__":
    main()

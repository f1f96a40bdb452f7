"""What goes out for one request: an error, a page, or a stream by its script."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time

from tests.servers.script import Canned, Script, Seen, Sent
from tests.servers.wires import WireEvents, events_for

STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)
SLEEP_ERROR_S = 0.0015  # a sleep may end that late


def write_canned(seen: Seen, writer: asyncio.StreamWriter, canned: Canned) -> None:
    """Write an answer that is no stream."""
    body = canned.body
    if body is None:
        key = seen.headers.get("x-api-key") or seen.headers.get("authorization", "").removeprefix("Bearer ")
        error = {"message": canned.message.replace("{key}", key), "type": canned.type, "code": canned.code}
        body = json.dumps({"type": "error", "error": error})
    content = body.encode()
    lines = [
        f"HTTP/1.1 {canned.status} Canned",
        f"content-type: {canned.content_type}",
        f"content-length: {len(content)}",
    ]
    lines += [f"{name}: {value}" for name, value in canned.headers]
    writer.write("\r\n".join([*lines, "", ""]).encode() + (b"" if seen.method == "HEAD" else content))


def write_chunk(writer: asyncio.StreamWriter, data: bytes) -> int:
    """Write one chunk of the body and return when; the socket takes it at once unless its buffer is full."""
    framed = b"%x\r\n%s\r\n" % (len(data), data) if data else b""
    at = time.perf_counter_ns()
    writer.write(framed)
    return at


async def write_stream(seen: Seen, script: Script, writer: asyncio.StreamWriter) -> bool:
    """Stream one answer; return whether the body ends as HTTP wants it."""
    events = events_for(seen.wire, script, seen.model, seen.body)
    write_chunk(writer, events.start())
    whole = script.ending in ("ok", "length", "refusal", "filtered", "unmarked", "unfinished")
    thoughts = [f"thought{n} " for n in range(script.reasoning)]
    words = thoughts + script.pieces()
    count = len(words) if whole else min(script.after, len(words))
    await _send_tokens(seen, script, events, writer, words[:count], len(thoughts))
    if not whole:
        return await _go_wrong(script, events, writer)
    if script.ending == "refusal":
        write_chunk(writer, events.refusal("I can not help with that."))
    if script.ending != "unfinished":
        write_chunk(writer, events.finish(script.ending))
    if script.ending != "unmarked":
        if script.ending != "unfinished":
            write_chunk(writer, events.usage())
        write_chunk(writer, events.mark())
    if script.then_stall:
        await asyncio.Event().wait()
    return True


async def _send_tokens(
    seen: Seen,
    script: Script,
    events: WireEvents,
    writer: asyncio.StreamWriter,
    words: list[str],
    thoughts: int,
) -> None:
    start = seen.received_at / 1e9
    due = list(script.due(len(words)))
    for first in range(0, len(words), script.bundle):
        # A bundling server sends when the last token of a bundle is there, the first bundle at once.
        last = min(first + script.bundle, len(words)) - 1
        text = "".join(words[first : last + 1])
        data = events.token(text, last + 1 - first, reasoning=first < thoughts)
        wait = start + (due[last] if first else due[0]) - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait if first else wait - SLEEP_ERROR_S)
        # The first token is what a TTFT is compared with: it leaves on time.
        while not first and time.perf_counter() < start + due[0]:  # noqa: ASYNC110
            await asyncio.sleep(0)
        seen.sent.append(Sent(write_chunk(writer, data), last + 1 - first, text))
        await writer.drain()
        if wait <= 0 and not script.tokens_per_s:
            await asyncio.sleep(0)


async def _go_wrong(script: Script, events: WireEvents, writer: asyncio.StreamWriter) -> bool:
    broken = {
        "malformed": b'event: content_block_delta\ndata: {"choices": [{"delta": \n\n',
        "utf8": b"event: content_block_delta\ndata: \xff\xfe{}\n\n",
        "shape": events.wrong_shape(),
        "error": events.error("The server is overloaded.", named=False),
        "named_error": events.error("The server is overloaded.", named=True),
    }
    if script.ending in broken:
        write_chunk(writer, broken[script.ending])
    elif script.ending == "drop":
        await writer.drain()
        sock: socket.socket = writer.get_extra_info("socket")
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
        return False
    elif script.ending == "stall":
        await asyncio.Event().wait()
    while script.ending == "pings":
        write_chunk(writer, events.ping())
        await writer.drain()
        await asyncio.sleep(0.01)
    while script.ending == "endless":
        write_chunk(writer, b"x" * (1 << 18))
        await writer.drain()
        await asyncio.sleep(0)
    return True

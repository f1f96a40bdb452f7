from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from smallchat.catalog.model import Model
from smallchat.providers.base import ProviderError
from smallchat.providers.local import child, weights
from smallchat.providers.local.endpoint import Endpoint
from smallchat.providers.local.server import LocalServers

pytest_plugins = ["tests.fixtures.local_model"]
MODEL = Model("smollm2", "local", "smollm2", "SmolLM2", context=8192)
needs_pidfd = pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="waits for processes through Linux's pidfd"
)


@pytest.fixture
async def servers(local_data: Path) -> AsyncIterator[LocalServers]:
    servers = LocalServers(local_data)
    yield servers
    await servers.close()


def post(endpoint: Endpoint, path: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        endpoint.address + path,
        json.dumps({"model": "smollm2", "max_tokens": 24, **body}).encode(),
        {"authorization": f"Bearer {endpoint.key.reveal()}", "content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        reply: dict[str, Any] = json.load(response)
        return reply


def running(servers: LocalServers) -> list[child.Child]:
    return [start.result() for start in servers._starts.values()]


def wait_for_end(pid: int, timeout_s: float = 20) -> bool:
    """Wait until the process ``pid``, which need not be a child of ours, is gone."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], timeout_s)[0])
    finally:
        os.close(descriptor)


def test_base_urls_are_as_each_client_wants_them() -> None:
    endpoint = Endpoint("http://127.0.0.1:1", child.Secret("k" * 20))
    assert endpoint.base_url("openai") == "http://127.0.0.1:1/v1"
    assert endpoint.base_url("anthropic") == "http://127.0.0.1:1"


async def test_missing_weights_name_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "has_engine", lambda: True)
    with pytest.raises(ProviderError) as caught:
        await LocalServers(tmp_path).endpoint(MODEL)
    assert caught.value.failure.kind == "not_found"
    assert "smallchat local install" in caught.value.failure.hint


async def test_a_missing_extra_names_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "has_engine", lambda: False)
    with pytest.raises(ProviderError) as caught:
        await LocalServers(tmp_path).endpoint(MODEL)
    assert "smallchat[local]" in caught.value.failure.hint


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04"])
async def test_a_path_that_is_no_gguf_is_told(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "has_engine", lambda: True)
    path = tmp_path / "my.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ProviderError, match=r"my\.gguf"):
        await LocalServers(tmp_path).endpoint(Model("mine", "local", "mine", "Mine", path=path))


@pytest.mark.local_model
async def test_a_broken_gguf_is_told_and_leaves_no_process(servers: LocalServers, tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF" + b"\0" * 100)
    with pytest.raises(ProviderError, match=r"llama.cpp can not load broken\.gguf"):
        await servers.endpoint(Model("mine", "local", "mine", "Mine", path=path))
    assert not child._alive


async def test_a_child_that_is_not_ready_in_time_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = tmp_path / "silent.py"
    silent.write_text("import sys; sys.stdin.read()", encoding="utf-8")
    monkeypatch.setattr(child, "_RUNNER", silent)
    monkeypatch.setattr(child, "_READY_S", 0.0)
    with pytest.raises(ProviderError) as caught:
        await child.Child.start(silent, "mine", "mine", 100)
    assert caught.value.failure.kind == "timeout"
    assert not child._alive


@pytest.mark.local_model
async def test_callers_share_one_child_and_both_wires_answer(servers: LocalServers) -> None:
    warm = Model("smollm2-warm", "local", "smollm2-warm", "Warm", wire="anthropic", context=8192)
    endpoint, same = await asyncio.gather(servers.endpoint(MODEL), servers.endpoint(warm))
    assert endpoint is same
    messages = [{"role": "user", "content": "Say hello."}]
    chat, message, count = await asyncio.gather(
        asyncio.to_thread(post, endpoint, "/v1/chat/completions", {"messages": messages}),
        asyncio.to_thread(post, endpoint, "/v1/messages", {"messages": messages}),
        asyncio.to_thread(post, endpoint, "/v1/messages/count_tokens", {"messages": messages}),
    )
    assert chat["model"] == message["model"] == "SmolLM2-135M-Instruct"
    assert chat["timings"]["predicted_n"] > 0
    usage = message["usage"]
    assert usage["input_tokens"] + usage["cache_read_input_tokens"] == count["input_tokens"]
    assert chat["usage"]["prompt_tokens"] == count["input_tokens"]


@pytest.mark.local_model
async def test_a_json_schema_is_kept_to(servers: LocalServers) -> None:
    schema = {
        "type": "object",
        "properties": {"city": {"enum": ["Rome", "Oslo"]}},
        "required": ["city"],
        "additionalProperties": False,
    }
    body = {
        "messages": [{"role": "user", "content": "Name a city."}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "place", "schema": schema}},
    }
    reply = await asyncio.to_thread(post, await servers.endpoint(MODEL), "/v1/chat/completions", body)
    assert json.loads(reply["choices"][0]["message"]["content"])["city"] in ("Rome", "Oslo")


@pytest.mark.local_model
async def test_no_answer_without_the_key_and_no_key_in_the_process_list(servers: LocalServers) -> None:
    endpoint = await servers.endpoint(MODEL)
    with pytest.raises(urllib.error.HTTPError, match="401"):
        await asyncio.to_thread(
            post, Endpoint(endpoint.address, child.Secret("wrong")), "/v1/chat/completions", {"messages": []}
        )
    [server] = running(servers)
    command = ["ps", "-ww", "-o", "command=", "-p", str(server.pid)]
    listed = await asyncio.to_thread(subprocess.run, command, capture_output=True, encoding="utf-8")
    assert "runner.py" in listed.stdout
    assert endpoint.key.reveal() not in listed.stdout


@pytest.mark.local_model
async def test_runs_at_a_low_priority_out_of_reach_of_ctrl_c(servers: LocalServers) -> None:
    await servers.endpoint(MODEL)
    [server] = running(servers)
    assert os.getpriority(os.PRIO_PROCESS, server.pid) > os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpgid(server.pid) != os.getpgid(0)


@pytest.mark.local_model
@needs_pidfd
async def test_a_child_that_died_is_started_again(servers: LocalServers) -> None:
    before = await servers.endpoint(MODEL)
    [server] = running(servers)
    os.kill(server.pid, signal.SIGKILL)
    await server._process.wait()
    assert (await servers.endpoint(MODEL)).key != before.key


@pytest.mark.local_model
async def test_a_caller_who_leaves_does_not_stop_the_start(servers: LocalServers) -> None:
    first = asyncio.create_task(servers.endpoint(MODEL))
    await asyncio.sleep(0)
    first.cancel()
    second = await servers.endpoint(MODEL)
    assert first.cancelled()
    assert len(running(servers)) == 1
    assert running(servers)[0].endpoint is second


@pytest.mark.local_model
async def test_closing_while_it_loads_leaves_no_process(local_data: Path) -> None:
    servers = LocalServers(local_data)
    caller = asyncio.create_task(servers.endpoint(MODEL))
    while not child._alive:  # noqa: ASYNC110 - nothing tells when a process appears
        await asyncio.sleep(0)
    [process] = child._alive
    await servers.close()
    assert process.returncode is not None
    await asyncio.gather(caller, return_exceptions=True)


PARENT = """
import asyncio, sys
from pathlib import Path
from smallchat.catalog.model import Model
from smallchat.providers.local import child
from smallchat.providers.local.server import LocalServers

async def main():
    servers = LocalServers(Path(sys.argv[1]))
    start = asyncio.create_task(servers.endpoint(Model("smollm2", "local", "smollm2", "S")))
    if sys.argv[2] == "ready":
        await start
    while not child._alive:
        await asyncio.sleep(0)
    print(next(iter(child._alive)).pid, flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    raise RuntimeError("it went wrong")

asyncio.run(main())
"""


@pytest.mark.local_model
@needs_pidfd
@pytest.mark.parametrize("stage", ["ready", "loading"])
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, "exception"])
def test_the_child_ends_with_its_parent_however_that_ends(
    stage: str, end: signal.Signals | str, local_data: Path
) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(local_data), stage],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=env,
        encoding="utf-8",
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        if isinstance(end, signal.Signals):
            parent.send_signal(end)
        else:
            parent.communicate("\n")
        assert wait_for_end(pid)

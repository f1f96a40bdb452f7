"""The child process that llama.cpp runs in. Started by ``server.py``; knows nothing of the rest of smallchat.

It is told what to do by one line of JSON on stdin, so that the key shows up neither in the process list nor
in its environment. It prints one line of JSON when it is ready. It lives as long as its stdin is open.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

_NICENESS = 10  # the screen and its clock go first
_PR_SET_PDEATHSIG = 1
_ERRORS_ONLY = 1  # llama.cpp's verbosity


def main() -> None:
    """Serve one model until stdin ends."""
    order = json.loads(_read_line(0))
    _die_with_parent(order["parent"])
    os.nice(_NICENESS)
    reply = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not pass for our reply

    # The constructor loads the model and keeps Python's lock meanwhile; no thread of ours could watch stdin.
    server = _start(order)
    threading.Thread(target=_exit_at_end_of_input, daemon=True).start()
    _outlive_thread_of_parent()
    os.write(reply, json.dumps({"address": server.listening_address}).encode() + b"\n")
    os.close(reply)
    threading.Event().wait()


def _start(order: dict[str, Any]) -> Any:
    """Start llama.cpp's server on a free loopback port."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = order["model"]
    params.model_alias = {order["alias"]}  # else replies name the file's path
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [order["key"]]
    params.n_parallel = order["slots"]
    params.n_ctx = order["context"]
    params.kv_unified = True  # the slots share the context instead of each owning a third of it
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = count_threads()
    params.cache_ram_mib = 0  # by default it keeps old prompts in up to 8 GB of memory
    params.ui = False
    params.endpoint_slots = False  # would show the prompts
    params.verbosity = _ERRORS_ONLY
    return xllamacpp.Server(params)


def count_threads() -> int:
    """Return how many threads generate: one core stays free for the screen.

    llama.cpp's threads wait for each other many times per token. With a thread on every core one other busy
    process on two cores halved the speed, and at a low priority cut it to one token per second; the last
    thread adds a tenth to a small model's speed, which memory limits.
    """
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2
    usable = min(usable, _quota_of_container() or usable)
    physical = usable if usable <= 4 else max(4, usable // 2)  # hyperthreads do not help
    return max(1, min(usable - 1, physical))


def _quota_of_container() -> int | None:
    """Return how many cores a container may use at once, where the system tells."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return max(1, int(quota) // int(period))
    except (OSError, ValueError):
        return None


def _die_with_parent(parent: int) -> None:
    """Ask Linux to end this process with the parent's thread that started it."""
    _set_death_signal(signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)  # it ended before we asked


def _outlive_thread_of_parent() -> None:
    """Depend on the parent's process, not on one of its threads: from here on stdin is watched."""
    _set_death_signal(0)


def _set_death_signal(number: int) -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


def _exit_at_end_of_input() -> None:
    """End at once when the other end of stdin closes, which it does however the parent ends."""
    while os.read(0, 4096):
        pass
    os._exit(0)


def _read_line(descriptor: int) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        if not (piece := os.read(descriptor, 4096)):
            sys.exit(0)
        line += piece
    return line


if __name__ == "__main__":
    main()

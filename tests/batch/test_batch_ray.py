"""`ocr batch --engine ray` on two nodes of this machine: the same rows, whatever photos and nodes do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Ocr, environment
from small_notes import contents, draw_notes

pytest.importorskip("ray.data", reason="RAY IS MISSING: pip install ray[data] runs the tests of --engine ray")

import ray
from pyarrow import dataset
from ray.cluster_utils import Cluster

from ocrcli.batch.run import Count, batch
from ocrcli.batch.store import open_store
from ocrcli.core.errors import OcrError
from ocrcli.core.settings import Settings

pytestmark = pytest.mark.timeout(600)  # nodes start slowly where others work

POISON = """
import os
from ocrcli.pipeline.reading import Reader

whole = Reader.read

def read(self, source, *others, **named):
    if "poison" in source.name:
        os._exit(9)
    return whole(self, source, *others, **named)

Reader.read = read
"""
"""Ends every process that reads a photo of that name; Python runs it as it starts."""


PORT = 10071
"""Where the cluster listens to clients."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Two nodes of one core each."""
    site = tmp_path_factory.mktemp("site")
    (site / "sitecustomize.py").write_text(POISON)
    root = ROOT
    before = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(site), str(root), before])
    clients = {"ray_client_server_port": PORT} if find_spec("grpc") else {}
    try:
        try:
            nodes = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, **clients})
            nodes.add_node(num_cpus=1)
        except Exception as error:  # Ray has no class of its own for a node that does not come up in its 30 seconds
            pytest.skip(f"RAY DOES NOT START HERE: {error}")
        yield nodes
        ray.shutdown()
        nodes.shutdown()
    finally:
        os.environ["PYTHONPATH"] = before


def rows(folder: Path) -> list[dict[str, Any]]:
    held = dataset.dataset(folder, partitioning="hive").to_table().to_pylist()
    for row in held:
        del row["seconds"]
    return sorted(held, key=lambda row: row["path"])


def test_a_cluster_gives_the_rows_of_one_process_and_survives_poison(cluster: Any, tmp_path: Path) -> None:
    draw_notes(tmp_path / "notes", 18)
    (tmp_path / "notes" / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    notes = [str(tmp_path / "notes")]
    local = batch(notes, open_store(str(tmp_path / "local")), Settings(), 1, formats=("json",))
    (poison,) = draw_notes(tmp_path / "notes" / "poison", 1)
    store = open_store(str(tmp_path / "far"))
    far = batch(notes, store, Settings(), 1, engine="ray", address=cluster.address, formats=("json",))
    assert (far.read, far.failed) == (local.read, local.failed + 1) == (18, 2)
    found = rows(tmp_path / "far")
    assert [row for row in found if row["path"] != str(poison)] == rows(tmp_path / "local")
    assert [row["error_kind"] for row in found if row["path"] == str(poison)] == ["process-died"]
    assert len(contents(tmp_path / "local/_files")) == 18
    assert contents(tmp_path / "far/_files") == contents(tmp_path / "local/_files")
    again = batch(notes, store, Settings(), 1, engine="ray", address=cluster.address, resume=True)
    assert (again.read, again.failed, again.skipped) == (0, 0, 20)


@pytest.mark.skipif(not find_spec("grpc"), reason="RAY'S CLIENT IS MISSING: pip install ray[client]")
@pytest.mark.usefixtures("cluster")
def test_a_client_outside_the_cluster_has_the_same_rows(tmp_path: Path) -> None:
    notes = [str(draw_notes(tmp_path / "notes", 2)[0].parent), str(tmp_path / "missing.png")]
    batch(notes, open_store(str(tmp_path / "local")), Settings(), 1)
    store = open_store(str(tmp_path / "far"))
    far = batch(notes, store, Settings(), 1, engine="ray", address=f"ray://127.0.0.1:{PORT}")
    assert (far.read, far.failed) == (2, 1)
    assert rows(tmp_path / "far") == rows(tmp_path / "local")


def test_a_node_that_dies_loses_no_photo(cluster: Any, tmp_path: Path) -> None:
    draw_notes(tmp_path / "notes", 60)
    node = cluster.add_node(num_cpus=1)
    removed = []

    def tell(_count: Count, _new: object) -> None:
        if not removed:
            removed.append(cluster.remove_node(node, allow_graceful=False))

    store = open_store(str(tmp_path / "out"))
    count = batch(
        [str(tmp_path / "notes")], store, Settings(), 1, engine="ray", address=cluster.address, tell=tell
    )  # fmt: skip
    assert removed
    assert (count.read, count.failed) == (60, 0)
    assert len({row["path"] for row in rows(tmp_path / "out")}) == 60


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_a_driver_that_is_ended_goes_on(cluster: Any, ocr: Ocr, tmp_path: Path, number: signal.Signals) -> None:
    draw_notes(tmp_path / "notes", 60)
    (tmp_path / "notes/0/0.png").write_bytes(b"broken")
    batch([str(tmp_path / "notes")], open_store(str(tmp_path / "whole")), Settings(), 2)
    command = ("batch", str(tmp_path / "notes"), "--address", cluster.address, "--to", "out")
    running = subprocess.Popen(
        [sys.executable, "-m", "ocrcli", *command], cwd=tmp_path, env=environment(), stderr=subprocess.PIPE
    )
    assert running.stderr is not None
    assert any(b"0.png" in line for line in running.stderr)  # a row that is not written yet
    running.send_signal(number)
    running.communicate()
    assert running.returncode != 5  # it was not through
    done = ocr(*command, "--resume", cwd=tmp_path)
    assert done.returncode in (0, 5), done.stderr
    assert rows(tmp_path / "out") == rows(tmp_path / "whole")


def test_a_cluster_that_is_not_there_is_told(tmp_path: Path) -> None:
    ray.shutdown()
    draw_notes(tmp_path / "notes", 1)
    store = open_store(str(tmp_path / "out"))
    for address in ("127.0.0.1:1", "ray://127.0.0.1:1"):
        with pytest.raises(OcrError, match=r"cannot be reached \(\[Errno"):
            batch([str(tmp_path)], store, Settings(), 1, engine="ray", address=address)

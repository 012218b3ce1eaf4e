# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest

from tests.unit.doubles.kubelet import End
from tests.unit.doubles.stage import Stage

FACTS = {
    "server_version": 170004,
    "client_version": 170004,
    "lsn": "0/16B3748",
    "taken_at": "2026-11-22T21:40:00Z",
    "size": 7_000_000,
    "migrations": ["1_first"],
    "rows": {"public.agents": 200, "public.b": 1},
}


@pytest.fixture
def dumping(stage: Stage) -> Stage:
    logs = {"take": f"ampora-facts: {json.dumps(FACTS)}\n", "prove": f"ampora-file: {'b' * 64} 12 dump/toc.dat\nampora-count: 1\n"}
    stage.kubelet.ends["take"] = End(logs=logs)
    return stage


def test_a_snapshot(dumping: Stage) -> None:
    result = dumping.run("snapshot")
    found = result["snapshot"]
    assert result["changed"]
    assert found == {
        "id": found["id"],
        "method": "job",
        "location": {"claim": "ampora-snapshots", "path": found["id"]},
        "place": f"claim ampora-snapshots, path {found['id']}",
        "size": 12,
        "database_size": 7_000_000,
        "files": 1,
        "rows": 201,
        "migrations": ["1_first"],
        "app": {"version": "1.4.2", "digest": dumping.digests["1.4.2"]},
        "watermark": {"lsn": "0/16B3748", "taken_at": "2026-11-22T21:40:00Z"},
        "proof": "decoded",
        "consistency": "transaction",
        "seconds": 0.0,
        "throughput": 0,
    }
    assert dumping.journals() == [("snapshot", "ended", [("snapshot", "ended")])]
    assert dumping.said()[-1] == f"snapshot: {found['id']}: 1 files, 12 bytes, decoded"


def test_a_run_takes_one_snapshot_however_often_it_is_run(dumping: Stage) -> None:
    dumping.run("journal", state="opened")
    first = dumping.run("snapshot")
    second = dumping.run("snapshot")
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["snapshot"] == second["snapshot"]
    assert len(dumping.kubelet.jobs) == 1


def test_check_mode(dumping: Stage) -> None:
    result = dumping.run("snapshot", check=True)
    assert (result["changed"], result["snapshot"]) == (True, {})
    assert dumping.said() == ["snapshot: would dump 7000000 bytes to the claim ampora-snapshots and prove the dump"]


def test_a_full_volume(dumping: Stage) -> None:
    dumping.kubelet.ends["take"] = End("Failed", {"take": "No space left on device\n"})
    result = dumping.run("snapshot")
    assert result["failed"]
    assert "The snapshot on the claim ampora-snapshots failed: " in result["msg"]
    assert result["next_step"].startswith("Nothing was changed.")
    assert dumping.journals() == [("snapshot", "failed", [("snapshot", "failed")])]


def test_a_key_that_is_not_there_stops_it_before_the_dump(dumping: Stage) -> None:
    result = dumping.run("snapshot", master_key={"env": "Missing"})
    assert result["msg"] == "The container ampora-web has no variable Missing (ampora_master_key_env)."
    assert dumping.cluster.writes == []

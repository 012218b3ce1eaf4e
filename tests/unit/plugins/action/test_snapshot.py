# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import StoppedError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.jobs import Jobs
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshots import find_manifest

from tests.unit.doubles.kubelet import End
from tests.unit.doubles.scene import keep, of_day
from tests.unit.doubles.stage import Stage

FACTS = {
    "server_version": 170004,
    "client_version": 170004,
    "lsn": "0/16B3748",
    "taken_at": "2026-11-22T21:40:00Z",
    "size": 7_000_000,
    "migrations": ["1_first"],
    "rows": {"public.agents": 200, "public.b": 1},
    "seconds": 2.0,
}


@pytest.fixture
def dumping(stage: Stage) -> Stage:
    logs = {
        "take": f"ampora-facts: {json.dumps(FACTS)}\n",
        "prove": f"ampora-file: {'b' * 64} 12 dump/toc.dat\nampora-count: 1\nampora-decoded: 1\n",
    }
    stage.kubelet.ends["take"] = End(logs=logs)
    return stage


def test_a_snapshot(dumping: Stage) -> None:
    result = dumping.run("snapshot")
    found = result["snapshot"]
    assert result["changed"]
    assert found == {
        "id": found["id"],
        "manifest_sha256": found["manifest_sha256"],
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
        "throughput": 3_500_000,
        "removed": [],
    }
    manifest_of = find_manifest(dumping.cluster, found["id"])
    assert manifest_of is not None
    assert found["manifest_sha256"] == manifest_of.sha256
    assert dumping.journals() == [("snapshot", "ended", [("snapshot", "ended")])]
    assert dumping.said()[-1] == f"snapshot: {found['id']}: 1 files, 12 bytes, decoded, consistency: transaction"


def test_a_run_takes_one_snapshot_however_often_it_is_run(dumping: Stage) -> None:
    dumping.run("journal", state="opened")
    first = dumping.run("snapshot")
    second = dumping.run("snapshot")
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["snapshot"] == second["snapshot"]
    assert len(dumping.kubelet.jobs) == 1


def test_check_mode(dumping: Stage) -> None:
    result = dumping.run("snapshot", check=True)
    assert (result["changed"], result["snapshot"]) == (True, {"removed": []})
    assert result["forecast"]["size"] == 1_400_000
    assert dumping.said() == [
        "snapshot: would save the database on the claim ampora-snapshots and prove it:"
        " about 1.3 MiB (a fifth of the database, nothing was measured yet)"
    ]


def test_a_full_volume(dumping: Stage) -> None:
    dumping.kubelet.ends["take"] = End("Failed", {"take": "No space left on device\n"})
    result = dumping.run("snapshot")
    assert result["failed"]
    assert "The snapshot on the claim ampora-snapshots failed: " in result["msg"]
    assert result["next_step"].startswith("Nothing was changed.")
    assert dumping.journals() == [("snapshot", "failed", [("snapshot", "failed")])]


def test_a_key_that_is_not_there_stops_it_before_the_dump(dumping: Stage) -> None:
    result = dumping.run("snapshot", master_key={"env": "Missing"})
    assert result["msg"] == (
        "The container ampora-web has no variable Missing (ampora_master_key_env). Next: Name the variable that holds the master key,"
        " or give it by ampora_master_key_file."
    )
    assert dumping.cluster.writes == []


def test_retention(dumping: Stage) -> None:
    for day in (1, 2, 3):
        keep(dumping.cluster, of_day(day))
    options = {**dumping.shared["snapshot"], "keep": 2}
    one, two, three = (of_day(day).id for day in (1, 2, 3))
    would = dumping.run("snapshot", check=True, snapshot=options)
    assert would["snapshot"]["removed"] == [one, two]
    assert f"snapshot: would remove the snapshot {two} (ampora_snapshot_keep)" in dumping.said()
    result = dumping.run("snapshot", snapshot=options)
    assert result["snapshot"]["removed"] == [one, two]
    left = {name for kind, name in dumping.cluster.objects if kind == "ConfigMap" and name.startswith("upgrade-snapshot-")}
    assert left == {f"upgrade-snapshot-{three}", f"upgrade-snapshot-{result['snapshot']['id']}"}
    removals = [job for job in dumping.kubelet.jobs if job["metadata"]["name"].startswith("upgrade-remove-")]
    assert [job["metadata"]["name"] for job in removals] == [f"upgrade-remove-{one}", f"upgrade-remove-{two}"]


def test_a_snapshot_that_cannot_be_removed_fails_no_upgrade(dumping: Stage) -> None:
    keep(dumping.cluster, of_day(1))
    dumping.kubelet.ends["remove"] = End("Failed", {"remove": "rm: cannot remove: Read-only file system"})
    result = dumping.run("snapshot", snapshot={**dumping.shared["snapshot"], "keep": 1})
    assert not result.get("failed")
    assert result["snapshot"]["removed"] == []
    assert any(line.startswith(f"snapshot: the snapshot {of_day(1).id} could not be removed: ") for line in dumping.said())


def test_a_stop_is_no_failure_to_mend(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_given: object, **_more: object) -> None:
        raise StoppedError("Stopped by SIGTERM.", next_step="Run the same command again to go on from here.")

    monkeypatch.setattr(Jobs, "run", stop)
    result = stage.run("snapshot")
    assert result["msg"] == "Stopped by SIGTERM. Next: Run the same command again to go on from here."

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import subprocess
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot import volume

LABELS = {"upgrades.ampora.io/run": "r1"}
SNAPSHOT: dict[str, Any] = {"metadata": {"name": "upgrade-snapshot-r1"}, "status": {"restoreSize": "4Gi"}}
SOURCE: dict[str, Any] = {
    "spec": {"accessModes": ["ReadWriteOncePod"], "storageClassName": "fast", "resources": {"requests": {"storage": "2Gi"}}}
}
PROOF = volume.RecoveryInputs("upgrade-proof-r1", LABELS, "postgres:17", 17, 60, 999, "ampora", "ampora", {})
LIVE = {"PGHOST": "pg", "PGUSER": "ampora", "PGDATABASE": "ampora_restore_r1"}
RESTORE = volume.RecoveryInputs("upgrade-restore-r1", LABELS, "postgres:17", 17, 60, 999, "ampora", "ampora", LIVE)


@pytest.mark.parametrize(("name", "spec"), [("", {}), ("fast", {"volumeSnapshotClassName": "fast"})])
def test_a_volume_snapshot(name: str, spec: dict[str, str]) -> None:
    assert volume.volume_snapshot("s", LABELS, "data-pg-0", name) == {
        "apiVersion": "snapshot.storage.k8s.io/v1",
        "kind": "VolumeSnapshot",
        "metadata": {"name": "s", "labels": LABELS},
        "spec": {"source": {"persistentVolumeClaimName": "data-pg-0"}, **spec},
    }


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        (None, "waiting", "not yet ready to use"),
        ({"readyToUse": False, "boundVolumeSnapshotContentName": "c"}, "waiting", "not yet ready to use"),
        ({"readyToUse": False, "error": {"message": "no such\n  class"}}, "failing", "no such class"),
        ({"readyToUse": False, "error": {"time": "2026"}}, "failing", "no reason given"),
        ({"readyToUse": True, "error": {"message": "an earlier try"}}, "ready", "ready to use"),
    ],
)
def test_the_state_of_a_snapshot(status: Any, state: str, words: str) -> None:
    assert volume.snapshot_state({"status": status}) == (state, words)


@pytest.mark.parametrize(
    ("phase", "events", "state"),
    [
        ("Bound", [{"type": "Warning", "reason": "ProvisioningFailed", "message": "x"}], ("ready", "bound")),
        ("Pending", [], ("waiting", "not yet bound")),
        ("Pending", [{"type": "Normal", "reason": "WaitForFirstConsumer"}], ("ready", "waits for its pod")),
        ("Pending", [{"type": "Normal", "reason": "Provisioning"}], ("waiting", "not yet bound")),
        ("Pending", [{"type": "Warning", "message": "first"}, {"type": "Warning", "message": "no space"}], ("failing", "no space")),
    ],
)
def test_the_state_of_a_copy(phase: str, events: list[dict[str, str]], state: tuple[str, str]) -> None:
    assert volume.claim_state({"status": {"phase": phase}}, events) == state


def test_a_copy_is_of_the_same_kind_and_as_large_as_the_driver_says() -> None:
    assert volume.copy_claim("copy", LABELS, SNAPSHOT, SOURCE)["spec"] == {
        "accessModes": ["ReadWriteOncePod"],
        "storageClassName": "fast",
        "resources": {"requests": {"storage": "4Gi"}},
        "dataSource": {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "upgrade-snapshot-r1"},
    }


def test_a_driver_that_does_not_say_it_gets_the_size_of_the_source() -> None:
    silent = {"metadata": SNAPSHOT["metadata"], "status": {"readyToUse": True}}
    made = volume.copy_claim("copy", LABELS, silent, SOURCE)["spec"]
    assert made["resources"]["requests"] == {"storage": "2Gi"}
    with pytest.raises(UpgradeError, match="upgrade-snapshot-r1 does not say how large"):
        volume.copy_claim("copy", LABELS, silent, {"spec": {}})


@pytest.mark.parametrize("inputs", [PROOF, RESTORE])
def test_the_throw_away_server(inputs: volume.RecoveryInputs) -> None:
    job = volume.recovery_job(inputs, "run.sh")
    pod = job["spec"]["template"]["spec"]
    assert (job["spec"]["backoffLimit"], job["spec"]["activeDeadlineSeconds"], pod["restartPolicy"]) == (0, 60, "Never")
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"] == {"runAsNonRoot": True, "runAsUser": 999, "runAsGroup": 999}
    assert [item.get("persistentVolumeClaim", item.get("secret")) for item in pod["volumes"]] == [
        {"claimName": inputs.name},
        {"secretName": inputs.name},
    ]
    assert pod["containers"][0]["command"] == ["sh", "/run/ampora/run.sh"]


def test_only_a_restore_knows_the_live_server_and_the_password_is_in_its_secret_only() -> None:
    proof, restore = (
        {entry["name"]: entry for entry in volume.recovery_job(inputs, "run.sh")["spec"]["template"]["spec"]["containers"][0]["env"]}
        for inputs in (PROOF, RESTORE)
    )
    assert not [name for name in proof if name.startswith("PG")]
    assert {name: restore[name]["value"] for name in LIVE} == LIVE
    assert restore["PGPASSWORD"]["valueFrom"] == {"secretKeyRef": {"name": "upgrade-restore-r1", "key": "password"}}


@pytest.mark.parametrize("script", [volume.PROVE_SH, volume.RESTORE_SH])
def test_the_scripts_are_sh(script: str) -> None:
    subprocess.run(["sh", "-n"], input=script, text=True, check=True, timeout=10)


@pytest.mark.parametrize(
    "off",
    [
        "listen_addresses= ",
        "archive_mode=off",
        "primary_conninfo= ",
        "restore_command= ",
        "max_logical_replication_workers=0",
        "cron.launch_active_jobs=off",
        "default_transaction_read_only=on",
    ],
)
def test_the_copy_does_not_act_as_the_live_database(off: str) -> None:
    assert all(f"-c {off}" in script for script in (volume.PROVE_SH, volume.RESTORE_SH))


def test_the_facts_are_one_line() -> None:
    script = volume.facts_sql("SELECT id FROM h;")
    assert "FROM (SELECT id FROM h) AS history(id)" in script
    assert [script.index(word) for word in ("string_agg", "\\gset", "'ampora-facts: '", "(:counting)")] == sorted(
        script.index(word) for word in ("string_agg", "\\gset", "'ampora-facts: '", "(:counting)")
    )

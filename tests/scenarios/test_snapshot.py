# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots that cannot be taken, and snapshots that must not be restored: refused in words, and nothing is lost."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from tests.sandbox.certificates import Authority
from tests.scenarios.checks import check_green, check_no_secret, check_refused, check_runs, check_sessions
from tests.support.database_server import kill_database, wait_for_database
from tests.support.playbook import Result
from tests.support.postgres import sandbox_client
from tests.support.sandbox import Sandbox, differences, without_run_records
from tests.support.volume import volume_shell

CLAIM, SMALL = "ampora-snapshots", "ampora-snapshots-small"
LARGEST = "file=$(ls -S {dump}/*.dat.gz | head -n 1); "
FILES: dict[str, tuple[str, str]] = {
    "half a file": (LARGEST + 'size=$(stat -c %s "$file"); truncate -s $((size / 2)) "$file"', " bytes and had "),
    "one bit": (LARGEST + "printf '\\377' | dd of=\"$file\" bs=1 seek=2000 conv=notrunc status=none", "has another content (sha256)"),
    "a file missing": (LARGEST + 'rm "$file"', " is missing"),
}
MANIFESTS: dict[str, tuple[dict[str, Any], str]] = {
    "a foreign deployment": (
        {"deployment": {"namespace": "ampora", "name": "other-web"}},
        "is of ampora/other-web and not of ampora/ampora-web",
    ),
    "an older version": ({"app": {"version": "1.4.1", "digest": "sha256:" + "0" * 64}}, "is of version 1.4.1 and not of 1.4.2"),
    "a changed manifest": ({"rows": {}}, "was changed after the snapshot was taken"),
}


def untouched(sandbox: Sandbox) -> dict[str, Any]:
    """Everything that a refusal must leave as it is; what a run writes about itself is its own."""
    return without_run_records(sandbox.state())


def test_snapshot_damaged(sandbox: Sandbox, tmp_path: Path) -> None:
    content = sandbox.database_state()
    check_green(sandbox.upgrade("1.5.0"))
    snapshot = sandbox.report()["snapshot"]["id"]
    with volume_shell(sandbox, tmp_path, CLAIM) as shell:
        before = untouched(sandbox)
        shell(f"cp -a {snapshot} kept")
        try:
            for name, (script, words) in FILES.items():
                shell(script.replace("{dump}", f"{snapshot}/dump"))
                check_refused_untouched(sandbox, before, name, snapshot, f"The snapshot {snapshot} is damaged: ", words)
                shell(f"rm -rf {snapshot}; cp -a kept {snapshot}")
        finally:
            shell("rm -rf kept")
    manifest = sandbox.kubectl("get", "configmap", f"upgrade-snapshot-{snapshot}")["data"]["manifest.json"]
    for name, (changes, words) in MANIFESTS.items():
        with manifest_as(sandbox, tmp_path, snapshot, json.dumps({**json.loads(manifest), **changes})):
            check_refused_untouched(sandbox, untouched(sandbox), name, snapshot, words)
    check_green(sandbox.play("rollback", ampora_accept_data_loss=snapshot))
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    restored = sandbox.database_state()
    assert {table for table in content if content[table] != restored.get(table)} <= {"audit_events"}


def check_refused_untouched(sandbox: Sandbox, before: dict[str, Any], name: str, snapshot: str, *words: str) -> None:
    result = sandbox.play("rollback", ampora_accept_data_loss=snapshot)
    check_refused(result, *words)
    check_runs(sandbox, "1.5.0")
    check_no_secret(result.output, sandbox)
    assert differences(before, untouched(sandbox)) == [], name


@contextmanager
def manifest_as(sandbox: Sandbox, folder: Path, snapshot: str, text: str) -> Iterator[None]:
    """Another text in the place of a snapshot's manifest."""
    name = f"upgrade-snapshot-{snapshot}"
    original = sandbox.kubectl("get", "configmap", name)["data"]["manifest.json"]
    for state in (text, original):
        patch = folder / "patch.json"
        patch.write_text(json.dumps({"data": {"manifest.json": state}}), encoding="utf-8")
        sandbox.kubectl_text("patch", "configmap", name, f"--patch-file={patch}")
        if state == text:
            try:
                yield
            except BaseException:
                sandbox.kubectl_text("patch", "configmap", name, "--patch", json.dumps({"data": {"manifest.json": original}}))
                raise


class HeldDump:
    """A snapshot whose dump waits at a locked table while the block runs; `result` afterwards."""

    def __init__(self, sandbox: Sandbox, **variables: Any) -> None:
        self._sandbox, self._variables = sandbox, variables
        self._thread = threading.Thread(target=self._play)
        self._played: list[Result] = []
        self._lock = psycopg.connect(sandbox.env["AMPORA_SANDBOX_DATABASE_URL"])

    def __enter__(self) -> HeldDump:
        self._lock.execute('LOCK TABLE "configuration_versions" IN ACCESS EXCLUSIVE MODE')
        self._thread.start()
        deadline = time.monotonic() + 60
        while not self._sandbox.query("SELECT 1 FROM pg_stat_activity WHERE application_name = 'pg_dump' AND wait_event_type = 'Lock'"):
            assert self._thread.is_alive(), self.result.output
            assert time.monotonic() < deadline, "the dump was never seen"
            time.sleep(0.1)
        return self

    def __exit__(self, *unused: object) -> None:
        self._lock.close()  # a server that is gone has let go of it by itself
        self._thread.join()

    def _play(self) -> None:
        self._played.append(self._sandbox.play("snapshot", **self._variables))

    @property
    def result(self) -> Result:
        return self._played[0]


def test_disk_full(sandbox: Sandbox, tmp_path: Path) -> None:
    """Too small from the start, and full in the middle: refused, nothing left on the claim, the deployment as it was."""
    before = untouched(sandbox)
    check_refused(
        sandbox.play("snapshot", ampora_snapshot_claim=SMALL), "The snapshot needs about ", "of room on the claim ampora-snapshots-small"
    )
    assert untouched(sandbox) == before
    sandbox.query("TRUNCATE audit_events")  # now the forecast fits
    before = untouched(sandbox)
    with volume_shell(sandbox, tmp_path, SMALL) as shell:
        with HeldDump(sandbox, ampora_snapshot_claim=SMALL) as dump:
            shell("head -c 100M /dev/zero > filler 2>/dev/null || true")
        check_refused(dump.result, f"The snapshot on the claim {SMALL} failed", "No space left on device", "Nothing was changed.")
        assert shell("ls -A").split() == ["filler"]
        shell("rm filler")
        check_green(sandbox.play("snapshot", ampora_snapshot_claim=SMALL, ampora_snapshot_keep=1))
        shell("rm -rf ./*")
    check_untouched_but_records(sandbox, before)


def test_database_restarted(sandbox: Sandbox, tmp_path: Path) -> None:
    """The server goes away under the dump: said in its words, nothing left, and the same command then takes it."""
    before = untouched(sandbox)
    with volume_shell(sandbox, tmp_path, CLAIM) as shell:
        there = shell("ls -A")
        with HeldDump(sandbox) as dump:
            kill_database(sandbox)
        check_refused(dump.result, f"The snapshot on the claim {CLAIM} failed", "Nothing was changed.")
        wait_for_database(sandbox)
        assert shell("ls -A") == there
    check_untouched_but_records(sandbox, before)
    check_green(sandbox.play("snapshot"))
    check_sessions(sandbox)


def check_untouched_but_records(sandbox: Sandbox, before: dict[str, Any]) -> None:
    """But for records, and for what follows the pods' readiness: a server that restarts takes it away for a moment."""
    workload = ("Pod/", "Deployment/ampora-web", "ReplicaSet/ampora-web-", "PodDisruptionBudget/ampora-web")
    own = tuple(f"objects: {name}" for name in ("ConfigMap/upgrade-snapshot-", *workload))
    assert [change for change in differences(before, untouched(sandbox)) if not change.startswith(own)] == []


# --- the ways to take one


@pytest.fixture
def verified(sandbox: Sandbox, tmp_path: Path) -> Callable[[Path], list[str]]:
    """Options by which the server's certificate is checked against an authority; in a file, since Ansible shows its command line."""
    url = psycopg.conninfo.conninfo_to_dict(sandbox.env["AMPORA_SANDBOX_DATABASE_URL"])
    text = f"Host=pg.ampora-db;Database={url['dbname']};Username=ampora;Password={url['password']};SSL Mode=VerifyFull"

    def options(authority: Path) -> list[str]:
        file = tmp_path / "database.yml"
        variables = {"ampora_database_connection_string": text, "ampora_database_root_certificate": str(authority)}
        file.write_text(yaml.safe_dump(variables), encoding="utf-8")
        return ["-e", f"@{file}"]

    return options


def test_snapshot_methods(sandbox: Sandbox, tmp_path: Path, verified: Callable[[Path], list[str]]) -> None:
    """Both methods over TLS that is verified, proven by a restore; the wrong authority is refused; retention keeps the newest."""
    databases, content = sandbox.databases(), sandbox.database_state()
    authority = Path(str(psycopg.conninfo.conninfo_to_dict(sandbox.env["AMPORA_SANDBOX_DATABASE_URL"])["sslrootcert"]))
    local: dict[str, Any] = {
        "ampora_snapshot_method": "local",
        "ampora_snapshot_directory": str(tmp_path / "snapshots"),
        "ampora_snapshot_client": str(sandbox_client()),
    }
    for method in ({}, local):
        variables = {**method, "ampora_snapshot_proof": "restore", "ampora_snapshot_keep": 1}
        result = sandbox.play("snapshot", "-vvvv", *verified(authority), **variables)
        check_green(result)
        check_no_secret(result.output, sandbox)
        journal = sandbox.runs()[-1]["steps"][-1]["result"]
        newest = sandbox.query("SELECT id::text FROM audit_events ORDER BY timestamp DESC LIMIT 1")
        assert newest == [(journal["watermark"]["audit_id"],)]
        assert (journal["proof"], journal["method"]) == ("restored", method.get("ampora_snapshot_method", "job"))
        assert sandbox.databases() == databases
    items = sandbox.kubectl("get", "configmaps", "--selector=upgrades.ampora.io/record=snapshot")["items"]
    assert [item["metadata"]["name"] for item in items] == [f"upgrade-snapshot-{journal['id']}"]
    assert [path.name for path in (tmp_path / "snapshots").iterdir()] == [journal["id"]]
    other = Authority(tmp_path / "other", "another authority").certificate_file
    check_refused(sandbox.play("snapshot", *verified(other), **local), "certificate verify failed")
    assert sandbox.database_state() == content

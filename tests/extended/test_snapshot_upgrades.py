# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole upgrades and their way back by a CSI snapshot, by pgBackRest and from a bucket.

They have an Ampora and a database server of their own, in a namespace of their own: the sandbox's is left alone.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.extended.server import CLAIM, PASSWORD, Server, server
from tests.sandbox import credentials, identity, paths
from tests.sandbox.kubectl import get
from tests.sandbox.settings import SETTINGS
from tests.scenarios.checks import check_green, check_no_secret, check_report, check_runs
from tests.support.postgres import sandbox_client
from tests.support.sandbox import Sandbox

SOURCES = paths.SOURCES / "deploy" / "kustomize"


class Elsewhere(Sandbox):
    """An Ampora on a database server of its own."""

    def __init__(self, own: Server, folder: Path) -> None:
        super().__init__()
        self.namespace, self.reports = own.there.namespace, folder / "reports"
        self.env["AMPORA_SANDBOX_DATABASE_URL"] = f"postgresql://ampora:{PASSWORD}@{own.address}:5432/ampora"
        self.overlay = folder / "kustomize" / "overlays" / "acme-prod"
        self._own = own
        shutil.copytree(SOURCES, folder / "kustomize")
        self._fill_in()
        self.kubectl_text("apply", f"--kustomize={self.overlay}")
        self.kubectl_text("rollout", "status", "deployment/ampora-web", "--timeout=55s")

    def _fill_in(self) -> None:
        """What an owner fills into the overlay; one replica, because nobody works with it."""
        secrets = credentials.load()
        values = {
            "kustomization.yaml": {
                "registry.example": self.env["AMPORA_SANDBOX_REGISTRY"],
                "namespace: ampora": f"namespace: {self.namespace}",
            },
            "configmap-patch.yaml": {"http://id.acme.example": identity.url(SETTINGS.node_address)},
            "deployment-patch.yaml": {"replicas: 3": "replicas: 1"},
            "secret.yaml": {
                "Host=pg.ampora-db.svc;Port=5432;Database=ampora;Username=ampora;Password=FILL_IN;SSL Mode=Require": self._own.npgsql(),
                "KeyProtection__MasterKey: FILL_IN": f"KeyProtection__MasterKey: {secrets.master_key}",
                "ClientSecret: FILL_IN": f"ClientSecret: {secrets.oidc_client_secret}",
            },
        }
        for name, pairs in values.items():
            file = self.overlay / name
            text = file.read_text(encoding="utf-8")
            for old, new in pairs.items():
                assert old in text, f"{name} has no {old!r}"
                text = text.replace(old, new)
            file.write_text(text, encoding="utf-8")

    def play(self, playbook: str, *options: str, timeout: int = 600, **variables: Any) -> Any:
        here = {
            "ampora_namespace": self.namespace,
            "ampora_overlay": str(self.overlay),
            "ampora_database_hostaddr": self._own.address,
            "ampora_report_dir": str(self.reports),
            "ampora_spot_check": "none",
            "ampora_api_token": "",
            "ampora_url": "",
            # Nobody scrapes it: the watch has something to look at, and that is all.
            "ampora_signals": [{"name": "there", "promql": "vector(1)", "kind": "level", "min": 1}],
        }
        return super().play(playbook, *options, timeout=timeout, **here, **variables)


@pytest.fixture
def own(part: Callable[[str], None]) -> Iterator[Server]:
    for name in ("pgbackrest", "snapshots", "s3"):
        part(name)
    with server("elsewhere", os.environ["AMPORA_SANDBOX_STORAGE_CLASS"]) as found:
        found.shell("psql --quiet --host=/tmp --username=postgres --command='grant pg_checkpoint to ampora'")
        base = Sandbox().env["AMPORA_SANDBOX_DATABASE_URL"].partition("?")[0].rpartition("/")[0]
        found.take_over(f"{base}/ampora_seed?sslmode=require")
        yield found


@pytest.fixture
def elsewhere(own: Server, tmp_path: Path) -> Elsewhere:
    return Elsewhere(own, tmp_path)


def check_there_and_back(sandbox: Elsewhere, **inputs: Any) -> dict[str, Any]:
    """1.4.2 to 1.5.0 and back by the snapshot; what the report of the upgrade says of that."""
    content, migrations = sandbox.database_state(), sandbox.migrations()
    upgraded = sandbox.upgrade("1.5.0", **inputs)
    check_green(upgraded)
    check_runs(sandbox, "1.5.0")
    assert len(sandbox.migrations()) > len(migrations)
    snapshot: dict[str, Any] = sandbox.report()["snapshot"]
    back = sandbox.play("rollback", ampora_accept_data_loss=snapshot["id"], **inputs)
    check_green(back)
    check_runs(sandbox, "1.4.2")
    check_report(sandbox, "rolled back")
    assert sandbox.migrations() == migrations
    restored = sandbox.database_state()
    assert {name for name, value in restored.items() if content[name] != value} <= {"audit_events"}, "the product itself writes these"
    check_no_secret(upgraded.output + back.output, sandbox)
    return snapshot


def test_volume_snapshot_upgrade(elsewhere: Elsewhere) -> None:
    volume = {"claim": CLAIM, "class": os.environ["AMPORA_SANDBOX_SNAPSHOT_CLASS"], "checkpoint": True}
    snapshot = check_there_and_back(elsewhere, ampora_snapshot_method="volume_snapshot", ampora_snapshot_volume=volume)
    assert (snapshot["method"], snapshot["proof"], snapshot["consistency"]) == ("volume_snapshot", "restored", "crash")
    left = get("--namespace", elsewhere.namespace, "persistentvolumeclaims")["items"]
    assert [claim["metadata"]["name"] for claim in left if not claim["metadata"].get("deletionTimestamp")] == [CLAIM]


def test_pgbackrest_upgrade(elsewhere: Elsewhere, own: Server) -> None:
    snapshot = check_there_and_back(elsewhere, ampora_snapshot_method="command", ampora_snapshot_command=own.tool())
    assert (snapshot["method"], snapshot["proof"], snapshot["consistency"]) == ("command", "verified", "unknown")
    assert snapshot["location"]["tool_id"] in own.shell("pgbackrest info")


def test_bucket_upgrade(elsewhere: Elsewhere, tmp_path: Path) -> None:
    names = ("endpoint", "region", "bucket", "access_key", "secret_key")
    variables = {"endpoint": "URL", "region": "REGION", "bucket": "BUCKET", "access_key": "ACCESS_KEY", "secret_key": "SECRET_KEY"}
    s3 = {name: os.environ[f"AMPORA_SANDBOX_S3_{variables[name]}"] for name in names}
    snapshot = check_there_and_back(
        elsewhere,
        ampora_snapshot_method="local",
        ampora_snapshot_directory=str(tmp_path / "work"),
        ampora_snapshot_client=str(sandbox_client()),
        ampora_snapshot_s3={**s3, "prefix": "elsewhere"},
    )
    assert (snapshot["method"], snapshot["proof"], snapshot["consistency"]) == ("local", "decoded", "transaction")
    assert snapshot["location"]["bucket"] == s3["bucket"]
    assert list((tmp_path / "work").iterdir()) == []
    for file in tmp_path.rglob("report.*"):
        assert s3["secret_key"] not in file.read_text(encoding="utf-8")

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small deployment with everything that an upgrade touches, before anything has gone wrong."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import DatabaseFacts, Facts, Hop
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Answers
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.plan import build
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.marks import Marks

from tests.unit.doubles.kubernetes import Kubernetes, running, secret_data

NOW = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
RUN = "20261122t2140z-ab12cd"
OLD_DIGEST = "sha256:" + "a" * 64
NEW_DIGEST = "sha256:" + "b" * 64
IMAGE = "reg.example/ampora/ampora-web"
MASTER_KEY = base64.b64encode(bytes(range(32))).decode()
PLACE = {"namespace": "ampora", "name": "ampora-web"}
PREVIOUS = {"version": "1.4.2", "image": f"{IMAGE}:1.4.2", "digest": OLD_DIGEST, "revision": "4", "replicas": 3}
TARGET = {"version": "1.5.0", "image": f"{IMAGE}@{NEW_DIGEST}", "digest": NEW_DIGEST, "children": []}
FACTS = Facts(
    deployment={**PLACE, "container": "ampora-web"},
    current=PREVIOUS,
    target=TARGET,
    change="minor",
    hops=[Hop(1, PREVIOUS, TARGET, "minor")],
    database=DatabaseFacts(170004, 12, ("1_first", "2_second"), 160000, True, ()),
)
PLAN = build(FACTS, [], Answers())
CANARY = {"table": "", "column": "", "schemes": ["aes-gcm-256"]}
KEY_OPTIONS = {
    "env": "KeyProtection__MasterKey",
    "previous_env": "KeyProtection__PreviousMasterKey",
    "value": "",
    "file": "",
    "attach": False,
    "canary": CANARY,
}


def deployment(image: str = f"{IMAGE}:1.4.2", *, replicas: int = 3, password: str = "s3cret-pass") -> Kubernetes:
    """The namespace `ampora`: Deployment with its pods, ConfigMap, Secret, and the claim for snapshots."""
    cluster = Kubernetes()
    env_from = [{"configMapRef": {"name": "ampora-config"}}, {"secretRef": {"name": "ampora-secrets"}}]
    for kind, body in running(image=image, replicas=replicas, env_from=env_from):
        cluster.add(kind, body)
    text = f"Host=pg.ampora-db;Database=ampora;Username=ampora;Password={password}"
    values = {"ConnectionStrings__Ampora": text, "KeyProtection__MasterKey": MASTER_KEY}
    cluster.add("Secret", {"metadata": {"name": "ampora-secrets"}, "data": secret_data(values)})
    cluster.add("ConfigMap", {"metadata": {"name": "ampora-config"}, "data": {"PublicUrl": "http://ampora.example"}})
    cluster.add("PersistentVolumeClaim", {"metadata": {"name": "ampora-snapshots"}})
    return cluster


def journal(*steps: tuple[str, dict[str, Any]], run: str = RUN, kind: str = "upgrade", plan: dict[str, Any] | None = None) -> Journal:
    """An open run whose steps have all ended."""
    found = Journal.new(run=run, deployment=PLACE, kind=kind, started_at=NOW, actor={}, plan=PLAN if plan is None else plan)
    for name, result in steps:
        found = found.begin(name, NOW).end(name, NOW, result)
    return found


def record(cluster: Kubernetes, *journals: Journal) -> None:
    """Put the journals into the namespace, as earlier runs have left them."""
    for one in journals:
        labels = {"upgrades.ampora.io/deployment": "ampora-web", "upgrades.ampora.io/record": "journal"}
        metadata = {"name": f"upgrade-run-{one.run}", "labels": labels}
        cluster.add("ConfigMap", {"metadata": metadata, "data": {"journal.json": one.to_json()}})


def of_day(day: int, **changes: Any) -> Manifest:
    """The snapshot of a day of that month."""
    run = f"202611{day:02}t2140z-ab12cd"
    started = NOW.replace(day=day)
    return manifest(**{"id": run, "run": run, "location": {"claim": "ampora-snapshots", "path": run}, "started_at": started, **changes})


def manifest(**changes: Any) -> Manifest:
    """The snapshot of the deployment before the upgrade RUN."""
    fields: dict[str, Any] = {
        "id": RUN,
        "run": RUN,
        "deployment": PLACE,
        "app": {"version": "1.4.2", "digest": OLD_DIGEST},
        "migrations": ("1_first", "2_second"),
        "rows": {"public.agents": 200},
        "watermark": {"lsn": "0/16B3748", "taken_at": "2026-11-22T21:40:00Z"},
        "server_version": 170004,
        "client_version": 170004,
        "files": {"dump/toc.dat": {"sha256": "b" * 64, "size": 12}},
        "size": 12,
        "key_fingerprint": "",
        "started_at": NOW,
        "ended_at": NOW,
        "method": "job",
        "proof": "decoded",
        "location": {"claim": "ampora-snapshots", "path": RUN},
        "database_size": 7_000_000,
        "consistency": "transaction",
        "seconds": {"take": 2.0},
        "marks": Marks(database=16384, xid=900, tables={"public.agents": (1, 200, 0, 0)}),
    }
    return Manifest(**{**fields, **changes})


def keep(cluster: Kubernetes, found: Manifest) -> None:
    """Put a snapshot's manifest into the namespace."""
    labels = {"upgrades.ampora.io/deployment": "ampora-web", "upgrades.ampora.io/record": "snapshot"}
    metadata = {"name": f"upgrade-snapshot-{found.id}", "labels": labels}
    cluster.add("ConfigMap", {"metadata": metadata, "data": {"manifest.json": found.to_json()}})

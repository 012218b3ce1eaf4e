# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL server of a test's own: in the cluster, on a claim, with pgBackRest beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg.conninfo import make_conninfo

from tests.extended.trial import Trial, trial
from tests.sandbox import paths
from tests.sandbox.commands import wait_for
from tests.sandbox.extended.pgbackrest import IMAGE
from tests.sandbox.kubectl import apply, get, kubectl

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "ampora-pgbackrest"
PASSWORD = "own-pass-7"
CLAIM = "data"
DATA = "/var/lib/postgresql/data/pgdata"
# The image's own entry point asks for TLS from outside, which a server of one test does not need.
_START = f"""
if [ ! -s {DATA}/PG_VERSION ]; then
  mkdir -p {DATA} && initdb --username=postgres --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 {DATA}
  echo 'host all all all scram-sha-256' >> {DATA}/pg_hba.conf
fi
exec postgres -D {DATA} -c listen_addresses='*' -c unix_socket_directories=/tmp -c shared_buffers=64MB -c max_connections=60 \\
  -c archive_mode=on -c archive_command='pgbackrest archive-push %p'
"""
_PGBACKREST = {"STANZA": "ampora", "PG1_PATH": DATA, "PG1_SOCKET_PATH": "/tmp", "REPO1_PATH": "/repository", "LOCK_PATH": "/tmp/pgbackrest"}


@dataclass(frozen=True)
class Server:
    there: Trial

    @property
    def address(self) -> str:
        return str(get("--namespace", self.there.namespace, "service", "pg")["spec"]["clusterIP"])

    @property
    def host(self) -> str:
        return f"pg.{self.there.namespace}.svc.cluster.local"

    def npgsql(self) -> str:
        """As the product takes it."""
        return f"Host={self.host};Port=5432;Database=ampora;Username=ampora;Password={PASSWORD};SSL Mode=Prefer"

    def query(self, statement: str, *values: Any, database: str = "ampora") -> list[tuple[Any, ...]]:
        text = make_conninfo(host=self.address, user="ampora", password=PASSWORD, dbname=database, connect_timeout=3)
        with psycopg.connect(text, autocommit=True) as connection:
            cursor = connection.execute(cast("Any", statement), values)
            return cursor.fetchall() if cursor.description else []

    def shell(self, script: str, *words: str, timeout: float = 300) -> str:
        """Run a script in the server's pod, as the server's user."""
        return kubectl("--namespace", self.there.namespace, "exec", "pg", "--", "sh", "-ec", script, "sh", *words, timeout=timeout)

    def take_over(self, url: str) -> None:
        """Copy the database of another server into this one's; the URL goes in by standard input, for it has a password."""
        script = 'read -r url; pg_dump "$url" | psql --quiet --host=/tmp --username=ampora --set=ON_ERROR_STOP=1 ampora >/dev/null'
        words = ["--namespace", self.there.namespace, "exec", "--stdin", "pg", "--", "sh", "-ec", script]
        kubectl(*words, stdin=f"{url}\n", timeout=300)

    def tool(self) -> dict[str, list[str]]:
        """The inputs ampora_snapshot_command, as docs/snapshots.md has them."""
        words = [
            str(paths.BIN / "kubectl"),
            f"--kubeconfig={paths.KUBECONFIG}",
            f"--namespace={self.there.namespace}",
            "exec",
            "pg",
            "--",
            "/tools/ampora-pgbackrest",
        ]
        return {
            "take": [*words, "take", "{snapshot}"],
            "verify": [*words, "verify", "{id}"],
            "restore": [*words, "restore", "{id}", "{database}"],
        }


@contextmanager
def server(name: str, storage_class: str = "") -> Iterator[Server]:
    """A server with an empty database `ampora` of the role `ampora`, and a stanza of pgBackRest."""
    with trial(name) as there:
        _start(there, storage_class)
        found = Server(there)
        wait_for("the server", lambda: _answers(found), timeout=90)
        found.shell(
            f"psql --quiet --host=/tmp --username=postgres --command=\"create role ampora login createdb password '{PASSWORD}'\""
            " --command='create database ampora owner ampora'; pgbackrest --log-level-console=warn stanza-create"
        )
        wait_for("the server behind its service", lambda: _is_served(found))
        yield found


def _is_served(found: Server) -> bool:
    """The service follows the pod's readiness by a moment, and refuses until then."""
    try:
        return bool(found.query("select 1"))
    except psycopg.OperationalError:
        return False


def _answers(found: Server) -> bool:
    pod = found.there.get("pod", "pg")["status"]
    return pod.get("phase") == "Running" and all(item["ready"] for item in pod.get("containerStatuses", [{"ready": False}]))


def _start(there: Trial, storage_class: str) -> None:
    data: dict[str, Any] = {"name": "data", "emptyDir": {}}
    if storage_class:
        there.claim(CLAIM, storage_class)
        data = {"name": "data", "persistentVolumeClaim": {"claimName": CLAIM}}
    script = {"metadata": {"name": "tools", "namespace": there.namespace}, "data": {EXAMPLE.name: EXAMPLE.read_text(encoding="utf-8")}}
    apply(json.dumps({"apiVersion": "v1", "kind": "ConfigMap", **script}))
    there.apply("Service", "pg", {"selector": {"app": "pg"}, "ports": [{"port": 5432}]})
    mounts = {"data": "/var/lib/postgresql/data", "repository": "/repository", "tools": "/tools"}
    container = {
        "name": "postgres",
        "image": IMAGE,
        "command": ["sh", "-ec", _START],
        "env": [{"name": f"PGBACKREST_{key}", "value": value} for key, value in _PGBACKREST.items()],
        "volumeMounts": [{"name": key, "mountPath": path} for key, path in mounts.items()],
        "readinessProbe": {"exec": {"command": ["pg_isready", "--host=/tmp", "--quiet"]}, "periodSeconds": 1},
    }
    spec = {
        "terminationGracePeriodSeconds": 1,
        "securityContext": {"runAsUser": 999, "runAsGroup": 999, "fsGroup": 999, "fsGroupChangePolicy": "OnRootMismatch"},
        "containers": [container],
        "volumes": [data, {"name": "repository", "emptyDir": {}}, {"name": "tools", "configMap": {"name": "tools", "defaultMode": 0o755}}],
    }
    head = {"name": "pg", "namespace": there.namespace, "labels": {"app": "pg"}}
    apply(json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": head, "spec": spec}))

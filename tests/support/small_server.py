# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL server of its own with a small disk, and the deployment on it: what fills it up harms nobody else.

Its data are in memory with a limit, where a full disk is a real one; its write-ahead log is elsewhere, since a server
that cannot write that ends itself, which would be another fault.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg
import yaml

from tests.sandbox import credentials, paths, postgres
from tests.sandbox.kubectl import cluster_ip, secret
from tests.sandbox.settings import SETTINGS
from tests.support.sandbox import VOLATILE, Sandbox

NAMESPACE = "scratch-small"
MEGABYTE = 1024 * 1024
ROOM = 256 * MEGABYTE
DATA = "/var/lib/postgresql/data"
INIT = """set -eu
printf '%s' "$POSTGRES_PASSWORD" >/tmp/password
initdb --username=postgres --pwfile=/tmp/password --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 \
  --no-sync --waldir=/wal/pg_wal
echo 'hostssl all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
"""


class SmallServer:
    """The server; `variables` lead the collection to it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    @property
    def variables(self) -> dict[str, Any]:
        return {"ampora_database_hostaddr": cluster_ip(NAMESPACE, "pg")}

    def build(self) -> None:
        self.remove()
        self.sandbox.kubectl_text("create", "namespace", NAMESPACE)
        authority = paths.DATABASE_CA.parent
        names = {"tls.crt": "server.crt", "tls.key": "server.key", "ca.crt": paths.DATABASE_CA.name}
        secret(NAMESPACE, "pg-tls", {key: (authority / file).read_text() for key, file in names.items()})
        secret(NAMESPACE, "pg", {"password": credentials.load().postgres_password})
        self._apply()
        self.kubectl("wait", "--for=condition=Ready", "pod/pg-0", "--timeout=90s")
        self._fill_database()

    def _apply(self) -> None:
        """The sandbox's own server, with other volumes."""
        found = json.loads(self.sandbox.kubectl_text("get", "statefulset", "pg", "--namespace=ampora-db", "--output=json"))
        pod = found["spec"]["template"]["spec"]
        server = pod["containers"][0]
        server["volumeMounts"].append({"name": "wal", "mountPath": "/wal"})
        pod["initContainers"] = [
            {**{key: server[key] for key in ("image", "env", "volumeMounts")}, "name": "init", "command": ["sh", "-c", INIT]}
        ]
        memory = {"medium": "Memory", "sizeLimit": str(ROOM)}
        pod["volumes"] += [{"name": "data", "emptyDir": memory}, {"name": "wal", "emptyDir": {}}]
        spec = {key: found["spec"][key] for key in ("serviceName", "replicas", "selector", "template")}
        service = {"selector": found["spec"]["selector"]["matchLabels"], "ports": [{"port": 5432}]}
        for kind, api, body in (("StatefulSet", "apps/v1", spec), ("Service", "v1", service)):
            manifest = {"apiVersion": api, "kind": kind, "metadata": {"name": "pg", "namespace": NAMESPACE}, "spec": body}
            with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                json.dump(manifest, file)
                file.flush()
                self.kubectl("apply", f"--filename={file.name}")

    def _fill_database(self) -> None:
        own = credentials.load()
        script = f"""set -eu
psql --username=postgres --quiet --set=ON_ERROR_STOP=1 <<'END'
CREATE ROLE ampora LOGIN CREATEDB PASSWORD '{own.ampora_password}';
CREATE DATABASE ampora OWNER ampora;
END
export PGPASSWORD='{own.ampora_password}'
pg_dump --format=custom --compress=0 "host={postgres.HOST} user=ampora dbname={postgres.TEMPLATE} sslmode=require" >/wal/seed
pg_restore --username=ampora --dbname=ampora --exit-on-error /wal/seed
rm /wal/seed
"""
        self.execute(script)

    def move_here(self) -> None:
        """The deployment's connection string names this server; whoever owns the overlay would do it so."""
        file = self.sandbox.overlay / "secret.yaml"
        text = file.read_text(encoding="utf-8")
        found = next(str(value) for value in yaml.safe_load(text)["stringData"].values() if "Host=" in str(value))
        host = dict(part.split("=", 1) for part in found.split(";") if "=" in part)["Host"]
        file.write_text(text.replace(f"Host={host}", f"Host=pg.{NAMESPACE}.svc.{SETTINGS.domain}"), encoding="utf-8")
        self.sandbox.kubectl_text("apply", f"--kustomize={self.sandbox.overlay}")
        self.sandbox.kubectl_text("rollout", "restart", "deployment/ampora-web")
        self.sandbox.kubectl_text("rollout", "status", "deployment/ampora-web", "--timeout=50s")

    def remove(self) -> None:
        self.sandbox.kubectl_text("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=true", "--timeout=50s")

    # --- its disk

    def fill(self, *, leave: int) -> None:
        """Leave so many bytes."""
        free = int(self.execute(f"df --output=avail --block-size=1 {DATA} | tail -1"))
        self.execute(f"head -c {max(0, free - leave)} /dev/zero >{DATA}/filler")

    def make_room(self) -> None:
        self.execute(f"rm {DATA}/filler")

    # --- looking

    def kubectl(self, *arguments: str) -> str:
        return self.sandbox.kubectl_text(*arguments, f"--namespace={NAMESPACE}")

    def execute(self, script: str) -> str:
        """A shell script in the server's container; by its input, so that a password is in no argument list."""
        argv = [str(paths.BIN / "kubectl"), f"--kubeconfig={self.sandbox.env['KUBECONFIG']}", f"--namespace={NAMESPACE}"]
        argv += ["exec", "--stdin", "pg-0", "--", "sh"]
        done = subprocess.run(argv, input=script, check=True, capture_output=True, text=True, timeout=120)
        return done.stdout.strip()

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        url = self.sandbox.env["AMPORA_SANDBOX_DATABASE_URL"]
        with psycopg.connect(url, host=cluster_ip(NAMESPACE, "pg"), sslmode="require", autocommit=True) as connection:
            return connection.execute(cast("Any", statement)).fetchall()

    def databases(self) -> set[str]:
        return {row[0] for row in self.query("SELECT datname FROM pg_database WHERE NOT datistemplate")}

    def database_size(self) -> int:
        return int(self.query("SELECT pg_database_size('ampora')")[0][0])

    def empty_size(self) -> int:
        return int(self.query("SELECT pg_database_size('postgres')")[0][0])

    def content(self) -> dict[str, int]:
        tables = [row[0] for row in self.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]
        quiet = [table for table in tables if table not in VOLATILE | {"audit_events"}]
        return {table: int(self.query(f'SELECT count(*) FROM "{table}"')[0][0]) for table in quiet}


@contextmanager
def small_server(sandbox: Sandbox) -> Iterator[SmallServer]:
    """Built, with the deployment on it; gone afterwards, and the deployment back on its own by the next reset."""
    found = SmallServer(sandbox)
    found.build()
    try:
        found.move_here()
        yield found
    finally:
        sandbox.reset()
        found.remove()

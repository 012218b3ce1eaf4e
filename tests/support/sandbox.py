# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox as tests see it: its addresses, its objects, its database, and the collection's playbooks run on it."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import psycopg
import requests
import yaml
from psycopg.conninfo import make_conninfo

from tests.support.playbook import ROOT, Result, command, run

STATE = ROOT / ".sandbox"
KINDS = (
    "deployments",
    "replicasets",
    "pods",
    "services",
    "configmaps",
    "secrets",
    "serviceaccounts",
    "jobs",
    "leases",
    "persistentvolumeclaims",
    "poddisruptionbudgets",
)
VERSIONS = ("1.4.2", "1.4.3", "1.5.0", "1.5.1", "1.6.0", "2.0.0")
# Written by the running product all the time: heartbeats and session leases say nothing about an upgrade.
VOLATILE = {"agents", "agent_session_ownership", "agent_status_history"}


class Sandbox:
    """A sandbox that is up."""

    def __init__(self) -> None:
        self.env = _read_env(STATE / "env")
        self.vars_file = STATE / "vars.yml"
        self.vars = cast("dict[str, Any]", yaml.safe_load(self.vars_file.read_text(encoding="utf-8")))
        self.namespace = "ampora"
        self.overlay = Path(self.env["AMPORA_SANDBOX_OVERLAY"])
        self.url = self.env["AMPORA_SANDBOX_URL"]
        self.reports = Path(self.vars["ampora_report_dir"])

    @property
    def snapshot_image(self) -> str:
        """The image with PostgreSQL's programs, of the server's own major version."""
        return str(self.vars["ampora_snapshot_image"]).replace("{major}", "17")

    # --- running

    def reset(self) -> None:
        """Back to a clean 1.4.2."""
        subprocess.run([sys.executable, "-m", "tests.sandbox", "reset"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=180)

    def play(self, playbook: str, *options: str, timeout: int = 600, **variables: Any) -> Result:
        """Run a playbook of the collection with the sandbox's inputs and these variables."""
        return run(command(playbook, variables, *options, files=(self.vars_file,)), STATE, timeout=timeout)

    def upgrade(self, target: str, *options: str, **variables: Any) -> Result:
        """upgrade.yml with every acknowledgement that this target's notes ask for."""
        if "ampora_acks" not in variables:
            variables["ampora_acks"] = self.acks(target, **variables)
        return self.play("upgrade", *options, ampora_target_version=target, **variables)

    def acks(self, target: str, **variables: Any) -> dict[str, str]:
        """Answers to what the plan asks; read from the plan, as a person would at noon."""
        self.play("plan", ampora_target_version=target, **variables)
        return {finding["ack_key"]: "true" for finding in self.report()["findings"] if finding["severity"] == "ack"}

    def configure(self, **settings: str) -> None:
        """Set variables of the application by the overlay's ConfigMap, as its owner would; an empty value takes one away."""
        file = self.overlay / "configmap-patch.yaml"
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        document["data"] = {name: value for name, value in {**document["data"], **settings}.items() if value}
        file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        self.kubectl_text("apply", f"--kustomize={self.overlay}")

    def pin(self, version: str, repository: str = "ampora/ampora-web") -> None:
        """Run a version by its digest, from another repository perhaps, as the overlay's owner would have it."""
        file = self.overlay / "kustomization.yaml"
        text = self.kustomization().replace("/ampora/ampora-web\n", f"/{repository}\n")
        file.write_text(re.sub(r"newTag: .*", f"digest: {self.digest(version)}", text), encoding="utf-8")
        self.kubectl_text("apply", f"--kustomize={self.overlay}")
        self.kubectl_text("rollout", "status", "deployment/ampora-web", "--timeout=55s")

    def report(self) -> dict[str, Any]:
        return cast("dict[str, Any]", json.loads((self.reports / "latest" / "report.json").read_text(encoding="utf-8")))

    def runs(self) -> list[dict[str, Any]]:
        """The journals in the namespace, the oldest first."""
        items = self.kubectl("get", "configmaps", "--selector=upgrades.ampora.io/record=journal")["items"]
        return sorted((json.loads(item["data"]["journal.json"]) for item in items), key=lambda journal: str(journal["started_at"]))

    # --- looking

    def kubectl(self, *arguments: str) -> Any:
        """The JSON answer of a kubectl command in the namespace."""
        return json.loads(self.kubectl_text(*arguments, "--output=json"))

    def kubectl_argv(self, *arguments: str) -> list[str]:
        return [str(STATE / "bin" / "kubectl"), f"--kubeconfig={self.env['KUBECONFIG']}", f"--namespace={self.namespace}", *arguments]

    def kubectl_text(self, *arguments: str) -> str:
        return subprocess.run(self.kubectl_argv(*arguments), check=True, capture_output=True, text=True, timeout=60).stdout

    def deployment(self) -> dict[str, Any]:
        return cast("dict[str, Any]", self.kubectl("get", "deployment", "ampora-web"))

    def image(self) -> str:
        return str(self.deployment()["spec"]["template"]["spec"]["containers"][0]["image"])

    def version(self) -> str:
        """The version of the running pods, by the digests in the registry; empty when they are of no known one."""
        running = self.pod_images()
        return next((version for version in VERSIONS if {self.digest(version)} == running), "")

    def pod_images(self) -> set[str]:
        """The digests that the running pods run."""
        pods = self.kubectl("get", "pods", "--selector=app.kubernetes.io/name=ampora-web")["items"]
        return {status["imageID"].rsplit("@", 1)[-1] for pod in pods for status in pod["status"].get("containerStatuses", [])}

    def unready_pods(self) -> list[str]:
        pods = self.kubectl("get", "pods", "--selector=app.kubernetes.io/name=ampora-web")["items"]
        return [pod["metadata"]["name"] for pod in pods if not _is_ready(pod)]

    def digest(self, version: str) -> str:
        """The index digest behind a tag, asked of the registry itself."""
        base = f"http://{self.env['AMPORA_SANDBOX_REGISTRY']}/v2/ampora/ampora-web/manifests/{version}"
        answer = requests.get(base, headers={"Accept": "application/vnd.oci.image.index.v1+json"}, timeout=10)
        answer.raise_for_status()
        return f"sha256:{hashlib.sha256(answer.content).hexdigest()}"

    def kustomization(self) -> str:
        return (self.overlay / "kustomization.yaml").read_text(encoding="utf-8")

    def query(self, statement: str, *values: Any, database: str = "") -> list[tuple[Any, ...]]:
        url = self.env["AMPORA_SANDBOX_DATABASE_URL"]
        with psycopg.connect(make_conninfo(url, dbname=database) if database else url, autocommit=True) as connection:
            cursor = connection.execute(cast("Any", statement), values)
            return cursor.fetchall() if cursor.description else []

    def migrations(self) -> list[str]:
        return [row[0] for row in self.query('SELECT "MigrationId" FROM "__EFMigrationsHistory" ORDER BY 1')]

    def databases(self) -> set[str]:
        return {row[0] for row in self.query("SELECT datname FROM pg_database")}

    def agents(self) -> dict[str, Any]:
        return cast("dict[str, Any]", requests.get(f"{self.env['AMPORA_SANDBOX_AGENTS_URL']}/status", timeout=10).json())

    def database_state(self) -> dict[str, str]:
        """A hash of every table that only people and upgrades write."""
        tables = [row[0] for row in self.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]
        text = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{}\" t"
        return {table: self.query(text.format(table))[0][0] for table in tables if table not in VOLATILE}

    def objects_state(self) -> dict[str, str]:
        """kind/name -> resourceVersion of everything in the namespace that a run could touch."""
        items = self.kubectl("get", ",".join(KINDS))["items"]
        return {f"{item['kind']}/{item['metadata']['name']}": item["metadata"]["resourceVersion"] for item in items}

    def state(self) -> dict[str, Any]:
        """Everything that must be the same after a run that changes nothing."""
        overlay = {
            str(file.relative_to(self.overlay)): file.read_text(encoding="utf-8") for file in self.overlay.rglob("*") if file.is_file()
        }
        return {"objects": self.objects_state(), "database": self.database_state(), "databases": self.databases(), "overlay": overlay}


def _is_ready(pod: Mapping[str, Any]) -> bool:
    """A pod that the kubelet has not seen yet has no statuses."""
    statuses = pod["status"].get("containerStatuses", [])
    return bool(statuses) and all(item["ready"] for item in statuses)


def _read_env(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("export "):
            name, unused, value = line.removeprefix("export ").partition("=")
            found[name] = "".join(shlex.split(value))
    return found


def without_run_records(state: Mapping[str, Any]) -> dict[str, Any]:
    """The state less what a run writes about itself (lease and journal), for failures after the run has begun."""
    objects = {
        name: version for name, version in state["objects"].items() if not name.startswith(("Lease/upgrade-", "ConfigMap/upgrade-run-"))
    }
    return {**state, "objects": objects}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What is not the same in two states, as `part: item`, so that a failure says where to look."""
    return sorted(f"{part}: {item}" for part in before for item in _unequal(before[part], after[part]))


def _unequal(before: Any, after: Any) -> list[str]:
    if isinstance(before, Mapping):
        return [str(item) for item in {*before, *after} if before.get(item) != after.get(item)]
    return [] if before == after else [f"{before} is now {after}"]

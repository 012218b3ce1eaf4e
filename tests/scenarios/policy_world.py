# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deployment that is wrong in every way that the policy knows of, made with the tools that its owners would use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import requests
import yaml

from tests.sandbox.commands import wait_for
from tests.support.sandbox import Sandbox

ADVISORY_LOCK = 1095585871  # the product's own, under which it migrates


def apply(sandbox: Sandbox, folder: Path, body: dict[str, Any], *options: str) -> None:
    file = folder / "object.json"
    file.write_text(json.dumps(body), encoding="utf-8")
    sandbox.kubectl_text("apply", f"--filename={file}", *options)


@contextmanager
def spoiled(sandbox: Sandbox, folder: Path) -> Iterator[None]:
    """Everything wrong at once; what a reset does not put back is put back here."""
    sandbox.configure(OpAmp__LegacyHeartbeat="true")
    _deployment(sandbox, folder)
    _neighbours(sandbox, folder)
    _agents(sandbox)
    _configuration_rollout(sandbox)
    node = sandbox.kubectl("get", "nodes")["items"][0]["metadata"]["name"]
    with psycopg.connect(sandbox.env["AMPORA_SANDBOX_DATABASE_URL"], autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", (ADVISORY_LOCK,))
        try:
            sandbox.kubectl_text("cordon", node)
            may_create_databases(sandbox, "NOCREATEDB")
            yield
        finally:
            sandbox.kubectl_text("uncordon", node)
            may_create_databases(sandbox, "CREATEDB")
            sandbox.kubectl_text("delete", "horizontalpodautoscaler/ampora-web", "resourcequota/full")


def may_create_databases(sandbox: Sandbox, word: str) -> None:
    psql = ("psql", "--username=postgres", f"--command=ALTER ROLE ampora {word}")
    sandbox.kubectl_text("exec", "--namespace=ampora-db", "statefulset/pg", "--", *psql)


def _deployment(sandbox: Sandbox, folder: Path) -> None:
    """Probes and strategy spoiled, pods with the deprecated key, a stranger as the image's owner, and a controller's mark."""
    container = "/spec/template/spec/containers/0"
    changes = [
        {"op": "remove", "path": f"{container}/readinessProbe"},
        {"op": "remove", "path": f"{container}/livenessProbe"},
        {"op": "replace", "path": "/spec/strategy/rollingUpdate", "value": {"maxSurge": 2, "maxUnavailable": 1}},
    ]
    sandbox.kubectl_text("patch", "deployment", "ampora-web", "--type=json", f"--patch={json.dumps(changes)}")
    sandbox.kubectl_text("annotate", "deployment", "ampora-web", "argocd.argoproj.io/tracking-id=ampora:apps/Deployment:ampora/ampora-web")
    sandbox.kubectl_text("annotate", "secret", "ampora-secrets", "--overwrite", "ampora.io/placeholder=true")
    part = {"spec": {"containers": [{"name": "ampora-web", "image": sandbox.image()}]}}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "ampora-web"}, "spec": {"template": part}}
    apply(sandbox, folder, body, "--server-side", "--field-manager=robot", "--force-conflicts")
    sandbox.kubectl_text("rollout", "status", "deployment/ampora-web", "--timeout=50s")
    overlay = sandbox.overlay / "kustomization.yaml"
    overlay.write_text(overlay.read_text(encoding="utf-8").replace('newTag: "1.4.2"', 'newTag: "1.4.3"'), encoding="utf-8")


def _neighbours(sandbox: Sandbox, folder: Path) -> None:
    sandbox.kubectl_text("delete", "poddisruptionbudget", "ampora-web")
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "ampora-web"}
    scaler = {"scaleTargetRef": reference, "minReplicas": 3, "maxReplicas": 3}
    head = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "ampora-web"}}
    apply(sandbox, folder, {**head, "spec": scaler})
    apply(sandbox, folder, {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "full"}, "spec": {"hard": {"pods": "3"}}})
    wait_for("the quota's count", lambda: "used" in sandbox.kubectl("get", "resourcequota", "full").get("status", {}))


def _agents(sandbox: Sandbox) -> None:
    """Six agents: one MINOR behind what the target takes, one already too far behind, and with no version that can be read."""
    address = sandbox.env["AMPORA_SANDBOX_AGENTS_URL"]
    for version, count in (("nightly", 6), ("1.2.0", 4), ("1.3.0", 2)):
        requests.post(f"{address}/version", data={"v": version, "n": count}, timeout=30).raise_for_status()
    wait_for("the agents' new versions", lambda: _known_versions(sandbox) >= {"nightly", "1.2.0", "1.3.0"})


def _known_versions(sandbox: Sandbox) -> set[str]:
    return {row[0] for row in sandbox.query("SELECT DISTINCT version FROM agents")}


def _configuration_rollout(sandbox: Sandbox) -> None:
    headers = {"Authorization": f"Bearer {sandbox.env['AMPORA_SANDBOX_PAT']}"}

    def call(method: str, path: str, body: object = None) -> Any:
        answer = requests.request(method, f"{sandbox.url}/api/{path}", headers=headers, json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    found = call("GET", "configurations")
    first = (found if isinstance(found, list) else found["items"])[0]
    made = call("POST", "rollouts", {"configurationId": first["id"], "name": "policy", "strategy": "Percentage"})
    call("POST", f"rollouts/{made['id']}/start")


def otherwise_spoiled(sandbox: Sandbox, folder: Path) -> None:
    """What cannot be wrong together with the rest: a budget that allows nothing, more surge, and a rollout that does not end."""
    selector = {"matchLabels": {"app.kubernetes.io/name": "ampora-web"}}
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "ampora-web"}}
    apply(sandbox, folder, {**budget, "spec": {"maxUnavailable": 0, "selector": selector}})
    strategy = {"spec": {"strategy": {"rollingUpdate": {"maxSurge": 2, "maxUnavailable": 0}}}}
    sandbox.kubectl_text("patch", "deployment", "ampora-web", f"--patch={json.dumps(strategy)}")
    sandbox.kubectl_text("set", "env", "deployment/ampora-web", "AMPORA_DOUBLE_NOT_READY=1")


def few_rights(sandbox: Sandbox, folder: Path) -> Path:
    """A kubeconfig whose account may read the Deployment and its pods, and nothing else."""
    head = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "onlooker"}}
    rules = [
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]},
    ]
    account = {"kind": "ServiceAccount", "name": "onlooker", "namespace": sandbox.namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "onlooker"}
    apply(sandbox, folder, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "onlooker"}})
    apply(sandbox, folder, {**head, "kind": "Role", "rules": rules})
    apply(sandbox, folder, {**head, "kind": "RoleBinding", "subjects": [account], "roleRef": role})
    config = yaml.safe_load(Path(sandbox.env["KUBECONFIG"]).read_text(encoding="utf-8"))
    token = sandbox.kubectl_text("create", "token", "onlooker").strip()
    config["users"] = [{"name": user["name"], "user": {"token": token}} for user in config["users"]]
    path = folder / "few-rights"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path

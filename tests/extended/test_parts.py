# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each part of the extended tier does what later tests will ask of it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.extended.trial import Trial, is_ready, trial
from tests.sandbox.commands import SandboxError, run, wait_for
from tests.sandbox.extended import cosign, git, s3
from tests.sandbox.kubectl import apply, get, kubectl
from tests.sandbox.settings import SETTINGS

Part = Callable[[str], None]


def _variable(name: str) -> str:
    return os.environ[f"AMPORA_SANDBOX_{name}"]


def test_node(part: Part) -> None:
    part("node")
    nodes = {node["metadata"]["name"]: node for node in get("nodes")["items"]}
    second = _variable("SECOND_NODE")
    assert {name for name, node in nodes.items() if is_ready(node)} == {"sandbox", second}
    key = _variable("SECOND_NODE_TAINT").partition("=")[0]
    assert [(t["key"], t["effect"]) for t in nodes[second]["spec"]["taints"]] == [(key, "NoSchedule")]
    with trial("node") as there:
        # Image from the registry, name from cluster DNS, and a Service on the other node: all through the link.
        script = "getent hosts pg.ampora-db.svc.cluster.local && pg_isready --host pg.ampora-db"
        place: dict[str, Any] = {"nodeSelector": {"kubernetes.io/hostname": second}, "tolerations": [{"key": key, "operator": "Exists"}]}
        assert "accepting connections" in there.shell("far", script, **place)
        assert there.get("pod", "far")["spec"]["nodeName"] == second
        there.shell("near", "true")
        assert there.get("pod", "near")["spec"]["nodeName"] == "sandbox", "the taint keeps other pods away"


def test_s3(part: Part, tmp_path: Path) -> None:
    part("s3")
    content, bucket = os.urandom(8 << 20), _variable("S3_BUCKET")
    (tmp_path / "sent").write_bytes(content)

    def rclone(*words: str | Path) -> str:
        return run(["rclone", "--config=/dev/null", *words], env=s3.rclone())

    rclone("copyto", tmp_path / "sent", f"sandbox:{bucket}/trial/object")
    assert rclone("hashsum", "MD5", f"sandbox:{bucket}/trial").split() == [hashlib.md5(content).hexdigest(), "object"]
    rclone("copyto", f"sandbox:{bucket}/trial/object", tmp_path / "received")
    assert hashlib.sha256((tmp_path / "received").read_bytes()).digest() == hashlib.sha256(content).digest()
    rclone("purge", f"sandbox:{bucket}/trial")
    assert "trial/" not in rclone("lsf", f"sandbox:{bucket}").split()
    assert requests.get(f"{_variable('S3_URL')}/{bucket}", timeout=5).status_code == 403, "without the keys nobody reads it"


def _claims(token: str) -> Any:
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


@pytest.mark.parametrize(("user", "role"), [("alice", "Admin"), ("bob", "Operator")])
def test_keycloak(part: Part, user: str, role: str) -> None:
    part("keycloak")
    issuer = _variable("KEYCLOAK_ISSUER")
    found = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
    assert found["issuer"] == issuer
    assert "S256" in found["code_challenge_methods_supported"]
    form = {
        "grant_type": "password",
        "client_id": "ampora-web",
        "client_secret": _variable("KEYCLOAK_CLIENT_SECRET"),
        "username": user,
        "password": f"{user}-password",
        "scope": "openid",
    }
    answer = requests.post(found["token_endpoint"], data=form, timeout=10).json()
    claims = _claims(answer["id_token"])
    assert (claims["iss"], claims["aud"], claims["ampora:role"], claims["tenant"]) == (issuer, "ampora-web", [role], "acme")
    refused = requests.post(found["token_endpoint"], data={**form, "password": "wrong"}, timeout=10)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_grant")


def test_cosign(part: Part) -> None:
    part("cosign")
    repository, unsigned = f"{_variable('REGISTRY')}/ampora/ampora-web", _variable("UNSIGNED_VERSION")
    for version in ("1.4.2", "1.5.0"):
        cosign.verify(f"{repository}:{version}")
    with pytest.raises(SandboxError, match="no signatures found"):
        cosign.verify(f"{repository}:{unsigned}")


def _collector() -> Any:
    """What Ampora's API says of it."""
    head = {"Authorization": f"Bearer {_variable('PAT')}"}
    agents = requests.get(f"{_variable('URL')}/api/agents", params={"pageSize": 500}, headers=head, timeout=10).json()["items"]
    (own,) = (agent for agent in agents if agent["instanceUid"] == _variable("COLLECTOR_INSTANCE"))
    return own


def test_collector(part: Part) -> None:
    part("collector")
    wait_for("the collector's session", lambda: _collector()["connected"])
    # Its first report tells the version, which nobody but the collector itself knows.
    wait_for("the collector's version", lambda: _collector()["version"] == SETTINGS.extended_versions.collector)


_STOOD_FOR = "persistentvolumes,volumesnapshotcontents"


def _snapshot_ready(there: Trial) -> bool:
    return bool(there.get("volumesnapshot", "shot").get("status", {}).get("readyToUse"))


def test_snapshots(part: Part) -> None:
    part("snapshots")
    with trial("snapshots") as there:
        there.claim("source", _variable("STORAGE_CLASS"))
        there.shell("before", "echo before > /data/content", claim="source")
        spec = {"volumeSnapshotClassName": _variable("SNAPSHOT_CLASS"), "source": {"persistentVolumeClaimName": "source"}}
        there.apply("VolumeSnapshot", "shot", spec, "snapshot.storage.k8s.io/v1")
        wait_for("the snapshot", lambda: _snapshot_ready(there))
        there.shell("after", "echo after > /data/content", claim="source")
        origin = {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "shot"}
        there.claim("back", _variable("STORAGE_CLASS"), dataSource=origin)
        assert there.shell("read-back", "cat /data/content", claim="back") == "before\n"
        assert there.shell("read-source", "cat /data/content", claim="source") == "after\n"
    # What a claim and a snapshot stood for follows them.
    wait_for("the removal of volumes and snapshots", lambda: "csi.sandbox.ampora.io" not in kubectl("get", _STOOD_FOR, "--output=json"))


def _application(name: str, namespace: str, path: str) -> None:
    spec = {
        "project": "default",
        "source": {"repoURL": _variable("GIT_URL"), "path": path, "targetRevision": "main"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": namespace},
        "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
    }
    head = {"name": name, "namespace": _variable("ARGOCD_NAMESPACE")}
    apply(json.dumps({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": head, "spec": spec}))


def _state(name: str) -> tuple[str, str]:
    status = get("--namespace", _variable("ARGOCD_NAMESPACE"), "application", name).get("status", {})
    return status.get("sync", {}).get("status", ""), status.get("health", {}).get("status", "")


def _push(work: Path, folder: str, colour: str) -> None:
    """A folder with one ConfigMap and its kustomization, committed and pushed over HTTP."""
    content = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "trial"}, "data": {"colour": colour}}
    (work / folder).mkdir(exist_ok=True)
    (work / folder / "configmap.yaml").write_text(json.dumps(content))
    (work / folder / "kustomization.yaml").write_text("resources: [configmap.yaml]\n")
    git.git("add", "--all", cwd=work)
    git.git("commit", "--quiet", "--message", f"{folder} is {colour}", cwd=work)
    git.git("push", "--quiet", "origin", "HEAD:main", cwd=work)


def test_argocd(part: Part, tmp_path: Path) -> None:
    part("argocd")
    namespace, work = _variable("ARGOCD_NAMESPACE"), tmp_path / "work"
    git.git("clone", "--quiet", _variable("GIT_URL"), work)
    assert (work / _variable("GIT_OVERLAY") / "kustomization.yaml").is_file()
    wait_for("a comparison of Ampora's overlay", lambda: _state(_variable("ARGOCD_APPLICATION"))[0] in ("Synced", "OutOfSync"))
    with trial("argocd") as there:
        _push(work, "trial", "red")
        _application("trial", there.namespace, "trial")
        try:
            wait_for("the first sync", lambda: _state("trial") == ("Synced", "Healthy"))
            assert there.get("configmap", "trial")["data"] == {"colour": "red"}
            _push(work, "trial", "blue")
            kubectl("--namespace", namespace, "annotate", "application", "trial", "argocd.argoproj.io/refresh=hard")
            wait_for("the second sync", lambda: there.get("configmap", "trial")["data"] == {"colour": "blue"})
            kubectl("--namespace", there.namespace, "patch", "configmap", "trial", "--patch", '{"data": {"colour": "by hand"}}')
            wait_for("the way back to Git", lambda: there.get("configmap", "trial")["data"] == {"colour": "blue"})
        finally:
            kubectl("--namespace", namespace, "delete", "application", "trial")

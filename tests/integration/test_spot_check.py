# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role alone, for a deployment that something else upgraded: every way to every pod, on the real cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible_collections.ampora.upgrades.plugins.module_utils.spot_check.pods import door, serving
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.spot_check import pod_access

from tests.integration.conftest import bearer
from tests.scenarios.checks import check_green, check_no_secret, check_refused
from tests.support.playbook import Result, command, run
from tests.support.sandbox import Sandbox

PLAYBOOK = """
- name: Somebody else's automation
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Is it what it should be
      ansible.builtin.include_role:
        name: ampora.upgrades.spot_check
      vars:
        spot_check_version: 1.4.2
"""
STRAY = "ampora-web-stray"


@pytest.fixture(scope="module")
def clean(running_sandbox: Sandbox) -> Sandbox:
    running_sandbox.reset()
    return running_sandbox


def look(sandbox: Sandbox, folder: Path, **variables: Any) -> Result:
    (folder / "site.yml").write_text(PLAYBOOK, encoding="utf-8")
    return run(command(str(folder / "site.yml"), variables, files=(sandbox.vars_file,)), folder)


def last_result(sandbox: Sandbox) -> dict[str, Any]:
    return dict(sandbox.runs()[-1]["steps"][-1]["result"])


@pytest.mark.parametrize(("mode", "questions"), [("api", 8), ("both", 8), ("browser", 0)])
def test_alone(clean: Sandbox, tmp_path: Path, mode: str, questions: int) -> None:
    result = look(clean, tmp_path, ampora_spot_check=mode)
    check_green(result)
    check_no_secret(result.output, clean)
    assert clean.env["AMPORA_SANDBOX_PAT"] not in result.output
    found = last_result(clean)
    assert (found["pods"]["way"], found["pods"]["seen"], found["pods"]["expected"]) == ("pod address", 3, 3)
    assert len(found.get("api", [])) == questions
    assert ("the browser part is skipped" in result.flat) == (mode == "api")
    assert found["seconds"] <= 30
    assert clean.runs()[-1]["outcome"] == "ended"


@pytest.mark.usefixtures("granted")
def test_a_port_forward_to_every_pod(clean: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """As from a controller that no pod can be reached from, with the rights of docs/rbac.yml: many requests, each pod by itself."""
    monkeypatch.setattr(pod_access, "_connects", lambda _address, _port: False)
    monkeypatch.delenv("KUBECONFIG", raising=False)
    for name, value in bearer(clean).items():
        monkeypatch.setenv(name, value)
    cluster = Cluster(namespace="ampora", deployment="ampora-web", container="ampora-web")
    deployment = cluster.deployment()
    places = serving(cluster.pods(deployment))
    with pod_access.pod_addresses(cluster, places, door(cluster.container(deployment))) as (way, addresses):
        assert (way, set(addresses)) == ("port-forward", {place.name for place in places})
        assert len(places) == 3
        for base in addresses.values():
            answers = [requests.get(f"{base}{path}", timeout=10) for path in ("/health/ready", "/metrics", "/health/ready")]
            assert [answer.status_code for answer in answers] == [200] * 3


@pytest.fixture
def stray(clean: Sandbox, tmp_path: Path) -> Iterator[str]:
    """A pod of another version behind the same Service, that no ReplicaSet owns."""
    template = clean.deployment()["spec"]["template"]
    spec = template["spec"]
    image = spec["containers"][0]["image"].rsplit(":", 1)[0]
    spec["containers"][0]["image"] = f"{image}:1.4.3"
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": STRAY, "labels": template["metadata"]["labels"]}, "spec": spec}
    file = tmp_path / "pod.json"
    file.write_text(json.dumps(pod), encoding="utf-8")
    clean.kubectl_text("apply", f"--filename={file}")
    clean.kubectl_text("wait", f"pod/{STRAY}", "--for=condition=Ready", "--timeout=50s")
    yield STRAY
    clean.kubectl_text("delete", "pod", STRAY, "--timeout=50s")


def test_one_pod_of_four_that_is_another_version(clean: Sandbox, stray: str, tmp_path: Path) -> None:
    """What a footer read over the Service finds by chance only."""
    result = look(clean, tmp_path)
    # The pages, too, when their one connection to the Service happens to end at that pod.
    check_refused(result, f"the pod {stray} show", "the version 1.4.3, not 1.4.2")
    found = last_result(clean)
    assert (found["pods"]["seen"], found["pods"]["expected"]) == (4, 4)
    assert sorted(each["version"] for each in found["pods"]["each"]) == ["1.4.2", "1.4.2", "1.4.2", "1.4.3"]

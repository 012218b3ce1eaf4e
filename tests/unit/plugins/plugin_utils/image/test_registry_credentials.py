# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.credentials import Credentials
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import ForbiddenError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.registry_credentials import (
    Source,
    choose,
    docker_config,
    of_file,
    of_pull_secrets,
)

from tests.unit.doubles.kubernetes import Kubernetes, secret_data
from tests.unit.doubles.registry_server import auth_file
from tests.unit.doubles.scene import deployment

HOST, PASSWORD = "reg.example", "s3cret-pass"


def source(host: str = HOST, user: str = "ada") -> Source:
    return Source("x", json.loads(auth_file(host, PASSWORD, user)))


def test_the_first_source_that_knows_the_host_counts() -> None:
    found = choose([source("elsewhere.example"), source(user="ada"), source(user="bob")], HOST, "a/b")
    assert found == Credentials("ada", PASSWORD)
    assert choose([source("elsewhere.example")], HOST, "a/b") == Credentials()


@pytest.mark.parametrize("text", ["", "{", '{"auths": []}', '{"auths": {"HOST": {"auth": "***"}}}', '{"auths": {"HOST": "x"}}'])
def test_an_auth_file_that_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text.replace("HOST", HOST), encoding="utf-8")
    with pytest.raises(UpgradeError) as error:
        choose([of_file(str(path))], HOST, "a/b")
    assert str(error.value) == (
        f"ampora_registry_auth_file is {path}: it cannot be read as a docker config file. Next: Name a config.json with auths."
    )


def test_an_auth_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UpgradeError, match="cannot be read as a docker config file"):
        of_file(str(tmp_path / "none"))


# --- pull secrets


def pull_secret(cluster: Kubernetes, name: str, user: str) -> None:
    data = secret_data({".dockerconfigjson": auth_file(HOST, PASSWORD, user)})
    cluster.add("Secret", {"metadata": {"name": name}, "type": "kubernetes.io/dockerconfigjson", "data": data})


@pytest.fixture
def cluster() -> Kubernetes:
    found = deployment(f"{HOST}/a/b:1.4.2")
    found.objects["Deployment", "ampora-web"]["spec"]["template"]["spec"].update(
        imagePullSecrets=[{"name": "pods"}], serviceAccountName="ampora-web"
    )
    found.add("ServiceAccount", {"metadata": {"name": "ampora-web"}, "imagePullSecrets": [{"name": "pods"}, {"name": "account"}]})
    pull_secret(found, "pods", "ada")
    pull_secret(found, "account", "bob")
    return found


def users(cluster: Kubernetes) -> list[str]:
    return [choose([found], HOST, "a/b").username for found in of_pull_secrets(cluster, cluster.deployment())]


def test_those_of_the_pods_and_then_those_of_their_account(cluster: Kubernetes) -> None:
    assert users(cluster) == ["ada", "bob"]


def test_the_account_default_and_none(cluster: Kubernetes) -> None:
    pod = cluster.objects["Deployment", "ampora-web"]["spec"]["template"]["spec"]
    del pod["imagePullSecrets"], pod["serviceAccountName"]
    assert users(cluster) == []
    cluster.add("ServiceAccount", {"metadata": {"name": "default"}, "imagePullSecrets": [{"name": "account"}, {"name": "gone"}]})
    assert users(cluster) == ["bob"]


def test_what_may_not_be_read_is_left_out(cluster: Kubernetes) -> None:
    cluster.failures["get ServiceAccount"] = ForbiddenError("no")
    assert users(cluster) == []


def test_a_pull_secret_of_another_form(cluster: Kubernetes) -> None:
    cluster.add("Secret", {"metadata": {"name": "pods"}, "data": {".dockerconfigjson": "bm8ganNvbg=="}})
    with pytest.raises(UpgradeError, match=r"^The pull secret pods cannot be read as a docker config file"):
        users(cluster)


# --- helpers and other programs

HELPER = """#!{python}
import json, sys
asked = (sys.argv[1:], sys.stdin.read())
print(json.dumps({answer}) if asked == (["get"], "reg.example") else "no")
"""


def helper(folder: Path, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]) -> Source:
    path = folder / "docker-credential-test"
    path.write_text(HELPER.format(python=sys.executable, answer=answer), encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))
    return Source("ampora_registry_auth_file is x: it", {"credsStore": "test"})


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"Username": "ada", "Secret": PASSWORD}, Credentials("ada", PASSWORD)),
        ({"Username": "<token>", "Secret": "t"}, Credentials(identity_token="t")),
    ],
)
def test_a_credential_helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], expected: Credentials) -> None:
    assert choose([helper(tmp_path, monkeypatch, answer)], HOST, "a/b") == expected


def test_a_credential_helper_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UpgradeError, match="docker-credential-none of ampora_registry_auth_file cannot be used"):
        choose([Source("ampora_registry_auth_file is x: it", {"credsStore": "none"})], HOST, "a/b")


def test_nobody_runs_a_program_that_a_pull_secret_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = helper(tmp_path, monkeypatch, {"Username": "ada", "Secret": PASSWORD})
    assert choose([Source("The pull secret pods", found.config)], HOST, "a/b") == Credentials()


def test_a_docker_config_for_another_program() -> None:
    assert docker_config(HOST, Credentials()) == {"auths": {}}
    found = docker_config(HOST, Credentials("ada", PASSWORD))
    assert base64.b64decode(found["auths"][HOST]["auth"]).decode() == f"ada:{PASSWORD}"
    assert docker_config(HOST, Credentials(identity_token="t"))["auths"][HOST]["identitytoken"] == "t"

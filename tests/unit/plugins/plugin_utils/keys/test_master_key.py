# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.keys.key import Key
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import key_fingerprint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.keys.master_key import attach, fingerprint, read_key, require_attached

from tests.unit.doubles.kubernetes import Kubernetes, secret_data
from tests.unit.doubles.scene import KEY_OPTIONS, MASTER_KEY, deployment

OTHER = base64.b64encode(bytes(32)).decode()
ENV = "KeyProtection__MasterKey"
PLACE = "Secret ampora-secrets, key KeyProtection__MasterKey"


def read(cluster: Kubernetes, **options: Any) -> Key | None:
    return read_key(cluster, cluster.deployment(), {**KEY_OPTIONS, **options})


def held(cluster: Kubernetes, key: str | None) -> Kubernetes:
    """The deployment whose Secret holds this key, or none."""
    data = cluster.objects["Secret", "ampora-secrets"]["data"]
    data.pop(ENV)
    data.update(secret_data({ENV: key}) if key else {})
    return cluster


def test_where_the_key_is_read(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{MASTER_KEY}\n", encoding="utf-8")
    data = base64.b64decode(MASTER_KEY)
    assert read(deployment()) == Key(data, PLACE)
    assert read(deployment(), value=MASTER_KEY) == Key(data, "ampora_master_key")
    assert read(deployment(), file=str(file)) == Key(data, f"{file} (ampora_master_key_file)")
    assert read(deployment(), env="", value=MASTER_KEY) == Key(data, "ampora_master_key")
    assert read(deployment(), env="") is None


def test_the_fingerprint() -> None:
    cluster = deployment()
    assert fingerprint(cluster, read(cluster)) == key_fingerprint(base64.b64decode(MASTER_KEY), "ampora/ampora-web")
    assert fingerprint(cluster, None) == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"env": "Missing"}, "The container ampora-web has no variable Missing (ampora_master_key_env)."),
        ({"value": "c2hvcnQ="}, "The master key from ampora_master_key cannot be used: it has 5 bytes and must have 32."),
        ({"env": "PublicUrl"}, "The master key from ConfigMap ampora-config, key PublicUrl cannot be used: it is not base64."),
        ({"value": MASTER_KEY, "file": "/x"}, "Both ampora_master_key and ampora_master_key_file are set."),
        (
            {"file": "/nowhere/key"},
            "The master key's file /nowhere/key (ampora_master_key_file) cannot be read: No such file or directory.",
        ),
    ],
)
def test_a_key_that_cannot_be_used(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UpgradeError) as error:
        read(deployment(), **options)
    assert error.value.message == message
    assert "c2hvcnQ=" not in str(error.value) and MASTER_KEY not in str(error.value)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (OTHER, f"{PLACE} holds another key"),
        (None, f"The container ampora-web has no variable {ENV} (ampora_master_key_env)"),
        ("FILL_IN", f"The master key from {PLACE} cannot be used: it is not base64"),
    ],
)
def test_an_application_without_the_given_key(key: str | None, why: str) -> None:
    cluster = held(deployment(), key)
    found = read(cluster, value=MASTER_KEY)
    assert found is not None and found.detached == why
    with pytest.raises(UpgradeError) as error:
        require_attached(found, "Do something.")
    assert error.value.message == f"The application would start without the master key from ampora_master_key: {why}."
    assert attach(cluster, found, ENV) == PLACE
    assert cluster.writes == ["patch Secret ampora-secrets"]
    assert read(cluster) == Key(base64.b64decode(MASTER_KEY), PLACE)
    assert "ConnectionStrings__Ampora" in cluster.objects["Secret", "ampora-secrets"]["data"], "the others stay"
    assert attach(cluster, read(cluster, value=MASTER_KEY), ENV) == ""


def test_nothing_is_attached_that_is_there() -> None:
    cluster = deployment()
    require_attached(read(cluster, value=MASTER_KEY))
    require_attached(None)
    assert attach(cluster, read(cluster, value=MASTER_KEY), ENV) == attach(cluster, None, ENV) == ""
    assert cluster.writes == []


def test_a_secret_that_is_gone_is_made_again() -> None:
    cluster = deployment()
    container = cluster.container(cluster.objects["Deployment", "ampora-web"])
    container["env"] = [{"name": ENV, "valueFrom": {"secretKeyRef": {"name": "key", "key": "master"}}}]
    assert attach(cluster, read(cluster, value=MASTER_KEY), ENV) == "Secret key, key master"
    assert cluster.objects["Secret", "key"]["data"] == secret_data({"master": MASTER_KEY})


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"envFrom": [{"secretRef": {"name": "a"}}, {"secretRef": {"name": "b"}}]}, f"none of b, a has it ({ENV})"),
        ({"envFrom": [{"configMapRef": {"name": "ampora-config"}}]}, f"no Secret gives it ({ENV})"),
        ({"env": [{"name": ENV, "value": "FILL_IN"}]}, f"no Secret gives it ({ENV})"),
    ],
)
def test_where_a_key_belongs_is_not_guessed(change: dict[str, Any], what: str) -> None:
    cluster = deployment()
    cluster.container(cluster.objects["Deployment", "ampora-web"]).update(change)
    with pytest.raises(UpgradeError) as error:
        attach(cluster, read(cluster, value=MASTER_KEY), ENV)
    assert what in error.value.message
    assert cluster.writes == []


def test_the_secret_that_has_the_key_is_the_one() -> None:
    cluster = held(deployment(), OTHER)
    references = [{"secretRef": {"name": "ampora-secrets"}}, {"secretRef": {"name": "more"}}]
    cluster.container(cluster.objects["Deployment", "ampora-web"])["envFrom"] = references
    assert attach(cluster, read(cluster, value=MASTER_KEY), ENV) == PLACE

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys are found to be set, in each of the places where a deployment can set one; and that no value comes along."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.configuration import LiveKey
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy import live_configuration
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.live_configuration import LiveConfiguration, read
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.doubles.kubernetes import Kubernetes, pod, running, secret_data

SECRET = "do-not-tell"
DEPLOYMENT = "env of the Deployment ampora-web"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)
)


def container(**more: Any) -> dict[str, Any]:
    return {"name": "ampora-web", "image": "x", **more}


def spec(*containers: dict[str, Any], volumes: list[Any] | None = None) -> dict[str, Any]:
    return {"containers": list(containers), "volumes": volumes or []}


def cluster(pod_spec: dict[str, Any] | None = None, **config_maps: dict[str, Any]) -> Kubernetes:
    built = Kubernetes()
    for kind, body in running(image="x", replicas=0):
        if kind == "Deployment" and pod_spec is not None:
            body["spec"]["template"]["spec"] = pod_spec
        built.add(kind, body)
    for name, data in config_maps.items():
        built.add("ConfigMap", {"metadata": {"name": name}, "data": data})
    return built


def mounted(file: str, text: str, kind: str = "ConfigMap") -> LiveConfiguration:
    """What is found when one file is mounted."""
    source = {"configMap": {"name": "files"}} if kind == "ConfigMap" else {"secret": {"secretName": "files"}}
    pod_spec = spec(container(volumeMounts=[{"name": "v", "mountPath": "/app"}]), volumes=[{"name": "v", **source}])
    built = cluster(pod_spec)
    data = {file: text} if kind == "ConfigMap" else secret_data({file: text})
    built.add(kind, {"metadata": {"name": "files"}, "data": data})
    return read(built)


def test_the_environment_of_the_application_and_of_no_other_container() -> None:
    env = [
        {"name": "OpAmp__RequireMtls", "value": SECRET},
        {"name": "KeyProtection__MasterKey", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
    ]
    found = read(cluster(spec({"name": "sidecar", "env": [{"name": "SIDECAR"}]}, container(env=env))))
    assert found.keys == (LiveKey("OpAmp__RequireMtls", DEPLOYMENT), LiveKey("KeyProtection__MasterKey", DEPLOYMENT))


def test_an_entry_without_a_name_is_none() -> None:
    assert read(cluster(spec(container(env=[{"value": SECRET}, {"name": ""}])))) == LiveConfiguration()


def test_whole_config_maps_and_secrets_with_their_prefix() -> None:
    env_from = [
        {"configMapRef": {"name": "settings"}},
        {"prefix": "OpAmp__", "secretRef": {"name": "secrets"}},
        {"secretRef": {"name": "not-there", "optional": True}},
    ]
    built = cluster(spec(container(envFrom=env_from)), settings={"Dispatch__Backplane": SECRET})
    built.add("Secret", {"metadata": {"name": "secrets"}, "data": secret_data({"RequireMtls": SECRET})})
    found = read(built)
    assert found.keys == (LiveKey("Dispatch__Backplane", "ConfigMap settings"), LiveKey("OpAmp__RequireMtls", "Secret secrets"))
    assert SECRET not in repr(found)


APPSETTINGS = json.dumps({"OpAmp": {"RequireMtls": SECRET, "Windows": [{"Days": SECRET}]}, "AllowedHosts": SECRET, "Empty": {}})
FLAT = ["OpAmp:RequireMtls", "OpAmp:Windows:0:Days", "AllowedHosts", "Empty"]


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("appsettings.Production.json", APPSETTINGS, FLAT),
        ("appsettings.json", f"\ufeff{APPSETTINGS}", FLAT),
        ("appsettings.json", '{\n  // how long\n  "Fleet": {"A": 1,},\n}', ["Fleet:A"]),
        ("settings.YAML", f"OpAmp:\n  RequireMtls: {SECRET}\n", ["OpAmp:RequireMtls"]),
        ("settings.yml", "", []),
        ("OpAmp__RequireMtls", SECRET, ["OpAmp__RequireMtls"]),
    ],
)
def test_mounted_files_give_their_keys(kind: str, file: str, text: str, expected: list[str]) -> None:
    found = mounted(file, text, kind)
    assert [key.name for key in found.keys] == expected
    assert {key.source for key in found.keys} <= {f"{kind} files, file {file}"}
    assert SECRET not in repr(found)
    assert not found.unread


@pytest.mark.parametrize(
    "text",
    ["{", "a: [", "!!timestamp x", "!!int ''", "!!bool x", "[" * 100_000, "{a: 1}" + " " * live_configuration.LARGEST_FILE, BOMB]
    + [json.dumps({"k" * 300: {"l" * 300: {"m": 1}}}), json.dumps(dict.fromkeys(map(str, range(live_configuration.MOST_KEYS + 1))))],
    ids=["json", "yaml", "date", "number", "truth", "deep", "large", "aliases", "long", "many"],
)
def test_a_file_that_cannot_be_read_is_named(text: str) -> None:
    assert mounted("settings.json", text) == LiveConfiguration((), ("ConfigMap files, file settings.json",))


def test_a_secret_that_is_not_text_is_no_settings_file() -> None:
    built = cluster(spec(container(volumeMounts=[{"name": "v"}]), volumes=[{"name": "v", "secret": {"secretName": "odd"}}]))
    built.add("Secret", {"metadata": {"name": "odd"}, "data": {"settings.json": "*", "Fleet__A": "*"}})
    assert [key.name for key in read(built).keys] == ["Fleet__A"]


def test_projected_volumes_count_and_volumes_that_nobody_mounts_do_not() -> None:
    sources = [{"configMap": {"name": "one"}}, {"secret": {"name": "two"}}, {"serviceAccountToken": {"path": "token"}}]
    volumes = [{"name": "v", "projected": {"sources": sources}}, {"name": "other", "configMap": {"name": "three"}}]
    built = cluster(spec(container(volumeMounts=[{"name": "v"}]), volumes=volumes), one={"A__B": ""}, three={"C__D": ""})
    built.add("Secret", {"metadata": {"name": "two"}, "data": {"E__F": ""}})
    assert [key.name for key in read(built).keys] == ["A__B", "E__F"]


def test_binary_entries_are_keys_too() -> None:
    built = cluster(spec(container(envFrom=[{"configMapRef": {"name": "settings"}}])))
    built.add("ConfigMap", {"metadata": {"name": "settings"}, "binaryData": {"A__B": "AAAA"}})
    assert [key.name for key in read(built).keys] == ["A__B"]


def test_arguments_win_over_all_so_they_count() -> None:
    words = {
        "command": ["dotnet", "Ampora.Web.dll"],
        "args": ["--OpAmp:RequireMtls=true", "--Dispatch__Backplane", "Redis", "--verbose", 7],
    }
    found = read(cluster(spec(container(**words))))
    source = "arguments of the Deployment ampora-web"
    assert found.keys == (LiveKey("OpAmp:RequireMtls", source), LiveKey("Dispatch__Backplane", source))


def test_the_overlay_is_read_from_its_own_objects() -> None:
    rendered = [
        {"kind": "Deployment", "metadata": {"name": "ampora-web"}, "spec": {"template": {"spec": spec(container(envFrom=[
            {"configMapRef": {"name": "settings-h4sh"}}, {"secretRef": {"name": "secrets"}}]))}}},
        {"kind": "Deployment", "metadata": {"name": "other"}, "spec": {"template": {"spec": spec(container(env=[{"name": "OTHER"}]))}}},
        {"kind": "ConfigMap", "metadata": {"name": "settings-h4sh"}, "data": {"Fleet__A": "1"}},
        {"kind": "Secret", "metadata": {"name": "secrets"}, "stringData": {"Fleet__B": SECRET}},
    ]  # fmt: skip
    found = read(cluster(), rendered)
    assert found.keys == (LiveKey("Fleet__A", "overlay: ConfigMap settings-h4sh"), LiveKey("Fleet__B", "overlay: Secret secrets"))


def test_a_pod_is_named_for_what_only_it_has() -> None:
    built = cluster(spec(container(env=[{"name": "Fleet__A"}])))
    for name, env in (("0", [{"name": "FLEET__A"}]), ("1", [{"name": "Fleet__A"}, {"name": "Fleet__Injected"}])):
        built.add("Pod", {**pod(name), "spec": spec(container(env=env))})
    assert read(built).keys == (LiveKey("Fleet__A", DEPLOYMENT), LiveKey("Fleet__Injected", "env of the pod ampora-web-7c9b-1"))


def test_an_object_is_asked_for_once() -> None:
    asked: list[str] = []

    class Counting(Kubernetes):
        def get(self, kind: str, name: str) -> dict[str, Any] | None:
            asked.append(f"{kind} {name}")
            return super().get(kind, name)

    built = Counting()
    own = spec(container(envFrom=[{"configMapRef": {"name": "settings"}}]))
    for kind, body in running(image="x", replicas=0):
        built.add(kind, {**body, "spec": {**body["spec"], "template": {"spec": own}}} if kind == "Deployment" else body)
    for number in range(3):
        built.add("Pod", {**pod(str(number)), "spec": own})
    read(built)
    assert asked.count("ConfigMap settings") == 1


def test_a_refusal_is_not_taken_for_an_empty_place() -> None:
    built = cluster(spec(container(envFrom=[{"secretRef": {"name": "secrets"}}])))
    built.failures["get Secret"] = UpgradeError("Kubernetes refuses to get Secret ampora/secrets.")
    with pytest.raises(UpgradeError, match="refuses to get Secret"):
        read(built)


FIELDS = ["command", "args", "env", "envFrom", "volumeMounts"]
INNER = ["name", "configMapRef", "secretRef", "configMap", "secret", "secretName", "projected", "sources", "prefix", "x"]
SHAPES = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(INNER), inner, max_size=6),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(FIELDS), SHAPES), SHAPES)
def test_no_shape_of_an_object_breaks_it(fields: dict[str, Any], volumes: Any) -> None:
    body = {"containers": [container(**fields)], "volumes": volumes}
    rendered = [{"kind": "Deployment", "metadata": {"name": "ampora-web"}, "spec": {"template": {"spec": body}}}]
    assert isinstance(read(cluster(), rendered), LiveConfiguration)

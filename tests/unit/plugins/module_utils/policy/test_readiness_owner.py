# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who else writes the Deployment."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_owner import OUR_MANAGERS, judge_field_managers, judge_owner
from hypothesis import given
from hypothesis import strategies as st

ARGO = "argocd.argoproj.io/tracking-id"
FLUX = "kustomize.toolkit.fluxcd.io/name"
INSTANCE = "app.kubernetes.io/instance"


def deployment(**metadata: Any) -> dict[str, Any]:
    return {"metadata": {"name": "web", **metadata}}


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({}, []),
        ({"annotations": None, "labels": None, "managedFields": None, "ownerReferences": None}, []),
        ({"labels": {INSTANCE: "web"}}, []),  # a common label
        ({"labels": {INSTANCE: "web"}, "managedFields": [{"manager": "kubectl"}]}, []),
        ({"labels": {INSTANCE: "web"}, "managedFields": [{"manager": "argocd-controller"}]}, ["Argo CD (app.kubernetes.io/instance"]),
        ({"annotations": {ARGO: "web:apps/Deployment:a/web"}}, ['Argo CD (argocd.argoproj.io/tracking-id is "web:apps/Deployment:a/web")']),
        ({"annotations": {ARGO: ""}}, []),
        ({"annotations": {ARGO: "a"}, "labels": {"argocd.argoproj.io/instance": "a"}}, ["Argo CD (argocd.argoproj.io/tracking-id"]),
        ({"labels": {FLUX: "apps"}}, ['Flux (Kustomization) (kustomize.toolkit.fluxcd.io/name is "apps")']),
        ({"labels": {FLUX: "apps"}, "annotations": {"kustomize.toolkit.fluxcd.io/reconcile": "disabled"}}, []),
        ({"labels": {FLUX: "apps"}, "annotations": {"kustomize.toolkit.fluxcd.io/reconcile": "enabled"}}, ["Flux (Kustomization)"]),
        ({"annotations": {"meta.helm.sh/release-name": "ampora"}}, ['Helm (meta.helm.sh/release-name is "ampora")']),
        (
            {"ownerReferences": [{"kind": "Ampora", "name": "main", "controller": True}]},
            ['the "Ampora" "main" (ownerReferences is "main")'],
        ),
        ({"ownerReferences": [{"kind": "Ampora", "name": "main"}]}, []),
        ({"labels": {FLUX: "a"}, "annotations": {"meta.helm.sh/release-name": "b"}}, ["Flux (Kustomization)", "Helm"]),
    ],
)
def test_owners(metadata: dict[str, Any], words: list[str]) -> None:
    found = judge_owner(deployment(**metadata))
    assert [(item.id, item.severity) for item in found] == [("other-owner", "ack")] * len(words)
    for item, part in zip(found, words, strict=True):
        assert item.text.startswith(f"The Deployment web belongs to {part}")
        assert len(item.evidence) == 1


def entry(manager: str, container: str = "web", field: str = "f:image") -> dict[str, Any]:
    containers: dict[str, Any] = {"k:" + json.dumps({"name": container}): {".": {}, field: {}}}
    return {"manager": manager, "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": containers}}}}}


@pytest.mark.parametrize(
    ("fields", "allowed", "names"),
    [
        ([entry(name) for name in sorted(OUR_MANAGERS)], (), []),
        ([entry("keel")], (), ["keel"]),
        ([entry("keel")], ("keel",), []),
        ([entry("keel", container="sidecar")], (), []),
        ([entry("vpa", field="f:resources")], (), []),
        ([entry("keel"), entry("flagger"), entry("keel")], (), ["flagger", "keel"]),
        ([entry("flagger"), entry("keel")], ("flagger",), ["keel"]),
        (None, (), []),
        ([{"manager": "x"}, {"manager": "y", "fieldsV1": {"f:spec": "no"}}], (), []),
    ],
)
def test_field_managers(fields: Any, allowed: tuple[str, ...], names: list[str]) -> None:
    found = judge_field_managers(deployment(managedFields=fields), "web", allowed)
    assert [item.evidence for item in found] == ([tuple(names)] if names else [])
    for item in found:
        assert (item.id, item.severity) == ("foreign-field-manager", "ack")
        assert all(f'"{name}"' in item.text for name in names)


@pytest.mark.parametrize("key", ["k:{", "k:[]", "v:1", "k:" + "[" * 900, "k:" + json.dumps({"name": "web", "x": "y" * 2000}), ".", "k:{}"])
def test_a_key_that_names_no_container_of_ours(key: str) -> None:
    fields: dict[str, Any] = {"f:spec": {"f:template": {"f:spec": {"f:containers": {key: {"f:image": {}}}}}}}
    assert judge_field_managers(deployment(managedFields=[{"manager": "x", "fieldsV1": fields}]), "web") == []


@given(st.lists(st.text(max_size=20), max_size=30))
def test_every_other_writer_is_named_once_and_its_name_is_one_line(names: list[str]) -> None:
    found = judge_field_managers(deployment(managedFields=[entry(name) for name in names]), "web")
    others = sorted(set(names) - OUR_MANAGERS)
    assert [item.evidence for item in found] == ([tuple(others[:20])] if others else [])
    assert all(item.text.isprintable() for item in found)


def test_ten_managers_are_named_and_twenty_kept() -> None:
    managers = [entry(f"manager-{letter}") for letter in "abcdefghijklmnopqrstuvwxyz"]
    (found,) = judge_field_managers(deployment(managedFields=managers), "web")
    assert [name for name in "ijkl" if f'"manager-{name}"' in found.text] == ["i", "j"]
    assert (len(found.evidence), found.evidence[-1]) == (20, "manager-t")


def test_what_names_an_owner_is_kept_in_five_hundred_characters() -> None:
    (owner,) = judge_owner(deployment(annotations={ARGO: "a" * 600}))
    assert len(owner.evidence[0]) == 500
    (manager,) = judge_field_managers(deployment(managedFields=[entry("m" * 600)]), "web")
    assert len(manager.evidence[0]) == 500


@pytest.mark.parametrize(("length", "found"), [(1000, 1), (1001, 0)])
def test_a_key_of_a_field_is_read_up_to_its_limit(length: int, found: int) -> None:
    key = 'k:{"name":"web"' + " " * (length - 16) + "}"
    fields: dict[str, Any] = {"f:spec": {"f:template": {"f:spec": {"f:containers": {key: {"f:image": {}}}}}}}
    assert len(key) == length
    assert len(judge_field_managers(deployment(managedFields=[{"manager": "x", "fieldsV1": fields}]), "web")) == found

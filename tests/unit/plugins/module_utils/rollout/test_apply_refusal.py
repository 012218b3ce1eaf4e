# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors as kubectl and API servers of 1.3x write them."""

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.apply_refusal import explain
from hypothesis import given
from hypothesis import strategies as st

SELECTOR = (
    'The Deployment "ampora-web" is invalid: \n* spec.template.metadata.labels: Invalid value: {"a":"c"}: `selector` does not match\n'
    '* spec.selector: Invalid value: {"matchLabels":{"a":"c"}}: field is immutable\n'
)
CASES = {
    "selector": (SELECTOR, "the overlay changes spec.selector of the Deployment ampora-web, which Kubernetes lets nobody change"),
    "claim": (
        'The PersistentVolumeClaim "data" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests\n',
        "the overlay changes spec of the PersistentVolumeClaim data",
    ),
    "stateful set": (
        "The StatefulSet \"pg\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden\n",
        "the overlay changes spec of the StatefulSet pg",
    ),
    "service": (
        'The Service "web" is invalid: spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set; field is immutable\n',
        "the overlay changes spec.clusterIPs[0] of the Service web",
    ),
    "secret": (
        'The Secret "s" is invalid: data: Forbidden: field is immutable when `immutable` is set\n',
        "the overlay changes data of the Secret s",
    ),
    "webhook": (
        'Error from server: admission webhook "validate.kyverno.svc" denied the request: no latest tags\n',
        "the admission webhook validate.kyverno.svc denies it: no latest tags",
    ),
    "quota": (
        'Error from server (Forbidden): error when creating "STDIN": pods "x" is forbidden: exceeded quota: small, requested: pods=1\n',
        "a ResourceQuota refuses it: small, requested: pods=1",
    ),
    "kind": (
        'error: unable to recognize "STDIN": no matches for kind "IngressRoute" in version "traefik.io/v1alpha1"\n',
        "the cluster knows no IngressRoute of traefik.io/v1alpha1",
    ),
    "conflict": (
        'error: Apply failed with 1 conflict: conflict with "hpa-controller" using apps/v1: .spec.replicas\n',
        "fields of it belong to hpa-controller",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_explained(name: str) -> None:
    text, meaning = CASES[name]
    found, next_step = explain(text)
    assert found.startswith(meaning)
    assert next_step


@pytest.mark.parametrize(
    "text", ["", "error: forbidden", 'The Deployment "x" is invalid: spec.replicas: Invalid value: -1: must be positive']
)
def test_what_speaks_for_itself(text: str) -> None:
    assert explain(text) == ("", "")


@given(st.text(alphabet=st.sampled_from(list('The "x" is invalid: spec immutable.[]\n*')), max_size=300))
def test_any_text_ends(text: str) -> None:
    explain(text)

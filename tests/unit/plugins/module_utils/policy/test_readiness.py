# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each live object must say before an upgrade begins: one row for each finding, and the clean object beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.image.kustomization import ImageEntry
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import readiness
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.state import RolloutState
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import LockHolder

REST = RolloutState("complete", "Complete", "all 3 pods run the new version", {})
MOVING = RolloutState("progressing", "Progressing", "1 of 3 pods runs the new version", {})
STUCK = RolloutState("stuck", "ImagePullBackOff", "pod x cannot start", {}, ("x: back-off pulling",))
NAME = "reg.example/ampora/ampora-web"
LIVE = f"{NAME}:1.4.2"
ENTRY = ImageEntry("ampora-web", NAME, "1.4.2", "")
LOCK = LockHolder(812, "", "idle in transaction", 61)
SIGNALS: dict[str, float | None] = {"sessions": 200.0, "up": 3.0}


def judge_deployment(state: RolloutState = REST, unavailable: Any = 0, kind: str = "RollingUpdate", probe: bool = True) -> list[Finding]:
    strategy = {"type": kind, "rollingUpdate": {"maxUnavailable": unavailable, "maxSurge": 1}}
    probes: dict[str, Any] = {"readinessProbe": {"httpGet": {}}} if probe else {}
    container: dict[str, Any] = {"name": "ampora-web", "livenessProbe": {"httpGet": {}}} | probes
    return readiness.judge_deployment({"metadata": {"name": "ampora-web"}, "spec": {"strategy": strategy}}, container, state)


def judge_overlay(entry: ImageEntry | None = ENTRY, repository: str = NAME, rendered: str = LIVE, given_by: str = "") -> list[Finding]:
    return readiness.judge_overlay(entry, "ampora-web", repository, rendered, LIVE, given_by)


CLEAN: dict[str, Callable[[], list[Finding]]] = {
    "at rest, one pod at a time": judge_deployment,
    "0 per cent is 0": lambda: judge_deployment(unavailable="0%"),
    "a database that is new enough and free": lambda: readiness.judge_database(170004, 160000, True, []),
    "exactly the oldest that is allowed": lambda: readiness.judge_database(160000, 160000, True, []),
    "an overlay that renders what is live": judge_overlay,
    "no images entry, but the base's own name can be pinned": lambda: judge_overlay(None, "ampora-web"),
    "a Secret of one's own": lambda: readiness.judge_placeholder("s", {"placeholder": "false"}, "placeholder"),
    "a Secret with another value of the mark": lambda: readiness.judge_placeholder("s", {"placeholder": "unknown"}, "placeholder"),
    "no annotation is named": lambda: readiness.judge_placeholder("s", {"": "true"}, ""),
    "everything is allowed": lambda: readiness.judge_permissions([]),
    "every signal has a value": lambda: readiness.judge_signals(SIGNALS, [], 3),
    "absent, where absent is zero": lambda: readiness.judge_signals({**SIGNALS, "no_session": None}, ["no_session"], 3),
    "no signal is called up": lambda: readiness.judge_signals({"sessions": 200.0}, [], 3),
}

FOUND: list[tuple[str, str, Callable[[], list[Finding]], str]] = [
    (
        "rollout-not-complete",
        "block",
        lambda: judge_deployment(STUCK),
        "The Deployment ampora-web is not at rest (pod x cannot start); an upgrade begins from a complete rollout. Let it finish or mend"
        " it first.",
    ),
    (
        "rollout-not-complete",
        "block",
        lambda: judge_deployment(MOVING),
        "The Deployment ampora-web is not at rest (1 of 3 pods runs the new version); an upgrade begins from a complete rollout. Let it"
        " finish or mend it first.",
    ),
    (
        "strategy",
        "ack",
        lambda: judge_deployment(unavailable=1),
        'The Deployment ampora-web may be short of 1 of its pods during a rollout (maxUnavailable is "1", the product ships 0); set it in'
        " the overlay, or accept an interruption.",
    ),
    (
        "no-readiness-probe",
        "ack",
        lambda: judge_deployment(probe=False),
        "The container ampora-web has no readiness probe: the rollout cannot tell a working pod from a broken one. Add one in the overlay.",
    ),
    (
        "database-too-old",
        "block",
        lambda: readiness.judge_database(150011, 160000, True, []),
        "PostgreSQL 15 serves the database; the product needs 16 or newer.",
    ),
    (
        "restore-needs-createdb",
        "ack",
        lambda: readiness.judge_database(170004, 160000, False, []),
        "The database role may not create databases, so a restore would be in place, with the pods stopped as long as it takes, and could"
        " not be swapped back; grant CREATEDB.",
    ),
    (
        "advisory-lock-held",
        "block",
        lambda: readiness.judge_database(170004, 160000, True, [LOCK]),
        "The session with pid 812 (no name, idle in transaction, for 61 s) holds an advisory lock: a migration would wait for it. End that"
        " session first.",
    ),
    (
        "overlay-without-image",
        "block",
        lambda: judge_overlay(None, "reg.example/other"),
        "The overlay's kustomization.yaml has no images entry with the name ampora-web (ampora_image_name), and the Deployment that it"
        " renders uses reg.example/other: pinning would change nothing. Set ampora_image_name to a name under images.",
    ),
    (
        "overlay-without-image",
        "block",
        lambda: judge_overlay(None, given_by="web"),
        "The overlay's kustomization.yaml has no images entry with the name ampora-web (ampora_image_name): its entry web gives the image"
        " that the Deployment runs. Set ampora_image_name to web.",
    ),
    (
        "overlay-drift",
        "ack",
        lambda: judge_overlay(rendered=f"{NAME}:1.4.1"),
        f"The overlay renders the image {NAME}:1.4.1, but {LIVE} is live: somebody changed one without the other. Bring them together,"
        " or accept it.",
    ),
    (
        "overlay-drift",
        "ack",
        lambda: judge_overlay(rendered=f"{NAME}:1.4.3"),
        f"The overlay renders the image {NAME}:1.4.3, but {LIVE} is live: somebody changed one without the other. Bring them together,"
        " or accept it.",
    ),
    (
        "overlay-without-image",
        "block",
        lambda: judge_overlay(None, "a.example/other"),
        "The overlay's kustomization.yaml has no images entry with the name ampora-web (ampora_image_name), and the Deployment that it"
        " renders uses a.example/other: pinning would change nothing. Set ampora_image_name to a name under images.",
    ),
    (
        "placeholder-secret",
        "block",
        lambda: readiness.judge_placeholder("ampora-secrets", {"ampora.io/placeholder": "True"}, "ampora.io/placeholder"),
        "The Secret ampora-secrets is still the product's placeholder (ampora.io/placeholder=true); put the real one in its place.",
    ),
    (
        "permissions",
        "block",
        lambda: readiness.judge_permissions([("patch", "apps", "deployments", "scale"), ("get", "", "secrets", "")]),
        "These credentials may not: patch deployments/scale.apps, get secrets. Grant what docs/rbac.yml lists.",
    ),
    (
        "signal-without-data",
        "block",
        lambda: readiness.judge_signals({**SIGNALS, "zeta": None, "alpha": None}, [], 3),
        "Prometheus has no value now for alpha, zeta (ampora_signals): these signals could not fail. Mend the queries or the scraping.",
    ),
    (
        "targets-missing",
        "block",
        lambda: readiness.judge_signals({**SIGNALS, "up": 2.0}, [], 3),
        "Prometheus sees 2 targets up and the deployment has 3 replicas: mend the scraping first.",
    ),
]


@pytest.mark.parametrize("judge", CLEAN.values(), ids=CLEAN)
def test_nothing_is_said_of_a_clean_object(judge: Callable[[], list[Finding]]) -> None:
    assert judge() == []


@pytest.mark.parametrize(("name", "severity", "judge", "text"), FOUND, ids=[row[0] for row in FOUND])
def test_each_finding_alone(name: str, severity: str, judge: Callable[[], list[Finding]], text: str) -> None:
    assert [(finding.id, finding.severity, finding.text) for finding in judge()] == [(name, severity, text)]


def test_all_findings_of_one_object_come_at_once() -> None:
    assert [finding.id for finding in judge_deployment(STUCK, None, "Recreate", probe=False)] == [
        "rollout-not-complete",
        "strategy",
        "no-readiness-probe",
    ]
    assert [finding.id for finding in readiness.judge_database(150000, 160000, False, [LOCK, LOCK])] == [
        "database-too-old",
        "restore-needs-createdb",
        "advisory-lock-held",
        "advisory-lock-held",
    ]
    assert [finding.id for finding in readiness.judge_signals({"sessions": None, "up": 0.0}, [], 3)] == [
        "signal-without-data",
        "targets-missing",
    ]


def test_evidence_goes_along() -> None:
    assert judge_deployment(STUCK)[0].evidence == ("x: back-off pulling",)
    assert readiness.judge_permissions([("get", "", "pods", "log")])[0].evidence == ("get pods/log",)


def test_what_is_asked_for_is_what_the_documentation_grants() -> None:
    assert len(set(readiness.PERMISSIONS)) == len(readiness.PERMISSIONS)
    assert {group for unused, group, unused, unused in readiness.PERMISSIONS} == {
        "",
        "apps",
        "autoscaling",
        "batch",
        "coordination.k8s.io",
        "policy",
    }

# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every rule of the policy, on real objects: silent on a clean deployment, and each of them seen where something is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.rule_ids import BUILT_IN

from tests.scenarios.checks import check_refused
from tests.scenarios.policy_world import few_rights, otherwise_spoiled, spoiled
from tests.support.playbook import ROOT, command, environment, run
from tests.support.sandbox import STATE, Sandbox

SITE = Path(__file__).with_name("policy_site")
NOWHERE = "http://127.0.0.1:9"
NOTES = {"ampora_release_notes": str(SITE / "notes")}
ADVISORIES = {"ampora_advisories": str(SITE / "advisories")}

# Name: (inputs, the rules that must be among the findings), on a clean deployment.
CLEAN: dict[str, tuple[dict[str, Any], set[str]]] = {
    "a skipped MINOR": ({"ampora_target_version": "1.6.0"}, {"skipped-minor"}),
    "a MAJOR too early": ({"ampora_target_version": "2.0.0"}, {"major-not-from-last-minor", "migration-guide"}),
    "two MAJORs": ({"ampora_target_version": "4.0.0"}, {"skipped-major"}),
    "back": ({"ampora_target_version": "1.4.1"}, {"downgrade"}),
    "unknown": ({"ampora_target_version": "1.5.7"}, {"unknown-version"}),
    "by name": ({"ampora_target_version": "1.5.0-rc.1"}, {"prerelease", "registry"}),
    "no version": ({"ampora_target_version": "1.5.0.1"}, {"invalid-version"}),
    "nobody answers": (
        {
            "ampora_target_version": "1.5.0",
            "ampora_prometheus_url": NOWHERE,
            "ampora_release_notes": "/nowhere",
            "ampora_upgrade_graph": "/nowhere",
            "ampora_advisories": "/nowhere",
            "ampora_loki_url": NOWHERE,
            "ampora_loki_selector": "{}",
            "ampora_api_url": NOWHERE,
            "ampora_database_hostaddr": "127.0.0.1",
            "ampora_master_key_env": "NOT_SET",
            "ampora_kubectl": "/bin/false",
            "ampora_snapshot_claim": "nowhere",
            "ampora_migrate": "job",
            "ampora_migrate_job": "/nowhere",
        },
        {
            *("advisories", "agents", "database", "logs", "master-key", "migrate-job-missing", "overlay", "prometheus"),
            *("release-notes", "snapshot-claim-missing", "upgrade-graph"),
        },
    ),
    "the notes": (
        {"ampora_target_version": "1.5.0", **NOTES},
        {
            *("database-too-old-for-release", "deprecation-unknown", "kubernetes-too-old", "new-key-mandatory", "new-keys"),
            *("removal-not-deprecated", "removals-not-on-top", "removed-key-not-set", "required-key-not-set", "rewrite-without-runtime"),
            *("silent-removal", "word-breaking", "word-policy", "word-remove", "word-rename"),
        },
    ),
    "a PATCH that breaks": ({"ampora_target_version": "1.4.3", **NOTES}, {"breaking-in-patch"}),
    "no notes": ({"ampora_target_version": "1.5.1", **NOTES}, {"missing-notes"}),
    "the graph": (
        {"ampora_target_version": "1.5.0", "ampora_upgrade_graph": str(SITE / "graph.yml")},
        {"known-bad-version", "forbidden-edge", "conditional-edge"},
    ),
    "advisories": (
        {"ampora_target_version": "1.5.0", **ADVISORIES},
        {"advisory-fixed", "advisory-unreadable", "rollback-reopens", "security-patch-available", "target-affected"},
    ),
    "answers": (
        {
            "ampora_target_version": "1.5.0",
            "ampora_acks": {"ack-1.5.0-word-rename": "yes", "ack-1.5.0-nothing": "true"},
            "ampora_overrides": [
                {"rule": "strategy", "reason": "no such finding"},
                {"rule": "word-rename", "reason": "last year", "until": "2025-01-01"},
            ],
            "ampora_policy_rules": [{"id": "three-words", "when": "current.replicas == `3`", "severity": "info", "text": "Three."}],
        },
        {"ack-value", "unused-ack", "unused-override", "override-over", "three-words"},
    ),
    "windows": (
        {"ampora_target_version": "1.5.0", "ampora_windows": [{"start": "2026-01-01T00:00", "duration": "1m", "timezone": "UTC"}]},
        {"outside-window"},
    ),
    "a short window": (
        {
            "ampora_target_version": "1.5.0",
            "ampora_windows": [{"start": "2026-01-01T00:00", "duration": "1m", "rrule": "FREQ=DAILY", "timezone": "UTC"}],
        },
        {"window-too-short"},
    ),
    "signals": (
        {
            "ampora_target_version": "1.4.3",
            "ampora_signals": [
                {"name": "sessions", "promql": 'ampora_opamp_active_sessions{job="ampora-web"}', "kind": "level", "min": 1},
                {"name": "nothing", "promql": 'sum(nothing{job="ampora-web"})', "kind": "level", "min": 1},
                {"name": "up", "promql": 'sum(up{job="ampora-web"}) - 1', "kind": "level", "min": "{replicas}"},
            ],
        },
        {"signal-many-series", "signal-without-data", "targets-missing"},
    ),
    "an old database": ({"ampora_target_version": "1.4.3", "ampora_minimum_server_version": 180000}, {"database-too-old"}),
    "a small volume": ({"ampora_target_version": "1.4.3", "ampora_snapshot_claim": "ampora-snapshots-small"}, {"disk-room"}),
    "a backup tool": (
        {
            "ampora_target_version": "1.4.3",
            "ampora_snapshot_method": "command",
            "ampora_snapshot_command": {"take": ["/nowhere/tool"], "verify": ["true"]},
        },
        {"snapshot-tool-missing", "restore-by-hand"},
    ),
    "by Git": ({"ampora_target_version": "1.4.3", "ampora_apply": "gitops"}, {"gitops-without-push", "no-gitops-owner"}),
    "another image": ({"ampora_target_version": "1.4.3", "ampora_image_name": "x"}, {"overlay-without-image"}),
    "a young log": ({"ampora_target_version": "1.4.3", "ampora_log_window": "7d"}, {"log-window-short"}),
}
SPOILED = {
    *(
        "advisory-lock-held",
        "agent-skew",
        "agent-skew-already",
        "agent-too-old",
        "agent-version-unknown",
        "configuration-rollout-in-progress",
    ),
    *("deprecated-in-use", "deprecated-in-use-removed", "foreign-field-manager", "hpa", "no-liveness-probe", "no-pdb", "no-quota-room"),
    *(
        "no-readiness-probe",
        "no-room",
        "other-owner",
        "overlay-drift",
        "placeholder-secret",
        "removed-key-in-use",
        "restore-needs-createdb",
    ),
    *("strategy",),
}
OTHERWISE_SPOILED = {"pdb-blocks", "rollout-not-complete", "surge-above-one"}
FEW_RIGHTS = {"configuration", "permissions", "rollout", "run-record", "snapshot-claim", "surroundings"}
# What one deployment cannot show in a plan, and where it is shown.
ELSEWHERE = {
    "key-rotation": "tests/unit/plugins/module_utils/policy/test_readiness_key.py: the double knows no earlier key",
    "master-key-unproven": "tests/unit/plugins/module_utils/policy/test_readiness_key.py: the clean data has encrypted values",
    "master-key-wrong": "test_loss.py::test_wrong_key",
    "another-run": "tests/unit/plugins/plugin_utils/policy/test_plan_reader.py: a lease that another process holds now",
    "api-token-missing": "tests/unit/plugins/plugin_utils/policy/test_plan_reader.py: the site has a token",
    "browser-missing": "tests/unit/plugins/plugin_utils/reading: needs a controller without playwright",
    "configuration-rollout-state-unknown": "tests/unit: the double has the documented states only",
    "configuration-unread": "tests/unit: needs an object that is named and may not be read while all others may",
    "controller": "the name of a part that fails only with an API server that has answered all others",
    "kubernetes-version-unknown": "tests/unit: every API server says its version",
    "label-differs": "tests/unit/plugins/module_utils/policy/test_of_hop.py: needs an image that lies",
    "log-unreadable": "tests/unit: the double writes JSON only",
    "notify-missing": "tests/unit/plugins/plugin_utils/policy/reading: needs a controller without apprise",
    "no-prometheus": "test_watch.py::test_without_prometheus",
    "not-a-downgrade": "test_not_a_downgrade",
    "note-too-large": "test_notes_of_a_strange_kind",
    "duplicate-notes": "test_notes_of_a_strange_kind",
    "on-hold": "test_back.py::test_auto_rollback",
    "overlay-changes": "tests/unit/plugins/module_utils/policy/test_readiness_apply.py: the clean overlay is the applied one",
    "overlay-not-committed": "tests/unit/plugins/module_utils/policy/test_readiness_apply.py: the sandbox's overlay is in no work tree",
    "patch-migrated": "test_back.py::test_contract_broken: a finding of the report, since a plan cannot know it",
    "platform-missing": "tests/unit/plugins/module_utils/policy/test_readiness_apply.py: all nodes and images are of one platform",
    "room-unknown": "tests/integration/test_awx.py: the least rights do not read nodes",
    "signature": "tests/extended/test_apply.py: needs signed images",
    "signal-stale": "tests/unit: Prometheus itself forgets what is older than five minutes",
    "unfinished-run": "test_back.py::test_hold",
}


@pytest.fixture(scope="module")
def clean(running_sandbox: Sandbox) -> Sandbox:
    running_sandbox.reset()
    return running_sandbox


def planned(sandbox: Sandbox, **variables: Any) -> dict[str, Any]:
    """plan.json of one plan, which keeps to its published schema."""
    sandbox.play("plan", **{"ampora_log_window": "10s", **variables})
    plan: dict[str, Any] = json.loads((sandbox.reports / "latest" / "plan.json").read_text(encoding="utf-8"))
    schema = json.loads((ROOT / "docs" / "schemas" / "plan.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(plan)
    return plan


def rules(plan: dict[str, Any]) -> set[str]:
    return {finding["id"] for finding in plan["findings"]}


def test_no_rule_is_forgotten() -> None:
    seen = {*SPOILED, *OTHERWISE_SPOILED, *FEW_RIGHTS, *(rule for unused, found in CLEAN.values() for rule in found)} - {"three-words"}
    assert sorted(BUILT_IN - seen - set(ELSEWHERE)) == []
    assert sorted(seen & set(ELSEWHERE)) == []
    assert sorted((seen | set(ELSEWHERE)) - BUILT_IN) == []


@pytest.mark.ci
def test_silent(clean: Sandbox) -> None:
    plan = planned(clean, ampora_target_version="1.4.3")
    assert plan["findings"] == []
    assert plan["decision"] == "go"


@pytest.mark.ci
@pytest.mark.parametrize(("target", "status"), [("1.4.3", 0), ("1.5.0", 3), ("1.6.0", 2)])
def test_exit_status(clean: Sandbox, target: str, status: int) -> None:
    argv = command("plan", {"ampora_target_version": target}, files=(clean.vars_file,))
    result = run(argv, STATE, env=environment(ANSIBLE_CALLBACKS_ENABLED="ampora.upgrades.exit_status"))
    assert result.status == status, result.output


@pytest.mark.parametrize("name", CLEAN)
def test_fires(clean: Sandbox, name: str) -> None:
    variables, expected = CLEAN[name]
    found = rules(planned(clean, **variables))
    assert sorted(expected - found) == []


def test_few_rights(clean: Sandbox, tmp_path: Path) -> None:
    result = clean.play("plan", ampora_target_version="1.4.3", ampora_kubeconfig=str(few_rights(clean, tmp_path)))
    check_refused(result, *(f"[{rule}]" for rule in FEW_RIGHTS))


def test_not_a_downgrade(clean: Sandbox) -> None:
    check_refused(clean.play("downgrade", ampora_target_version="1.4.3"), "[not-a-downgrade]")


def test_notes_of_a_strange_kind(clean: Sandbox, tmp_path: Path) -> None:
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text("# 1.4.3\n\nFixes.\n\n# 1.4.3\n\nOther fixes.\n\n# 1.5.0\n\n" + "A line.\n" * 150_000, encoding="utf-8")
    found = rules(planned(clean, ampora_target_version="1.5.0", ampora_release_notes=str(changelog)))
    assert sorted({"duplicate-notes", "note-too-large"} - found) == []


def test_otherwise_spoiled(sandbox: Sandbox, tmp_path: Path) -> None:
    otherwise_spoiled(sandbox, tmp_path)
    assert sorted(OTHERWISE_SPOILED - rules(planned(sandbox, ampora_target_version="1.4.3"))) == []


@pytest.mark.ci
def test_spoiled(sandbox: Sandbox, tmp_path: Path) -> None:
    """One deployment on which nearly everything is wrong, in one plan."""
    with spoiled(sandbox, tmp_path):
        plan = planned(sandbox, ampora_target_version="1.5.0", **NOTES, ampora_log_window="1h")
    assert sorted(SPOILED - rules(plan)) == []
    assert plan["decision"] == "blocked"


def test_misspelt_field(sandbox: Sandbox) -> None:
    """An overlay that the API server would refuse in the night is refused at noon, in its words."""
    file = sandbox.overlay / "deployment-patch.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("replicas: 3", "replicas: 3\n  minReadySecond: 1", 1), encoding="utf-8")
    (finding,) = [found for found in planned(sandbox, ampora_target_version="1.4.3")["findings"] if found["id"] == "overlay"]
    assert finding["severity"] == "block"
    assert 'unknown field "spec.minReadySecond"' in " ".join((finding["text"], *finding["evidence"]))

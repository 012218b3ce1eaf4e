# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is judged about the deployment as it stands, whatever the hop: each function takes its part of the facts to its rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ansible_collections.ampora.upgrades.plugins.module_utils.policy import configuration_rollouts, deprecations, readiness, windows
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.hop_facts import forecast_seconds
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_apply import (
    GITOPS_MANAGERS,
    judge_changes,
    judge_commits,
    judge_gitops,
)
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_controller import judge_notify, judge_tool
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_key import judge_key
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_owner import judge_field_managers, judge_owner
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_rollout import judge_autoscalers, judge_budgets
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_room import judge_disk, judge_quotas
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_signals import judge_freshness, judge_series, judge_source

LONGEST_AGE = 150.0  # seconds: two scrapes a minute apart, and some; Prometheus itself forgets a sample after five minutes


def _unreadable(facts: Facts) -> list[Finding]:
    return [Finding(item.part, "block", item.message, evidence=item.evidence) for item in facts.unreadable]


def _runs(facts: Facts) -> list[Finding]:
    findings = []
    if facts.foreign_holder:
        text = f"Another run works on this deployment: {facts.foreign_holder}. Wait for it to end."
        findings.append(Finding("another-run", "block", text))
    if open_run := facts.unfinished:
        text = (
            f"The {open_run.kind} {open_run.run} ({open_run.target or 'no target'}) has not ended. Go on with its own target, or"
            " go back with rollback.yml."
        )
        findings.append(Finding("unfinished-run", "block", text))
    return findings


def _database(facts: Facts) -> list[Finding]:
    found = facts.database
    return readiness.judge_database(found.server_version, found.minimum, found.may_create_databases, found.locks) if found else []


def _placeholders(facts: Facts) -> list[Finding]:
    annotation = facts.placeholder_annotation
    return [item for name, found in facts.placeholders.items() for item in readiness.judge_placeholder(name, found, annotation)]


def _master_key(facts: Facts) -> list[Finding]:
    return judge_key(facts.key_proof, facts.key_rotated_by)


def _signals(facts: Facts) -> list[Finding]:
    found = facts.signals
    if found is None:
        return []
    values = readiness.judge_signals(found.values, found.absent_is_zero, found.replicas)
    return [*judge_source(found.prometheus), *values, *judge_series(found.counts), *judge_freshness(found.ages, LONGEST_AGE)]


def _overlay(facts: Facts) -> list[Finding]:
    found = facts.overlay
    if found is None:
        return []
    image = readiness.judge_overlay(found.entry, found.image_name, found.repository, found.rendered, found.live, found.given_by)
    return [*image, *judge_changes(found.changes), *judge_commits(found.not_committed, commits=facts.commits)]


def _workload(facts: Facts) -> list[Finding]:
    found = facts.workload
    return readiness.judge_deployment(found.deployment, found.container, found.state) if found else []


def _configuration_rollouts(facts: Facts) -> list[Finding]:
    return configuration_rollouts.judge(facts.rollouts, may_pause=facts.may_pause_rollouts)


def _surroundings(facts: Facts) -> list[Finding]:
    found, workload = facts.surroundings, facts.workload
    if found is None or workload is None:
        return []
    deployment = workload.deployment
    return [
        *judge_budgets(found.budgets, deployment),
        *judge_autoscalers(found.autoscalers, deployment),
        *judge_quotas(found.quotas, deployment),
        *found.room,
    ]


def _owners(facts: Facts) -> list[Finding]:
    if facts.workload is None:
        return []
    deployment = facts.workload.deployment
    name = str(facts.workload.container["name"])
    owners = judge_owner(deployment)
    if not facts.by_gitops:
        return [*owners, *judge_field_managers(deployment, name, facts.field_managers)]
    managers = judge_field_managers(deployment, name, {*facts.field_managers, *GITOPS_MANAGERS})
    return [*managers, *judge_gitops(deployment, owned=bool(owners), pushes=facts.commits and facts.pushes)]


def _deprecations(facts: Facts) -> list[Finding]:
    return deprecations.judge(facts.logs) if facts.logs else []


def _disk(facts: Facts) -> list[Finding]:
    return judge_disk(facts.dump_room, facts.database.size if facts.database else None)


def _controller(facts: Facts) -> list[Finding]:
    return [*judge_tool(facts.snapshot_tool), *judge_notify(missing=facts.notify_missing)]


def _windows(facts: Facts) -> list[Finding]:
    """A run that goes on is not stopped by the clock; a plan for later is judged by the window in which it can be run."""
    if facts.resumes:
        return []
    forecast = float(sum(forecast_seconds(facts, hop) for hop in facts.hops if hop.change != "none"))
    if not facts.dry:
        return windows.judge(facts.windows, facts.now, forecast)
    now = [replace(item, severity="info") for item in windows.judge(facts.windows, facts.now, 0.0)]
    then = windows.judge(facts.windows, windows.opening(facts.windows, facts.now), forecast)
    return [*now, *(item for item in then if item.id not in {known.id for known in now})]


def _permissions(facts: Facts) -> list[Finding]:
    return readiness.judge_permissions(facts.denied)


def _missing(facts: Facts) -> list[Finding]:
    return [Finding(name, "block", text) for name, text in facts.missing.items()]


JUDGES: tuple[Callable[[Facts], list[Finding]], ...] = (
    _runs,
    _unreadable,
    _missing,
    _permissions,
    _workload,
    _surroundings,
    _owners,
    _overlay,
    _database,
    _disk,
    _controller,
    _placeholders,
    _master_key,
    _signals,
    _configuration_rollouts,
    _deprecations,
    _windows,
)

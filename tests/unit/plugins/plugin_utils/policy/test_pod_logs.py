# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import BadRequestError, NotFoundError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy import pod_logs

from tests.unit.doubles.kubernetes import Kubernetes

NOW = 1_795_528_800.0  # 2026-11-24T14:00:00Z
DEPLOYMENT = {"spec": {"selector": {"matchLabels": {"app": "web"}}}}
WARNING = '{"level": "Warning", "category": "Ampora.X", "message": "{Key} is deprecated", "Key": "A:B"}\n'


def cluster(**begins: str) -> Kubernetes:
    made = Kubernetes()
    for pod, begin in begins.items():
        made.add("Pod", {"metadata": {"name": pod, "labels": {"app": "web"}}})
        made.logs[pod, "ampora-web with times"] = begin
        made.logs[pod, "ampora-web"] = WARNING + "something else\n"
    return made


def test_all_pods_together() -> None:
    facts = pod_logs.read(cluster(a="2026-11-20T00:00:00.1Z x", b="2026-11-20T00:00:00.123456789Z y"), DEPLOYMENT, 86400, NOW)
    assert {name: use.count for name, use in facts.tally.uses.items()} == {"A:B": 2}
    assert (facts.window, facts.short) == (86400, ())


def test_a_log_that_begins_within_the_window() -> None:
    facts = pod_logs.read(cluster(a="2026-11-24T13:00:00Z x", b="2026-11-23T14:00:30Z y"), DEPLOYMENT, 86400, NOW)
    assert facts.short == ("the log of a begins at 2026-11-24T13:00:00Z",)


def test_a_container_without_a_log_is_passed_over() -> None:
    made = cluster(a="2026-11-20T00:00:00Z x", waiting="")
    assert sum(use.count for use in pod_logs.read(made, DEPLOYMENT, 60, NOW).tally.uses.values()) == 1


@pytest.mark.parametrize("kind", [NotFoundError, BadRequestError])
def test_a_pod_that_goes_or_waits_meanwhile(kind: type[UpgradeError]) -> None:
    made = cluster(a="2026-11-20T00:00:00Z x", b="2026-11-20T00:00:00Z x")
    made.failures["log a"] = kind("gone")
    assert pod_logs.read(made, DEPLOYMENT, 60, NOW).tally.uses["A:B"].count == 1


def test_other_errors_are_told() -> None:
    made = cluster(a="2026-11-20T00:00:00Z x")
    made.failures["log a"] = UpgradeError("Kubernetes refuses to read the log of ampora/a")
    with pytest.raises(UpgradeError, match="refuses to read the log"):
        pod_logs.read(made, DEPLOYMENT, 60, NOW)

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell "needs an answer" from "blocked" by the exit status of ansible-playbook."""

from __future__ import annotations

DOCUMENTATION = r"""
name: exit_status
type: aggregate
short_description: Exit with 3 when an upgrade only waits for acknowledgements
version_added: 0.1.0
description:
  - C(ansible-playbook) exits with 2 whatever failed. With this callback it exits with 3 when nothing failed but plans that
    only wait for a person's acknowledgements, so that a pipeline can ask for them; a blocked plan keeps 2, a plan that may go
    keeps 0.
  - It must be enabled, and changes nothing but the exit status.
author: the ampora.upgrades authors (@ampora)
requirements:
  - enable it in C(callbacks_enabled), or by C(ANSIBLE_CALLBACKS_ENABLED=ampora.upgrades.exit_status)
seealso:
  - name: The upgrade guide
    description: How the actions make an upgrade.
    link: https://doc.ampora.huberit.ch/operator/operations/upgrades/
"""

from typing import Any

from ansible.plugins.callback import CallbackBase

NEEDS_ANSWER = 3


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Callback ampora.upgrades.exit_status."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "ampora.upgrades.exit_status"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._waiting: set[str] = set()

    def v2_runner_on_ok(self, result: Any) -> None:
        """Remember the hosts whose latest plan waits; what fails then shows in the statistics."""
        plan = _field(result, "result").get("plan")
        if isinstance(plan, dict) and "decision" in plan:
            host = _field(result, "host").get_name()
            (self._waiting.add if plan["decision"] == "acknowledge" else self._waiting.discard)(host)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The last event: an exit here passes through ansible-playbook's own cleaning up. The refusal is a host's one failure."""
        failed = {host for host, count in stats.failures.items() if count} | {host for host, count in stats.dark.items() if count}
        once = all(stats.failures.get(host, 0) == 1 for host in self._waiting)
        if failed and failed == self._waiting and once:
            raise SystemExit(NEEDS_ANSWER)


def _field(result: Any, name: str) -> Any:
    """ansible-core 2.19 gave these attributes their public names, and keeps the old ones for a while."""
    return getattr(result, name, None) or getattr(result, f"_{name}")

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of all actions: arguments checked by the shared spec, errors worded once, live lines, actor.

An action is thin: it declares its spec, calls ports and decisions in `act`, and returns plain JSON.
"""

from __future__ import annotations

import functools
import getpass
import importlib.util
import json
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.run.notice import Event, notice
from ansible_collections.ampora.upgrades.plugins.module_utils.run.report import build
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database, open_database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay import Overlay
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.live_lines import LiveLines
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.notifier import deliver
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import RunRecord, now

# importable name -> package, for the message of a missing one
RUNTIME_PACKAGES = {
    "kubernetes": "kubernetes",
    "psycopg": "psycopg[binary]",
    "requests": "requests",
    "semver": "semver",
    "pyromark": "pyromark",
    "jmespath": "jmespath",
    "cryptography": "cryptography",
}

display = Display()


class UpgradeAction(ActionBase):  # type: ignore[misc]
    """What every action shares; a subclass gives `spec` and `act`."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    spec: ClassVar[dict[str, Any]] = {}
    positive: ClassVar[tuple[str, ...]] = ()  # options in seconds that cannot be 0

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def run(self, tmp: Any = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        self._vars = task_vars or {}
        missing = [package for name, package in RUNTIME_PACKAGES.items() if importlib.util.find_spec(name) is None]
        if missing:
            raise AnsibleActionFail(f"{self._task.action} needs these Python packages on the controller: {', '.join(missing)}.")
        # ansible-core 2.19 tags every value by a subclass of its type, which is slow to copy and which libraries that test exact
        # types refuse; what JSON has no word for, as the date of `until: 2026-12-01`, is its text.
        given = json.loads(json.dumps(dict(self._task.args), default=str))
        checked = ArgumentSpecValidator(self.spec).validate(given)
        if checked.error_messages:
            raise AnsibleActionFail(f"{self._task.action}: {'; '.join(checked.error_messages)}.")
        if small := [name for name in self.positive if checked.validated_parameters[name] < 1]:
            values = ", ".join(f"{name} is {checked.validated_parameters[name]}" for name in small)
            raise AnsibleActionFail(f"{self._task.action}: {values}; seconds must be 1 or more.")
        try:
            with self.lines.at_work():
                result.update(self.act(checked.validated_parameters))
        except UpgradeError as error:
            result.update(failed=True, msg=str(error), next_step=error.next_step, evidence=list(error.evidence))
        return result

    @property
    def check_mode(self) -> bool:
        return bool(self._task.check_mode)

    def cluster(self, args: Mapping[str, Any]) -> Cluster:
        return Cluster(**args["cluster"])

    def overlay(self, args: Mapping[str, Any]) -> Overlay:
        connection = {name: args["cluster"][name] for name in ("kubeconfig", "context")}
        options = args["overlay"]
        return Overlay(path=Path(options["path"]), image_name=options["image_name"], kubectl=options["kubectl"], **connection)

    def database(self, cluster: Cluster, args: Mapping[str, Any]) -> Database:
        return open_database(cluster, args["database"], cluster.deployment())

    def record(self, cluster: Cluster) -> RunRecord:
        return RunRecord(cluster, self.actor())

    def actor(self) -> dict[str, str]:
        """Who runs this: the AWX job's user and number where there is one, else the local user."""
        if "awx_job_id" in self._vars:
            return {
                "user": str(self._vars.get("awx_user_name", "")),
                "awx_job": str(self._vars["awx_job_id"]),
                "host": socket.gethostname(),
            }
        try:
            user = getpass.getuser()
        except (KeyError, OSError):  # a container may run as a number that has no name
            user = str(os.getuid())
        return {"user": user, "host": socket.gethostname()}

    @functools.cached_property
    def lines(self) -> LiveLines:
        # Without a colour: the same in a terminal, in AWX and in the log of a pipeline.
        return LiveLines(self._task.action.rsplit(".", 1)[-1], display.display)

    def tell(self, args: Mapping[str, Any], event: Event, journal: Journal | None) -> None:
        """Tell those of ampora_notify, who do not look on; whatever happens there, the run goes on."""
        wanted = args["notify"]
        if journal is None or not wanted["urls"] or event not in wanted["events"] or self.check_mode:
            return
        for problem in deliver(wanted["urls"], notice(event, build(journal, now=now()))):
            self.say(f"not told: {problem}")

    def say(self, text: str) -> None:
        """A live line, whole and plain, that AWX shows as well."""
        self.lines.say(text)

    def progress(self) -> Callable[[str], None]:
        """A function for long waits: shows a line when it changes, and at least every 30 s."""
        return self.lines.progress

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The method `command`: a backup tool of the site's (pgBackRest, Barman, a cloud's own), run on the controller.

What it saves is its own affair, so the manifest's rows are those of the database just before it began, and its
consistency is unknown. It is proven by the tool's own verification, or by a trial restore like any other.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ansible_collections.ampora.upgrades.plugins.module_utils.database.connection_string import check_for_programs
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot import command
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.forecast import Forecast
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.program import Ended, run_program
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.exporting import exporting
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.method import Taken, Tools

SHOWN_LINES = 8
CLEAN_UP_SECONDS = 60


class CommandMethod:
    """See SnapshotMethod; a location has snapshot (our id), tool_id and label (the tool's), restores (database, cluster)."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._commands = tools.options["command"]

    def place(self) -> str:
        return f"the tool {Path((self._commands['take'] or ['(none)'])[0]).name}"

    def take(self, run: str, forecast: Forecast, left: Sequence[str]) -> Taken:
        del forecast, left  # of the tool's store nothing is known
        command.check_commands(self._commands)
        with exporting(self._tools) as (_unused, read):
            facts = read()
        started, said = time.monotonic(), command.ToolAnswer()
        try:
            said = command.answer(self._run("take", run).output)
            taken = time.monotonic() - started
            self._run("verify", run, said.id)
        except BaseException:
            self._clean_up(run, said.id)
            raise
        return Taken(
            facts=facts,
            location={"snapshot": run, "tool_id": said.id, "label": said.label, "restores": command.restores(self._commands)},
            files={},
            size=said.size,
            client_version=0,
            seconds={"take": round(taken, 1), "proof": round(time.monotonic() - started - taken, 1)},
            proof="verified",
            consistency="unknown",
        )

    def restore_beside(self, manifest: Manifest, run: str, database: str, create: Callable[[], None]) -> None:
        del run
        command.check_commands(self._commands)
        command.check_restore(self._commands)
        snapshot, tool_id = manifest.location["snapshot"], manifest.location["tool_id"]
        self._run("verify", snapshot, tool_id)
        create()
        self._run("restore", snapshot, tool_id, database)

    def restore_in_place(self, manifest: Manifest, run: str) -> None:
        del run
        raise UpgradeError(
            f"The snapshot {manifest.id} of the method command is restored beside the live database only, and the role may not create one.",
            next_step="ALTER ROLE ... CREATEDB for the role of the application, then run the same command again.",
        )

    def remove(self, manifest: Manifest) -> None:
        if self._commands["remove"]:
            self._run("remove", manifest.location["snapshot"], manifest.location["tool_id"])

    def _clean_up(self, run: str, tool_id: str) -> None:
        """What failed or was stopped leaves nothing; the cause counts, so its own failure is not told, and no signal stops it."""
        if self._commands["remove"]:
            with contextlib.suppress(UpgradeError):
                self._run("remove", run, tool_id, safe_point=SafePoint(), timeout=CLEAN_UP_SECONDS)

    def _run(
        self, verb: str, snapshot: str, tool_id: str = "", database: str = "", *, safe_point: SafePoint | None = None, timeout: int = 0
    ) -> Ended:
        """Run the command of a verb; anything but exit status 0 is a refusal in the tool's own last words, secrets masked."""
        live = self._tools.database.parameters.database
        words = command.arguments(self._commands[verb], snapshot=snapshot, tool_id=tool_id, database=database or live)
        environment = self._environment(verb, snapshot, tool_id, database)
        secrets = command.secrets_in(environment)

        def at_work(seconds: int, line: str) -> None:
            self._tools.say(f"{verb}: {seconds // 10 * 10} s {command.mask(line, secrets)[:200]}".rstrip())

        ended = run_program(
            words,
            environment,
            timeout=timeout or self._tools.options["timeout"],
            safe_point=safe_point or self._tools.safe_point,
            at_work=at_work,
        )
        if ended.status != 0:
            lines = [line for line in command.mask(f"{ended.output}\n{ended.errors}", secrets).splitlines() if line.strip()]
            how = f"exit status {ended.status}" if ended.status > 0 else f"signal {-ended.status}"
            raise UpgradeError(
                f"ampora_snapshot_command.{verb} ended with {how}: {lines[-1][:300] if lines else 'it said nothing'}",
                evidence=lines[-SHOWN_LINES:],
            )
        return ended

    def _environment(self, verb: str, snapshot: str, tool_id: str, database: str) -> dict[str, str]:
        live = self._tools.database
        check_for_programs(live.parameters)
        told = {
            "AMPORA_SNAPSHOT_ACTION": verb,
            "AMPORA_SNAPSHOT_ID": snapshot,
            "AMPORA_SNAPSHOT_TOOL_ID": tool_id,
            "AMPORA_LIVE_DATABASE": live.parameters.database,
            "AMPORA_NAMESPACE": self._tools.cluster.namespace,
            "AMPORA_DEPLOYMENT": self._tools.cluster.deployment_name,
        }
        target = live.of(database) if database else live
        return command.environment(os.environ, target.parameters, told, hostaddr=target.hostaddr)

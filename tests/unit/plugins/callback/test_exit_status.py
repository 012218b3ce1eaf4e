# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By ansible-playbook itself: an exit status is nobody else's to say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

NAME = "ampora.upgrades.exit_status"
LIBRARY = """\
from ansible.plugins.action import ActionBase

class ActionModule(ActionBase):
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        decision = self._task.args["decision"]
        return {"changed": False, "plan": {"decision": decision}}
"""


def play(folder: Path, tasks: dict[str, list[dict[str, object]]], *, enabled: bool = True) -> int:
    """Run one play for each host with its tasks; the action is a stand-in that returns a plan with the decision given."""
    (folder / "action_plugins").mkdir()
    (folder / "action_plugins" / "decide.py").write_text(LIBRARY, encoding="utf-8")
    (folder / "inventory").write_text("".join(f"{host} ansible_connection=local\n" for host in tasks), encoding="utf-8")
    plays = [{"hosts": host, "gather_facts": False, "tasks": items} for host, items in tasks.items()]
    (folder / "play.yml").write_text(json.dumps(plays), encoding="utf-8")
    variables = {"ANSIBLE_LOCAL_TEMP": str(folder / "tmp"), **({"ANSIBLE_CALLBACKS_ENABLED": NAME} if enabled else {})}
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "inventory", "play.yml"]
    ran = subprocess.run(command, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True, check=False)
    assert "PLAY RECAP" in ran.stdout, ran.stdout + ran.stderr
    return ran.returncode


REFUSE: dict[str, object] = {"ansible.builtin.fail": {"msg": "refused"}}
GO: list[dict[str, object]] = [{"decide": {"decision": "go"}}]
WAIT: list[dict[str, object]] = [{"decide": {"decision": "acknowledge"}}, REFUSE]
BLOCKED: list[dict[str, object]] = [{"decide": {"decision": "blocked"}}, REFUSE]


@pytest.mark.parametrize(
    ("tasks", "status"),
    [
        ({"one": GO}, 0),
        ({"one": WAIT}, 3),
        ({"one": BLOCKED}, 2),
        ({"one": [*WAIT[:1], {**REFUSE, "ignore_errors": True}]}, 0),
        ({"one": [{"block": WAIT, "always": [REFUSE]}]}, 2),
        ({"one": [*WAIT[:1], *GO, REFUSE]}, 2),
        ({"one": GO, "two": WAIT}, 3),
        ({"one": BLOCKED, "two": WAIT}, 2),
    ],
    ids=["go", "needs an answer", "blocked", "ignored", "one more failure", "a later plan may go", "two hosts", "two hosts, one blocked"],
)
def test_exit_status(tmp_path: Path, tasks: dict[str, list[dict[str, object]]], status: int) -> None:
    assert play(tmp_path, tasks) == status


def test_it_must_be_enabled(tmp_path: Path) -> None:
    assert play(tmp_path, {"one": WAIT}, enabled=False) == 2

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import quote
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import RunRecord

from tests.unit.doubles.scene import NOW, PLAN, RUN, journal, record
from tests.unit.doubles.stage import Stage

PNG = b"\x89PNG\r\n\x1a\n"
CLOSED = journal(("snapshot", {"id": RUN, "proof": "decoded"})).close(NOW, "upgraded")


def written(directory: Path, run: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((directory / run / "report.json").read_text(encoding="utf-8"))
    return found


def test_the_account_of_a_run(stage: Stage, tmp_path: Path) -> None:
    record(stage.cluster, CLOSED)
    directory = tmp_path / "reports"
    screenshots = directory / RUN / "screenshots"
    screenshots.mkdir(parents=True)
    (screenshots / "agents.png").write_bytes(PNG)
    (screenshots / "huge.png").write_bytes(PNG.ljust(2 * 1024 * 1024 + 1))
    result = stage.run("report", directory=str(directory), run=RUN)
    assert not result["changed"]
    assert result["report"] == str(directory / RUN / "report.json")
    assert (result["stats"]["run"], result["stats"]["outcome"], result["stats"]["to"]) == (RUN, "upgraded", "1.5.0")
    assert result["ansible_stats"] == {"data": {"ampora_upgrade": result["stats"]}, "per_host": False, "aggregate": True}, "for AWX"
    assert written(directory, RUN)["outcome"] == "upgraded"
    html = (directory / RUN / "report.html").read_text(encoding="utf-8")
    assert "agents" in html
    assert "huge" not in html, "one picture cannot make the report too large for a browser"
    assert (directory / "latest").readlink() == Path(RUN)
    assert stage.said()[-1] == f"report: report {directory / RUN / 'report.html'}"
    assert stage.cluster.writes == []


def test_again_over_the_same_files(stage: Stage, tmp_path: Path) -> None:
    record(stage.cluster, CLOSED)
    for _again in range(2):
        assert not stage.run("report", directory=str(tmp_path), run=RUN).get("failed")
    (tmp_path / f".latest-{RUN}").symlink_to("left-by-a-crash")
    assert not stage.run("report", directory=str(tmp_path), run=RUN).get("failed")
    assert (tmp_path / "latest").readlink() == Path(RUN)


def test_without_a_run_it_is_the_one_of_this_playbook(stage: Stage, tmp_path: Path) -> None:
    opened = stage.run("journal", state="opened", plan=PLAN)
    later = journal(run="20261122t2300z-ffffff").close(NOW, "upgraded")
    record(stage.cluster, later)
    assert stage.run("report", directory=str(tmp_path))["stats"]["run"] == opened["run"]


def test_without_any_run_of_this_playbook_it_is_the_newest(stage: Stage, tmp_path: Path) -> None:
    record(stage.cluster, CLOSED)
    assert stage.run("report", directory=str(tmp_path))["stats"]["run"] == RUN


@pytest.mark.parametrize("run", ["../outside", "/outside", "a/b", "", "20261122t2140z-ab12cd\n"])
def test_a_run_whose_name_leads_elsewhere(stage: Stage, tmp_path: Path, run: str) -> None:
    """Whoever may write ConfigMaps in the namespace may not write files where ansible-playbook runs."""
    record(stage.cluster, CLOSED)
    stage.cluster.objects["ConfigMap", f"upgrade-run-{RUN}"]["data"]["journal.json"] = json.dumps(
        {**json.loads(CLOSED.to_json()), "run": run}
    )
    directory = tmp_path / "reports"
    result = stage.run("report", directory=str(directory))
    assert result["failed"]
    assert result["msg"].startswith(f"The run's journal cannot be used: run is {quote(run)} and no name of a run, such as")
    assert list(tmp_path.rglob("*.html")) == []


@pytest.mark.parametrize(
    ("plan", "check", "outcome"),
    [({**PLAN, "decision": "blocked"}, False, "refused"), (PLAN, False, "unchanged"), (PLAN, True, "planned")],
)
def test_a_run_that_never_began(stage: Stage, tmp_path: Path, plan: dict[str, Any], check: bool, outcome: str) -> None:
    result = stage.run("report", check=check, directory=str(tmp_path), plan=plan)
    assert result["stats"]["outcome"] == outcome
    assert written(tmp_path, result["stats"]["run"])["outcome"] == outcome
    assert stage.cluster.writes == []


def test_check_mode_without_a_plan_writes_no_file(stage: Stage, tmp_path: Path) -> None:
    record(stage.cluster, CLOSED)
    directory = tmp_path / "reports"
    result = stage.run("report", check=True, directory=str(directory), run=RUN)
    assert (result["changed"], result["report"], result["stats"]["run"]) == (False, "", RUN)
    assert not directory.exists()


def test_no_run_at_all(stage: Stage, tmp_path: Path) -> None:
    result = stage.run("report", directory=str(tmp_path))
    assert result["msg"] == (
        "No upgrade of ampora-web is recorded. Next: List the runs: kubectl get configmaps -l upgrades.ampora.io/record=journal."
    )


def test_steps_that_this_playbook_ran_alone(stage: Stage, tmp_path: Path) -> None:
    """verify.yml: two runs of one step each, and one account of both."""
    for name in ("snapshot", "watch"):
        with RunRecord(stage.cluster, {}).step(name) as step:
            step.result = {"verdict": "pass"} if name == "watch" else {"id": "s1"}
        stage.point.pause(1)
    result = stage.run("report", directory=str(tmp_path))
    found = written(tmp_path, result["stats"]["run"])
    assert (found["kind"], found["outcome"]) == ("verify", "ended")
    assert [step["name"] for step in found["steps"]] == ["snapshot", "watch"]


def test_a_directory_that_cannot_be_written(stage: Stage, tmp_path: Path) -> None:
    record(stage.cluster, CLOSED)
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = stage.run("report", directory=str(tmp_path / "file"), run=RUN)
    assert result["msg"] == (
        f"The report cannot be written to {tmp_path / 'file'} (ampora_report_dir): Not a directory."
        " Next: Name a directory that this user can write."
    )

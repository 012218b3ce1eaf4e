# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways back: undo after a PATCH, restore after a MINOR, swap back after a restore; by a person, and by itself."""

from __future__ import annotations

import contextlib
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.checks import check_green, check_refused, check_report, check_runs, check_sessions
from tests.support.sandbox import VOLATILE, Sandbox

REVISION = "deployment.kubernetes.io/revision"
AT_A_TIME = VOLATILE | {"audit_events"}  # the product goes on writing audit events once it serves again

UNDO = """
- name: Somebody who knows better
  hosts: localhost
  gather_facts: false
  roles: [ampora.upgrades.ampora]
  tasks:
    - name: Undo, whatever the route says
      ampora.upgrades.undo:
        cluster: "{{ ampora__cluster }}"
        database: "{{ ampora__database }}"
"""


def content(sandbox: Sandbox) -> dict[str, str]:
    """What only people and upgrades write."""
    return {name: value for name, value in sandbox.database_state().items() if name not in AT_A_TIME}


def step(sandbox: Sandbox, name: str) -> dict[str, Any]:
    """The result of the latest report's step."""
    return dict(next(step["result"] for step in reversed(sandbox.report()["steps"]) if step["name"] == name))


def own_annotations(sandbox: Sandbox) -> dict[str, str]:
    found = sandbox.deployment()["metadata"]["annotations"]
    return {name: value for name, value in found.items() if name not in (REVISION, "kubectl.kubernetes.io/last-applied-configuration")}


@pytest.mark.ci
def test_undo(sandbox: Sandbox) -> None:
    """By a person, to the recorded revision; a second time there is nothing to do."""
    sandbox.kubectl_text("annotate", "deployment", "ampora-web", "acme.example/owner=platform")
    annotations = own_annotations(sandbox)
    revision = sandbox.deployment()["metadata"]["annotations"][REVISION]
    check_green(sandbox.upgrade("1.4.3", ampora_acks={}))
    upgrade, before = sandbox.report()["run"], content(sandbox)

    state = sandbox.state()
    check = sandbox.play("rollback", "--check")
    check_green(check)
    assert "route: undo: The schema is unchanged" in check.output
    assert sandbox.state() == state

    check_green(sandbox.play("rollback"))
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    check_report(sandbox, "rolled back")
    undone = step(sandbox, "undo")
    assert (undone["run"], undone["revision"], undone["by"]) == (upgrade, revision, "revision")
    assert [one["name"] for one in sandbox.report()["steps"]] == ["undo", "pin_by_digest", "watch"]
    assert own_annotations(sandbox) == annotations
    assert content(sandbox) == before

    state = sandbox.state()
    again = sandbox.play("rollback")
    check_green(again)
    assert again.recap["changed"] == 0
    assert "runs already: there is nothing to do" in again.flat
    assert sandbox.state() == state


def test_undo_twice(sandbox: Sandbox) -> None:
    """A pruned history has no revision to go back to; and the second undo of a run stays on the good one."""
    old = [item["metadata"]["name"] for item in sandbox.kubectl("get", "replicasets")["items"]]
    check_green(sandbox.upgrade("1.4.3", ampora_acks={}))
    upgrade = sandbox.report()["run"]
    sandbox.kubectl_text("delete", "replicaset", *old)
    result = sandbox.play("rollback", ampora_run_id=upgrade)
    check_green(result)
    assert "the image alone, since revision" in result.flat
    assert step(sandbox, "undo")["by"] == "image"
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    again = sandbox.play("rollback", ampora_run_id=upgrade)
    check_green(again)
    assert again.recap["changed"] == 0
    check_runs(sandbox, "1.4.2")


def test_undo_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    """After a migrated MINOR an undo is refused; forced by kubectl, the old binary does not get ready on the new schema."""
    old = sandbox.image()
    check_green(sandbox.upgrade("1.5.0"))
    playbook = tmp_path / "undo.yml"
    playbook.write_text(UNDO, encoding="utf-8")
    state = sandbox.state()
    check_refused(sandbox.play(str(playbook)), "The schema is migrated since the run", "the previous image does not fit it")
    check_refused(sandbox.play("rollback"), "The schema was migrated", "ampora_accept_data_loss is empty")
    assert sandbox.state() == state

    sandbox.kubectl_text("set", "image", "deployment/ampora-web", f"ampora-web={old}")
    deadline = time.monotonic() + 60
    while not (unready := sandbox.unready_pods()) and time.monotonic() < deadline:
        time.sleep(0.5)
    log = ""
    while "does not exist" not in log and time.monotonic() < deadline:
        with contextlib.suppress(subprocess.CalledProcessError):  # its container has not begun yet
            log = sandbox.kubectl_text("logs", unready[0])
        time.sleep(1)
    assert "does not exist" in log, "the old binary was expected to miss a column"
    assert sandbox.unready_pods() == unready


@pytest.mark.ci
def test_restore(sandbox: Sandbox) -> None:
    before = content(sandbox)
    migrations = sandbox.migrations()
    check_green(sandbox.upgrade("1.5.0"))
    upgrade = sandbox.report()
    upgraded = sandbox.state()

    check_refused(sandbox.play("rollback"), "ampora_accept_data_loss is empty", upgrade["snapshot"]["id"])
    assert sandbox.state()["overlay"] == upgraded["overlay"]
    assert sandbox.state()["databases"] == upgraded["databases"]

    result = sandbox.play("rollback", ampora_accept_data_loss=upgrade["snapshot"]["id"])
    check_green(result)
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    check_report(sandbox, "rolled back")
    assert sandbox.migrations() == migrations
    assert content(sandbox) == before
    assert step(sandbox, "restore")["kept_database"] in sandbox.databases()
    assert step(sandbox, "restore")["to_do"] == []
    again = sandbox.play("rollback", ampora_accept_data_loss=upgrade["snapshot"]["id"])
    check_green(again)
    assert again.recap["changed"] == 0


def test_swap_back(sandbox: Sandbox) -> None:
    """The undo of a restore, which can be undone as well; then what was kept is dropped."""
    check_green(sandbox.upgrade("1.5.0"))
    upgrade = sandbox.report()
    migrated, after = sandbox.migrations(), content(sandbox)
    check_green(sandbox.play("rollback", ampora_accept_data_loss=upgrade["snapshot"]["id"]))
    rollback = sandbox.report()["run"]
    restored = content(sandbox)
    check_runs(sandbox, "1.4.2")

    state = sandbox.state()
    check = sandbox.play("rollback", "--check", ampora_swap_back=rollback)
    check_green(check)
    assert "takes its place again" in check.flat
    assert sandbox.state() == state

    check_green(sandbox.play("rollback", ampora_swap_back=rollback))
    check_runs(sandbox, "1.5.0")
    check_sessions(sandbox)
    check_report(sandbox, "swapped back")
    first = sandbox.report()["run"]
    assert (sandbox.migrations(), content(sandbox)) == (migrated, after)

    check_green(sandbox.play("rollback", ampora_swap_back=first))
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    assert content(sandbox) == restored
    check_refused(sandbox.play("rollback", ampora_swap_back=rollback), f"No database is kept of the run {rollback}")
    check_release(sandbox)


def check_release(sandbox: Sandbox) -> None:
    """release.yml shows what is kept, refuses nothing that is finished, and drops what is named."""
    kept = {name for name in sandbox.databases() if name.startswith("ampora_failed_")}
    assert len(kept) == 1
    run = kept.copy().pop().removeprefix("ampora_failed_").replace("_", "-")
    shown = sandbox.play("release")
    check_green(shown)
    assert shown.recap["changed"] == 0
    assert "rows newer than the snapshot" in shown.flat
    check_green(sandbox.play("release", "--check", ampora_run_id=run))
    assert kept <= sandbox.databases()
    dropped = sandbox.play("release", ampora_run_id=run)
    check_green(dropped)
    assert "these snapshots stay: " in dropped.flat
    assert not kept & sandbox.databases()
    assert sandbox.play("release", ampora_run_id=run).recap["changed"] == 0
    check_runs(sandbox, "1.4.2")


def test_contract_broken(sandbox: Sandbox) -> None:
    """A PATCH that migrates: a finding after the fact, and the way back is a restore, by what the database says."""
    sandbox.configure(AMPORA_DOUBLE_EXTRA_MIGRATION="1", AMPORA_DOUBLE_FAULT_VERSIONS="1.4.3")
    before, migrations = content(sandbox), sandbox.migrations()
    check_green(sandbox.upgrade("1.4.3", ampora_acks={}))
    report = sandbox.report()
    assert [finding["id"] for finding in report["findings"] if finding["id"] == "patch-migrated"] == ["patch-migrated"]
    assert sandbox.migrations() == [*migrations, "20260420120000_AuditActorIndex"]
    check_refused(sandbox.play("rollback"), "The schema was migrated (+20260420120000_AuditActorIndex)", "ampora_accept_data_loss is empty")
    check_green(sandbox.play("rollback", ampora_accept_data_loss=report["snapshot"]["id"]))
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    assert (sandbox.migrations(), content(sandbox)) == (migrations, before)


def test_downgrade(sandbox: Sandbox) -> None:
    """A PATCH back by the same policy; across a MINOR it names rollback.yml and what that would lose."""
    check_green(sandbox.upgrade("1.4.3", ampora_acks={}))
    check_green(sandbox.play("downgrade", ampora_target_version="1.4.2", ampora_acks={}))
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    check_report(sandbox, "upgraded")
    check_green(sandbox.upgrade("1.5.0"))
    run, state = sandbox.report()["run"], sandbox.state()
    result = sandbox.play("downgrade", ampora_target_version="1.4.3", ampora_acks={})
    check_refused(result, "[downgrade]", "rollback.yml", "The schema was migrated", f"ampora.upgrades.rollback -e ampora_run_id={run}")
    assert sandbox.state() == state


def test_auto_rollback(sandbox: Sandbox) -> None:
    """A PATCH that never gets ready goes back by itself: nothing is lost, and the run ends red all the same."""
    sandbox.configure(AMPORA_DOUBLE_NOT_READY="1", AMPORA_DOUBLE_FAULT_VERSIONS="1.4.3")
    result = sandbox.upgrade("1.4.3", ampora_rollout_timeout=15)
    check_refused(result, "is not complete after 15 s (ampora_rollout_timeout)", "going back by itself")
    # What runs again is watched as an upgrade is.
    assert [one["name"] for one in sandbox.report()["steps"]][-3:] == ["undo", "pin_by_digest", "watch"]
    assert sandbox.report()["verdict"] == "pass"
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    check_report(sandbox, "rolled back")
    # Until a person clears it, that version is on hold here; by `latest-patch` it is not even meant.
    check_refused(sandbox.play("upgrade", ampora_target_version="1.4.3"), "[on-hold]", 'ampora_acks: {ack-1.4.3-on-hold: "true"}')
    assert "1.4.3" not in sandbox.play("plan", ampora_target_version="latest-patch").output


def test_hold(sandbox: Sandbox) -> None:
    """A MINOR that has migrated and never gets ready: going back is a restore, so it holds and says what to type."""
    sandbox.configure(AMPORA_DOUBLE_NOT_READY="1", AMPORA_DOUBLE_FAULT_VERSIONS="1.5.0")
    acks = sandbox.acks("1.5.0")
    result = sandbox.upgrade("1.5.0", ampora_ready_timeout=15, ampora_acks=acks)
    check_refused(
        result, "is stuck: NotReady", "has not become ready in", "holding: going back would lose nothing and would stop every pod"
    )
    report = sandbox.report()
    check_report(sandbox, "held")
    assert sandbox.image().endswith(f"@{sandbox.digest('1.5.0')}")
    assert f"ampora.upgrades.rollback -e ampora_run_id={report['run']}" in report["next_command"]
    check_refused(sandbox.play("upgrade", ampora_target_version="1.5.1"), "[unfinished-run]", report["run"])

    # The cause is mended, and the same command goes on with the same run.
    sandbox.configure(AMPORA_DOUBLE_NOT_READY="", AMPORA_DOUBLE_FAULT_VERSIONS="")
    sandbox.kubectl_text("delete", "pod", *sandbox.unready_pods())
    check_green(sandbox.upgrade("1.5.0", ampora_acks=acks))
    assert sandbox.report()["run"] == report["run"]
    check_runs(sandbox, "1.5.0")
    check_report(sandbox, "upgraded")

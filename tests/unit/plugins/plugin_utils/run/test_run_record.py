# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run record on a namespace in memory: who holds the lease, and what stands in the journal at every moment."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.run.lease import fencing_token
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import ConflictError, Object
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run import run_record
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import RunRecord
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import StoppedError

from tests.unit.doubles.clock import Clock
from tests.unit.doubles.kubernetes import Kubernetes

LEASE = "upgrade-ampora-web"
PLAN = {"target": {"version": "1.5.0"}}
TAKEN = "Another run works on ampora-web: {} holds the lease until 2026-11-22T21:41:00Z."


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(run_record, "now", found.now)
    return found


@pytest.fixture
def cluster(clock: Clock) -> Kubernetes:
    assert clock.seconds == 0.0
    return Kubernetes()


def record(cluster: Kubernetes, holder: str = "host/1-1") -> RunRecord:
    """The record as the ansible-playbook process `holder` sees it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_record, "holder", lambda: holder)
        return RunRecord(cluster, {"user": "ada"})


def lease(cluster: Kubernetes) -> Object:
    return cluster.objects["Lease", LEASE]


def holder_of(cluster: Kubernetes) -> str:
    return str(lease(cluster)["spec"]["holderIdentity"])


def stored(cluster: Kubernetes) -> list[Journal]:
    """What is in the cluster, the newest first."""
    return record(cluster).journals()


def states(journal: Journal) -> list[tuple[str, str, str]]:
    return [(step.name, step.state, step.message) for step in journal.steps]


# --- opening and closing


def test_a_run_begins(cluster: Kubernetes, clock: Clock) -> None:
    journal, begun = record(cluster).open("upgrade", PLAN)
    assert begun
    assert re.fullmatch(r"20261122t2140z-[0-9a-f]{6}", journal.run)
    assert (journal.kind, journal.plan, journal.started_at) == ("upgrade", PLAN, clock.now())
    assert journal.deployment == {"namespace": "ampora", "name": "ampora-web"}
    assert journal.actor == {"user": "ada", "process": "host/1-1"}
    assert stored(cluster) == [journal]
    assert cluster.writes == [f"create Lease {LEASE}", f"create ConfigMap upgrade-run-{journal.run}"]
    assert cluster.objects["ConfigMap", f"upgrade-run-{journal.run}"]["metadata"]["labels"] == {
        "app.kubernetes.io/managed-by": "ampora.upgrades",
        "upgrades.ampora.io/deployment": "ampora-web",
        "upgrades.ampora.io/record": "journal",
        "upgrades.ampora.io/run": journal.run,
    }
    assert lease(cluster)["metadata"]["annotations"] == {"upgrades.ampora.io/run": journal.run}
    assert (holder_of(cluster), lease(cluster)["spec"]["leaseDurationSeconds"], fencing_token(lease(cluster))) == ("host/1-1", 60, 0)


def test_a_foreign_lease_stops_a_run_before_anything_is_written(cluster: Kubernetes) -> None:
    first = record(cluster, "host/1-1").open("upgrade", PLAN)[0]
    before = list(cluster.writes)
    with pytest.raises(UpgradeError) as error:
        record(cluster, "host/2-2").open("upgrade", PLAN)
    assert error.value.message == TAKEN.format(f"host/1-1 (run {first.run})")
    assert error.value.next_step == "Wait for it to end; a holder that died is taken over when its lease has expired."
    assert cluster.writes == before


def test_an_expired_lease_is_taken_over_and_the_run_goes_on(cluster: Kubernetes, clock: Clock) -> None:
    first = record(cluster, "host/1-1").open("upgrade", PLAN)[0]
    clock.sleep(60)
    resumed, begun = record(cluster, "host/2-2").open("upgrade", {"target": {"version": "9.9.9"}})
    assert not begun
    assert (resumed.run, resumed.plan) == (first.run, PLAN), "the plan of the run counts, not that of the second attempt"
    assert resumed.actor["process"] == "host/2-2"
    assert stored(cluster) == [resumed]
    assert (holder_of(cluster), fencing_token(lease(cluster))) == ("host/2-2", 1)


def test_the_loser_of_a_race_for_the_lease_writes_no_journal(cluster: Kubernetes) -> None:
    record(cluster).open("upgrade", PLAN)
    record(cluster).close("upgraded")
    journals = len(stored(cluster))
    cluster.failures["replace Lease"] = ConflictError("the object has been modified")
    with pytest.raises(UpgradeError) as error:
        record(cluster, "host/2-2").open("upgrade", PLAN)
    assert str(error.value) == "Another run took the lease just now. Next: Wait for it to end, then run this again."
    assert len(stored(cluster)) == journals


def test_two_that_begin_at_once(cluster: Kubernetes) -> None:
    """Both have read "no lease"; the one that creates it second is told so."""
    cluster.failures["create Lease"] = ConflictError("already exists")
    with pytest.raises(UpgradeError, match=r"^Another run took the lease just now\."):
        record(cluster).open("upgrade", PLAN)
    assert cluster.writes == []


@pytest.mark.parametrize(("first", "second"), [("upgrade", "downgrade"), ("rollback", "upgrade"), ("snapshot", "upgrade")])
def test_an_open_run_of_another_kind_is_not_pushed_aside(cluster: Kubernetes, first: str, second: str) -> None:
    journal = record(cluster).open(first, PLAN)[0]
    before = list(cluster.writes)
    with pytest.raises(UpgradeError) as error:
        record(cluster).open(second, PLAN)
    assert error.value.message == f"The {first} {journal.run} of ampora-web has not ended."
    assert error.value.next_step == "Run its own command again to go on with it, or rollback.yml to go back."
    assert cluster.writes == before


def test_a_rollback_ends_the_open_upgrade_as_held(cluster: Kubernetes, clock: Clock) -> None:
    upgrade = record(cluster).open("upgrade", PLAN)[0]
    clock.sleep(1)
    rollback, begun = record(cluster).open("rollback", {"of": upgrade.run})
    assert begun
    assert rollback.run != upgrade.run
    assert [(journal.kind, journal.outcome) for journal in stored(cluster)] == [("rollback", None), ("upgrade", "held")]
    assert lease(cluster)["metadata"]["annotations"] == {"upgrades.ampora.io/run": rollback.run}


def test_a_rollback_goes_on_with_itself(cluster: Kubernetes) -> None:
    first = record(cluster).open("rollback", {"of": "r1"})[0]
    assert record(cluster).open("rollback", {"of": "r1"}) == (first, False)


@pytest.mark.parametrize(("kind", "of"), [("rollback", "r2"), ("swap_back", "r1")])
def test_another_way_back_ends_the_one_that_did_not_work_out(cluster: Kubernetes, clock: Clock, kind: str, of: str) -> None:
    first = record(cluster).open("rollback", {"of": "r1"})[0]
    clock.sleep(60)
    second, begun = record(cluster).open(kind, {"of": of})
    assert (begun, second.kind, second.run == first.run) == (True, kind, False)
    assert [(journal.kind, journal.outcome) for journal in stored(cluster)] == [(kind, None), ("rollback", "held")]


def test_holding_keeps_what_a_person_types(cluster: Kubernetes) -> None:
    journal = record(cluster).open("upgrade", PLAN)[0]
    record(cluster).hold("ansible-playbook ampora.upgrades.rollback")
    found = record(cluster).open_journal()
    assert found is not None
    assert (found.run, found.plan) == (journal.run, {**PLAN, "next_command": "ansible-playbook ampora.upgrades.rollback"})
    assert holder_of(cluster) == ""


def test_closing(cluster: Kubernetes, clock: Clock) -> None:
    journal = record(cluster).open("upgrade", PLAN)[0]
    clock.sleep(5)
    closed = record(cluster).close("upgraded")
    assert closed is not None
    assert (closed.run, closed.outcome, closed.ended_at) == (journal.run, "upgraded", clock.now())
    assert stored(cluster) == [closed]
    assert holder_of(cluster) == ""
    assert record(cluster).open_journal() is None


def test_closing_without_a_run_writes_nothing(cluster: Kubernetes) -> None:
    assert record(cluster).close("upgraded") is None
    assert cluster.writes == []


def test_somebody_elses_run_cannot_be_closed(cluster: Kubernetes) -> None:
    journal = record(cluster, "host/1-1").open("upgrade", PLAN)[0]
    with pytest.raises(UpgradeError, match=r"^Another run works on ampora-web"):
        record(cluster, "host/2-2").close("upgraded")
    assert stored(cluster) == [journal]


def test_holding_gives_the_lease_back_and_leaves_the_run_open(cluster: Kubernetes) -> None:
    journal = record(cluster).open("upgrade", PLAN)[0]
    record(cluster, "host/2-2").hold()
    assert holder_of(cluster) == "host/1-1", "nobody gives back what another holds"
    record(cluster).hold()
    assert holder_of(cluster) == ""
    assert stored(cluster) == [journal]


# --- reading


def test_foreign_holder(cluster: Kubernetes, clock: Clock) -> None:
    assert record(cluster).foreign_holder() == ""
    journal = record(cluster).open("upgrade", PLAN)[0]
    before = list(cluster.writes)
    assert record(cluster).foreign_holder() == ""
    assert record(cluster, "host/2-2").foreign_holder() == f"host/1-1 (run {journal.run}) holds the lease until 2026-11-22T21:41:00Z"
    clock.sleep(60)
    assert record(cluster, "host/2-2").foreign_holder() == ""
    assert cluster.writes == before


def test_mine_is_the_newest_run_of_this_process(cluster: Kubernetes, clock: Clock) -> None:
    assert record(cluster).mine() is None
    first = record(cluster).open("upgrade", PLAN)[0]
    record(cluster).close("failed")
    clock.sleep(60)
    record(cluster, "host/2-2").open("rollback", {})
    mine = record(cluster).mine()
    assert mine is not None
    assert mine.run == first.run


def test_finding_a_run(cluster: Kubernetes, clock: Clock) -> None:
    runs = []
    for kind in ("upgrade", "downgrade", "rollback"):
        runs.append(record(cluster).open(kind, {})[0].run)
        record(cluster).close("ended")
        clock.sleep(60)
    assert record(cluster).find("", ("upgrade", "downgrade")).run == runs[1]
    assert record(cluster).find(runs[0], ()).run == runs[0]
    assert [journal.run for journal in stored(cluster)] == runs[::-1]


@pytest.mark.parametrize(("run", "message"), [("r9", "There is no run r9 of ampora-web."), ("", "No upgrade of ampora-web is recorded.")])
def test_a_run_that_is_not_there(cluster: Kubernetes, run: str, message: str) -> None:
    record(cluster).open("rollback", {})
    with pytest.raises(UpgradeError) as error:
        record(cluster).find(run, ("upgrade",))
    assert error.value.message == message
    assert error.value.next_step == "List the runs: kubectl get configmaps -l upgrades.ampora.io/record=journal."


def test_runs_of_another_deployment_are_not_ours(cluster: Kubernetes) -> None:
    other = Kubernetes(deployment="other")
    other.objects = cluster.objects
    record(other).open("upgrade", PLAN)
    assert stored(cluster) == []
    assert record(cluster).open("upgrade", PLAN)[1]


# --- steps


def test_a_step_of_a_run_is_written_before_and_after_its_work(cluster: Kubernetes, clock: Clock) -> None:
    run = record(cluster).open("upgrade", PLAN)[0]
    with record(cluster).step("snapshot") as step:
        assert step.run == run.run
        assert states(stored(cluster)[0]) == [("snapshot", "begun", "")]
        clock.sleep(7)
        step.result = {"id": "s1"}
    journal = stored(cluster)[0]
    assert states(journal) == [("snapshot", "ended", "")]
    assert journal.steps[0].result == {"id": "s1"}
    assert journal.steps[0].ended_at == clock.now()
    assert (journal.ended_at, holder_of(cluster)) == (None, "host/1-1"), "the run goes on with its next step"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (UpgradeError("The volume is full.", next_step="Make room."), "The volume is full. Next: Make room."),
        (KeyError("take"), "KeyError: 'take'"),
        (KeyboardInterrupt(), "KeyboardInterrupt: "),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_failing_step_says_in_the_journal_why(cluster: Kubernetes, error: BaseException, message: str) -> None:
    record(cluster).open("upgrade", PLAN)
    with pytest.raises(type(error)) as seen, record(cluster).step("snapshot"):
        raise error
    assert seen.value is error
    assert states(stored(cluster)[0]) == [("snapshot", "failed", message)]
    assert stored(cluster)[0].ended_at is None


def test_a_result_that_cannot_be_journaled_fails_the_step(cluster: Kubernetes) -> None:
    record(cluster).open("upgrade", PLAN)
    with pytest.raises(UpgradeError, match="The journal takes plain JSON only"), record(cluster).step("snapshot") as step:
        step.result = {"when": object()}
    assert stored(cluster)[0].steps[0].state == "failed"


def test_a_step_alone_is_a_run_of_its_own(cluster: Kubernetes) -> None:
    with record(cluster).step("snapshot") as step:
        assert [(journal.kind, journal.ended_at) for journal in stored(cluster)] == [("snapshot", None)]
        assert holder_of(cluster) == "host/1-1"
        step.result = {"id": "s1"}
    journal = stored(cluster)[0]
    assert (journal.run, journal.kind, journal.outcome, states(journal)) == (step.run, "snapshot", "ended", [("snapshot", "ended", "")])
    assert holder_of(cluster) == ""


def test_a_step_alone_that_fails_ends_its_run_as_failed(cluster: Kubernetes) -> None:
    with pytest.raises(UpgradeError, match=r"^No\.$"), record(cluster).step("watch"):
        raise UpgradeError("No.")
    journal = stored(cluster)[0]
    assert (journal.outcome, states(journal), holder_of(cluster)) == ("failed", [("watch", "failed", "No.")], "")


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_step_that_was_stopped_gives_the_lease_back_and_leaves_the_run_open(cluster: Kubernetes, wrapped: bool) -> None:
    """ansible-playbook itself is gone by then: the same command, from wherever, goes on at once."""
    record(cluster).open("upgrade", PLAN)
    with pytest.raises(UpgradeError), record(cluster).step("watch"):
        if not wrapped:
            raise StoppedError("Stopped by SIGTERM.")
        raise UpgradeError("Stopped by SIGTERM.") from StoppedError("Stopped by SIGTERM.")
    journal = stored(cluster)[0]
    assert (journal.outcome, states(journal), holder_of(cluster)) == (None, [("watch", "failed", "Stopped by SIGTERM.")], "")
    again, begun = record(cluster, "elsewhere/2-2").open("upgrade", PLAN)
    assert (again.run, begun) == (journal.run, False)


def test_a_step_that_fails_keeps_the_lease_for_the_way_back(cluster: Kubernetes) -> None:
    record(cluster).open("upgrade", PLAN)
    with pytest.raises(UpgradeError), record(cluster).step("watch"):
        raise UpgradeError("No.")
    assert holder_of(cluster) == "host/1-1"


def test_a_step_alone_that_was_killed_is_gone_on_with_and_ended(cluster: Kubernetes, clock: Clock) -> None:
    """Else the unfinished run of one step would stand in the way of every upgrade, and nothing would ever end it."""
    killed = record(cluster, "host/1-1").open("snapshot", {})[0]
    clock.sleep(60)
    with record(cluster, "host/2-2").step("snapshot") as step:
        assert step.run == killed.run
    assert [(journal.run, journal.outcome) for journal in stored(cluster)] == [(killed.run, "ended")]
    assert holder_of(cluster) == ""


def test_another_step_alone_does_not_join_the_one_that_was_killed(cluster: Kubernetes, clock: Clock) -> None:
    killed = record(cluster, "host/1-1").open("snapshot", {})[0]
    clock.sleep(60)
    with pytest.raises(UpgradeError) as error, record(cluster, "host/2-2").step("watch"):
        pytest.fail("the step must not begin")
    assert error.value.message == f"The snapshot {killed.run} of ampora-web has not ended."
    assert stored(cluster) == [killed]


def test_a_step_joins_the_run_of_its_playbook_only(cluster: Kubernetes) -> None:
    record(cluster, "host/1-1").open("upgrade", PLAN)
    with pytest.raises(UpgradeError, match=r"^Another run works on ampora-web"), record(cluster, "host/2-2").step("watch"):
        pytest.fail("the step must not begin")
    assert stored(cluster)[0].steps == ()


def test_a_second_attempt_at_a_step_stays_beside_the_first(cluster: Kubernetes) -> None:
    record(cluster).open("upgrade", PLAN)
    with pytest.raises(UpgradeError), record(cluster).step("apply"):
        raise UpgradeError("Stuck.")
    with record(cluster).step("apply"):
        pass
    assert states(stored(cluster)[0]) == [("apply", "failed", "Stuck."), ("apply", "ended", "")]


def _take_over(cluster: Kubernetes) -> None:
    lease(cluster)["spec"] |= {"holderIdentity": "host/2-2", "leaseTransitions": 1}


def _vanish(cluster: Kubernetes) -> None:
    del cluster.objects["Lease", LEASE]


def _taken_over_twice(cluster: Kubernetes) -> None:
    """Away to another and back to a process of the same name: only the token tells."""
    lease(cluster)["spec"] |= {"leaseTransitions": 2}


@pytest.mark.parametrize("lose", [_take_over, _vanish, _taken_over_twice])
@pytest.mark.parametrize("failing", [False, True])
def test_who_has_lost_the_lease_writes_nothing_more(cluster: Kubernetes, lose: Any, failing: bool) -> None:
    record(cluster).open("upgrade", PLAN)
    with pytest.raises(UpgradeError) as error, record(cluster).step("apply"):
        lose(cluster)
        before = list(cluster.writes)
        if failing:
            raise UpgradeError("Stuck.")
    assert error.value.message == "The lease has gone to another run while this one was at work."
    assert error.value.next_step == "Look at that run's journal first."
    assert cluster.writes == before
    assert states(stored(cluster)[0]) == [("apply", "begun", "")]


# --- renewing


class Renewals:
    """Lets the renewing thread work and says when it has: no test waits for a time."""

    def __init__(self, cluster: Kubernetes) -> None:
        self.written = threading.Event()
        self.tried = threading.Event()
        self.failed = threading.Event()
        self._get = cluster.get

    def get(self, kind: str, name: str) -> Object | None:
        try:
            found = self._get(kind, name)
        except UpgradeError:
            self.failed.set()
            raise
        if threading.current_thread() is not threading.main_thread():
            self.tried.set()
        return found

    def replaced(self, _body: Object) -> None:
        if threading.current_thread() is not threading.main_thread():
            self.written.set()


@pytest.fixture
def renewals(cluster: Kubernetes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Renewals]:
    found = Renewals(cluster)
    monkeypatch.setattr(run_record, "RENEW_SECONDS", 0.001)
    monkeypatch.setattr(cluster, "get", found.get)
    cluster.after["replace Lease"] = found.replaced
    yield found
    assert [thread for thread in threading.enumerate() if "_renew_until" in thread.name] == []


def test_the_lease_is_renewed_while_a_step_works(cluster: Kubernetes, clock: Clock, renewals: Renewals) -> None:
    record(cluster).open("upgrade", PLAN)
    with record(cluster).step("watch"):
        clock.sleep(30)
        renewals.written.clear()
        assert renewals.written.wait(10), "nothing was renewed"
        assert lease(cluster)["spec"]["renewTime"] == "2026-11-22T21:40:30.000000Z"
        assert fencing_token(lease(cluster)) == 0
    assert states(stored(cluster)[0]) == [("watch", "ended", "")]


def test_a_renewal_that_fails_is_tried_again(cluster: Kubernetes, renewals: Renewals) -> None:
    record(cluster).open("upgrade", PLAN)
    with record(cluster).step("watch"):
        cluster.failures["get Lease"] = UpgradeError("The Kubernetes API does not answer.")
        assert renewals.failed.wait(10)
        del cluster.failures["get Lease"]
        renewals.written.clear()
        assert renewals.written.wait(10), "the renewing ended with the first failure"
    assert states(stored(cluster)[0]) == [("watch", "ended", "")]


def test_a_lost_lease_is_not_renewed(cluster: Kubernetes, renewals: Renewals) -> None:
    record(cluster).open("upgrade", PLAN)
    with pytest.raises(UpgradeError, match=r"^The lease has gone to another run"), record(cluster).step("watch"):
        _take_over(cluster)
        lease(cluster)["spec"]["renewTime"] = "theirs"
        for _unused in range(3):
            renewals.tried.clear()
            assert renewals.tried.wait(10)
    assert lease(cluster)["spec"]["renewTime"] == "theirs"


# --- who we are


def test_the_holder_is_the_parent_process_and_its_start() -> None:
    assert re.fullmatch(r"[^/]+/[1-9]\d*-[1-9]\d*", run_record.holder())
    assert run_record.holder() == run_record.holder()


def test_the_holder_where_processes_cannot_be_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getppid", lambda: 2**31)
    assert run_record.holder().endswith(f"/{2**31}-0")


def test_now_has_a_zone() -> None:
    assert run_record.now().utcoffset() is not None

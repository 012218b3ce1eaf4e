# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.data_loss import Subjects
from ansible_collections.ampora.upgrades.plugins.plugin_utils.keys.master_key import fingerprint, read_key
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import RunRecord
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback import writes_since
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.way_back import WayBack, read_way_back, require_consent

from tests.unit.doubles.database import Content, MemoryDatabase, memory_now
from tests.unit.doubles.kubernetes import Kubernetes
from tests.unit.doubles.scene import KEY_OPTIONS, NOW, PREVIOUS, RUN, deployment, journal, keep, manifest, record

COMMAND = f"ansible-playbook ampora.upgrades.rollback -e ampora_run_id={RUN}"
SNAPSHOT = ("snapshot", {"id": RUN})
APPLIED = ["1_first", "2_second"]
SUBJECTS = Subjects(audit="audit_events")


@pytest.fixture(autouse=True)
def _in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writes_since, "read_now", memory_now)
    monkeypatch.setattr(writes_since, "now", lambda: NOW + timedelta(minutes=12, seconds=1))


def world(migrations: list[str], rows: dict[str, int] | None = None, *, kept: bool = True) -> tuple[Kubernetes, MemoryDatabase, str]:
    cluster = deployment()
    key = fingerprint(cluster, read_key(cluster, cluster.deployment(), KEY_OPTIONS))
    record(cluster, journal(SNAPSHOT))
    if kept:
        keep(cluster, manifest(key_fingerprint=key))
    database = MemoryDatabase()
    database.databases["ampora"] = Content(rows or {"public.agents": 200}, migrations)
    return cluster, database, key


def read(cluster: Kubernetes, database: MemoryDatabase, key: str, run: str = "") -> WayBack:
    found = read_way_back(cluster, RunRecord(cluster, {}), database, run, key, SUBJECTS)
    assert cluster.writes == database.events == []
    return found


def test_an_unchanged_schema_is_undone() -> None:
    found = read(*world(APPLIED))
    assert (found.decision.route, found.decision.lossless, found.loss) == ("undo", True, None)
    assert found.previous == PREVIOUS
    assert found.manifest is not None


def test_a_migrated_schema_is_restored_with_consent() -> None:
    found = read(*world([*APPLIED, "3_third"], {"public.agents": 207, "public.new": 1, "public.fewer": 0}), run=RUN)
    assert (found.decision.route, found.decision.lossless) == ("restore", False)
    assert found.loss is not None
    assert found.loss.rows == {"public.agents": 7, "public.new": 1}
    assert found.decision.next_command == f"{COMMAND} -e ampora_accept_data_loss={RUN}"


def test_no_write_since_is_lossless_and_needs_no_consent() -> None:
    found = read(*world([*APPLIED, "3_third"]))
    assert (found.decision.route, found.decision.lossless) == ("restore", True)
    assert require_consent(found, "") is found.manifest


def test_equal_counts_are_not_nothing_lost() -> None:
    cluster, database, key = world([*APPLIED, "3_third"])
    database.databases["ampora"].written["public.agents"] = 2  # two updates
    found = read(cluster, database, key)
    assert (found.decision.route, found.decision.lossless) == ("restore", False)
    assert found.loss is not None
    assert found.loss.words() == "13 minutes of writes (public.agents: 2 rows written, 2 of the snapshot's rows changed or deleted)"


@pytest.mark.parametrize("why", ["marks", "read"])
def test_what_cannot_be_proven_needs_consent(why: str) -> None:
    cluster, database, key = world([*APPLIED, "3_third"])
    if why == "marks":
        keep(cluster, manifest(key_fingerprint=key, marks=None))
    else:
        database.failures["read_now"] = UpgradeError("The database refuses: no.")
    found = read(cluster, database, key)
    assert (found.decision.route, found.decision.lossless) == ("restore", None)
    with pytest.raises(UpgradeError, match="not known: (the snapshot has no watermark|The database refuses: no)"):
        require_consent(found, "")
    assert require_consent(found, RUN) is found.manifest


def test_an_unreadable_history_asks() -> None:
    cluster, database, key = world(APPLIED)
    database.failures["migrations"] = UpgradeError("The database cannot be used.")
    assert read(cluster, database, key).decision.route == "ask"


def test_a_plan_without_migrations_asks() -> None:
    cluster, database, key = world(APPLIED)
    record(cluster, journal(SNAPSHOT, plan={"current": PREVIOUS}))
    assert read(cluster, database, key).decision.route == "ask"


@pytest.mark.parametrize("steps", [(), (("apply", {}),)])
def test_no_snapshot(steps: tuple[tuple[str, dict[str, Any]], ...]) -> None:
    cluster, database, key = world([*APPLIED, "3_third"])
    record(cluster, journal(*steps))
    found = read(cluster, database, key)
    assert (found.decision.route, found.manifest) == ("none", None)
    assert "no snapshot of this run is recorded" in found.decision.reason


def test_a_snapshot_that_failed_or_is_gone() -> None:
    cluster, database, key = world([*APPLIED, "3_third"], kept=False)
    assert "no snapshot of this run is recorded" in read(cluster, database, key).decision.reason
    keep(cluster, manifest(key_fingerprint=key))
    failed = journal().begin("snapshot", journal().started_at).fail("snapshot", journal().started_at, "no")
    record(cluster, failed)
    assert "no snapshot of this run is recorded" in read(cluster, database, key).decision.reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"proof": "none"}, "was never decoded in full"),
        ({"app": {"version": "1.4.1", "digest": "x"}}, "is of version 1.4.1 and not of 1.4.2"),
        ({"deployment": {"namespace": "ampora", "name": "other"}}, "is of ampora/other and not of ampora/ampora-web"),
        ({"key_fingerprint": "f" * 16}, "was encrypted under another master key than the one in use"),
    ],
)
def test_a_snapshot_that_does_not_fit(changes: dict[str, Any], reason: str) -> None:
    cluster, database, key = world([*APPLIED, "3_third"])
    keep(cluster, manifest(**{"key_fingerprint": key, **changes}))
    found = read(cluster, database, key)
    assert found.decision.route == "none"
    assert reason in found.decision.reason


def test_only_an_upgrade_is_gone_back_from() -> None:
    cluster, database, key = world(APPLIED)
    record(cluster, journal(run="20261122t2200z-ffffff", kind="rollback"))
    assert read(cluster, database, key).journal.run == RUN


@pytest.mark.parametrize("consent", ["", "true", "another-run"])
def test_consent_is_the_snapshots_own_id(consent: str) -> None:
    found = read(*world([*APPLIED, "3_third"], {"public.agents": 207, "public.a": 3}))
    with pytest.raises(UpgradeError) as error:
        require_consent(found, consent)
    assert error.value.message == (
        f"A restore of the snapshot {RUN} of 2026-11-22T21:40:00Z loses what was written since: 13 minutes of writes (public.a: 3 rows"
        f" written; public.agents: 7 rows written); and ampora_accept_data_loss is {consent or 'empty'}."
    )
    assert error.value.next_step == f"To agree, run this: {COMMAND} -e ampora_accept_data_loss={RUN}"
    assert require_consent(found, RUN) is found.manifest


def test_no_consent_makes_another_route_a_restore() -> None:
    with pytest.raises(UpgradeError) as error:
        require_consent(read(*world(APPLIED)), RUN)
    assert error.value.message == ("A restore is not the way back: The schema is unchanged, so the previous image runs on it as it is.")
    assert error.value.next_step == COMMAND

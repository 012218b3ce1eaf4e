# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.data_loss import Subjects
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback import audit_export, loss_guard, writes_since
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.loss_guard import LossGuard

from tests.unit.doubles.database import MemoryDatabase, memory_export, memory_now
from tests.unit.doubles.scene import RUN, manifest


@pytest.fixture(autouse=True)
def _in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writes_since, "read_now", memory_now)
    monkeypatch.setattr(loss_guard, "export_audit", memory_export)


def guard(database: MemoryDatabase, *, agreed: bool = False, audit: str = "audit_events") -> LossGuard:
    return LossGuard(database, manifest(), Subjects(audit=audit), Path("reports"), agreed=agreed, say=lambda _text: None)


def test_without_a_loss_nothing_is_saved_and_nobody_is_asked() -> None:
    database = MemoryDatabase()
    one = guard(database)
    one.look()
    assert (one.loss.lossless, one.audit, database.events) == (True, {}, [])


def test_a_loss_that_came_meanwhile_is_refused() -> None:
    """Lossless when the route was chosen, and an update while the pods were stopping."""
    database = MemoryDatabase()
    one = guard(database)
    one.look()
    database.databases["ampora"].written["public.agents"] = 1
    with pytest.raises(UpgradeError, match=r"Meanwhile something was written .*public.agents: 1 rows written.*was not touched") as error:
        one.look()
    assert error.value.next_step.endswith(f"-e ampora_accept_data_loss={RUN}")
    assert database.events == []


def test_a_loss_that_was_agreed_to_saves_its_audit_rows_each_time() -> None:
    database = MemoryDatabase()
    database.databases["ampora"].written["public.agents"] = 1
    one = guard(database, agreed=True)
    one.look()
    one.look()
    assert database.events == ["export audit_events since 900"] * 2
    assert one.to_dict()["audit_export"]["rows"] == 7
    assert one.to_dict()["lost_rows"] == {"public.agents": 1}


def test_an_application_without_an_audit_log() -> None:
    database = MemoryDatabase()
    database.databases["ampora"].written["public.agents"] = 1
    guard(database, agreed=True, audit="").look()
    assert database.events == []


def test_an_export_that_fails_stops_everything() -> None:
    database = MemoryDatabase()
    database.databases["ampora"].written["public.agents"] = 1
    database.failures["export"] = UpgradeError("The audit rows that would be lost cannot be written to x: No space left on device.")
    with pytest.raises(UpgradeError, match="No space left"):
        guard(database, agreed=True).look()


def test_a_file_that_cannot_be_written_is_an_error_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the directory should be", encoding="utf-8")
    path = tmp_path / "taken" / "audit-lost.jsonl"
    with pytest.raises(UpgradeError, match=f"cannot be written to {path}: ") as error:
        audit_export._write([["{}"]], path)
    assert "Nothing was restored" in error.value.next_step


def test_an_export_replaces_the_one_before_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "run" / "audit-lost.jsonl"
    audit_export._write([['{"id":1}']], path)
    found = audit_export._write([['{"id":1}', '{"id":2}'], ['{"id":3}']], path)
    assert path.read_text(encoding="utf-8") == '{"id":1}\n{"id":2}\n{"id":3}\n'
    assert found["rows"] == 3
    assert (path.stat().st_mode & 0o777) == 0o600
    assert path.with_suffix(".jsonl.sha256").read_text(encoding="utf-8") == f"{found['sha256']}  audit-lost.jsonl\n"
    assert sorted(item.name for item in path.parent.iterdir()) == ["audit-lost.jsonl", "audit-lost.jsonl.sha256"]

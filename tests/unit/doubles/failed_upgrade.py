# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An upgrade that has failed its watch: what the ways back begin from."""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.plugin_utils.keys.master_key import fingerprint, read_key

from tests.unit.doubles.database import Content
from tests.unit.doubles.scene import KEY_OPTIONS, NOW, RUN, journal, keep, manifest, record
from tests.unit.doubles.stage import Stage

APPLIED = ["1_first", "2_second"]
COMMAND = f"ansible-playbook ampora.upgrades.rollback -e ampora_run_id={RUN}"
UNCHANGED = "The schema is unchanged, so the previous image runs on it as it is."
FAILED: tuple[tuple[str, dict[str, Any]], ...] = (("snapshot", {"id": RUN}), ("pin_by_digest", {}), ("watch", {"verdict": "fail"}))


def upgraded(stage: Stage, *, migrated: bool) -> None:
    """An upgrade that has failed its watch."""
    key = fingerprint(stage.cluster, read_key(stage.cluster, stage.cluster.deployment(), KEY_OPTIONS))
    keep(stage.cluster, manifest(key_fingerprint=key))
    record(stage.cluster, journal(*FAILED).close(NOW, "held"))
    stage.clock.sleep(60)
    rows = {"public.agents": 207} if migrated else {"public.agents": 200}
    stage.database.databases["ampora"] = Content(rows, [*APPLIED, "3_third"] if migrated else APPLIED)

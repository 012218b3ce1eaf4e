# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.run.words import duration, line, size, title


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (0.44, "0.4 s"), (12.4, "12 s"), (59.9, "60 s"), (410, "6 min 50 s"), (3600, "1 h 0 min"), (7500, "2 h 5 min")],
)
def test_a_time(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (5 * 2**20, "5.0 MiB"),
        (3 * 2**30, "3.0 GiB"),
        (2**60, "1048576.0 TiB"),
        ("big", "big"),
        (True, "True"),
    ],
)
def test_a_size(value: object, text: str) -> None:
    assert size(value) == text


def test_a_step_that_is_not_known_has_its_own_name() -> None:
    assert (title("watch"), title("brand_new_step")) == ("Watch the metrics", "Brand new step")
    assert line("brand_new_step", {"a": 1}) == ""


@pytest.mark.parametrize(
    ("step", "result", "text"),
    [
        ("snapshot", {"id": "s1", "size": 2048, "proof": "decoded"}, "s1, 2.0 KiB, proof: decoded"),
        ("pin_by_digest", {"version": "1.5.0", "digest": "sha256:a"}, "1.5.0 is sha256:a"),
        ("migrate", {"before": ["a"], "after": ["a", "b"]}, "1 migrations: b"),
        ("migrate", {"before": ["a"], "after": ["a"]}, "nothing to migrate"),
        (
            "apply",
            {"seconds": 11.3, "schema": {"state": "migrated", "added": ["b"]}, "pods": {"p": "i"}},
            "complete after 11.3 s; the schema is migrated (b); 1 pods run the pinned digest",
        ),
        ("watch", {"verdict": "pass", "signals": [{"name": "up", "verdict": "pass"}, "odd"]}, "verdict pass (up: pass)"),
        ("spot_check", {"pods": {"text": "3 of 3 pods"}, "left_out": ["browser"]}, "3 of 3 pods; the browser part was skipped"),
        ("undo", {"version": "1.4.2"}, "1.4.2 runs again"),
        ("restore", {"snapshot": "s1", "kept_database": "old"}, "from the snapshot s1; the replaced database is kept as old"),
        ("configuration_rollouts", {"paused": {"a": "b"}, "not_paused": {}, "error": "gone"}, "paused: 1, gone"),
        ("watch", {}, ""),
    ],
)
def test_what_a_step_did(step: str, result: dict[str, Any], text: str) -> None:
    assert line(step, result) == text

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from tests.unit.doubles.scene import NEW_DIGEST, PREVIOUS, journal, record
from tests.unit.doubles.stage import Stage


def text(stage: Stage) -> str:
    return (stage.overlay / "kustomization.yaml").read_text(encoding="utf-8")


def pinned(stage: Stage, digest: str, version: str) -> str:
    return f"resources:\n  - ../base\nimages:\n  - name: ampora-web\n    newName: {stage.name}\n    digest: {digest}  # {version}\n"


def test_the_registrys_digest_of_a_version(stage: Stage) -> None:
    digest = stage.digests["1.5.0"]
    result = stage.run("pin", target_version="1.5.0")
    assert {name: result[name] for name in ("changed", "image", "version", "digest")} == {
        "changed": True,
        "image": f"{stage.name}@{digest}",
        "version": "1.5.0",
        "digest": digest,
    }
    assert text(stage) == pinned(stage, digest, "1.5.0")
    assert stage.journals() == [("pin_by_digest", "ended", [("pin_by_digest", "ended")])]
    assert stage.said() == [f"pin: ampora-web is {stage.name}@{digest} (1.5.0)"]


def test_again_is_no_change_and_no_step(stage: Stage) -> None:
    stage.run("pin", target_version="1.5.0")
    writes = list(stage.cluster.writes)
    assert not stage.run("pin", target_version="1.5.0")["changed"]
    assert stage.cluster.writes == writes
    assert stage.said()[-1].endswith(" (1.5.0), as it was")


@pytest.mark.parametrize("check", [True, False])
def test_the_difference(stage: Stage, check: bool) -> None:
    before = text(stage)
    result = stage.run("pin", check=check, diff=True, target_version="1.5.0")
    file = str(stage.overlay / "kustomization.yaml")
    assert result["changed"]
    assert result["diff"] == {
        "before": before,
        "after": pinned(stage, stage.digests["1.5.0"], "1.5.0"),
        "before_header": file,
        "after_header": file,
    }
    assert text(stage) == (before if check else result["diff"]["after"])


def test_no_difference_where_nothing_changes(stage: Stage) -> None:
    stage.run("pin", target_version="1.5.0")
    assert "diff" not in stage.run("pin", diff=True, target_version="1.5.0")


def test_in_a_run_its_plan_decides(stage: Stage) -> None:
    """A tag that moves during a run brings nothing else in."""
    stage.run("journal", state="opened", plan={"target": {"version": "1.5.0", "digest": NEW_DIGEST}})
    result = stage.run("pin", target_version="1.5.0")
    assert (result["digest"], result["version"]) == (NEW_DIGEST, "1.5.0")
    assert stage.journals() == [("upgrade", None, [("pin_by_digest", "ended")])]


def test_a_stated_digest_counts_first(stage: Stage) -> None:
    record(stage.cluster, journal(plan={"target": {"version": "1.5.0", "digest": NEW_DIGEST}}))
    result = stage.run("pin", check=True, target_version="1.4.2", digest=PREVIOUS["digest"])
    assert (result["digest"], result["version"]) == (PREVIOUS["digest"], "1.4.2")


def test_an_overlay_without_an_entry_gets_the_running_name(stage: Stage) -> None:
    (stage.overlay / "kustomization.yaml").write_text("resources: [../base]\n", encoding="utf-8")
    stage.run("pin", target_version="1.5.0")
    assert f"newName: {stage.name}\n" in text(stage)


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("", "ampora_target_version is empty and no run is open. Next: Set ampora_target_version."),
        ("1.5", 'ampora_target_version is "1.5", which is not a version by Semantic Versioning 2.0.0'),
        ("1.9.0", "has no ampora/ampora-web with the tag 1.9.0. Next: Check ampora_target_version"),
    ],
)
def test_a_version_that_cannot_be_pinned(stage: Stage, version: str, message: str) -> None:
    before = text(stage)
    result = stage.run("pin", target_version=version)
    assert result["failed"]
    assert message in result["msg"]
    assert (text(stage), stage.cluster.writes) == (before, [])

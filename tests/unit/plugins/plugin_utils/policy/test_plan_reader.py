# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan's reading of a whole small world; each part of it is then broken by itself, and all of them together."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import readiness
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.evaluate import evaluate
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Hop
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Answers
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import LockHolder
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.reading import other_parts
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run import run_record
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import RunRecord

from tests.unit.doubles.database import PASSWORD
from tests.unit.doubles.http_server import closed_port
from tests.unit.doubles.kubectl import rendered
from tests.unit.doubles.scene import PREVIOUS, RUN, journal, record
from tests.unit.doubles.world import World


def test_a_world_in_order(world: World) -> None:
    facts, findings = world.read()
    assert findings == []
    digest, children = world.registry.tags["1.5.0"], facts.target["children"]
    assert len(children) == 1
    assert facts.deployment == {"namespace": "ampora", "name": "ampora-web", "container": "ampora-web"}
    start = {
        "version": "1.4.2",
        "image": f"{world.name}:1.4.2",
        "digest": world.registry.tags["1.4.2"],
        "revision": "4",
        "replicas": 3,
    }
    end = {"version": "1.5.0", "image": f"{world.name}@{digest}", "digest": digest, "children": children, "platforms": ["linux/amd64"]}
    assert (facts.current, facts.target, facts.change) == (start, end, "minor")
    assert facts.hops == [Hop(1, start, end, "minor", label="1.5.0")]
    assert facts.database is not None
    assert facts.database.to_dict() == {"server_version": 170004, "size": 7_000_000, "migrations": ["1_first", "2_second"]}
    assert [str(known) for known in facts.available] == ["1.4.2", "1.4.3", "1.5.0", "1.6.0"]
    assert [(note.version, note.source) for note in facts.notes] == [("1.4.3", "1.4.3.md"), ("1.5.0", "1.5.0.md")]


# --- one thing is wrong


def _break_registry(world: World) -> None:
    world.pull(f"{world.name}@{world.registry.tags['1.4.2']}")
    world.args["current_version"] = "1.4.2"
    world.kubectl.answer("kustomize", rendered(f"{world.name}@{world.registry.tags['1.4.2']}"))
    world.registry.status = 500


def _break_notes(world: World) -> None:
    world.args["release_notes"] = str(world.folder / "none")


def _break_database(world: World) -> None:
    world.database.failures["facts"] = UpgradeError("The database cannot be used: no route to host.", evidence=("seen",))


def _break_key(world: World) -> None:
    world.args["master_key"]["env"] = "Missing"


def _break_prometheus(world: World) -> None:
    world.args["prometheus"]["url"] = f"http://{closed_port()}"


def _break_overlay(world: World) -> None:
    world.kubectl.answer("kustomize", stderr="error: no such file\n", status=1)


def _break_lease(world: World) -> None:
    world.cluster.failures["get Lease"] = UpgradeError("Kubernetes refuses to get Lease.")


def _break_rollout(world: World) -> None:
    world.cluster.failures["list ReplicaSet"] = UpgradeError("Kubernetes refuses to list ReplicaSet.")


def _break_permissions(world: World) -> None:
    world.cluster.failures["ask"] = UpgradeError("Kubernetes refuses to ask for permissions.")


def _break_claim(world: World) -> None:
    world.cluster.failures["get PersistentVolumeClaim"] = UpgradeError("Kubernetes refuses to get PersistentVolumeClaim.")


BROKEN: dict[str, tuple[Callable[[World], None], str]] = {
    "run-record": (_break_lease, "Kubernetes refuses to get Lease."),
    "registry": (_break_registry, "answers 500 for ampora/ampora-web:1.5.0. Next: Check the pull credentials"),
    "release-notes": (_break_notes, "there is no such file or directory. Next: Name a directory"),
    "database": (_break_database, "The database cannot be used: no route to host."),
    "master-key": (_break_key, "has no variable Missing (ampora_master_key_env). Next: Name the variable that holds the master key"),
    "prometheus": (_break_prometheus, "does not answer (ConnectionError). Next: Check ampora_prometheus_url"),
    "overlay": (_break_overlay, "fails: error: no such file."),
    "rollout": (_break_rollout, "Kubernetes refuses to list ReplicaSet."),
    "permissions": (_break_permissions, "Kubernetes refuses to ask for permissions."),
    "snapshot-claim": (_break_claim, "Kubernetes refuses to get PersistentVolumeClaim."),
}


@pytest.mark.parametrize("part", BROKEN)
def test_a_part_that_cannot_be_read_is_one_finding(world: World, part: str) -> None:
    breaks, words = BROKEN[part]
    breaks(world)
    findings = world.read()[1]
    assert [(finding.id, finding.severity) for finding in findings] == [(part, "block")]
    assert words in findings[0].text
    assert PASSWORD not in str(findings)


def test_all_parts_at_once(world: World) -> None:
    for breaks, _words in BROKEN.values():
        breaks(world)
    world.args["target_version"] = "one.five"
    facts, findings = world.read()
    # Without a target version nothing is asked of the notes.
    wanted = ["run-record", "invalid-version", *list(BROKEN)[3:]]
    assert [finding.id for finding in findings] == wanted
    assert facts.current["version"] == "1.4.2"


def test_evidence_of_a_part_goes_along(world: World) -> None:
    _break_database(world)
    assert world.read()[1][0].evidence == ("seen",)


def test_without_the_deployment_nothing_can_be_judged(world: World) -> None:
    del world.cluster.objects["Deployment", "ampora-web"]
    with pytest.raises(UpgradeError, match=r"^There is no Deployment ampora-web in the namespace ampora\."):
        world.read()


# --- runs


def test_another_run_at_work(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_record, "holder", lambda: "host/9-9")
    run = RunRecord(world.cluster, {}).open("downgrade", {"target": {"version": "1.4.1"}})[0].run
    world.cluster.writes.clear()
    monkeypatch.undo()
    monkeypatch.setattr(other_parts, "open_database", lambda *_unused: world.database)
    found = world.found()
    assert [name for name, unused in found] == ["another-run", "unfinished-run"]
    assert found[0][1].startswith(f"Another run works on this deployment: host/9-9 (run {run}) holds the lease until ")
    assert found[0][1].endswith("Z. Wait for it to end.")
    assert found[1][1] == (f"The downgrade {run} (1.4.1) has not ended. Go on with its own target, or go back with rollback.yml.")


@pytest.mark.parametrize("kind", ["upgrade", "downgrade"])
def test_an_unfinished_run_to_the_same_target_is_gone_on_with(world: World, kind: str) -> None:
    """In its middle nothing is at rest: the overlay is pinned already, pods are on their way."""
    plan = {"target": {"version": "1.5.0"}, "current": PREVIOUS}
    record(world.cluster, journal(kind=kind, plan=plan))
    world.kubectl.answer("kustomize", rendered(f"{world.name}@{world.registry.tags['1.5.0']}"))
    world.cluster.objects["Deployment", "ampora-web"]["status"]["updatedReplicas"] = 1
    facts, findings = world.read()
    assert findings == []
    assert (facts.resumes, facts.current) == (RUN, PREVIOUS)


def test_an_unfinished_run_without_a_target(world: World) -> None:
    record(world.cluster, journal(kind="rollback", plan={}))
    assert world.found() == [
        (
            "unfinished-run",
            f"The rollback {RUN} (no target) has not ended. Go on with its own target, or go back with rollback.yml.",
        )
    ]


def test_what_runs_already(world: World) -> None:
    world.args["target_version"] = "1.4.2"
    facts, findings = world.read()
    assert findings == []
    assert (facts.change, facts.notes, facts.target["digest"]) == ("none", [], facts.current["digest"])


def test_the_base_name_without_an_images_entry(world: World) -> None:
    """Then a base or a component has set the running image, and the overlay gets an entry by that name."""
    (world.overlay.path / "kustomization.yaml").write_text("resources: [../base]\n", encoding="utf-8")
    facts, findings = world.read()
    assert findings == []
    assert facts.target["image"].startswith(f"{world.name}@")


def test_the_base_name_once_it_was_pinned(world: World) -> None:
    """The entry that an earlier upgrade has made by that name stands in no later one's way."""
    entry = f"  - name: {world.name}\n    newName: {world.name}\n    digest: sha256:{'a' * 64}\n"
    (world.overlay.path / "kustomization.yaml").write_text(f"resources: [../base]\nimages:\n{entry}", encoding="utf-8")
    assert world.ids() == []


def test_a_name_beside_the_one_that_gives_the_image(world: World) -> None:
    entry = f"  - name: web\n    newName: {world.name}\n    newTag: 1.4.2\n"
    (world.overlay.path / "kustomization.yaml").write_text(f"resources: [../base]\nimages:\n{entry}", encoding="utf-8")
    assert [(name, "Set ampora_image_name to web." in text) for name, text in world.found()] == [("overlay-without-image", True)]


def test_a_name_that_is_not_in_the_overlay(world: World) -> None:
    (world.overlay.path / "kustomization.yaml").write_text("resources: [../base]\n", encoding="utf-8")
    world.kubectl.answer("kustomize", rendered("reg.example/other:1.4.2"))
    assert [finding.id for finding in world.read()[1]] == ["overlay-without-image"]


@pytest.mark.parametrize(
    ("change", "target", "expected"),
    [
        ("upgrade", "1.4.2", ["downgrade"]),
        ("downgrade", "1.4.2", []),
        ("downgrade", "1.5.0", []),
        ("downgrade", "1.6.0", ["not-a-downgrade"]),
    ],
)
def test_downgrades(world: World, change: str, target: str, expected: list[str]) -> None:
    world.registry.image("1.5.1")
    world.pull(f"{world.name}:1.5.1")
    world.kubectl.answer("kustomize", rendered(f"{world.name}:1.5.1"))
    world.note("1.6.0", "# 1.6.0\n")
    world.args |= {"change": change, "target_version": target}
    found = world.read()[1]
    if (change, target) == ("downgrade", "1.4.2"):
        assert [finding.id for finding in found] == ["downgrade"], "only within one MINOR"
    else:
        assert [finding.id for finding in found] == expected


def test_a_newer_version_is_no_downgrade(world: World) -> None:
    world.args |= {"change": "downgrade"}
    assert world.found()[-1] == ("not-a-downgrade", "1.5.0 is newer than 1.4.2; use upgrade.yml.")


# --- notes


def test_words_in_the_notes_are_findings_of_their_version(world: World) -> None:
    world.note("1.5.0", "# 1.5.0\n\n## Changes\n\n- We remove the old key.\n")
    found = world.read()[1]
    assert [(finding.id, finding.severity, finding.version) for finding in found] == [("word-remove", "ack", "1.5.0")]


def test_a_missing_note(world: World) -> None:
    (world.notes / "1.4.3.md").unlink()
    assert world.ids() == ["missing-notes"]


def test_a_note_that_is_too_large_is_not_sorted_into_sections(world: World) -> None:
    world.note("1.5.0", "# 1.5.0\n\n" + "word " * 250_000)
    facts, findings = world.read()
    assert [finding.id for finding in findings] == ["note-too-large"]
    assert [note["sections"] == {} for note in evaluate(facts, Answers())["notes"]] == [False, True]


# --- the ground


def test_the_database_is_judged(world: World) -> None:
    world.database.server_version, world.database.may_create_databases = 150001, False
    world.database.locks = [LockHolder(7, "psql", "active", 3)]
    assert world.ids() == ["database-too-old", "restore-needs-createdb", "advisory-lock-held"]


def test_signals_are_judged(world: World) -> None:
    world.prometheus.constant(sessions=None, up=2.0)
    assert world.ids() == ["signal-without-data", "targets-missing"]


def test_an_overlay_that_renders_something_else(world: World) -> None:
    world.kubectl.answer("kustomize", rendered(f"{world.name}:1.4.1"))
    assert world.ids() == ["overlay-drift"]


def test_an_overlay_with_a_bare_image_name(world: World) -> None:
    world.kubectl.answer("kustomize", rendered("ampora-web"))
    assert world.ids() == ["overlay-drift"]


def test_a_rollout_under_way(world: World) -> None:
    world.cluster.objects["Deployment", "ampora-web"]["status"]["updatedReplicas"] = 1
    assert world.ids() == ["rollout-not-complete"]


def test_missing_permissions(world: World) -> None:
    world.cluster.denied = {readiness.PERMISSIONS[1], readiness.PERMISSIONS[2]}
    assert world.found() == [
        (
            "permissions",
            "These credentials may not: patch deployments.apps, patch deployments/scale.apps. Grant what docs/rbac.yml lists.",
        )
    ]


def test_no_claim_for_the_snapshot(world: World) -> None:
    world.args["snapshot"] = {"method": "job", "claim": "none"}
    assert world.found() == [
        (
            "snapshot-claim-missing",
            "There is no PersistentVolumeClaim none (ampora_snapshot_claim) in ampora; make one that holds the database's dump.",
        )
    ]


@pytest.mark.parametrize(("job", "shown"), [("", "empty"), ("none.yml", "none.yml")])
def test_no_migration_job(world: World, job: str, shown: str) -> None:
    world.args |= {"migrate": "job", "migrate_job": job}
    assert world.found() == [
        (
            "migrate-job-missing",
            f"ampora_migrate is job, and ampora_migrate_job is {shown}: name the file with your migration Job.",
        )
    ]


def test_a_migration_job_that_is_there(world: World) -> None:
    path = world.folder / "job.yml"
    path.write_text("kind: Job\n", encoding="utf-8")
    world.args |= {"migrate": "job", "migrate_job": str(path)}
    assert world.ids() == []


@pytest.mark.parametrize("mode", ["api", "both"])
def test_a_check_by_the_api_needs_a_token(world: World, mode: str) -> None:
    world.args |= {"spot_check": mode, "api": {**world.args["api"], "token": " "}}
    assert world.ids() == ["api-token-missing"]


@pytest.mark.parametrize("installed", [True, False])
def test_a_browser_check_needs_its_package(world: World, monkeypatch: pytest.MonkeyPatch, installed: bool) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if installed and name == "playwright" else None)
    world.args["spot_check"] = "browser"
    assert world.ids() == ([] if installed else ["browser-missing"])

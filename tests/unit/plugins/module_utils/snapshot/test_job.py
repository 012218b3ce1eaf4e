# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot import job

PASSWORD = "s3cret-pass"
SUM = "ab" * 32
INPUTS = job.JobInputs(
    name="upgrade-snapshot-r1",
    labels={"upgrades.ampora.io/run": "r1"},
    image="postgres:17",
    claim="ampora-snapshots",
    directory="r1",
    jobs=2,
    timeout=3600,
    user=999,
    secret="upgrade-snapshot-r1",
    database={"PGHOST": "pg.ampora-db", "PGPORT": "5432", "PGUSER": "ampora", "PGDATABASE": "ampora", "PGSSLMODE": "require"},
)
JOBS = {
    "take": job.take_job(INPUTS, 4096),
    "restore": job.restore_job(INPUTS, {}),
    "remove": job.remove_job(INPUTS),
}


def pod_of(name: str) -> dict[str, Any]:
    return dict(JOBS[name]["spec"]["template"]["spec"])


def containers(name: str) -> list[dict[str, Any]]:
    return [*pod_of(name)["initContainers"], *pod_of(name)["containers"]]


@pytest.mark.parametrize("name", JOBS)
def test_what_every_job_has_in_common(name: str) -> None:
    spec = JOBS[name]["spec"]
    assert JOBS[name]["metadata"] == {"name": "upgrade-snapshot-r1", "labels": INPUTS.labels}
    assert (spec["backoffLimit"], spec["activeDeadlineSeconds"], spec["template"]["metadata"]["labels"]) == (0, 3600, INPUTS.labels)
    assert pod_of(name)["restartPolicy"] == "Never"
    assert pod_of(name)["automountServiceAccountToken"] is False
    assert pod_of(name)["securityContext"] == {"runAsNonRoot": True, "runAsUser": 999, "runAsGroup": 999, "fsGroup": 999}
    assert pod_of(name)["volumes"] == [
        {"name": "snapshots", "persistentVolumeClaim": {"claimName": "ampora-snapshots"}},
        {"name": "run", "secret": {"secretName": "upgrade-snapshot-r1"}},
    ]
    for container in containers(name):
        assert container["image"] == "postgres:17"
        assert container["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


@pytest.mark.parametrize("name", JOBS)
def test_the_password_reaches_a_container_by_the_secret_only(name: str) -> None:
    for container in containers(name):
        by_name = {entry["name"]: entry for entry in container["env"]}
        assert by_name["PGPASSWORD"] == {
            "name": "PGPASSWORD",
            "valueFrom": {"secretKeyRef": {"name": "upgrade-snapshot-r1", "key": "password"}},
        }
        assert by_name["AMPORA_DIRECTORY"]["value"] == "/snapshots/r1"
        assert "PASSWORD" not in json.dumps(container["command"])


def test_the_inputs_of_a_job_cannot_hold_a_password() -> None:
    assert "password" not in job.JobInputs.__dataclass_fields__


def test_every_container_runs_the_script_of_its_name() -> None:
    assert [container["name"] for container in containers("take")] == ["prepare", "take", "prove"]
    assert [container["name"] for container in containers("restore")] == ["restore"]
    for container in [*containers("take"), *containers("restore")]:
        assert container["command"] == ["sh", f"/run/ampora/{container['name']}.sh"]
    names = {container["name"] for container in containers("take")}
    assert names <= {file.removesuffix(".sh") for file in job.take_files("SELECT 1")}


def test_a_dump_begins_in_an_empty_directory_with_room_for_the_forecast() -> None:
    """pg_dump refuses a directory with files in it, and a run that was killed leaves some."""
    script = job.PREPARE_SH
    order = ['rm -rf "$AMPORA_DIRECTORY"', 'mkdir -p "$AMPORA_DIRECTORY"', '[ "$free" -ge "$AMPORA_FORECAST" ]']
    assert [script.index(line) for line in order] == sorted(script.index(line) for line in order)
    assert {"name": "AMPORA_FORECAST", "value": "4096"} in containers("take")[0]["env"]


@pytest.mark.parametrize("before", [[], ["r1"]])
def test_a_dump_first_removes_what_killed_runs_have_left_and_nothing_else(tmp_path: Path, before: list[str]) -> None:
    kept = ["20261120t2140z-ffffff", "lost+found", "20261121t2140z-00dead2"]
    for name in (*kept, "20261121t2140z-00dead", *before):
        (tmp_path / name / "dump").mkdir(parents=True)
    env = {"PATH": os.environ["PATH"], "AMPORA_DIRECTORY": str(tmp_path / "r1"), "AMPORA_FORECAST": "1"}
    env["AMPORA_LEFT"] = "20261121t2140z-00dead 20261101t2140z-00gone"
    log = subprocess.run(["sh", "-c", job.PREPARE_SH], env=env, check=True, capture_output=True, text=True).stdout
    assert job.parse_left(log) == ["20261121t2140z-00dead"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*kept, "r1"])
    assert list((tmp_path / "r1").iterdir()) == []


def test_a_removal_removes_one_run() -> None:
    assert containers("remove")[0]["command"] == ["rm", "-rf", "/snapshots/r1"]


def test_take_sql() -> None:
    script = job.take_sql('SELECT id FROM "History"')
    assert '(SELECT id FROM "History") AS history(id)' in script
    assert "AS counting\n" in script
    assert "FROM (:counting) AS counted" in script
    assert "{" not in script.replace("'{}'", "")
    order = ["statement_timeout = 0", "REPEATABLE READ", "pg_export_snapshot", "dump.sh", "rm -rf", "json_build_object", "COMMIT;"]
    assert [script.index(word) for word in order] == sorted(script.index(word) for word in order)


def test_a_failed_dump_removes_its_directory_before_it_fails() -> None:
    lines = [line.strip() for line in job.take_sql("SELECT 1").splitlines()]
    failed = lines[lines.index("\\if :SHELL_ERROR") : lines.index("\\endif")]
    assert failed[1:] == ['\\! rm -rf "$AMPORA_DIRECTORY"', "SELECT 1/0 AS dump_failed;"]


def test_the_proof_hashes_and_decodes_everything() -> None:
    assert job.PROVE_SH.index("sha256sum") < job.PROVE_SH.index("pg_restore --file=/dev/null dump")


class Dump:
    """The scripts on a dump of this machine, with programs of PostgreSQL that only write down what they are called with."""

    def __init__(self, folder: Path) -> None:
        self.dump = folder / "r1" / "dump"
        self.dump.mkdir(parents=True)
        self.called = folder / "called"
        for name, content in (("toc.dat", "contents"), ("3301.dat.gz", "rows"), ("B.dat.gz", "more")):
            (self.dump / name).write_text(content, encoding="utf-8")
        self.files = {
            f"dump/{path.name}": {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "size": path.stat().st_size}
            for path in self.dump.iterdir()
        }
        programs = folder / "bin"
        programs.mkdir()
        for name in ("pg_restore", "psql"):
            (programs / name).write_text(f'#!/bin/sh\necho "{name} $*" >>{self.called}\n', encoding="utf-8")
            (programs / name).chmod(0o755)
        self.environment = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(folder),
            "AMPORA_DIRECTORY": str(folder / "r1"),
            "AMPORA_JOBS": "2",
            "PGDATABASE": "beside",
        }

    def run(self, script: str) -> str:
        """The log of a restore's script, by the environment that its Job has."""
        [container] = job.restore_job(INPUTS, self.files)["spec"]["template"]["spec"]["containers"]
        expected = next(entry["value"] for entry in container["env"] if entry["name"] == "AMPORA_FILES")
        environment = {**self.environment, "AMPORA_FILES": expected}
        script = script.replace(job.SECRET_MOUNT, str(self.dump.parent.parent))
        return subprocess.run(["sh", "-c", script], env=environment, check=True, capture_output=True, text=True).stdout

    def calls(self) -> list[str]:
        return self.called.read_text(encoding="utf-8").splitlines() if self.called.exists() else []


@pytest.fixture
def dump(tmp_path: Path) -> Dump:
    (tmp_path / "leftovers.sql").touch()
    return Dump(tmp_path)


RESTORING = "pg_restore --jobs=2 --exit-on-error --no-password --dbname=beside dump"
IN_PLACE = ["pg_restore --clean --if-exists --file=- dump", "psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --output=/dev/null"]


def test_what_is_unchanged_is_restored(dump: Dump) -> None:
    log = dump.run(job.RESTORE_SH)
    assert job.parse_files(log) == dump.files
    job.check_restored(log)
    assert dump.calls() == [RESTORING], "it is not decoded before"


def test_in_place_it_is_decoded_before_anything_is_changed(dump: Dump) -> None:
    log = dump.run(job.RESTORE_IN_PLACE_SH)
    job.check_restored(log)
    assert dump.calls()[0] == "pg_restore --file=/dev/null dump"
    assert sorted(dump.calls()[1:]) == IN_PLACE


def test_in_place_what_cannot_be_decoded_changes_nothing(dump: Dump) -> None:
    program = dump.called.parent / "bin" / "pg_restore"
    program.write_text(f"#!/bin/sh\necho \"pg_restore $*\" >>{dump.called}; echo 'pg_restore: error: bad' >&2; exit 1\n", encoding="utf-8")
    log = dump.run(job.RESTORE_IN_PLACE_SH)
    assert dump.calls() == ["pg_restore --file=/dev/null dump"]
    with pytest.raises(UpgradeError, match=r"^The dump cannot be decoded: pg_restore: error: bad$"):
        job.parse_decoded(log)


@pytest.mark.parametrize("script", [job.RESTORE_SH, job.RESTORE_IN_PLACE_SH])
@pytest.mark.parametrize("how", ["half", "bit", "missing", "new", "renamed", "dump", "all"])
def test_what_is_damaged_is_not_given_to_the_database(dump: Dump, script: str, how: str) -> None:
    file = dump.dump / "toc.dat"
    match how:
        case "half":
            file.write_text("cont", encoding="utf-8")
        case "bit":
            file.write_text("cnntents", encoding="utf-8")
        case "missing":
            file.unlink()
        case "new":
            (dump.dump / "another").touch()
        case "renamed":
            file.rename(dump.dump / "another")
        case "dump":
            shutil.rmtree(dump.dump)
        case "all":
            shutil.rmtree(dump.dump.parent)
    log = dump.run(script)
    assert dump.calls() == []
    assert job.parse_files(log) != dump.files
    with pytest.raises(UpgradeError, match=r"^The Job restored nothing: ampora-count: [0-9]$"):
        job.check_restored(log)


def test_parse_facts() -> None:
    facts = {"server_version": 170004, "migrations": ["1"], "rows": {"public.agents": 200}}
    assert job.parse_facts(f"NOTICE: x\nampora-facts: {json.dumps(facts)}\nmore") == facts


@pytest.mark.parametrize(
    ("log", "evidence"),
    [
        ("", ()),
        ("a\nb\nc\nd\ne\nf", ("b", "c", "d", "e", "f")),
        ("ampora-facts: {broken", ("ampora-facts: {broken",)),
        ("ampora-facts: [1]", ("ampora-facts: [1]",)),
        (" ampora-facts: {}", (" ampora-facts: {}",)),
    ],
)
def test_a_log_without_facts(log: str, evidence: tuple[str, ...]) -> None:
    with pytest.raises(UpgradeError) as error:
        job.parse_facts(log)
    assert (str(error.value), error.value.evidence) == ("The dump ended without its facts line.", evidence)


def test_parse_files() -> None:
    log = f"x\nampora-file: {SUM} 12 dump/toc.dat\nampora-file: {SUM} 7 dump/a file.gz\nampora-count: 2\n"
    files = {"dump/toc.dat": {"sha256": SUM, "size": 12}, "dump/a file.gz": {"sha256": SUM, "size": 7}}
    assert job.parse_files(log) == files
    assert job.parse_files("ampora-count: 0\n") == {}


@pytest.mark.parametrize(
    "log",
    [
        "",
        "nothing",
        f"ampora-file: {SUM} 12 dump/toc.dat",
        f"ampora-file: {SUM} 12 dump/toc.dat\nampora-count: 2",
        "ampora-file: cut",
        f"ampora-file: {SUM} many dump/toc.dat",
        f"ampora-file: {SUM} 12 dump/toc.dat\nampora-file: cut",
    ],
)
def test_a_proof_without_files(log: str) -> None:
    with pytest.raises(UpgradeError, match=r"^The proof of the dump ended without its files\.$"):
        job.parse_files(log)


def test_parse_decoded() -> None:
    assert job.parse_decoded("x\nampora-decoded: 7\n") == 7.0
    with pytest.raises(UpgradeError, match=r"^The dump cannot be decoded: pg_restore: error: could not uncompress data$"):
        job.parse_decoded("ampora-count: 2\npg_restore: error: could not uncompress data\n")
    with pytest.raises(UpgradeError, match=r"^The dump cannot be decoded: it said nothing$"):
        job.parse_decoded("")


@pytest.mark.parametrize(("lines", "free"), [(["x", "ampora-room: 4096"], 4096), (["ampora-room: 4096", "x"], None), ([], None)])
def test_only_a_job_that_ended_with_its_room_had_too_little(lines: list[str], free: int | None) -> None:
    assert job.parse_room(lines) == free


@pytest.mark.parametrize(("line", "done"), [("ampora-progress: 12", 12288), ("ampora-progress: ", None), ("x", None), ("", None)])
def test_parse_progress(line: str, done: int | None) -> None:
    assert job.parse_progress(line) == done

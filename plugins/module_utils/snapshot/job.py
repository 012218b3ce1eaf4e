# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Kubernetes Jobs that take, prove, verify, restore and remove a dump, as plain objects.

The dump runs inside of a psql session that exports its snapshot, so that the row counts and the watermark of the
manifest are of exactly the dumped state. The password is in a Secret of the run and reaches the pod as PGPASSWORD (a
pgpass file would be refused: a volume with fsGroup is group-readable); the Job's object, arguments and log have none.

Sources: practice 2.2 (`-Fd -jN -Z1`: gzip level 1 is three times faster than the default for 7 % more bytes) and 2.3
(only a full decode and sha256 prove a dump).
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError

FACTS_MARK = "ampora-facts: "
SHA256_MARK = "ampora-file: "
COUNT_MARK = "ampora-count: "
VOLUME = "/snapshots"
SECRET_MOUNT = "/run/ampora"

_FILE = re.compile(r"([0-9a-f]{64}) ([0-9]+) (.+)")

# psql reads this. What it says of its own version is put into what the database says.
TAKE_SQL = """\\set ON_ERROR_STOP on
\\set QUIET on
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT pg_export_snapshot() AS exported \\gset
\\setenv AMPORA_EXPORTED :exported
\\! pg_dump --format=directory --jobs="$AMPORA_JOBS" --compress=1 --lock-wait-timeout=10s --no-password \
 --snapshot="$AMPORA_EXPORTED" --file="$AMPORA_DIRECTORY/dump"
\\if :SHELL_ERROR
  \\warn 'pg_dump ended with an error; its words are above'
  \\! rm -rf "$AMPORA_DIRECTORY"
  SELECT 1/0 AS dump_failed;
\\endif
\\pset tuples_only on
\\pset format unaligned
SELECT 'ampora-facts: ' || (({facts_query})::jsonb || jsonb_build_object('client_version', :'VERSION_NUM'::int))::text;
COMMIT;
"""

PROVE_SH = """set -eu
cd "$AMPORA_DIRECTORY"
pg_restore --file=/dev/null dump
find dump -type f -exec sha256sum {} + | while read -r sum file; do
  echo "ampora-file: $sum $(stat -c %s "$file") $file"
done
echo "ampora-count: $(find dump -type f | wc -l)"
"""

VERIFY_SH = """set -eu
cd "$AMPORA_DIRECTORY"
sha256sum --check --quiet /run/ampora/SHA256SUMS
pg_restore --file=/dev/null dump
"""

RESTORE_SH = """set -eu
cd "$AMPORA_DIRECTORY"
pg_restore --jobs="$AMPORA_JOBS" --exit-on-error --no-password --dbname="$PGDATABASE" dump
"""

# Nobody can restore in parallel and in one transaction. What the dump does not know goes first: a table that a migration
# has added may hold on to one that is replaced. The COMMIT follows a whole dump only.
RESTORE_IN_PLACE_SH = """set -eu
cd "$AMPORA_DIRECTORY"
{
  echo "BEGIN;"
  cat /run/ampora/leftovers.sql
  pg_restore --clean --if-exists --file=- dump && echo "COMMIT;" || echo "SELECT 1/0 AS the_dump_could_not_be_read;"
} | psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --output=/dev/null
"""


@dataclass(frozen=True)
class JobInputs:
    """What all Jobs of a snapshot share; `secret` holds the scripts and, under the key `password`, the password."""

    name: str
    labels: dict[str, str]
    image: str
    claim: str
    directory: str
    jobs: int
    timeout: int
    user: int
    secret: str
    database: dict[str, str]  # PG* variables, without the password


def take_sql(facts_query: str) -> str:
    """The psql script of a dump."""
    return TAKE_SQL.replace("{facts_query}", facts_query)


def take_job(inputs: JobInputs) -> dict[str, Any]:
    """Take the dump, then prove it: decode it in full and hash every file."""
    take = _container(inputs, "take", ["psql", "--no-psqlrc", "--file", f"{SECRET_MOUNT}/take.sql"])
    # What a run that was killed has left is worth nothing, and pg_dump refuses a directory with files in it.
    prepare = _container(inputs, "prepare", ["sh", "-c", 'rm -rf "$AMPORA_DIRECTORY" && mkdir -p "$AMPORA_DIRECTORY"'])
    prove = _container(inputs, "prove", ["sh", f"{SECRET_MOUNT}/prove.sh"])
    return _job(inputs, [prepare, take], prove)


def verify_job(inputs: JobInputs) -> dict[str, Any]:
    """Check every file against the manifest and decode the dump in full."""
    return _job(inputs, [], _container(inputs, "verify", ["sh", f"{SECRET_MOUNT}/verify.sh"]))


def restore_job(inputs: JobInputs) -> dict[str, Any]:
    """Restore into the database that the inputs name, which is there and empty."""
    return _job(inputs, [], _container(inputs, "restore", ["sh", f"{SECRET_MOUNT}/restore.sh"]))


def remove_job(inputs: JobInputs) -> dict[str, Any]:
    """Remove a dump, or what a failed one left, from the volume."""
    return _job(inputs, [], _container(inputs, "remove", ["rm", "-rf", f"{VOLUME}/{inputs.directory}"]))


def _container(inputs: JobInputs, name: str, command: list[str]) -> dict[str, Any]:
    variables = {
        **inputs.database,
        "AMPORA_DIRECTORY": f"{VOLUME}/{inputs.directory}",
        "AMPORA_JOBS": str(inputs.jobs),
        "HOME": "/tmp",
    }
    password = {"name": "PGPASSWORD", "valueFrom": {"secretKeyRef": {"name": inputs.secret, "key": "password"}}}
    return {
        "name": name,
        "image": inputs.image,
        "command": command,
        "env": [*({"name": key, "value": value} for key, value in variables.items()), password],
        "volumeMounts": [{"name": "snapshots", "mountPath": VOLUME}, {"name": "run", "mountPath": SECRET_MOUNT, "readOnly": True}],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }


def _job(inputs: JobInputs, before: list[dict[str, Any]], main: dict[str, Any]) -> dict[str, Any]:
    pod = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "runAsUser": inputs.user, "runAsGroup": inputs.user, "fsGroup": inputs.user},
        "initContainers": before,
        "containers": [main],
        "volumes": [
            {"name": "snapshots", "persistentVolumeClaim": {"claimName": inputs.claim}},
            {"name": "run", "secret": {"secretName": inputs.secret}},
        ],
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": inputs.name, "labels": inputs.labels},
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": inputs.timeout,
            "template": {"metadata": {"labels": inputs.labels}, "spec": pod},
        },
    }


def parse_facts(log: str) -> dict[str, Any]:
    """The facts line of the dump's log."""
    for line in log.splitlines():
        if line.startswith(FACTS_MARK):
            with contextlib.suppress(ValueError):
                facts = json.loads(line.removeprefix(FACTS_MARK))
                if isinstance(facts, dict):
                    return facts
    raise UpgradeError("The dump ended without its facts line.", evidence=tuple(log.splitlines()[-5:]))


def parse_files(log: str) -> dict[str, dict[str, Any]]:
    """path -> sha256 and size, from the proof's log."""
    marked = [_FILE.fullmatch(line.removeprefix(SHA256_MARK)) for line in log.splitlines() if line.startswith(SHA256_MARK)]
    found = {match[3]: {"sha256": match[1], "size": int(match[2])} for match in marked if match}
    counts = [line.removeprefix(COUNT_MARK).strip() for line in log.splitlines() if line.startswith(COUNT_MARK)]
    # A line that cannot be read, or that a cut log has lost, is a file that nobody would check.
    if not found or None in marked or counts != [str(len(found))]:
        raise UpgradeError("The proof of the dump ended without its files.", evidence=tuple(log.splitlines()[-5:]))
    return found


def sha256_sums(files: dict[str, dict[str, Any]]) -> str:
    """The files as `sha256sum --check` reads them."""
    return "".join(f"{entry['sha256']}  {path}\n" for path, entry in sorted(files.items()))

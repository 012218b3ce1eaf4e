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
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.facts import BEGIN, COUNTING_QUERY, facts_query

FACTS_MARK = "ampora-facts: "
SHA256_MARK = "ampora-file: "
COUNT_MARK = "ampora-count: "
DECODED_MARK = "ampora-decoded: "
RESTORED_MARK = "ampora-restored: "
ROOM_MARK = "ampora-room: "
LEFT_MARK = "ampora-left: "
PROGRESS_MARK = "ampora-progress: "
ROOT_CERTIFICATE = "root.crt"
VOLUME = "/snapshots"
SECRET_MOUNT = "/run/ampora"

_FILE = re.compile(r"([0-9a-f]{64}) ([0-9]+) (.+)")

# psql reads this. What it says of its own version is put into what the database says.
TAKE_SQL = """\\set ON_ERROR_STOP on
\\set QUIET on
\\o /dev/null
{begin};
\\o
SELECT pg_export_snapshot() AS exported \\gset
\\setenv AMPORA_EXPORTED :exported
\\! sh /run/ampora/dump.sh
\\if :SHELL_ERROR
  \\! rm -rf "$AMPORA_DIRECTORY"
  SELECT 1/0 AS dump_failed;
\\endif
{counting_query} \\gset
\\pset tuples_only on
\\pset format unaligned
SELECT 'ampora-facts: ' || (({facts_query})::jsonb || jsonb_build_object('client_version', :'VERSION_NUM'::int))::text;
COMMIT;
"""

# When it fails: the words of pg_dump, or else those of psql (which after pg_dump's has nothing to say but that it failed).
TAKE_SH = """psql --no-psqlrc --file=/run/ampora/take.sql 2>"$HOME/psql" && exit 0
if [ -s "$HOME/words" ]; then cat "$HOME/words"; else cat "$HOME/psql"; fi >&2
exit 1
"""

# An empty directory (what a run that was killed has left is worth nothing, and pg_dump refuses one with files), and the room.
PREPARE_SH = """set -eu
for run in $AMPORA_LEFT; do
  [ -e "${AMPORA_DIRECTORY%/*}/$run" ] || continue
  rm -rf "${AMPORA_DIRECTORY%/*}/$run"
  echo "ampora-left: $run"
done
rm -rf "$AMPORA_DIRECTORY"
mkdir -p "$AMPORA_DIRECTORY"
free=$(( $(stat -f -c '%a * %S' "$AMPORA_DIRECTORY") ))
echo "ampora-room: $free"
[ "$free" -ge "$AMPORA_FORECAST" ]
"""

DUMP_SH = """set -eu
( while sleep 2; do echo "ampora-progress: $(du -sk "$AMPORA_DIRECTORY" | cut -f1)"; done ) &
trap "kill $!" EXIT
pg_dump --format=directory --jobs="$AMPORA_JOBS" --compress=1 --lock-wait-timeout=10s --no-password \\
  --snapshot="$AMPORA_EXPORTED" --file="$AMPORA_DIRECTORY/dump" 2>"$HOME/words"
"""

# sha256 before the decoding, so that what is damaged is named; a decode that fails is said and ends well all the same.
_HASH_SH = """set -eu
cd "$AMPORA_DIRECTORY" || { echo "ampora-count: 0"; exit 0; }
started=$(date +%s)
find dump -type f -exec sha256sum {} + >"$HOME/sums" || :  # what cannot be read is missing below
while read -r sum file; do
  echo "ampora-file: $sum $(stat -c %s "$file") $file"
done <"$HOME/sums"
echo "ampora-count: $(find dump -type f | wc -l)"
"""
_DECODE_SH = """if words=$(pg_restore --file=/dev/null dump 2>&1); then
  echo "ampora-decoded: $(( $(date +%s) - started ))"
else
  echo "$words" | tail -n 3
  exit 0
fi
"""
PROVE_SH = _HASH_SH + _DECODE_SH

# What is not as the manifest says is not given to the database, and the lines above say what it is: the Job ends well.
_UNCHANGED_SH = (
    _HASH_SH
    + """[ "$(LC_ALL=C sort "$HOME/sums" | sha256sum)" = "$AMPORA_FILES  -" ] || exit 0
"""
)

# pg_restore decodes as it goes, and what it fills is nobody's yet: no decoding before.
RESTORE_SH = (
    _UNCHANGED_SH
    + """pg_restore --jobs="$AMPORA_JOBS" --exit-on-error --no-password --dbname="$PGDATABASE" dump
echo "ampora-restored: 1"
"""
)

# Nobody can restore in parallel and in one transaction. What the dump does not know goes first: a table that a migration
# has added may hold on to one that is replaced. The COMMIT follows a whole dump only.
RESTORE_IN_PLACE_SH = (
    _UNCHANGED_SH
    + _DECODE_SH
    + """{
  echo "BEGIN;"
  cat /run/ampora/leftovers.sql
  pg_restore --clean --if-exists --file=- dump && echo "COMMIT;" || echo "SELECT 1/0 AS the_dump_could_not_be_read;"
} | psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --output=/dev/null
echo "ampora-restored: 1"
"""
)


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


def take_sql(history_query: str, audit_query: str = "") -> str:
    """The psql script of a dump."""
    facts = facts_query(history_query, ":counting", audit_query)
    return TAKE_SQL.replace("{begin}", ";\n".join(BEGIN)).replace("{counting_query}", COUNTING_QUERY).replace("{facts_query}", facts)


def take_files(history_query: str, audit_query: str = "") -> dict[str, str]:
    """The scripts of the Job that takes a dump, by their names in its Secret."""
    scripts = {"prepare.sh": PREPARE_SH, "take.sh": TAKE_SH, "dump.sh": DUMP_SH, "prove.sh": PROVE_SH}
    return {**scripts, "take.sql": take_sql(history_query, audit_query)}


def take_job(inputs: JobInputs, forecast: int, left: Sequence[str] = ()) -> dict[str, Any]:
    """Remove what the runs of `left` have left, refuse where `forecast` bytes have no room, take the dump, then prove it.

    The proof hashes every file and decodes the dump in full.
    """
    prepare = _container(inputs, "prepare")
    prepare["env"] += [{"name": "AMPORA_FORECAST", "value": str(forecast)}, {"name": "AMPORA_LEFT", "value": " ".join(left)}]
    return _job(inputs, [prepare, _container(inputs, "take")], _container(inputs, "prove"))


def restore_job(inputs: JobInputs, files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Restore into the database that the inputs name, when the dump's files are the manifest's: path -> sha256 and size.

    Whether they are is one number, so that it does not matter how many they are.
    """
    sums = sorted(f"{entry['sha256']}  {path}\n".encode() for path, entry in files.items())
    restore = _container(inputs, "restore")
    restore["env"].append({"name": "AMPORA_FILES", "value": hashlib.sha256(b"".join(sums)).hexdigest()})
    return _job(inputs, [], restore)


def remove_job(inputs: JobInputs) -> dict[str, Any]:
    """Remove a dump, or what a failed one left, from the volume."""
    return _job(inputs, [], _container(inputs, "remove", ["rm", "-rf", f"{VOLUME}/{inputs.directory}"]))


def _container(inputs: JobInputs, name: str, command: list[str] | None = None) -> dict[str, Any]:
    """By default it runs the script of its own name."""
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
        "command": command or ["sh", f"{SECRET_MOUNT}/{name}.sh"],
        "env": [*({"name": key, "value": value} for key, value in variables.items()), password],
        "volumeMounts": [{"name": "snapshots", "mountPath": VOLUME}, {"name": "run", "mountPath": SECRET_MOUNT, "readOnly": True}],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }


def _job(inputs: JobInputs, before: list[dict[str, Any]], main: dict[str, Any]) -> dict[str, Any]:
    pod = {
        "restartPolicy": "Never",
        # A shell that is the first process minds no SIGTERM; what is ended here has nothing to save.
        "terminationGracePeriodSeconds": 1,
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
    """path -> sha256 and size, from the proof's log; nothing when there are no files."""
    marked = [_FILE.fullmatch(line) for line in _marked(log, SHA256_MARK)]
    found = {match[3]: {"sha256": match[1], "size": int(match[2])} for match in marked if match}
    # A line that cannot be read, or that a cut log has lost, is a file that nobody would check.
    if None in marked or [line.strip() for line in _marked(log, COUNT_MARK)] != [str(len(found))]:
        raise UpgradeError("The proof of the dump ended without its files.", evidence=tuple(log.splitlines()[-5:]))
    return found


def parse_decoded(log: str) -> float:
    """The seconds of the proof; a dump that could not be decoded in full is refused with the words of pg_restore."""
    decoded = _number(log.splitlines(), DECODED_MARK)
    if decoded is None:
        raise UpgradeError(f"The dump cannot be decoded: {_last(log)}", evidence=tuple(log.splitlines()[-5:]))
    return float(decoded)


def check_restored(log: str) -> None:
    """Refuse a Job that ended without having restored anything."""
    if _number(log.splitlines(), RESTORED_MARK) is None:
        raise UpgradeError(f"The Job restored nothing: {_last(log)}", evidence=tuple(log.splitlines()[-5:]))


def parse_room(lines: Sequence[str]) -> int | None:
    """The bytes that were free, when a Job ended because they are too few."""
    return _number(lines[-1:], ROOM_MARK)


def parse_left(log: str) -> list[str]:
    """The runs of which something was removed."""
    return _marked(log, LEFT_MARK)


def parse_progress(line: str) -> int | None:
    """The bytes that were written so far."""
    kibibytes = _number([line], PROGRESS_MARK)
    return None if kibibytes is None else kibibytes * 1024


def _marked(log: str, mark: str) -> list[str]:
    return [line.removeprefix(mark) for line in log.splitlines() if line.startswith(mark)]


def _number(lines: Sequence[str], mark: str) -> int | None:
    found = [line.removeprefix(mark) for line in lines if line.startswith(mark)]
    return int(found[-1]) if found and found[-1].isdecimal() else None


def _last(log: str) -> str:
    return next((line for line in reversed(log.splitlines()) if line.strip()), "it said nothing")

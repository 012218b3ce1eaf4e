# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CSI snapshot of the database's volume, and the throw-away server that starts on a copy of it, as plain objects.

A snapshot of a running server's volume is what a power cut leaves: nobody knows whether it is any good before a server
has recovered on it. So a copy of it is mounted by a pod of its own, whose server recovers, counts, and gives every row
(that is the proof, and the way by which it is restored). The copy is never the original: signals, listeners, archiving,
subscriptions and scheduled jobs are off, or the copy would act as the live database does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.facts import COUNTING_QUERY, facts_query
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.job import FACTS_MARK, SECRET_MOUNT

API_VERSION = "snapshot.storage.k8s.io/v1"
COPY = "/recovered"
Object = Mapping[str, Any]
State = Literal["waiting", "failing", "ready"]

# Finds the data directory (of several the one of the server's major version), starts a server on it and waits for it.
_START_SH = """set -eu
data=
for control in $(find /recovered -maxdepth 5 -path '*/global/pg_control' 2>/dev/null); do
  candidate=${control%/global/pg_control}
  [ "$(cat "$candidate/PG_VERSION")" = "$AMPORA_MAJOR" ] || continue
  [ -z "$data" ] || { echo "the volume has two data directories of PostgreSQL $AMPORA_MAJOR: $data and $candidate" >&2; exit 1; }
  data=$candidate
done
[ -n "$data" ] || { echo "the volume has no data directory of PostgreSQL $AMPORA_MAJOR" >&2; exit 1; }
for signal in standby.signal recovery.signal; do
  [ ! -e "$data/$signal" ] || { echo "the volume is a replica's ($signal), and a copy of it cannot be recovered alone" >&2; exit 1; }
done
give_up() {
  tail -n 6 /tmp/server.log >&2
  echo "no server starts on the copy of the volume: $(grep -E 'FATAL|PANIC' /tmp/server.log | tail -n 1)" >&2
  exit 1
}
rm -f "$data/postmaster.pid"
chmod 0700 "$data"
config=$data/postgresql.conf
[ -f "$config" ] || { config=/tmp/postgresql.conf; : >"$config"; }
echo 'local all all trust' >/tmp/pg_hba.conf
: >/tmp/pg_ident.conf
postgres -D "$data" -c config_file="$config" -c data_directory="$data" -c hba_file=/tmp/pg_hba.conf -c ident_file=/tmp/pg_ident.conf \\
  -c listen_addresses= -c unix_socket_directories=/tmp -c port=5432 -c external_pid_file= -c ssl=off \\
  -c archive_mode=off -c restore_command= -c primary_conninfo= -c primary_slot_name= -c synchronous_standby_names= \\
  -c max_logical_replication_workers=0 -c cron.launch_active_jobs=off -c autovacuum=off -c default_transaction_read_only=on \\
  -c shared_buffers=128MB -c huge_pages=off -c logging_collector=off -c log_destination=stderr -c lc_messages=C >/tmp/server.log 2>&1 &
server=$!
until pg_isready --quiet --host=/tmp --port=5432; do
  kill -0 "$server" 2>/dev/null || give_up
  sleep 0.2
done
grep -E 'not properly shut down|redo (starts|done)|invalid record|was shut down' /tmp/server.log || true
copy="--host=/tmp --port=5432 --username=$AMPORA_USER --no-password"
"""

_STOP_SH = """
kill -INT "$server"
wait "$server" || true
"""

# Every row is read once, as a restore will read it: a torn page is found now and not when it is needed.
PROVE_SH = (
    _START_SH
    + """
psql $copy --no-psqlrc --quiet --tuples-only --no-align \\
  --set=ON_ERROR_STOP=1 --set=SHOW_CONTEXT=never --dbname="$AMPORA_DATABASE" --file=/run/ampora/facts.sql
pg_dump $copy --format=custom --compress=0 "$AMPORA_DATABASE" >/dev/null
"""
    + _STOP_SH
)

# A pipe has one exit status in sh, and it would be that of the reader.
RESTORE_SH = (
    _START_SH
    + """
mkfifo /tmp/pipe
pg_dump $copy --format=custom --compress=0 "$AMPORA_DATABASE" >/tmp/pipe &
dump=$!
pg_restore --exit-on-error --no-password --dbname="$PGDATABASE" </tmp/pipe
wait "$dump"
"""
    + _STOP_SH
)


@dataclass(frozen=True)
class RecoveryInputs:
    """A Job that recovers the copy on the claim of the same name; its Secret of that name has scripts and password."""

    name: str
    labels: dict[str, str]
    image: str
    major: int
    timeout: int
    user: int
    database: str  # in the copy
    role: str  # likewise
    live: dict[str, str]  # PG* variables of the server to restore into, without the password; empty for a proof


def volume_snapshot(name: str, labels: Mapping[str, str], claim: str, class_name: str) -> dict[str, Any]:
    """The VolumeSnapshot of a claim; an empty class means the cluster's default for the claim's driver."""
    spec: dict[str, Any] = {"source": {"persistentVolumeClaimName": claim}}
    if class_name:
        spec["volumeSnapshotClassName"] = class_name
    return {"apiVersion": API_VERSION, "kind": "VolumeSnapshot", "metadata": {"name": name, "labels": dict(labels)}, "spec": spec}


def snapshot_state(snapshot: Object) -> tuple[State, str]:
    """Whether it can be used; `failing` has the controller's words, and the controller goes on trying by itself."""
    status = snapshot.get("status") or {}
    if status.get("readyToUse"):
        return "ready", "ready to use"
    if error := status.get("error"):
        return "failing", _line(error.get("message"))
    return "waiting", "not yet ready to use"


def claim_state(claim: Object, events: Sequence[Object]) -> tuple[State, str]:
    """Whether a pod may be made that mounts it: a claim of a class that waits for its first consumer needs the pod first."""
    if (claim.get("status") or {}).get("phase") == "Bound":
        return "ready", "bound"
    if any(event.get("reason") == "WaitForFirstConsumer" for event in events):
        return "ready", "waits for its pod"
    warnings = [event for event in events if event.get("type") == "Warning"]
    return ("failing", _line(warnings[-1].get("message"))) if warnings else ("waiting", "not yet bound")


def _line(words: object) -> str:
    return " ".join(str(words or "no reason given").split())[:500]


def copy_claim(name: str, labels: Mapping[str, str], snapshot: Object, source: Object) -> dict[str, Any]:
    """A claim with a copy of the snapshot, of the source's class and mode, and as large as both."""
    spec = source.get("spec") or {}
    # The driver's own word for the least size; a source that was grown later may ask for more than the snapshot has.
    size = (snapshot.get("status") or {}).get("restoreSize") or (spec.get("resources") or {}).get("requests", {}).get("storage")
    if not size:
        raise UpgradeError(f"The VolumeSnapshot {snapshot['metadata']['name']} does not say how large a copy of it is (restoreSize).")
    made: dict[str, Any] = {
        "accessModes": list(spec.get("accessModes") or ["ReadWriteOnce"]),
        "resources": {"requests": {"storage": str(size)}},
        "dataSource": {"apiGroup": API_VERSION.partition("/")[0], "kind": "VolumeSnapshot", "name": snapshot["metadata"]["name"]},
    }
    if "storageClassName" in spec:
        made["storageClassName"] = spec["storageClassName"]
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "labels": dict(labels)}, "spec": made}


def recovery_job(inputs: RecoveryInputs, script: str) -> dict[str, Any]:
    """The throw-away server: it has one volume, its copy, and runs one script of its Secret."""
    pod = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        # No fsGroup: it makes a data directory writable for the group, which PostgreSQL refuses.
        "securityContext": {"runAsNonRoot": True, "runAsUser": inputs.user, "runAsGroup": inputs.user},
        "containers": [_container(inputs, script)],
        "volumes": [
            {"name": "copy", "persistentVolumeClaim": {"claimName": inputs.name}},
            {"name": "run", "secret": {"secretName": inputs.name}},
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


def _container(inputs: RecoveryInputs, script: str) -> dict[str, Any]:
    told = {"AMPORA_MAJOR": str(inputs.major), "AMPORA_DATABASE": inputs.database, "AMPORA_USER": inputs.role, "HOME": "/tmp"}
    env: list[dict[str, Any]] = [{"name": key, "value": value} for key, value in {**told, **inputs.live}.items()]
    if inputs.live:
        env.append({"name": "PGPASSWORD", "valueFrom": {"secretKeyRef": {"name": inputs.name, "key": "password"}}})
    return {
        "name": "recover",
        "image": inputs.image,
        "command": ["sh", f"{SECRET_MOUNT}/{script}"],
        "env": env,
        "volumeMounts": [{"name": "copy", "mountPath": COPY}, {"name": "run", "mountPath": SECRET_MOUNT, "readOnly": True}],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }


def facts_sql(history_query: str, audit_query: str = "") -> str:
    """The psql script that prints the facts line of the recovered copy."""
    return f"{COUNTING_QUERY} \\gset\nSELECT '{FACTS_MARK}' || ({facts_query(history_query, ':counting', audit_query)})::text;\n"

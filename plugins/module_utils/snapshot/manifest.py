# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a snapshot is of, what it consists of, and whether it may be restored here."""

from __future__ import annotations

import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.fields import Fields, is_a
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import read_run_id
from ansible_collections.ampora.upgrades.plugins.module_utils.run.timestamp import text as time_text
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.command import is_tool_id
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.marks import Marks

FORMAT = 2
# verified: by the tool that took it. decoded: every file hashed and the dump decoded in full. restored: read in full from a server.
PROOFS = ("none", "verified", "decoded", "restored")
# Where the files are, by method: each has one of these forms. A method that is not here cannot be read.
LOCATIONS: dict[str, tuple[tuple[str, ...], ...]] = {
    "job": (("claim", "path"),),
    "local": (("host", "directory"), ("endpoint", "bucket", "prefix")),
    "volume_snapshot": (("namespace", "claim", "volume_snapshot", "uid"),),
    "command": (("snapshot", "tool_id", "label", "restores"),),
}
# transaction: data, row counts and watermark are one transaction's. crash: as after a power cut. unknown: the tool's own affair.
CONSISTENCIES = ("transaction", "crash", "unknown")
MASTER_KEY_BYTES = 32
MAXIMUM_CHARACTERS = 16 * 1024 * 1024

_SHA256 = re.compile(r"[0-9a-f]{64}")
_AGAIN = "Take a new snapshot with snapshot.yml, or name another one."


@dataclass(frozen=True)
class Manifest:
    """The account of one snapshot, kept beside its files."""

    id: str
    run: str
    deployment: dict[str, str]  # namespace, name
    app: dict[str, str]  # version, digest
    migrations: tuple[str, ...]
    rows: dict[str, int]
    watermark: dict[str, str]  # lsn, taken_at; audit_id, audit_at of the newest audit row where its table is known
    server_version: int  # as server_version_num: 170004
    client_version: int  # likewise; 0 when no PostgreSQL client took it
    files: dict[str, dict[str, Any]]  # path in the location: sha256, size; empty when there are no files to hash
    size: int  # bytes of the snapshot as it is kept
    database_size: int  # bytes of the database when it was taken
    key_fingerprint: str
    started_at: datetime
    ended_at: datetime
    method: str
    proof: str
    location: dict[str, str]  # by method, see LOCATIONS
    consistency: str
    seconds: dict[str, float]  # of each phase: take, proof, restore (of the scratch restore)
    marks: Marks | None = None  # what tells later writes from what is saved; None where the method cannot know
    format: int = FORMAT

    @property
    def sha256(self) -> str:
        """Of the whole manifest: the run that took the snapshot writes it down, so that a change is seen."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @property
    def throughput(self) -> int:
        """Bytes of the database per second of the dump; 0 when it was not measured."""
        seconds = self.seconds.get("take", 0.0)
        return round(self.database_size / seconds) if seconds > 0 else 0

    def to_json(self) -> str:
        """The same text for the same manifest."""
        times = {"started_at": time_text(self.started_at), "ended_at": time_text(self.ended_at)}
        derived = {"throughput": self.throughput, "marks": self.marks.to_dict() if self.marks else {}}
        fields = asdict(self) | times | derived
        return json.dumps(fields, indent=2, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Read a manifest of this format or of an earlier one; anything but a whole one is refused."""
        read = Fields(_load(text), "The snapshot's manifest")
        if (found := read.scalar("format", int)) != FORMAT:
            read.wrong(f"its format is {found} and this collection reads the formats 1 to {FORMAT}")
        method = read.choice("method", tuple(LOCATIONS))
        own = read_run_id(read, "id")
        manifest = cls(
            id=own,
            run=read_run_id(read, "run"),
            deployment=_named(read, "deployment", ("namespace", "name")),
            app=_named(read, "app", ("version", "digest")),
            migrations=_texts(read, "migrations"),
            rows=_counts(read, "rows"),
            watermark=_named(read, "watermark", ("lsn", "taken_at"), ("lsn", "taken_at", "audit_id", "audit_at")),
            server_version=read.scalar("server_version", int),
            client_version=read.scalar("client_version", int),
            files=_files(read),
            size=read.scalar("size", int),
            database_size=read.scalar("database_size", int),
            key_fingerprint=read.scalar("key_fingerprint", str),
            started_at=read.moment("started_at"),
            ended_at=read.moment("ended_at"),
            method=method,
            proof=read.choice("proof", PROOFS),
            location=_location(read, method, own),
            consistency=read.choice("consistency", CONSISTENCIES),
            seconds=_seconds(read),
            marks=Marks.read(read.mapping("marks")),
        )
        read.scalar("throughput", int)  # follows from the others; there for people
        read.finish(_AGAIN)
        return manifest


def judge(manifest: Manifest, *, deployment: Mapping[str, str], app_version: str, key_fingerprint: str, recorded: str = "") -> list[str]:
    """Why this snapshot may not be restored into this deployment, under this version and this master key.

    `recorded` is the manifest's sha256 as the run that took the snapshot wrote it down, or empty.
    """
    reasons = []
    if recorded and recorded != manifest.sha256:
        reasons.append(f"the manifest of the snapshot {manifest.id} was changed after the snapshot was taken")
    if manifest.deployment != {"namespace": deployment.get("namespace"), "name": deployment.get("name")}:
        reasons.append(f"the snapshot {manifest.id} is of {_place(manifest.deployment)} and not of {_place(deployment)}")
    if not app_version or manifest.app["version"] != app_version:
        reasons.append(f"the snapshot {manifest.id} is of version {manifest.app['version']} and not of {app_version or 'a known version'}")
    if manifest.proof == "none":
        reasons.append(f"the snapshot {manifest.id} was never decoded in full, so nobody knows whether it can be restored")
    if manifest.location.get("restores") == "cluster":
        reasons.append(
            f"the tool that took the snapshot {manifest.id} restores whole clusters only, which a person does (docs/snapshots.md, command)"
        )
    # Both empty is an application without a master key.
    if bool(manifest.key_fingerprint) != bool(key_fingerprint):
        reasons.append(f"it is not known whether the master key of the snapshot {manifest.id} is the one in use")
    elif manifest.key_fingerprint != key_fingerprint:
        reasons.append(f"the snapshot {manifest.id} was encrypted under another master key than the one in use")
    return reasons


def key_fingerprint(key: bytes, salt: str) -> str:
    """Tells one key from another and says nothing of the key: a MAC of the salt under the key, cut short."""
    return hmac.new(key, salt.encode(), hashlib.sha256).hexdigest()[:16]


def check_master_key(text: str, source: str) -> bytes:
    """The key's bytes; an error names where it was read and never what."""
    try:
        key = binascii.a2b_base64("".join(text.split()), strict_mode=True)
    except ValueError:
        raise _key_error(source, "it is not base64") from None
    if len(key) != MASTER_KEY_BYTES:
        raise _key_error(source, f"it has {len(key)} bytes and must have {MASTER_KEY_BYTES}")
    return key


def _key_error(source: str, problem: str) -> UpgradeError:
    return UpgradeError(
        f"The master key from {source} cannot be used: {problem}.",
        next_step=f"Put the base64 of the {MASTER_KEY_BYTES} bytes that the deployment's data is encrypted under there.",
    )


def _load(text: str) -> object:
    if len(text) > MAXIMUM_CHARACTERS:
        raise UpgradeError(f"The snapshot's manifest has {len(text)} characters, more than any real one.", next_step=_AGAIN)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UpgradeError("The snapshot's manifest cannot be used: it is not JSON.", next_step=_AGAIN) from error
    first = isinstance(found, dict) and is_a(found.get("format"), int) and found["format"] == 1
    return _from_format_1(found) if first else found


def _from_format_1(found: dict[str, Any]) -> dict[str, Any]:
    """The first format knew the method `job` only and measured nothing."""
    unmeasured = {"database_size": 0, "consistency": "transaction", "seconds": {}, "throughput": 0, "marks": {}}
    return {**found, **unmeasured, "format": FORMAT}


def _place(deployment: Mapping[str, str]) -> str:
    return f"{deployment.get('namespace', '?')}/{deployment.get('name', '?')}"


def _named(read: Fields, name: str, *forms: tuple[str, ...]) -> dict[str, str]:
    """A mapping that has exactly the keys of one of the forms."""
    found = read.mapping_of(name, str)
    if found and set(found) not in [set(form) for form in forms]:
        allowed = ", or ".join(" and ".join(form) for form in forms)
        read.wrong(f"{name} must have {allowed}, and has {', '.join(sorted(found))}")
    return found


def _seconds(read: Fields) -> dict[str, float]:
    found = read.mapping_of("seconds", float)
    for phase, seconds in found.items():
        if seconds < 0:
            read.wrong(f"seconds.{phase} must not be negative")
    return found


def _texts(read: Fields, name: str) -> tuple[str, ...]:
    found = read.items(name)
    if not all(isinstance(item, str) for item in found):
        read.wrong(f"{name} must be a list of texts")
    return tuple(str(item) for item in found)


def _counts(read: Fields, name: str) -> dict[str, int]:
    found = read.mapping_of(name, int)
    for key, count in found.items():
        if count < 0:
            read.wrong(f"{name}.{key} must not be negative")
    return found


def _location(read: Fields, method: str, own: str) -> dict[str, str]:
    """Where it is. Retention removes that as a whole, so nothing but the place of this very snapshot may be named there."""
    found = _named(read, "location", *LOCATIONS[method])
    for name, place in found.items():
        if not _may_be_of(own, name, place):
            read.wrong(f"location.{name} is {quote(place)} and no place of the snapshot {own}")
    return found


def _may_be_of(own: str, name: str, place: str) -> bool:
    match name:
        case "path" | "directory" | "prefix":
            path = PurePosixPath(place)
            return path.name == own and ".." not in path.parts
        case "snapshot":
            return place == own
        case "tool_id":
            return is_tool_id(place)
    return True  # of a server, whose objects carry names of their own


def _files(read: Fields) -> dict[str, dict[str, Any]]:
    found = read.mapping("files")
    for path, entry in found.items():
        # The path is joined to the snapshot's folder later: it must not lead out of it.
        if not path or PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            read.wrong(f"files has the path {path!r}, which leads out of the snapshot")
        if not isinstance(entry, Mapping) or set(entry) != {"sha256", "size"}:
            read.wrong(f"files.{path} must have sha256 and size")
        elif not isinstance(entry["sha256"], str) or not _SHA256.fullmatch(entry["sha256"]):
            read.wrong(f"files.{path}.sha256 must be 64 hexadecimal digits")
        elif not is_a(entry["size"], int) or entry["size"] < 0:
            read.wrong(f"files.{path}.size must be a whole number of bytes")
    return found

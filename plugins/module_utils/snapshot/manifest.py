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

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.fields import Fields, is_a
from ansible_collections.ampora.upgrades.plugins.module_utils.run.timestamp import text as time_text

FORMAT = 1
PROOFS = ("none", "decoded", "restored")
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
    watermark: dict[str, str]  # lsn, taken_at
    server_version: int  # as server_version_num: 170004
    client_version: int
    files: dict[str, dict[str, Any]]  # path: sha256, size
    size: int
    key_fingerprint: str
    started_at: datetime
    ended_at: datetime
    method: str
    proof: str
    location: dict[str, str]  # claim, path
    format: int = FORMAT

    def to_json(self) -> str:
        """The same text for the same manifest."""
        fields = asdict(self) | {"started_at": time_text(self.started_at), "ended_at": time_text(self.ended_at)}
        return json.dumps(fields, indent=2, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Read a manifest; anything but a whole one of this format is refused."""
        read = Fields(_load(text), "The snapshot's manifest")
        if (found := read.scalar("format", int)) != FORMAT:
            read.wrong(f"its format is {found} and this collection reads format {FORMAT}")
        manifest = cls(
            id=read.scalar("id", str),
            run=read.scalar("run", str),
            deployment=_named(read, "deployment", ("namespace", "name")),
            app=_named(read, "app", ("version", "digest")),
            migrations=_texts(read, "migrations"),
            rows=_counts(read, "rows"),
            watermark=_named(read, "watermark", ("lsn", "taken_at")),
            server_version=read.scalar("server_version", int),
            client_version=read.scalar("client_version", int),
            files=_files(read),
            size=read.scalar("size", int),
            key_fingerprint=read.scalar("key_fingerprint", str),
            started_at=read.moment("started_at"),
            ended_at=read.moment("ended_at"),
            method=read.scalar("method", str),
            proof=read.choice("proof", PROOFS),
            location=_named(read, "location", ("claim", "path")),
        )
        read.finish(_AGAIN)
        return manifest


def judge(manifest: Manifest, *, deployment: Mapping[str, str], app_version: str, key_fingerprint: str) -> list[str]:
    """Why this snapshot may not be restored into this deployment, under this version and this master key."""
    reasons = []
    if manifest.deployment != {"namespace": deployment.get("namespace"), "name": deployment.get("name")}:
        reasons.append(f"the snapshot {manifest.id} is of {_place(manifest.deployment)} and not of {_place(deployment)}")
    if not app_version or manifest.app["version"] != app_version:
        reasons.append(f"the snapshot {manifest.id} is of version {manifest.app['version']} and not of {app_version or 'a known version'}")
    if manifest.proof == "none":
        reasons.append(f"the snapshot {manifest.id} was never decoded in full, so nobody knows whether it can be restored")
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
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UpgradeError("The snapshot's manifest cannot be used: it is not JSON.", next_step=_AGAIN) from error


def _place(deployment: Mapping[str, str]) -> str:
    return f"{deployment.get('namespace', '?')}/{deployment.get('name', '?')}"


def _named(read: Fields, name: str, keys: tuple[str, ...]) -> dict[str, str]:
    found = read.mapping_of(name, str)
    if found and set(found) != set(keys):
        read.wrong(f"{name} must have {' and '.join(keys)}, and has {', '.join(sorted(found))}")
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

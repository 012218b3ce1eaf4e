# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cosign's answer proves: that its signatures are of this digest, and that its attestations name this version."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError

_DEEPEST = 6


def signed_digests(stdout: str) -> list[str]:
    """The digests that the verified signatures of `cosign verify --output=json` are of."""
    try:
        found = json.loads(stdout)
        return [str(entry["critical"]["image"]["docker-manifest-digest"]) for entry in found]
    except (ValueError, TypeError, KeyError) as error:
        raise UpgradeError("cosign answered in a form that is not known.", next_step="Use cosign 2.2 or newer (ampora_cosign).") from error


def require_digest(stdout: str, image: str, digest: str) -> int:
    """How many signatures are of this very digest; UpgradeError when none is."""
    count = signed_digests(stdout).count(digest)
    if not count:
        raise UpgradeError(
            f"The signatures that cosign verified are not of {image}.", next_step="Do not use this image; ask who published it."
        )
    return count


def attested_versions(stdout: str) -> list[str]:
    """Every `version` in the predicates of `cosign verify-attestation`, one envelope a line."""
    versions: list[str] = []
    for line in filter(None, stdout.splitlines()):
        try:
            statement = json.loads(base64.b64decode(json.loads(line)["payload"], validate=True))
        except (ValueError, TypeError, KeyError):
            continue
        predicate = statement.get("predicate") if isinstance(statement, Mapping) else None
        versions += _versions(predicate, 0)
    return versions


def require_version(stdout: str, image: str, version: str) -> str:
    """The version that the attestations name, or nothing when they name none; UpgradeError when they name others only."""
    found = attested_versions(stdout)
    if found and version not in {name.removeprefix("v") for name in found}:
        raise UpgradeError(
            f"The attestation of {image} is of the version {', '.join(sorted(set(found)))[:200]}, not of {version}.",
            next_step="Do not use this image; ask who published it.",
        )
    return version if found else ""


def _versions(value: object, depth: int) -> Iterator[str]:
    """cosign wraps a custom predicate as text in a field Data."""
    if isinstance(value, str) and depth < _DEEPEST:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return
    if isinstance(value, Mapping) and depth < _DEEPEST:
        if isinstance(value.get("version"), str):
            yield str(value["version"])
        yield from _versions(value.get("Data"), depth + 1)

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Image references: reading, writing, and whether a pod runs the digest that was pinned."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_REGISTRY = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]{{1,5}})?")
_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_PART}(?:/{_PART})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_LONGEST_NAME = 255


@dataclass(frozen=True)
class ImageReference:
    """registry/repository:tag@digest; a part that was not written is empty."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """The image without tag and digest."""
        return f"{self.registry}/{self.repository}" if self.registry else self.repository

    def __str__(self) -> str:
        return self.name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    def with_digest(self, digest: str) -> ImageReference:
        """The same image pinned; the tag goes, because beside a digest it decides nothing and may lie."""
        if not is_digest(digest):
            raise UpgradeError(f"{quote(digest)} is not an image digest: sha256: and 64 lower-case hexadecimal digits.")
        return replace(self, tag="", digest=digest)


def is_digest(text: object) -> bool:
    """Whether the text is sha256: and 64 lower-case hexadecimal digits."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def parse(text: object) -> ImageReference:
    """Read an image reference by the grammar of the distribution project; nothing is filled in."""
    if not isinstance(text, str):
        raise _malformed(text, "it is not a string")
    rest, at, digest = str(text).partition("@")
    if at and not is_digest(digest):
        raise _malformed(text, "what follows @ is not sha256: and 64 lower-case hexadecimal digits")
    head, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:  # the colon of a registry's port is not that of a tag
        head, tag = rest, ""
    elif not _TAG.fullmatch(tag):
        raise _malformed(text, "what follows the last colon is not a tag")
    registry, repository = _split_registry(head)
    if registry and not _REGISTRY.fullmatch(registry):
        raise _malformed(text, "its registry is not a host name with an optional port")
    if not _REPOSITORY.fullmatch(repository) or len(head) > _LONGEST_NAME:
        raise _malformed(text, "its repository is not lower-case parts separated by slashes")
    return ImageReference(registry, repository, tag, digest)


def belongs(image_id: str, index_digest: str, children: Iterable[str]) -> bool:
    """Whether a pod's imageID is the pinned index or one of its platforms' manifests, which some runtimes report instead."""
    digest = image_id.rpartition("@")[2]
    return is_digest(digest) and digest in {index_digest, *children}


def _split_registry(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        return first, rest
    return "", name


def _malformed(text: object, why: str) -> UpgradeError:
    return UpgradeError(
        f"{quote(text, 200)} is not an image reference: {why}.",
        next_step="write it as REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@sha256:DIGEST.",
    )

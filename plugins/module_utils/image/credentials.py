# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which entry of a docker config is for an image: as docker and the kubelet choose it.

Source: docker's config.json (auths, credHelpers, credsStore) and Kubernetes' documentation of pull secrets: a key is a host,
perhaps with a scheme, a path and wildcards in the host; the longest path that fits wins.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

DOCKER_HUB = "docker.io"
_DOCKER_HUBS = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})


@dataclass(frozen=True)
class Credentials:
    """User and password, or a token for the token service (docker's identitytoken); all empty for an anonymous request."""

    username: str = ""
    password: str = ""
    identity_token: str = ""

    def __bool__(self) -> bool:
        return bool(self.username or self.identity_token)

    def __repr__(self) -> str:
        return f"Credentials({self.username!r}, ...)"  # never in a traceback or a log


def find(config: Mapping[str, Any], host: str, repository: str = "") -> Credentials:
    """The credentials of the config for host/repository; ValueError when the entry that fits is not of docker's form."""
    auths = config.get("auths", {})
    if not isinstance(auths, Mapping):
        raise ValueError("auths is not a mapping")
    fitting = [(len(path), entry) for key, entry in auths.items() if (path := _fits(str(key), host, repository)) is not None]
    if not fitting:
        return Credentials()
    entry = max(fitting, key=lambda item: item[0])[1]
    if not isinstance(entry, Mapping):
        raise ValueError("an entry of auths is not a mapping")
    token = str(entry.get("identitytoken") or "")
    if entry.get("auth"):
        username, _colon, password = base64.b64decode(str(entry["auth"]), validate=True).decode().partition(":")
        return Credentials(username, password, token)
    return Credentials(str(entry.get("username") or ""), str(entry.get("password") or ""), token)


def helper(config: Mapping[str, Any], host: str) -> str:
    """The name of the credential helper for the host (docker-credential-NAME); empty when there is none."""
    helpers = config.get("credHelpers")
    own = helpers.get(host) if isinstance(helpers, Mapping) else ""
    return str(own or config.get("credsStore") or "")


def _fits(key: str, host: str, repository: str) -> str | None:
    """The path of a key that is for this host and a part of this repository; None when it is not."""
    bare = key.split("://", 1)[-1].rstrip("/")
    name, _slash, path = bare.partition("/")
    if path in ("v1", "v2"):  # of the API, not of a repository
        path = ""
    same = (name in _DOCKER_HUBS and host in _DOCKER_HUBS) or fnmatchcase(host, name)
    return path if same and (not path or f"{repository}/".startswith(f"{path}/")) else None

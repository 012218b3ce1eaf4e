# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry port: tags, digests and labels by the OCI distribution API, with what the reference says and no more.

Source: OCI distribution-spec 1.1 and the Docker token authentication that registries share.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import ImageReference, is_digest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.web import Http

INDEX_TYPES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFEST_TYPES = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
VERSION_LABEL = "org.opencontainers.image.version"
DOCKER_HUB = "docker.io"
DOCKER_HUB_KEY = "https://index.docker.io/v1/"  # the name that docker itself writes into its config


@dataclass(frozen=True)
class ResolvedImage:
    """What a tag or digest stands for: the digest to pin, its platform manifests, and the version in its label."""

    reference: ImageReference
    digest: str
    children: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    version: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


class Registry:
    """One registry host."""

    def __init__(self, host: str, *, plain_http: bool, auth_file: str, timeout: int) -> None:
        scheme = "http" if plain_http else "https"
        self._base = f"{scheme}://{'registry-1.docker.io' if host == DOCKER_HUB else host}/v2"
        self._host = host
        self._credentials = _credentials(host, auth_file)
        self._http = Http(
            f"The registry {host}",
            timeout=timeout,
            next_step=(
                "Check the registry's name in the overlay, ampora_registry_plain_http and the network, then run the same command again."
            ),
        )

    def resolve(self, reference: ImageReference) -> ResolvedImage:
        """The digest of the tag (or the digest itself), checked against the bytes that the registry sent."""
        body, kind = self._manifest(reference, reference.digest or reference.tag)
        digest = _digest(body)
        document = _json(body, f"the manifest of {reference}")
        if kind not in INDEX_TYPES:
            labels = self._labels(reference, document)
            return ResolvedImage(reference, digest, version=labels.get(VERSION_LABEL, ""), labels=labels)
        listed = [(entry.get("digest"), entry.get("platform") or {}) for entry in document.get("manifests") or []]
        entries = [(str(child), platform) for child, platform in listed if is_digest(child) and platform.get("os") != "unknown"]
        children = tuple(child for child, platform in entries)
        platforms = tuple(f"{platform['os']}/{platform.get('architecture', '?')}" for child, platform in entries if "os" in platform)
        labels = self._labels(reference, _json(self._manifest(reference, children[0])[0], "a manifest")) if children else {}
        return ResolvedImage(reference, digest, children, platforms, labels.get(VERSION_LABEL, ""), labels)

    def tags(self, repository: str) -> list[str]:
        """All tags of a repository, page by page (Link header); an empty list when the registry does not list any."""
        url, found = f"{self._base}/{repository}/tags/list", list[str]()
        while url:
            response = self._get(url, {}, repository)
            if response.status_code != 200:
                return found
            found += [str(tag) for tag in _json(response.content, "the tags").get("tags") or []]
            following = response.links.get("next", {}).get("url", "")
            url = f"{self._base.removesuffix('/v2')}{following}" if following.startswith("/") else following
        return found

    def _manifest(self, reference: ImageReference, name: str) -> tuple[bytes, str]:
        accept = {"Accept": ", ".join(INDEX_TYPES + MANIFEST_TYPES)}
        response = self._get(f"{self._base}/{reference.repository}/manifests/{name}", accept, reference.repository)
        if response.status_code == 404:
            raise UpgradeError(
                f"The registry {self._host} has no {reference.repository} with the {'digest' if ':' in name else 'tag'} {name}.",
                next_step="Check ampora_target_version and the image name (newName) in the overlay.",
            )
        if response.status_code != 200:
            raise UpgradeError(
                f"The registry {self._host} answers {response.status_code} for {reference.repository}:{name}.",
                next_step="Check the pull credentials (ampora_registry_auth_file) and the image name in the overlay.",
            )
        if is_digest(name) and _digest(response.content) != name:
            raise UpgradeError(f"The registry {self._host} sent other bytes than {reference.with_digest(name)} names (sha256 differs).")
        return bytes(response.content), response.headers.get("Content-Type", "").split(";")[0]

    def _labels(self, reference: ImageReference, manifest: Mapping[str, Any]) -> dict[str, str]:
        digest = manifest.get("config", {}).get("digest", "")
        if not digest:
            return {}
        response = self._get(f"{self._base}/{reference.repository}/blobs/{digest}", {}, reference.repository)
        if response.status_code != 200:
            return {}
        labels = _json(response.content, "the image config").get("config", {}).get("Labels") or {}
        return {str(key): str(value) for key, value in labels.items()}

    def _get(self, url: str, headers: Mapping[str, str], repository: str) -> Any:
        response = self._http.get(url, headers=headers)
        if response.status_code != 401:
            return response
        self._login(response.headers.get("WWW-Authenticate", ""), repository)
        return self._http.get(url, headers=headers)

    def _login(self, challenge: str, repository: str) -> None:
        """Answer a Basic or Bearer challenge; anonymous where there are no credentials."""
        username, password = self._credentials
        if not challenge.lower().startswith("bearer"):
            self._http.authenticate(username=username, password=password)
            return
        fields = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        service = Http(f"The token service of {self._host}", timeout=10, next_step="Check ampora_registry_auth_file.")
        service.authenticate(username=username, password=password)
        query = {"service": fields.get("service", ""), "scope": fields.get("scope") or f"repository:{repository}:pull"}
        answer = _json(service.get(fields.get("realm", ""), params=query).content, "the token")
        self._http.authenticate(token=str(answer.get("token") or answer.get("access_token") or ""))


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _json(data: bytes, what: str) -> dict[str, Any]:
    try:
        parsed = json.loads(data)
    except ValueError as error:
        raise UpgradeError(f"The registry sent {what} in a form that is not JSON.") from error
    return parsed if isinstance(parsed, dict) else {}


def _credentials(host: str, auth_file: str) -> tuple[str, str]:
    """User and password for a host from a docker config file (`auths`)."""
    if not auth_file:
        return "", ""
    try:
        entries = json.loads(Path(auth_file).expanduser().read_text(encoding="utf-8")).get("auths", {})
        encoded = str(entries.get(DOCKER_HUB_KEY if host == DOCKER_HUB else host, {}).get("auth", ""))
        user, unused, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (AttributeError, OSError, ValueError) as error:
        raise UpgradeError(
            f"ampora_registry_auth_file is {auth_file}: it cannot be read as a docker config file.",
            next_step="Name a config.json with auths.",
        ) from error
    return user, password

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry port: tags, digests and labels by the OCI distribution API, with what the reference says and no more.

Source: OCI distribution-spec 1.1 and the Docker token authentication that registries share.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.credentials import DOCKER_HUB, Credentials
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import ImageReference, is_digest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.registry_credentials import Source, choose
from ansible_collections.ampora.upgrades.plugins.plugin_utils.web import Http

INDEX_TYPES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFEST_TYPES = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
VERSION_LABEL = "org.opencontainers.image.version"


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
    """One registry host; `prefix` is put before every repository, as mirrors ask for."""

    def __init__(self, host: str, *, plain_http: bool, timeout: int, sources: Sequence[Source] = (), prefix: str = "") -> None:
        scheme = "http" if plain_http else "https"
        self._base = f"{scheme}://{'registry-1.docker.io' if host == DOCKER_HUB else host}/v2" + (f"/{prefix}" if prefix else "")
        self._host = host
        self._prefix = prefix
        self._sources = sources
        self._http = Http(
            f"The registry {host}",
            timeout=timeout,
            patient=True,
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
            config = self._config(reference, document)
            platforms: tuple[str, ...] = (f"{config['os']}/{config.get('architecture', '?')}",) if config.get("os") else ()
            return ResolvedImage(reference, digest, (), platforms, *_version(config))
        listed = [(entry.get("digest"), entry.get("platform") or {}) for entry in document.get("manifests") or []]
        entries = [(str(child), platform) for child, platform in listed if is_digest(child) and platform.get("os") != "unknown"]
        children = tuple(child for child, platform in entries)
        platforms = tuple(f"{platform['os']}/{platform.get('architecture', '?')}" for child, platform in entries if "os" in platform)
        config = self._config(reference, _json(self._manifest(reference, children[0])[0], "a manifest")) if children else {}
        return ResolvedImage(reference, digest, children, platforms, *_version(config))

    def tags(self, repository: str) -> list[str]:
        """All tags of a repository, page by page (Link header); an empty list when the registry does not list any."""
        url, found = f"{self._base}/{repository}/tags/list", list[str]()
        while url:
            response = self._get(url, {}, repository)
            if response.status_code != 200:
                return found
            found += [str(tag) for tag in _json(response.content, "the tags").get("tags") or []]
            following = response.links.get("next", {}).get("url", "")
            url = urljoin(url, following) if following else ""
            if url and urlsplit(url).netloc != urlsplit(self._base).netloc:
                return found  # the credentials go to nobody else
        return found

    def _manifest(self, reference: ImageReference, name: str) -> tuple[bytes, str]:
        accept = {"Accept": ", ".join(INDEX_TYPES + MANIFEST_TYPES)}
        response = self._get(f"{self._base}/{reference.repository}/manifests/{name}", accept, reference.repository)
        if response.status_code == 404:
            raise UpgradeError(
                f"The registry {self._host} has no {reference.repository} with the {'digest' if ':' in name else 'tag'} {name}.",
                next_step="Check ampora_target_version and the image name (newName) in the overlay.",
            )
        if response.status_code == 429:
            raise UpgradeError(
                f"The registry {self._host} limits how often it may be asked (429) and asks to wait {_wait(response)}.",
                next_step="Log in (ampora_registry_auth_file), name a mirror (ampora_registry_mirrors), or wait; then run this again.",
            )
        if response.status_code != 200:
            raise UpgradeError(
                f"The registry {self._host} answers {response.status_code} for {reference.repository}:{name}.",
                next_step="Check the pull credentials (ampora_registry_auth_file) and the image name in the overlay.",
            )
        if is_digest(name) and _digest(response.content) != name:
            raise UpgradeError(f"The registry {self._host} sent other bytes than {reference.with_digest(name)} names (sha256 differs).")
        return bytes(response.content), response.headers.get("Content-Type", "").split(";")[0]

    def _config(self, reference: ImageReference, manifest: Mapping[str, Any]) -> dict[str, Any]:
        digest = (manifest.get("config") or {}).get("digest", "")
        if not is_digest(digest):
            return {}
        response = self._get(f"{self._base}/{reference.repository}/blobs/{digest}", {}, reference.repository)
        return _json(response.content, "the image config") if response.status_code == 200 else {}

    def _get(self, url: str, headers: Mapping[str, str], repository: str) -> Any:
        response = self._http.get(url, headers=headers)
        if response.status_code != 401:
            return response
        self._login(response.headers.get("WWW-Authenticate", ""), repository)
        return self._http.get(url, headers=headers)

    def _login(self, challenge: str, repository: str) -> None:
        """Answer a Basic or Bearer challenge; anonymous where there are no credentials."""
        whole = f"{self._prefix}/{repository}" if self._prefix else repository
        credentials = choose(self._sources, self._host, whole)
        if not challenge.lower().startswith("bearer"):
            self._http.authenticate(username=credentials.username, password=credentials.password)
            return
        fields = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        query = {"service": fields.get("service", ""), "scope": fields.get("scope") or f"repository:{whole}:pull"}
        self._http.authenticate(token=self._token(fields.get("realm", ""), query, credentials))

    def _token(self, realm: str, query: Mapping[str, str], credentials: Credentials) -> str:
        """A token by user and password, or by docker's identity token (OAuth 2)."""
        service = Http(f"The token service of {self._host}", timeout=10, patient=True, next_step="Check ampora_registry_auth_file.")
        if credentials.identity_token:
            form = {"grant_type": "refresh_token", "refresh_token": credentials.identity_token, "client_id": "ampora.upgrades"}
            answer = _json(service.post(realm, {**query, **form}).content, "the token")
        else:
            service.authenticate(username=credentials.username, password=credentials.password)
            answer = _json(service.get(realm, params=query).content, "the token")
        return str(answer.get("token") or answer.get("access_token") or "")


class Mirrored:
    """A registry with hosts that are asked before it, in order; a mirror that fails is passed over."""

    def __init__(self, registry: Registry, mirrors: Sequence[Registry]) -> None:
        self._registry = registry
        self._mirrors = mirrors

    def resolve(self, reference: ImageReference) -> ResolvedImage:
        for mirror in self._mirrors:
            with contextlib.suppress(UpgradeError):
                return mirror.resolve(reference)
        return self._registry.resolve(reference)

    def tags(self, repository: str) -> list[str]:
        """Of the registry itself where it answers: a mirror knows only what has been asked of it."""
        try:
            return self._registry.tags(repository)
        except UpgradeError:
            for mirror in self._mirrors:
                with contextlib.suppress(UpgradeError):
                    return mirror.tags(repository)
            raise


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _json(data: bytes, what: str) -> dict[str, Any]:
    try:
        parsed = json.loads(data)
    except ValueError as error:
        raise UpgradeError(f"The registry sent {what} in a form that is not JSON.") from error
    return parsed if isinstance(parsed, dict) else {}


def _version(config: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The version in an image's labels, and all of them."""
    labels = {str(key): str(value) for key, value in ((config.get("config") or {}).get("Labels") or {}).items()}
    return labels.get(VERSION_LABEL, ""), labels


def _wait(response: Any) -> str:
    after = str(response.headers.get("Retry-After", ""))
    return f"{after} s" if after.isdigit() else "for a while"

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container registry on loopback: token login, tags by pages, manifests, configs, and the ways in which one can be wrong."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from tests.unit.doubles.http_server import Answer, LoopbackServer, Request, json_answer

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
TOKEN = "a-token-of-the-service"


def digest_of(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


class RegistryServer(LoopbackServer):
    """One repository; `password` asks for a login, `scheme` says which."""

    def __init__(self, repository: str = "ampora/ampora-web", *, password: str = "", scheme: str = "bearer", page: int = 100) -> None:
        super().__init__(self._answer)
        self.repository = repository
        self.password = password
        self.scheme = scheme
        self.page = page
        self.tags: dict[str, str] = {}  # tag -> digest
        self.manifests: dict[str, tuple[str, bytes]] = {}  # digest -> media type and bytes
        self.blobs: dict[str, bytes] = {}
        self.status = 0  # for every manifest, when not 0
        self.lists_tags = True

    def image(self, tag: str, version: str | None = None, *, platforms: tuple[str, ...] = ("amd64",)) -> tuple[str, list[str]]:
        """An index over one manifest for each platform; (the digest of the index, the digests of its children)."""
        children = [self.manifest("", tag if version is None else version, platform) for platform in platforms]
        entries = [
            {"digest": child, "platform": {"os": "linux", "architecture": platform}}
            for child, platform in zip(children, platforms, strict=True)
        ]
        attestation = {"digest": "sha256:" + "f" * 64, "platform": {"os": "unknown", "architecture": "unknown"}}
        digest = self.put(INDEX, {"manifests": [*entries, attestation]})
        self.tags[tag] = digest
        return digest, children

    def manifest(self, tag: str, version: str, platform: str = "amd64") -> str:
        """A manifest for one platform, with the version in its config's label; no label when it is empty."""
        labels = {"org.opencontainers.image.version": version} if version else None
        config = json.dumps({"architecture": platform, "config": {"Labels": labels}}).encode()
        self.blobs[digest_of(config)] = config
        digest = self.put(MANIFEST, {"config": {"digest": digest_of(config)}})
        if tag:
            self.tags[tag] = digest
        return digest

    def put(self, kind: str, document: Any) -> str:
        body = json.dumps(document).encode()
        self.manifests[digest_of(body)] = (kind, body)
        return digest_of(body)

    def _answer(self, request: Request) -> Answer:
        if request.path == "/token":
            return json_answer({"token": TOKEN if self._basic(request) else "none"})
        if self.password and not self._logged_in(request):
            challenge = 'Basic realm="registry"' if self.scheme == "basic" else self._challenge()
            return Answer(401, b'{"errors": []}', {"WWW-Authenticate": challenge})
        base = f"/v2/{self.repository}"
        if request.path == f"{base}/tags/list" and self.lists_tags:
            return self._list(request)
        kind, unused, name = request.path.removeprefix(f"{base}/").partition("/")
        if kind == "blobs" and name in self.blobs:
            return Answer(200, self.blobs[name])
        return self._manifest(name) if kind == "manifests" else Answer(404, b"{}")

    def _manifest(self, name: str) -> Answer:
        found = self.manifests.get(self.tags.get(name, name))
        if self.status or found is None:
            return Answer(self.status or 404, b'{"errors": []}')
        return Answer(200, found[1], {"Content-Type": f"{found[0]}; charset=utf-8"})

    def _list(self, request: Request) -> Answer:
        names = sorted(self.tags)
        start = names.index(request.query["last"]) + 1 if "last" in request.query else 0
        page = names[start : start + self.page]
        more = start + self.page < len(names)
        link = {"Link": f'</v2/{self.repository}/tags/list?last={page[-1]}>; rel="next"'} if more else {}
        return json_answer({"name": self.repository, "tags": page or None}, headers=link)

    def _challenge(self) -> str:
        return f'Bearer realm="{self.url}/token",service="registry.example",scope="repository:{self.repository}:pull"'

    def _logged_in(self, request: Request) -> bool:
        return self._basic(request) if self.scheme == "basic" else request.headers.get("Authorization") == f"Bearer {TOKEN}"

    def _basic(self, request: Request) -> bool:
        wanted = base64.b64encode(f"ada:{self.password}".encode()).decode()
        return request.headers.get("Authorization") == f"Basic {wanted}"


def auth_file(host: str, password: str, user: str = "ada") -> str:
    """The text of a docker config file."""
    return json.dumps({"auths": {host: {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}}})

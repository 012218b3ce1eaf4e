# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A repository with an image of which one layer is gone, as a registry's clean-up with a race leaves it."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

import requests

from tests.support.sandbox import Sandbox

SOURCE = "ampora/ampora-web"
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def publish(sandbox: Sandbox, repository: str, versions: tuple[str, ...], *, broken: str) -> None:
    """Copy the versions into the repository; `broken` gets one layer more, which is then deleted."""
    base = f"http://{sandbox.env['AMPORA_SANDBOX_REGISTRY']}/v2"
    for version in versions:
        index = _get(f"{base}/{SOURCE}/manifests/{version}", INDEX)
        child = _get(f"{base}/{SOURCE}/manifests/{index['manifests'][0]['digest']}", MANIFEST)
        for blob in [child["config"], *child["layers"]]:
            requests.post(f"{base}/{repository}/blobs/uploads/?mount={blob['digest']}&from={SOURCE}", timeout=30).raise_for_status()
        gone = ""
        if version == broken:
            content = os.urandom(512)
            gone = _digest(content)
            _upload(f"{base}/{repository}", content)
            child["layers"].append({**child["layers"][-1], "digest": gone, "size": len(content)})
            config = _get(f"{base}/{SOURCE}/blobs/{child['config']['digest']}", MANIFEST)
            config["rootfs"]["diff_ids"].append(gone)  # as many as there are layers, or nothing is fetched at all
            whole = json.dumps(config).encode()
            _upload(f"{base}/{repository}", whole)
            child["config"].update(digest=_digest(whole), size=len(whole))
        body = json.dumps(child).encode() if gone else _bytes(f"{base}/{SOURCE}/manifests/{index['manifests'][0]['digest']}", MANIFEST)
        _put(f"{base}/{repository}/manifests/{_digest(body)}", body, MANIFEST)
        index["manifests"][0].update(digest=_digest(body), size=len(body))
        whole = json.dumps(index).encode() if gone else _bytes(f"{base}/{SOURCE}/manifests/{version}", INDEX)
        _put(f"{base}/{repository}/manifests/{version}", whole, INDEX)
        if gone:
            requests.delete(f"{base}/{repository}/blobs/{gone}", timeout=30).raise_for_status()


def _bytes(url: str, kind: str) -> bytes:
    answer = requests.get(url, headers={"Accept": kind}, timeout=30)
    answer.raise_for_status()
    return answer.content


def _get(url: str, kind: str) -> Any:
    return json.loads(_bytes(url, kind))


def _put(url: str, body: bytes, kind: str) -> None:
    requests.put(url, data=body, headers={"Content-Type": kind}, timeout=30).raise_for_status()


def _upload(repository: str, content: bytes) -> None:
    place = requests.post(f"{repository}/blobs/uploads/", timeout=30)
    place.raise_for_status()
    url = place.headers["Location"]
    requests.put(f"{url}{'&' if '?' in url else '?'}digest={_digest(content)}", data=content, timeout=30).raise_for_status()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"

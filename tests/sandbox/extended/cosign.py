# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""cosign with a key pair, and the signatures of Ampora's images: one image deliberately has none."""

from __future__ import annotations

from pathlib import Path

import requests

from tests.sandbox import build as builds
from tests.sandbox import paths
from tests.sandbox.build import GoProgram
from tests.sandbox.commands import SandboxError, run
from tests.sandbox.containers import REGISTRY
from tests.sandbox.extended.tools import secret_word
from tests.sandbox.parts import Part
from tests.sandbox.settings import SETTINGS

NAME = "cosign"
PACKAGES: dict[str, str] = {}
PROGRAM = GoProgram("cosign", f"github.com/sigstore/cosign/v2/cmd/cosign@{SETTINGS.extended_versions.cosign}", about="(4 minutes)")
_FOLDER = paths.EXTENDED / "cosign"
KEY, PUBLIC_KEY = _FOLDER / "cosign.key", _FOLDER / "cosign.pub"
_REPOSITORY = "ampora/ampora-web"
_SIGNED = [version for version in SETTINGS.versions.ampora if version != SETTINGS.unsigned_version]


def _cosign(*words: str | Path) -> str:
    return run([PROGRAM.build(), *words], env={"COSIGN_PASSWORD": secret_word("cosign")}, cwd=_FOLDER)


def build() -> None:
    PROGRAM.build()


def start() -> None:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    builds.link("cosign", PROGRAM.build())
    if not PUBLIC_KEY.exists():
        _cosign("generate-key-pair")
    for version in _SIGNED:
        digest = _digest(version)
        if not _has_signature(digest):
            sign(f"{REGISTRY}/{_REPOSITORY}@{digest}")


def sign(reference: str) -> None:
    """Into the image's own repository, as people do: the tag sha256-HEX.sig, which is no release. Nothing goes to a public log."""
    _cosign("sign", "--key", KEY, "--tlog-upload=false", "--allow-http-registry", "--yes", reference)


def verify(reference: str) -> None:
    _cosign("verify", "--key", PUBLIC_KEY, "--insecure-ignore-tlog=true", "--allow-http-registry", reference)


def _digest(version: str) -> str:
    return run([builds.CRANE.build(), "--insecure", "digest", f"{REGISTRY}/{_REPOSITORY}:{version}"]).strip()


def _has_signature(digest: str) -> bool:
    tag = f"{digest.replace(':', '-')}.sig"
    accepted = {"Accept": "application/vnd.oci.image.manifest.v1+json"}
    return requests.head(f"http://{REGISTRY}/v2/{_REPOSITORY}/manifests/{tag}", headers=accepted, timeout=5).ok


def survey() -> list[Part]:
    """The signature of the newest version stands for all of them: they are made in one go."""
    try:
        signed = _has_signature(_digest(_SIGNED[-1]))
    except (SandboxError, requests.RequestException):
        signed = False
    return [Part("signatures", signed and PUBLIC_KEY.exists(), f"{', '.join(_SIGNED)} signed, {SETTINGS.unsigned_version} not")]


def exports() -> dict[str, str]:
    return {
        "COSIGN": str(paths.BIN / "cosign"),
        "COSIGN_KEY": str(KEY),
        "COSIGN_PASSWORD": secret_word("cosign"),
        "COSIGN_PUBLIC_KEY": str(PUBLIC_KEY),
        "UNSIGNED_VERSION": SETTINGS.unsigned_version,
    }


def stop() -> None:
    """It left nothing running; keys and signatures go with the state folder."""


def leftovers() -> list[str]:
    return []

# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the tier and which of them this sandbox has: asked for once, they stay until `down`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Protocol

from tests.sandbox import packages, paths
from tests.sandbox.commands import SandboxError, Stopwatch, say
from tests.sandbox.extended import argocd, collector, cosign, keycloak, node, pgbackrest, s3, snapshots
from tests.sandbox.files import write
from tests.sandbox.ground import BuiltGround, Ground
from tests.sandbox.parts import Part


class Extension(Protocol):
    """What every module of a part has."""

    NAME: str
    PACKAGES: dict[str, str]

    def build(self) -> None: ...
    def start(self) -> None: ...
    def survey(self) -> list[Part]: ...
    def exports(self) -> dict[str, str]: ...
    def stop(self) -> None: ...
    def leftovers(self) -> list[str]: ...


EXTENSIONS: tuple[Extension, ...] = (s3, cosign, node, keycloak, snapshots, argocd, collector, pgbackrest)
NAMES = tuple(extension.NAME for extension in EXTENSIONS)
_ACTIVE = paths.STATE / "extended.json"


def _active() -> list[str]:
    return list(json.loads(_ACTIVE.read_text())) if _ACTIVE.exists() else []


def active() -> list[Extension]:
    names = _active()
    return [extension for extension in EXTENSIONS if extension.NAME in names]


def has(names: Iterable[str]) -> bool:
    """Whether these were asked for before and run."""
    return set(names) <= set(_active()) and all(part.up for part in survey())


def ask(names: Iterable[str], ground: Ground) -> None:
    """Build what is asked for, one after the other. Once that is done these belong to the sandbox: every `up` heals them."""
    wanted = {*names, *_active()}
    if wanted and not isinstance(ground, BuiltGround):
        raise SandboxError("the extended tier needs the cluster that the sandbox builds: unset KUBECONFIG and AMPORA_SANDBOX_REGISTRY")
    chosen = [extension for extension in EXTENSIONS if extension.NAME in wanted]
    packages.install(*(extension.PACKAGES for extension in chosen))
    for extension in chosen:
        extension.build()
    if chosen:
        write(_ACTIVE, json.dumps(sorted(wanted)).encode())


def start() -> None:
    for extension in active():
        watch = Stopwatch()
        extension.start()
        say(f"{extension.NAME}: up after {watch}")


def survey() -> list[Part]:
    return [part for extension in active() for part in extension.survey()]


def exports() -> dict[str, str]:
    return {f"AMPORA_SANDBOX_{name}": value for extension in active() for name, value in extension.exports().items()}


def stop() -> None:
    """All of them, whatever the list says: it may be older than what runs."""
    for extension in reversed(EXTENSIONS):
        extension.stop()
    _ACTIVE.unlink(missing_ok=True)


def leftovers() -> list[str]:
    return [line for extension in EXTENSIONS for line in extension.leftovers()]

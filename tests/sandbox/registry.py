# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OCI registry on loopback (Debian's docker-registry)."""

from __future__ import annotations

import requests

from tests.sandbox import paths
from tests.sandbox.commands import wait_for
from tests.sandbox.containers import REGISTRY
from tests.sandbox.processes import Daemon

_FOLDER = paths.MACHINE / "registry"
_CONFIG = f"""\
version: 0.1
log: {{level: warn, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: {_FOLDER}/data}}
  delete: {{enabled: true}}
http: {{addr: "{REGISTRY}", secret: sandbox}}
"""


def daemon() -> Daemon:
    return Daemon("registry", ["docker-registry", "serve", _FOLDER / "config.yml"])


def start() -> None:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    (_FOLDER / "config.yml").write_text(_CONFIG)
    if daemon().start():
        wait_for("registry", answers, timeout=20, log=daemon().log)


def answers() -> bool:
    try:
        return requests.get(f"http://{REGISTRY}/v2/", timeout=2).ok
    except requests.RequestException:
        return False

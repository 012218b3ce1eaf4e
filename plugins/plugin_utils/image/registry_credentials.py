# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where credentials for a registry come from: the docker config that was named, then the pull secrets that the pods use."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.credentials import Credentials, find, helper
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster, ForbiddenError

HELPER_SECONDS = 30


@dataclass(frozen=True)
class Source:
    """One docker config, and its name for messages."""

    name: str
    config: Mapping[str, Any]


def of_file(path: str) -> Source:
    """The docker config file ampora_registry_auth_file."""
    try:
        config = json.loads(Path(path).expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _malformed(f"ampora_registry_auth_file is {path}: it") from error
    return Source(f"ampora_registry_auth_file is {path}: it", config if isinstance(config, Mapping) else {})


def of_pull_secrets(cluster: Cluster, deployment: Mapping[str, Any]) -> Iterator[Source]:
    """The pull secrets of the Deployment's pods, then those of their service account; what may not be read is left out."""
    pod = deployment["spec"]["template"]["spec"]
    names = [entry.get("name") for entry in pod.get("imagePullSecrets") or []]
    try:
        account = cluster.get("ServiceAccount", str(pod.get("serviceAccountName") or "default")) or {}
        names += [entry.get("name") for entry in account.get("imagePullSecrets") or []]
        for name in dict.fromkeys(str(name) for name in names if name):
            data = (cluster.get("Secret", name) or {}).get("data") or {}
            if encoded := data.get(".dockerconfigjson"):
                yield Source(f"The pull secret {name}", _decoded(name, str(encoded)))
    except ForbiddenError:
        return


def choose(sources: Sequence[Source], host: str, repository: str) -> Credentials:
    """The first that has something for the host; anonymous when none has."""
    for source in sources:
        try:
            found = find(source.config, host, repository)
        except ValueError as error:
            raise _malformed(source.name) from error
        program = "" if found or source.name.startswith("The pull secret") else helper(source.config, host)
        if found := found or (_ask(program, host) if program else found):
            return found
    return Credentials()


def docker_config(host: str, credentials: Credentials) -> dict[str, Any]:
    """A docker config with these credentials alone, for a program that reads one."""
    auth = base64.b64encode(f"{credentials.username}:{credentials.password}".encode()).decode()
    token = {"identitytoken": credentials.identity_token} if credentials.identity_token else {}
    return {"auths": {host: {"auth": auth, **token}}} if credentials else {"auths": {}}


def _ask(name: str, host: str) -> Credentials:
    """docker's credential helper protocol: the host on standard input, JSON on standard output."""
    program = f"docker-credential-{name}"
    try:
        done = subprocess.run([program, "get"], input=host, capture_output=True, text=True, timeout=HELPER_SECONDS, check=False)
        answer = json.loads(done.stdout) if done.returncode == 0 else {}
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        raise UpgradeError(
            f"The credential helper {program} of ampora_registry_auth_file cannot be used ({type(error).__name__}).",
            next_step="Install it, or name a docker config with auths.",
        ) from error
    username, secret = str(answer.get("Username", "")), str(answer.get("Secret", ""))
    return Credentials(identity_token=secret) if username == "<token>" else Credentials(username, secret)


def _decoded(name: str, encoded: str) -> Mapping[str, Any]:
    try:
        config = json.loads(base64.b64decode(encoded, validate=True))
    except ValueError as error:
        raise _malformed(f"The pull secret {name}") from error
    return config if isinstance(config, Mapping) else {}


def _malformed(what: str) -> UpgradeError:
    return UpgradeError(f"{what} cannot be read as a docker config file.", next_step="Name a config.json with auths.")

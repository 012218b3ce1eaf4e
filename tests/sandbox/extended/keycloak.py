# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keycloak with the realm `ampora`: the same client, users and claims as the light OIDC provider has."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from string import Template

import requests

from tests.sandbox import ampora, credentials, paths, processes
from tests.sandbox.commands import SandboxError, Stopwatch, run, say
from tests.sandbox.extended.tools import SOURCES, answers, await_daemon, process, secret_word
from tests.sandbox.parts import Part
from tests.sandbox.processes import Daemon
from tests.sandbox.settings import SETTINGS

NAME = "keycloak"
PACKAGES = {"java": "default-jre-headless", "mvn": "maven"}
REALM = "ampora"
_VERSION = SETTINGS.extended_versions.keycloak
_HOME = paths.CACHE / f"keycloak-{_VERSION}"
_HOST = SETTINGS.node_address
URL = f"http://{_HOST}:{SETTINGS.extended_ports.keycloak}"
ISSUER = f"{URL}/realms/{REALM}"
_ADMINISTRATOR = "sandbox"
_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"


def build() -> None:
    """The distribution, prepared for a database in memory, so that a start takes seconds and writes nothing into the cache folder."""
    if _HOME.exists():
        return
    say(f"fetching Keycloak {_VERSION} (150 MB) ...")
    watch = Stopwatch()
    paths.CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=paths.CACHE) as name:
        folder, artifact = Path(name), f"org.keycloak:keycloak-quarkus-dist:{_VERSION}:zip"
        run(["mvn", "--quiet", "--batch-mode", _PLUGIN, f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"])
        shutil.unpack_archive(folder / f"keycloak-quarkus-dist-{_VERSION}.zip", folder)
        unpacked = folder / _HOME.name
        (unpacked / "bin" / "kc.sh").chmod(0o755)
        run([unpacked / "bin" / "kc.sh", "build", "--db=dev-mem"])
        unpacked.replace(_HOME)
    say(f"Keycloak is ready to start after {watch}")


def daemon() -> Daemon:
    flags = [f"--http-host={_HOST}", f"--http-port={SETTINGS.extended_ports.keycloak}", "--http-enabled=true", f"--hostname={URL}"]
    env = {
        "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx384m",
        "KC_BOOTSTRAP_ADMIN_USERNAME": _ADMINISTRATOR,
        "KC_BOOTSTRAP_ADMIN_PASSWORD": secret_word("keycloak"),
    }
    return Daemon(NAME, [_HOME / "bin" / "kc.sh", "start", "--optimized", *flags, "--log-level=warn"], env=env)


def start() -> None:
    if process(NAME).up and not ready():
        processes.stop([NAME])  # one that runs and answers 500, as after the machine was suspended, does not mend itself
    if daemon().start():
        await_daemon(daemon(), "Keycloak", lambda: answers(f"{URL}/realms/master"), timeout=180)
    if not ready():
        _make_realm()


def ready() -> bool:
    try:
        return requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=2).ok
    except requests.RequestException:
        return False


def _make_realm() -> None:
    values = {"secret": credentials.load().oidc_client_secret, "application": ampora.url()}
    realm = json.loads(Template((SOURCES / "keycloak" / "realm.json").read_text()).substitute(values))
    answer = requests.post(f"{URL}/admin/realms", json=realm, headers={"Authorization": f"Bearer {_token()}"}, timeout=30)
    if answer.status_code != 201:
        raise SandboxError(f"Keycloak does not take the realm: {answer.status_code} {answer.text[:500]}")


def _token() -> str:
    form = {"grant_type": "password", "client_id": "admin-cli", "username": _ADMINISTRATOR, "password": secret_word("keycloak")}
    answer = requests.post(f"{URL}/realms/master/protocol/openid-connect/token", data=form, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def survey() -> list[Part]:
    running = process(NAME)
    return [Part(NAME, running.up and ready(), f"{_VERSION}, {ISSUER}", running.memory)]


def exports() -> dict[str, str]:
    return {"KEYCLOAK_URL": URL, "KEYCLOAK_ISSUER": ISSUER, "KEYCLOAK_CLIENT_SECRET": credentials.load().oidc_client_secret}


def stop() -> None:
    processes.stop([NAME])


def leftovers() -> list[str]:
    return []

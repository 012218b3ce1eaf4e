# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ampora itself: images, the user's overlay, seeded data, and the way back to a clean start version."""

from __future__ import annotations

import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor

from tests.sandbox import agents, build, credentials, identity, monitoring, paths, postgres
from tests.sandbox.commands import SandboxError, run
from tests.sandbox.files import write
from tests.sandbox.ground import Ground
from tests.sandbox.kubectl import apply_manifest, cluster_ip, get, kubectl
from tests.sandbox.settings import SETTINGS

NAME = "ampora-web"
_NAMESPACE = SETTINGS.namespace
_TOKEN = paths.MACHINE / "token"
_IN = ("--namespace", _NAMESPACE)
# What runs of the collection and tests leave behind. Services and claims stay: other parts know their addresses.
_LEFT_BY_RUNS = "deployments,statefulsets,jobs,cronjobs,pods,secrets,leases,poddisruptionbudgets,networkpolicies,resourcequotas"


def url() -> str:
    return f"http://{cluster_ip(_NAMESPACE, NAME)}:8080"


def prepare(ground: Ground) -> None:
    """What exists before the first apply: the Service (its address is part of the OIDC client) and the claims."""
    kubectl(*_IN, "apply", "--filename", paths.SOURCES / "deploy" / "kustomize" / "base" / "service.yaml")
    apply_manifest("claims.yaml")
    if not paths.OVERLAY.exists():
        write_working_copies(ground)


def write_working_copies(ground: Ground) -> None:
    """The user's files and the release notes, afresh; this sandbox's registry, secrets and OIDC provider filled in."""
    for source, copy in (("deploy", paths.DEPLOY.parent), ("release-notes", paths.RELEASE_NOTES)):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(paths.SOURCES / source, copy)
    own = credentials.load()
    _fill("kustomization.yaml", {"registry.example": ground.registry, 'newTag: "1.4.2"': f'newTag: "{SETTINGS.start_version}"'})
    _fill("configmap-patch.yaml", {"http://id.acme.example": identity.url(ground.host_address)})
    secrets = {
        "Password=FILL_IN": f"Password={own.ampora_password}",
        "KeyProtection__MasterKey: FILL_IN": f"KeyProtection__MasterKey: {own.master_key}",
        "ClientSecret: FILL_IN": f"ClientSecret: {own.oidc_client_secret}",
    }
    _fill("secret.yaml", secrets)
    (paths.OVERLAY / "secret.yaml").chmod(0o600)


def _fill(name: str, values: dict[str, str]) -> None:
    path = paths.OVERLAY / name
    text = path.read_text()
    for old, new in values.items():
        if old not in text:
            raise AssertionError(f"{name} of the overlay has no {old!r} to fill in")
        text = text.replace(old, new)
    path.write_text(text)


def seed() -> None:
    """Migrate and fill the template database, once; from then on every clean start is a copy of it."""
    if postgres.TEMPLATE not in postgres.databases():
        unfinished = f"{postgres.TEMPLATE}_unfinished"
        postgres.drop(unfinished)
        postgres.create(unfinished)
        _fill_database(unfinished)
        postgres.rename(unfinished, postgres.TEMPLATE)
    if postgres.DATABASE not in postgres.databases():
        postgres.copy_template()


def _fill_database(name: str) -> None:
    size, binary = SETTINGS.seed, build.AMPORA.build()
    env = {
        "AMPORA_VERSION": SETTINGS.start_version,
        "ConnectionStrings__Ampora": postgres.npgsql(name, cluster_ip(SETTINGS.database_namespace, "pg")),
        "KeyProtection__MasterKey": credentials.load().master_key,
    }
    run([binary, "migrate"], env=env)
    words = {
        "tenants": size.tenants,
        "agents": size.agents,
        "configuration-versions": size.configuration_versions,
        "audit-events": size.audit_events,
        "megabytes": _megabytes(),
    }
    output = run([binary, "seed", *(f"--{flag}={count}" for flag, count in words.items())], env=env, timeout=3600)
    (found,) = re.findall(r"^AMPORA_SANDBOX_PAT=(\S+)$", output, re.MULTILINE)
    write(_TOKEN, found.encode())


def _megabytes() -> int:
    """How much the configuration versions weigh beyond their own size: for tests that need a database of gigabytes."""
    text = os.environ.get("AMPORA_SANDBOX_MEGABYTES", "0")
    if not text.isdecimal():
        raise SandboxError(f"AMPORA_SANDBOX_MEGABYTES is {text!r} and has to be a whole number, for example 2048")
    return int(text)


def token() -> str:
    """The access token of the seeded data."""
    return _TOKEN.read_text()


def deployed() -> bool:
    names = {item["metadata"]["name"] for item in get(*_IN, "deployments")["items"]}
    return NAME in names


def apply() -> None:
    kubectl("apply", "--kustomize", paths.OVERLAY)


def wait() -> None:
    kubectl(*_IN, "rollout", "status", f"deployment/{NAME}", "--timeout=120s", timeout=130)


def reset(ground: Ground) -> None:
    """Back to the clean start version. The web pods are gone before the database is, so nothing writes in between."""
    agents.disconnect()
    kubectl(*_IN, "delete", _LEFT_BY_RUNS, "--all", "--grace-period=1", "--timeout=60s")
    work = (_forget_configmaps, postgres.copy_template, ground.empty_snapshots, lambda: write_working_copies(ground))
    with ThreadPoolExecutor() as pool:
        parts = [pool.submit(part) for part in work]
    for part in parts:
        part.result()
    apply_manifest("claims.yaml")
    apply()
    wait()
    agents.connect()
    wait_until_seen()


def wait_until_seen() -> None:
    """All agents connected, and Prometheus aware of it."""
    agents.wait()
    replicas = int(get(*_IN, "deployment", NAME)["spec"]["replicas"])
    monitoring.wait_for_sessions(replicas, SETTINGS.seed.agents)


def _forget_configmaps() -> None:
    # This one belongs to the cluster: new pods would wait for its return.
    kubectl(*_IN, "delete", "configmaps", "--field-selector=metadata.name!=kube-root-ca.crt")

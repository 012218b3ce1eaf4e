# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for the deployment's secrets in everything that a run shows, writes and starts, while it runs.

Every version of every object in the namespace is watched, and the processes of the run (ours and those in pods) are
sampled: their arguments, and for ours their environment as well. What a Secret holds is where a secret belongs.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import IO, Any
from urllib.parse import quote

from tests.support.sandbox import Sandbox

KINDS = ("configmaps", "deployments", "events", "jobs", "leases", "persistentvolumeclaims", "pods", "secrets")
SAMPLE = 0.05
SHIMS = 1.0  # seconds between two looks for new pods
SETTLE = 1.0
OURS = b"AMPORA_SANDBOX_"
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"  # kubectl's own copy, in the same Secret


def secrets_of(sandbox: Sandbox) -> dict[str, str]:
    """The deployment's real secrets, by name."""
    text = (sandbox.overlay / "secret.yaml").read_text(encoding="utf-8")
    found = {
        "database password": re.search(r"Password=([^;\s\"']+)", text),
        "master key": re.search(r"KeyProtection__MasterKey:\s*\"?([A-Za-z0-9+/=]{44})", text),
        "OIDC client secret": re.search(r"ClientSecret:\s*\"?([^\s\"]+)", text),
    }
    assert all(found.values()), "the sandbox's secret.yaml has another form"
    ours = {"login password": sandbox.vars["ampora_login_password"], "API token": sandbox.vars["ampora_api_token"]}
    return {**{name: match[1] for name, match in found.items() if match}, **ours}


def forms(secret: str) -> set[str]:
    """The secret as it is, and as JSON, an address, base64 (wherever it begins in what was encoded) and hex digits show it."""
    data = secret.encode()
    found = {secret, json.dumps(secret)[1:-1], quote(secret, safe=""), data.hex()}
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + data).decode().rstrip("=")
        # The first and the last character also hold bits of what stands beside the secret.
        found.add(text[(0, 2, 3)[shift] : -1])
    return found


class Needles:
    """The secrets in all of their forms."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._forms = {form.encode(): name for name, secret in secrets.items() for form in forms(secret)}
        self._pattern = re.compile(b"|".join(re.escape(form) for form in sorted(self._forms, key=len, reverse=True)))

    def within(self, data: bytes) -> set[str]:
        """The names of the secrets that the data shows."""
        return {self._forms[match[0]] for match in self._pattern.finditer(data)}


class SecretsScan:
    """A block during which everything is looked at; `found` then says what was seen where, and never shows it."""

    def __init__(self, sandbox: Sandbox, secrets: Mapping[str, str] | None = None) -> None:
        self._sandbox = sandbox
        self._needles = Needles(secrets_of(sandbox) if secrets is None else secrets)
        self._over = threading.Event()
        self._sampler = threading.Thread(target=self._watch_processes, daemon=True)
        self._error: Exception | None = None
        self._watches: list[tuple[str, subprocess.Popen[bytes], IO[bytes]]] = []
        self._began = 0.0
        self.found: set[str] = set()
        self.looked_at: dict[str, int] = {}  # kind of thing -> how many, so that a test sees that there was something to see

    def __enter__(self) -> SecretsScan:
        self._began = time.time()
        self._folder = TemporaryDirectory()
        for kind in KINDS:
            output = (Path(self._folder.name) / kind).open("w+b")
            argv = self._sandbox.kubectl_argv("get", kind, "--watch", "--output=json")
            self._watches.append((kind, subprocess.Popen(argv, stdout=output, stderr=subprocess.DEVNULL), output))
        self._sampler.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._sampler.join()
        self._settle()
        for _name, process, _output in self._watches:  # all of them first: what is read may be refused
            process.terminate()
            process.wait()
        for name, _process, output in self._watches:
            output.seek(0)
            for item in _objects(output.read().decode()):
                self.look(name, _without_data(item), item["metadata"]["name"])
            output.close()
        self._folder.cleanup()
        if self._error is not None:
            raise self._error
        for file in self._sandbox.reports.rglob("*"):
            if file.is_file() and not file.is_symlink() and file.stat().st_mtime >= self._began:
                self.look("files", file.read_bytes(), file.name)

    def _settle(self) -> None:
        """Until what happened last has arrived in the watches."""
        sizes: list[int] = []
        while (now := [os.fstat(output.fileno()).st_size for _kind, _process, output in self._watches]) != sizes:
            sizes = now
            time.sleep(SETTLE)

    def look(self, kind: str, data: str | bytes, where: str = "") -> None:
        """Look at one thing, for example at a playbook's output."""
        self.looked_at[kind] = self.looked_at.get(kind, 0) + 1
        for name in self._needles.within(data.encode() if isinstance(data, str) else data):
            self.found.add(f"{name} in {kind} {where}".rstrip())

    def _watch_processes(self) -> None:
        try:
            self._sample()
        except Exception as error:  # kept for the end of the block: a scan that stopped looking has found nothing out
            self._error = error

    def _sample(self) -> None:
        shims: list[int] = []
        looked = 0.0
        watching = {process.pid for _kind, process, _output in self._watches}
        while not self._over.wait(SAMPLE):
            if time.monotonic() - looked >= SHIMS:
                shims, looked = _shims(), time.monotonic()
            for pid in set(_below(os.getpid())) - watching:
                self._process(pid, "cmdline", "arguments")
                self._process(pid, "environ", "environment")
            for pid in (below for shim in shims for below in _below(shim)):
                self._process(pid, "cmdline", "arguments in pods")

    def _process(self, pid: int, file: str, kind: str) -> None:
        try:
            data = Path(f"/proc/{pid}/{file}").read_bytes()
            name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
        except OSError:  # it has ended
            return
        # What this test run itself was given is not the collection's doing.
        data = b"\0".join(entry for entry in data.split(b"\0") if not entry.startswith(OURS))
        if data:
            self.look(kind, data, f"of {name}")


def _below(pid: int) -> Iterator[int]:
    """All processes that descend from this one."""
    children: list[str] = []
    with contextlib.suppress(OSError):  # it has ended while it was looked at
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += (task / "children").read_text(encoding="utf-8").split()
    for child in children:
        yield int(child)
        yield from _below(int(child))


def _shims() -> list[int]:
    """What holds the pods' processes of this machine; none where the cluster is elsewhere."""
    found = []
    for comm in Path("/proc").glob("[0-9]*/comm"):
        try:
            if comm.read_text(encoding="utf-8").startswith("containerd-shim"):
                found.append(int(comm.parent.name))
        except OSError:
            continue
    return found


def _objects(text: str) -> Iterable[dict[str, Any]]:
    """The objects of a watch, one after the other; the last may be cut short."""
    decoder, at = json.JSONDecoder(), 0
    while (start := text.find("{", at)) >= 0:
        try:
            item, at = decoder.raw_decode(text, start)
        except ValueError:
            return
        yield from item.get("items", [item])  # what was there before is one list


def _without_data(item: dict[str, Any]) -> str:
    if item["kind"] == "Secret":
        annotations = {name: value for name, value in item["metadata"].get("annotations", {}).items() if name != APPLIED}
        item = {"metadata": {**item["metadata"], "annotations": annotations}}
    return json.dumps(item)

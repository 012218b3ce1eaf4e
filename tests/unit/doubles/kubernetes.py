# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A namespace in memory: the calls of the Kubernetes port, with resource versions, and with every write remembered."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster, ConflictError, NotFoundError, Object
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay import title
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.changes import Changes
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint

Hook = Callable[[Object], None]


def plain(value: Any) -> Any:
    """As the API gives it: plain JSON, and nobody's own object."""
    return json.loads(json.dumps(value))


def secret_data(values: Mapping[str, str]) -> dict[str, str]:
    return {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}


def merge(old: Any, new: Any) -> Any:
    """A strategic merge: objects by key, lists of named things by their name, and what says so as a whole."""
    if isinstance(new, dict) and new.get("$patch") == "replace":
        return {key: value for key, value in new.items() if key != "$patch"}
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: merge(old.get(key), value) for key, value in new.items()}}
    if isinstance(old, list) and isinstance(new, list):
        fresh = {item["name"]: item for item in new}
        return [merge(item, fresh.get(item["name"], {})) for item in old] + [i for i in new if i["name"] not in {o["name"] for o in old}]
    return new


class Silence(Changes):
    """No threads: a wait is one pause of the safe point."""

    def __enter__(self) -> Changes:
        return self

    def wait(self, safe_point: SafePoint) -> None:
        safe_point.pause(1.0)


class Kubernetes(Cluster):
    """The questions that need no server of their own (container, environment, pods) are those of the real port."""

    def __init__(self, *, namespace: str = "ampora", deployment: str = "ampora-web", container: str = "ampora-web") -> None:
        self.namespace = namespace
        self.deployment_name = deployment
        self.container_name = container
        self.objects: dict[tuple[str, str], Object] = {}
        self.writes: list[str] = []
        self.bodies: list[tuple[str, Object]] = []
        self.logs: dict[tuple[str, str], str] = {}
        self.denied: set[tuple[str, str, str, str]] = set()
        self.failures: dict[str, UpgradeError] = {}
        self.pages: dict[str, str] = {}  # what pods answer over HTTP: POD:PORT/PATH -> text
        self.lives: dict[str, Object | None] = {}  # deployment/ampora-web -> the object before an apply
        self.after: dict[str, Hook] = {}
        self._version = count(1)

    # --- what a test prepares

    def add(self, kind: str, body: Object) -> Object:
        """An object that is there before the test begins; not a write."""
        name = str(body["metadata"]["name"])
        stored: Object = plain(body)
        stored["metadata"].setdefault("uid", f"uid-{kind}-{name}")
        stored["metadata"]["resourceVersion"] = str(next(self._version))
        self.objects[kind, name] = stored
        return stored

    def changed(self, *prefixes: str) -> list[str]:
        """The writes of some kinds, in order."""
        return [line for line in self.writes if line.startswith(prefixes)]

    # --- the port

    def get(self, kind: str, name: str) -> Object | None:
        self._fail(f"get {kind}")
        found = self.objects.get((kind, name))
        return None if found is None else plain(found)

    def live(self, item: Mapping[str, Any]) -> Object | None:
        """As though the overlay had been applied already, but for what a test says."""
        found: Object | None = plain(self.lives.get(title(item), item))
        return found

    def find_all(self, kind: str, *, labels: Mapping[str, str] | None = None, fields: str | None = None) -> list[Object]:
        self._fail(f"list {kind}")
        found = [item for (of, unused), item in sorted(self.objects.items()) if of == kind and _has(item, labels or {})]
        return [plain(item) for item in found if _selected(item, fields)]

    def each(self, kind: str, *, labels: Mapping[str, str] | None = None, fields: str | None = None) -> Iterator[Object]:
        return iter(self.find_all(kind, labels=labels, fields=fields))

    def changes(self, *kinds: str, labels: Mapping[str, str]) -> Changes:
        """Nobody rings here: each wait is one pause."""
        return Silence(self, kinds, labels)

    def create(self, kind: str, body: Object) -> Object:
        name = str(body["metadata"]["name"])
        if (kind, name) in self.objects:
            raise ConflictError(f'Kubernetes refuses to create {kind} {self.namespace}/{name}: "{name}" already exists (HTTP 409).')
        return self._written("create", kind, body)

    def replace(self, kind: str, body: Object) -> Object:
        name = str(body["metadata"]["name"])
        old = self.objects.get((kind, name))
        if old is None:
            raise NotFoundError(f"Kubernetes refuses to replace {kind} {self.namespace}/{name}: not found (HTTP 404).")
        known = body["metadata"].get("resourceVersion")
        if known is not None and known != old["metadata"]["resourceVersion"]:
            raise ConflictError(f"Kubernetes refuses to replace {kind} {self.namespace}/{name}: the object has been modified (HTTP 409).")
        return self._written("replace", kind, {**body, "metadata": {"uid": old["metadata"]["uid"], **body["metadata"]}})

    def patch(self, kind: str, name: str, body: Object, *, subresource: str = "") -> Object:
        return self._written("patch", kind, merge(self.objects[kind, name], plain(body)), body, f"/{subresource}" if subresource else "")

    def annotate(self, kind: str, name: str, annotations: Mapping[str, str]) -> Object:
        body = {"metadata": {"annotations": dict(annotations)}}
        return self._written("annotate", kind, merge(self.objects[kind, name], plain(body)), body)

    def pod_page(self, pod: str, port: str, path: str, limit: int) -> str:
        self._fail(f"page {pod}")
        found = self.pages.get(f"{pod}:{port}/{path.lstrip('/')}")
        if found is None:
            raise UpgradeError(f"Kubernetes refuses to read {path} of {self.namespace}/{pod}: no answer (HTTP 503).")
        return found[:limit]

    def delete(self, kind: str, name: str) -> None:
        self._fail(f"delete {kind}")
        if self.objects.pop((kind, name), None) is None:
            return
        self.writes.append(f"delete {kind} {name}")
        self._after(f"delete {kind}", {"metadata": {"name": name}})

    def log(self, pod: str, container: str, *, tail: int = 2000, previous: bool = False) -> str:
        lines = self.logs.get((pod, f"{container} before" if previous else container), "").splitlines(keepends=True)
        return "".join(lines[-tail:])

    def log_head(self, pod: str, container: str) -> str:
        return self.logs.get((pod, f"{container} with times"), "").split("\n", 1)[0]

    def log_lines(self, pod: str, container: str, *, since_seconds: int) -> Iterator[bytes]:
        del since_seconds
        self._fail(f"log {pod}")
        yield from self.logs.get((pod, container), "").encode().splitlines()

    def allowed(self, verb: str, group: str, resource: str, subresource: str = "") -> bool:
        self._fail("ask")
        return (verb, group, resource, subresource) not in self.denied

    def _rules(self) -> list[Object]:
        return []

    def server_version(self) -> str:
        return "v1.34.2"

    def _written(self, verb: str, kind: str, body: Object, shown: Object | None = None, where: str = "") -> Object:
        name = str(body["metadata"]["name"])
        self._fail(f"{verb} {kind}{where}")
        self.writes.append(f"{verb} {kind}{where} {name}")
        self.bodies.append((f"{verb} {kind}{where}", plain(body if shown is None else shown)))
        stored = self.add(kind, body)
        self._after(f"{verb} {kind}{where}", stored)
        return dict(plain(stored))

    def _fail(self, what: str) -> None:
        if what in self.failures:
            raise self.failures[what]

    def _after(self, what: str, stored: Object) -> None:
        if what in self.after:
            self.after[what](stored)


def _has(item: Object, labels: Mapping[str, str]) -> bool:
    own = item["metadata"].get("labels", {})
    return all(own.get(key) == value for key, value in labels.items())


def _selected(item: Object, fields: str | None) -> bool:
    key, unused, value = (fields or "").partition("=")
    return not fields or item.get(key) == value


def running(*, image: str, replicas: int = 3, env: Sequence[Object] = (), env_from: Sequence[Object] = ()) -> list[tuple[str, Object]]:
    """The objects of a deployment at rest: Deployment, ReplicaSet and pods, as the API gives them."""
    labels = {"app.kubernetes.io/name": "ampora-web"}
    probes: dict[str, Any] = {"readinessProbe": {"httpGet": {}}, "livenessProbe": {"httpGet": {}}}
    container = {"name": "ampora-web", "image": image, "env": list(env), "envFrom": list(env_from), **probes}
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    counts = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), replicas)
    deployment: Object = {
        "metadata": {
            "name": "ampora-web",
            "uid": "uid-web",
            "generation": 4,
            "annotations": {"deployment.kubernetes.io/revision": "4"},
        },
        "spec": {
            "replicas": replicas,
            "strategy": rolling,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
        "status": {**counts, "observedGeneration": 4},
    }
    owner = [{"kind": "Deployment", "name": "ampora-web", "uid": "uid-web", "controller": True}]
    replica_set = {"metadata": {"name": "ampora-web-7c9b", "uid": "uid-7c9b", "labels": labels, "ownerReferences": owner}}
    return [("Deployment", deployment), ("ReplicaSet", replica_set), *(("Pod", pod(f"{number}")) for number in range(replicas))]


def pod(name: str, *, image_id: str = "", status: Object | None = None) -> Object:
    """A pod of the deployment that runs."""
    own = {"name": "ampora-web", "imageID": image_id, "restartCount": 0, "state": {"running": {}}}
    return {
        "metadata": {
            "name": f"ampora-web-7c9b-{name}",
            "labels": {"app.kubernetes.io/name": "ampora-web", "pod-template-hash": "7c9b"},
            "ownerReferences": [{"kind": "ReplicaSet", "name": "ampora-web-7c9b", "uid": "uid-7c9b", "controller": True}],
        },
        "status": status or {"phase": "Running", "containerStatuses": [own]},
    }

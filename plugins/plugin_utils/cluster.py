# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Kubernetes port: plain JSON objects in and out, one deadline per call, errors worded once.

Credentials are found in the order that kubernetes.core uses: the kubeconfig that was named, the K8S_AUTH_* variables
of an AWX credential, then the user's own kubeconfig or the pod's service account.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

try:
    import kubernetes
    from kubernetes.client.exceptions import ApiException
    from kubernetes.config.config_exception import ConfigException
    from kubernetes.dynamic import DynamicClient
    from kubernetes.dynamic.exceptions import DynamicApiError
    from kubernetes.stream import portforward
    from urllib3.exceptions import HTTPError
except ImportError:  # named by the action base before anything else happens
    kubernetes = None  # type: ignore[assignment]

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.rights import granted
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.changes import Changes, GoneError, UnreachableError

Object = dict[str, Any]

# The kinds that the collection touches; a fixed table spares the discovery requests of every run.
PATHS = {
    "Application": "/apis/argoproj.io/v1alpha1/namespaces/{namespace}/applications",
    "ConfigMap": "/api/v1/namespaces/{namespace}/configmaps",
    "Deployment": "/apis/apps/v1/namespaces/{namespace}/deployments",
    "Event": "/api/v1/namespaces/{namespace}/events",
    "HorizontalPodAutoscaler": "/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers",
    "Job": "/apis/batch/v1/namespaces/{namespace}/jobs",
    "Kustomization": "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/{namespace}/kustomizations",
    "Lease": "/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases",
    "Node": "/api/v1/nodes",
    "PersistentVolumeClaim": "/api/v1/namespaces/{namespace}/persistentvolumeclaims",
    "Pod": "/api/v1/namespaces/{namespace}/pods",
    "PodDisruptionBudget": "/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets",
    "PodOfAnyNamespace": "/api/v1/pods",
    "ReplicaSet": "/apis/apps/v1/namespaces/{namespace}/replicasets",
    "ResourceQuota": "/api/v1/namespaces/{namespace}/resourcequotas",
    "ServiceAccount": "/api/v1/namespaces/{namespace}/serviceaccounts",
    "Secret": "/api/v1/namespaces/{namespace}/secrets",
    "VolumeSnapshot": "/apis/snapshot.storage.k8s.io/v1/namespaces/{namespace}/volumesnapshots",
}
CALL_SECONDS = (5, 30)  # connect, read
PAGE_SECONDS = (5, 5)  # a pod that hangs is one that does not answer
LOG_CHUNK = 256 * 1024
LONGEST_LINE = 64 * 1024
PAGE_SIZE = 500
REMEMBERED_BYTES = 256 * 1024  # a page of a long list is asked for again rather than kept
NO = {"false", "no", "0"}
WATCH_SECONDS = 25  # the server ends a watch before the read deadline does, so that a dead connection is told from a quiet one


class ConflictError(UpgradeError):
    """Somebody else wrote the object in between (HTTP 409): read it again and decide again."""


class NoDiscovery:
    """Stands in for the client's API discovery, which the fixed table of paths makes needless."""

    def __init__(self, client: Any, cache_file: str | None) -> None:
        del client, cache_file


@dataclass(frozen=True)
class EnvironmentValue:
    """A container's environment variable: its value, and where it is set (for messages; never the value)."""

    value: str
    source: str


def _configuration(kubeconfig: str, context: str) -> Any:
    """An API client from the first source of credentials that applies."""
    path = kubeconfig or os.environ.get("K8S_AUTH_KUBECONFIG", "")
    if path and not Path(path).expanduser().is_file():
        raise UpgradeError(
            f"ampora_kubeconfig is {path}: there is no such file.", next_step="Name a kubeconfig that this machine can read."
        )
    host = os.environ.get("K8S_AUTH_HOST", "")
    if host and not path:
        configuration = kubernetes.client.Configuration()
        configuration.host = host
        configuration.api_key = {"authorization": os.environ.get("K8S_AUTH_API_KEY", "")}
        configuration.api_key_prefix = {"authorization": "Bearer"}
        configuration.verify_ssl = os.environ.get("K8S_AUTH_VERIFY_SSL", "true").lower() not in NO
        configuration.ssl_ca_cert = os.environ.get("K8S_AUTH_SSL_CA_CERT") or None
        return kubernetes.client.ApiClient(configuration)
    try:
        return kubernetes.config.new_client_from_config(config_file=path or None, context=context or None)  # type: ignore[no-untyped-call]
    except (ConfigException, yaml.YAMLError, TypeError) as error:  # TypeError: YAML, and no object
        if path or context:
            raise UpgradeError(f"The kubeconfig {path or 'of this user'} cannot be used: {error}") from error
    try:
        kubernetes.config.load_incluster_config()  # type: ignore[no-untyped-call]
    except ConfigException as error:
        raise UpgradeError(
            "There is no way to reach Kubernetes: no ampora_kubeconfig, no K8S_AUTH_HOST, no kubeconfig of this user, not in a pod.",
            next_step="Set ampora_kubeconfig, or KUBECONFIG, or attach a Kubernetes credential to the AWX job.",
        ) from error
    return kubernetes.client.ApiClient()


class Cluster:
    """One deployment's namespace in one cluster."""

    def __init__(self, *, namespace: str, deployment: str, container: str, kubeconfig: str = "", context: str = "") -> None:
        self.namespace = namespace
        self.deployment_name = deployment
        self.container_name = container
        self._credentials = (kubeconfig, context)
        api = _configuration(kubeconfig, context)
        api.configuration.retries = 2
        self._host = str(api.configuration.host)
        self._client = DynamicClient(api, discoverer=NoDiscovery)  # type: ignore[no-untyped-call]
        self._remembered: dict[tuple[str, str], bytes] | None = None

    def of(self, namespace: str) -> Cluster:
        """The same cluster by the same credentials, for objects of another namespace."""
        other = copy.copy(self)
        other.namespace = namespace
        return other

    def remembering(self) -> Cluster:
        """The same cluster as it was when first asked: all who read by this one judge the same objects, and each is asked for once."""
        other = copy.copy(self)
        other._remembered = {}
        return other

    def _request(self, method: str, path: str, what: str, **options: Any) -> bytes:
        asked, remembered = (path, repr(options)), {} if self._remembered is None else self._remembered
        if method != "get":
            remembered.clear()
        elif asked in remembered:
            return remembered[asked]
        with self._errors(what):
            answer = bytes(self._open(method, path, **options).data)
        if method == "get" and len(answer) <= REMEMBERED_BYTES:
            remembered[asked] = answer
        return answer

    def _open(self, method: str, path: str, *, seconds: tuple[int, int] = CALL_SECONDS, **options: Any) -> Any:
        """The response with its body not yet read."""
        return self._client.request(method, path, serialize=False, _request_timeout=seconds, **options)

    @contextlib.contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except (ApiException, DynamicApiError) as error:
            raise _translate(error, what) from error
        except HTTPError as error:
            raise UnreachableError(
                f"The Kubernetes API at {self._host} does not answer ({type(error).__name__}) while this was asked: {what}.",
                next_step="Check the kubeconfig, the network and the API server, then run the same command again.",
            ) from error

    def _path(self, kind: str, name: str = "") -> str:
        base = PATHS[kind].format(namespace=self.namespace)
        return f"{base}/{name}" if name else base

    def get(self, kind: str, name: str) -> Object | None:
        """The object, or None when there is none of that name."""
        try:
            return _object(self._request("get", self._path(kind, name), f"get {kind} {self.namespace}/{name}"))
        except NotFoundError:
            return None

    def live(self, item: Mapping[str, Any]) -> Object | None:
        """The object in the cluster that goes by this one's kind, namespace and name, of whatever kind it is; None when there is none."""
        version, metadata = str(item["apiVersion"]), item["metadata"]
        group = f"/apis/{version}" if "/" in version else f"/api/{version}"
        kinds = _object(self._request("get", group, f"list the kinds of {group}")).get("resources") or []
        found = next((one for one in kinds if one["kind"] == item["kind"] and "/" not in one["name"]), None)
        if found is None:
            return None
        place = f"{group}/namespaces/{metadata['namespace']}" if found["namespaced"] else group
        path = f"{place}/{found['name']}/{quote(str(metadata['name']), safe='')}"
        try:
            return _object(self._request("get", path, f"get {item['kind']} {metadata['name']}"))
        except NotFoundError:
            return None

    def find_all(self, kind: str, *, labels: Mapping[str, str] | None = None, fields: str | None = None) -> list[Object]:
        """All objects of a kind in the namespace that carry the labels."""
        return list(self.each(kind, labels=labels, fields=fields))

    def each(self, kind: str, *, labels: Mapping[str, str] | None = None, fields: str | None = None) -> Iterator[Object]:
        """The same one by one, read in pages, for lists that are too long to hold."""
        selector = ",".join(f"{key}={value}" for key, value in (labels or {}).items()) or None
        token: str | None = None
        while True:
            options = {"label_selector": selector, "field_selector": fields, "limit": PAGE_SIZE, "_continue": token}
            page = _object(self._request("get", self._path(kind), f"list {kind} in {self.namespace}", query_params=[], **options))
            yield from page.get("items", [])
            token = page.get("metadata", {}).get("continue") or None
            if token is None:
                return

    def version_of(self, kind: str, *, labels: Mapping[str, str]) -> str:
        """The resourceVersion of the list as it is now: where a watch begins."""
        options = {"limit": 1, **self._selection(kind, labels)}
        page = self._request("get", self._path(kind), f"list {kind} in {self.namespace}", query_params=[], **options)
        return str(_object(page).get("metadata", {}).get("resourceVersion", ""))

    def watch(self, kind: str, *, labels: Mapping[str, str], since: str) -> Iterator[tuple[str, Object]]:
        """(type, object) of each change since that resourceVersion, bookmarks too; ends by itself after WATCH_SECONDS.

        GoneError when the server has forgotten that version (410, as an answer or as an event): list again.
        """
        options = {"resource_version": since, "timeout_seconds": WATCH_SECONDS, **self._selection(kind, labels)}
        with self._errors(f"watch {kind} in {self.namespace}"):
            response = self._open("get", self._path(kind), query_params=[], watch="true", allow_watch_bookmarks="true", **options)
            try:
                for line in _lines(response.stream(LOG_CHUNK), longest=None):
                    yield _change(line)
            finally:
                response.close()

    def _selection(self, kind: str, labels: Mapping[str, str]) -> dict[str, Any]:
        """The Deployment by its name, since its own labels are nobody's business; anything else by the labels."""
        if kind == "Deployment":
            return {"field_selector": f"metadata.name={self.deployment_name}"}
        return {"label_selector": ",".join(f"{key}={value}" for key, value in labels.items()) or None}

    def changes(self, *kinds: str, labels: Mapping[str, str]) -> Changes:
        """A bell that rings when the Deployment, or an object of these kinds with these labels, has changed."""
        return Changes(self, kinds, labels)

    def create(self, kind: str, body: Object) -> Object:
        what = f"create {kind} {self.namespace}/{body['metadata']['name']}"
        return _object(self._request("post", self._path(kind), what, body=body, query_params=[]))

    def replace(self, kind: str, body: Object) -> Object:
        """Write the object back; a resourceVersion in it makes this a compare-and-swap."""
        name = body["metadata"]["name"]
        return _object(self._request("put", self._path(kind, name), f"replace {kind} {self.namespace}/{name}", body=body, query_params=[]))

    def patch(self, kind: str, name: str, body: Object, *, subresource: str = "") -> Object:
        path = self._path(kind, name) + (f"/{subresource}" if subresource else "")
        content_type = "application/merge-patch+json" if subresource else "application/strategic-merge-patch+json"
        what = f"patch {kind} {self.namespace}/{name}"
        return _object(self._request("patch", path, what, body=body, content_type=content_type, query_params=[]))

    def annotate(self, kind: str, name: str, annotations: Mapping[str, str]) -> Object:
        """Set annotations, on custom resources too, which know no strategic merge."""
        body = {"metadata": {"annotations": dict(annotations)}}
        what, content_type = f"annotate {kind} {self.namespace}/{name}", "application/merge-patch+json"
        return _object(self._request("patch", self._path(kind, name), what, body=body, content_type=content_type, query_params=[]))

    def elsewhere(self, namespace: str) -> Cluster:
        """The same cluster by the same credentials, another namespace."""
        other = copy.copy(self)
        other.namespace = namespace
        return other

    def delete(self, kind: str, name: str) -> None:
        """Delete the object and what it owns; one that is gone already is fine."""
        try:
            what = f"delete {kind} {self.namespace}/{name}"
            self._request("delete", self._path(kind, name), what, propagation_policy="Background", query_params=[])
        except NotFoundError:
            return

    def log(self, pod: str, container: str, *, tail: int = 100_000, previous: bool = False) -> str:
        """The end of a container's log; empty when the container has not written yet."""
        query = [("container", container), ("tailLines", str(tail)), ("limitBytes", str(4 * 1024 * 1024))]
        if previous:
            query.append(("previous", "true"))
        what = f"read the log of {self.namespace}/{pod} ({container})"
        try:
            return self._request("get", f"{self._path('Pod', pod)}/log", what, query_params=query).decode(errors="replace")
        except (NotFoundError, BadRequestError):
            return ""

    def log_head(self, pod: str, container: str) -> str:
        """The first line that is still there, with the time at which it was written before it; empty when there is none."""
        query = [("container", container), ("timestamps", "true"), ("limitBytes", "4096")]
        what = f"read the log of {self.namespace}/{pod} ({container})"
        try:
            data = self._request("get", f"{self._path('Pod', pod)}/log", what, query_params=query)
        except (NotFoundError, BadRequestError):
            return ""
        return data.split(b"\n", 1)[0].decode(errors="replace")

    def log_lines(self, pod: str, container: str, *, since_seconds: int) -> Iterator[bytes]:
        """The lines of the last seconds as they come, the log never held; of a line that is too long only the beginning."""
        query = [("container", container), ("sinceSeconds", str(since_seconds))]
        with self._errors(f"read the log of {self.namespace}/{pod} ({container})"):
            response = self._open("get", f"{self._path('Pod', pod)}/log", query_params=query)
            try:
                yield from _lines(response.stream(LOG_CHUNK))
            finally:
                response.close()

    def forwarder(self, pod: str, port: int) -> Callable[[], Any]:
        """A function that gives a new socket to a pod's port, through the API server."""
        # A client of its own: while a port-forward is opened, the library changes the client under its other users.
        api = kubernetes.client.CoreV1Api(_configuration(*self._credentials))

        def connect() -> Any:
            with self._errors(f"forward a port of {self.namespace}/{pod}"):
                try:
                    opened = portforward(api.connect_get_namespaced_pod_portforward, pod, self.namespace, ports=str(port))
                except OSError as error:
                    raise HTTPError(str(error)) from error
                return opened.socket(port)

        return connect

    def pod_page(self, pod: str, port: str, path: str, limit: int) -> str:
        """What a pod answers over HTTP, through the API server; more than `limit` bytes is an error."""
        what = f"read {path} of {self.namespace}/{pod} on port {port}"
        with self._errors(what):
            address = f"{self._path('Pod', f'{pod}:{port}')}/proxy/{path.lstrip('/')}"
            response = self._open("get", address, seconds=PAGE_SECONDS, query_params=[])
            try:
                data = bytes(response.read(limit + 1))
            finally:
                response.close()
        if len(data) > limit:
            raise UpgradeError(f"{self.namespace}/{pod} answers with more than {limit} bytes on {path}.")
        return data.decode(errors="replace")

    def may_not(self, needed: Iterable[tuple[str, str, str, str]]) -> list[tuple[str, str, str, str]]:
        """What of (verb, group, resource, subresource) these credentials may not do in the namespace.

        What all rules together grant is known by one request; anything else is asked for by itself.
        """
        rules = self._rules()
        return [one for one in needed if not granted(rules, *one) and not self.allowed(*one)]

    def _rules(self) -> list[Object]:
        """The rules of these credentials (SelfSubjectRulesReview); none where somebody decides who does not list his rules."""
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {"namespace": self.namespace}}
        path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
        try:
            found = _object(self._request("post", path, "ask for the rules", body=body, query_params=[])).get("status") or {}
        except (ForbiddenError, NotFoundError):
            return []
        return [] if found.get("incomplete") else found.get("resourceRules") or []

    def allowed(self, verb: str, group: str, resource: str, subresource: str = "") -> bool:
        """Whether these credentials may do this in the namespace (SelfSubjectAccessReview)."""
        attributes = {"namespace": self.namespace, "verb": verb, "group": group, "resource": resource, "subresource": subresource}
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": attributes}}
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        return bool(
            _object(self._request("post", path, "ask for permissions", body=body, query_params=[])).get("status", {}).get("allowed")
        )

    def server_version(self) -> str:
        """The API server's version, e.g. "v1.34.2"."""
        return str(_object(self._request("get", "/version", "get the version", query_params=[])).get("gitVersion", ""))

    def deployment(self) -> Object:
        """The Deployment; an error that names the inputs when it is not there."""
        found = self.get("Deployment", self.deployment_name)
        if found is None:
            raise UpgradeError(
                f"There is no Deployment {self.deployment_name} in the namespace {self.namespace}.",
                next_step="Set ampora_namespace and ampora_deployment to where the deployment is.",
            )
        return found

    def container(self, deployment: Mapping[str, Any]) -> Object:
        """The application's container in a Deployment's pod template."""
        containers: Sequence[Object] = deployment["spec"]["template"]["spec"]["containers"]
        for container in containers:
            if container["name"] == self.container_name:
                return container
        names = ", ".join(str(container["name"]) for container in containers)
        raise UpgradeError(
            f"The Deployment {self.deployment_name} has no container {self.container_name}; it has {names}.",
            next_step="Set ampora_container to one of them.",
        )

    def pods(self, deployment: Mapping[str, Any]) -> list[Object]:
        """The pods that the Deployment's selector matches, terminating ones too."""
        return self.find_all("Pod", labels=deployment["spec"]["selector"].get("matchLabels", {}))

    def environment(self, deployment: Mapping[str, Any], name: str) -> EnvironmentValue | None:
        """The value that a variable of the application's container has: env before envFrom, the last source first."""
        container = self.container(deployment)
        for entry in reversed(container.get("env", [])):
            if entry["name"] == name:
                return self._entry(entry)
        for entry in reversed(container.get("envFrom", [])):
            for field, kind in (("secretRef", "Secret"), ("configMapRef", "ConfigMap")):
                if field in entry and name.startswith(entry.get("prefix", "")):
                    found = self._key(kind, entry[field]["name"], name.removeprefix(entry.get("prefix", "")))
                    if found is not None:
                        return found
        return None

    def _entry(self, entry: Mapping[str, Any]) -> EnvironmentValue | None:
        source = entry.get("valueFrom", {})
        for field, kind in (("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")):
            if field in source:
                return self._key(kind, source[field]["name"], source[field]["key"])
        return EnvironmentValue(str(entry.get("value", "")), f"env {entry['name']} of the Deployment {self.deployment_name}")

    def _key(self, kind: str, name: str, key: str) -> EnvironmentValue | None:
        found = self.get(kind, name)
        data = (found or {}).get("data") or {}
        if key not in data:
            return None
        value = base64.b64decode(data[key]).decode(errors="replace") if kind == "Secret" else str(data[key])
        return EnvironmentValue(value, f"{kind} {name}, key {key}")


class NotFoundError(UpgradeError):
    """There is no such object (HTTP 404)."""


class ForbiddenError(UpgradeError):
    """These credentials may not do that (HTTP 403)."""


class BadRequestError(UpgradeError):
    """The API server refuses the request as it stands (HTTP 400), e.g. logs of a container that waits."""


def _translate(error: Any, what: str) -> UpgradeError:
    status = int(error.status or 0)
    kinds: dict[int, type[UpgradeError]] = {
        400: BadRequestError,
        403: ForbiddenError,
        404: NotFoundError,
        409: ConflictError,
        410: GoneError,
        **dict.fromkeys((429, 500, 502, 503, 504), UnreachableError),
    }
    words = {
        401: ("the credentials are not accepted", "Renew the token or the kubeconfig."),
        403: ("these credentials may not do that", "Grant what docs/rbac.yml lists to this user or service account."),
    }
    reason, next_step = words.get(status, (_reason(error), ""))
    return kinds.get(status, UpgradeError)(f"Kubernetes refuses to {what}: {reason} (HTTP {status}).", next_step=next_step)


def _reason(error: Any) -> str:
    try:
        return str(json.loads(error.body)["message"])[:500]
    except (TypeError, ValueError, KeyError):
        return str(error.reason)[:500]


def _lines(chunks: Iterable[bytes], longest: int | None = LONGEST_LINE) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
        rest = rest[:longest]
    if rest:
        yield rest


def _change(line: bytes) -> tuple[str, Object]:
    """One line of a watch."""
    event = _object(line)
    kind, item = str(event.get("type", "")), event.get("object") or {}
    if kind == "ERROR":
        gone = item.get("code") == 410
        raise (GoneError if gone else UnreachableError)(f"The Kubernetes API ends a watch: {str(item.get('message', ''))[:500]}.")
    return kind, item


def _object(data: bytes) -> Object:
    parsed = json.loads(data)
    if not isinstance(parsed, dict):
        raise UpgradeError("The Kubernetes API answered with something that is not an object.")
    return parsed

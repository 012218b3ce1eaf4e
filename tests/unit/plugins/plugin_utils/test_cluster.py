# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Kubernetes port against an API server on loopback that answers as a test says."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import (
    LOG_CHUNK,
    LONGEST_LINE,
    PATHS,
    REMEMBERED_BYTES,
    BadRequestError,
    Cluster,
    ConflictError,
    EnvironmentValue,
    ForbiddenError,
    NotFoundError,
)
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.changes import GoneError, UnreachableError

from tests.unit.doubles.http_server import Answer, LoopbackServer, Request, closed_port, json_answer
from tests.unit.doubles.scene import deployment

TOKEN = "a-bearer-token"
CONFIG_MAPS = "/api/v1/namespaces/ampora/configmaps"


@pytest.fixture(autouse=True)
def nobodys_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "KUBECONFIG",
        "KUBERNETES_SERVICE_HOST",
        "K8S_AUTH_KUBECONFIG",
        "K8S_AUTH_HOST",
        "K8S_AUTH_API_KEY",
        "K8S_AUTH_VERIFY_SSL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as found:
        yield found


def cluster(monkeypatch: pytest.MonkeyPatch, url: str) -> Cluster:
    monkeypatch.setenv("K8S_AUTH_HOST", url)
    monkeypatch.setenv("K8S_AUTH_API_KEY", TOKEN)
    return Cluster(namespace="ampora", deployment="ampora-web", container="ampora-web")


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch, server: LoopbackServer) -> Cluster:
    return cluster(monkeypatch, server.url)


def status(code: int, message: str = "") -> Answer:
    return json_answer({"kind": "Status", "message": message}, code) if message else Answer(code, b"no json")


# --- reading


def test_get(server: LoopbackServer, port: Cluster) -> None:
    server.answer = lambda _unused: json_answer({"metadata": {"name": "c"}})
    assert port.get("ConfigMap", "c") == {"metadata": {"name": "c"}}
    assert server.paths() == [f"GET {CONFIG_MAPS}/c"]
    assert server.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_nothing_of_that_name(server: LoopbackServer, port: Cluster) -> None:
    server.answer = lambda _unused: status(404, "not found")
    assert port.get("ConfigMap", "c") is None
    port.delete("ConfigMap", "c")
    assert port.log("p", "c") == ""


@pytest.mark.parametrize("kind", PATHS)
def test_every_kind_has_its_place(server: LoopbackServer, port: Cluster, kind: str) -> None:
    server.answer = lambda _unused: json_answer({"items": []})
    assert port.find_all(kind) == []
    plural = f"{kind.removesuffix('OfAnyNamespace').lower()}s"
    everywhere = kind in {"Node", "PodOfAnyNamespace"}
    assert server.requests[0].path.endswith(f"/v1/{plural}" if everywhere else f"/namespaces/ampora/{plural}")


KINDS = {
    "/api/v1": [
        {"name": "configmaps", "kind": "ConfigMap", "namespaced": True},
        {"name": "namespaces/status", "kind": "Namespace", "namespaced": False},
        {"name": "namespaces", "kind": "Namespace", "namespaced": False},
    ],
    "/apis/acme.io/v1": [{"name": "widgets", "kind": "Widget", "namespaced": True}],
}


@pytest.mark.parametrize(
    ("version", "kind", "name", "path"),
    [
        ("v1", "ConfigMap", "c", "/api/v1/namespaces/elsewhere/configmaps/c"),
        ("v1", "Namespace", "c", "/api/v1/namespaces/c"),
        ("acme.io/v1", "Widget", "a/b", "/apis/acme.io/v1/namespaces/elsewhere/widgets/a%2Fb"),
    ],
)
def test_a_live_object_of_any_kind(server: LoopbackServer, port: Cluster, version: str, kind: str, name: str, path: str) -> None:
    group = f"/apis/{version}" if "/" in version else f"/api/{version}"
    answers = {group: {"resources": KINDS[group]}, path: {"kind": kind, "data": {}}}
    server.answer = lambda request: json_answer(answers[request.path])
    asked = {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "elsewhere"}}
    assert port.live(asked) == {"kind": kind, "data": {}}
    assert [request.path for request in server.requests] == [group, path]


def test_a_live_object_that_is_not_there(server: LoopbackServer, port: Cluster) -> None:
    server.answer = lambda request: json_answer({"resources": KINDS["/api/v1"]}) if request.path == "/api/v1" else status(404, "not found")
    for kind in ("ConfigMap", "Unheard"):
        assert port.live({"apiVersion": "v1", "kind": kind, "metadata": {"name": "c", "namespace": "ampora"}}) is None


def test_lists_are_read_page_by_page(server: LoopbackServer, port: Cluster) -> None:
    def answer(request: Request) -> Answer:
        page = request.query.get("continue", "")
        return json_answer({"items": [{"page": page}], "metadata": {"continue": {"": "2", "2": "3"}.get(page, "")}})

    server.answer = answer
    assert port.find_all("Pod", labels={"a": "b", "c": "d"}, fields="type=Warning") == [{"page": ""}, {"page": "2"}, {"page": "3"}]
    assert server.requests[0].query == {"labelSelector": "a=b,c=d", "fieldSelector": "type=Warning", "limit": "500"}


def test_one_who_remembers_asks_once(server: LoopbackServer, port: Cluster) -> None:
    server.answer = lambda _request: json_answer({"resources": KINDS["/api/v1"], "items": [{"answer": len(server.requests)}]})
    remembering = port.remembering()
    first, again = remembering.get("ConfigMap", "a"), remembering.get("ConfigMap", "a")
    assert first == again == remembering.live({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "ampora", "name": "a"}})
    assert first is not again, "who changes what was read changes nobody else's"
    one, other, once_more = (remembering.find_all("ConfigMap", labels={"of": of}) for of in ("one", "other", "one"))
    assert one == once_more != other
    assert server.paths() == [f"GET {path}" for path in (f"{CONFIG_MAPS}/a", "/api/v1", CONFIG_MAPS, CONFIG_MAPS)]
    assert port.get("ConfigMap", "a") != first, "nobody else is bound to what it remembers"
    assert remembering.of("elsewhere").get("ConfigMap", "a") != first


def test_what_is_long_is_asked_for_again(server: LoopbackServer, port: Cluster) -> None:
    server.answer = lambda _request: json_answer({"items": [], "text": "x" * REMEMBERED_BYTES})
    remembering = port.remembering()
    assert remembering.find_all("PodOfAnyNamespace") == remembering.find_all("PodOfAnyNamespace") == []
    assert len(server.requests) == 2


def test_a_write_forgets(server: LoopbackServer, port: Cluster) -> None:
    server.answer = lambda _request: json_answer({"answer": len(server.requests)})
    remembering = port.remembering()
    answers = (
        remembering.get("ConfigMap", "a"),
        remembering.replace("ConfigMap", {"metadata": {"name": "a"}}),
        remembering.get("ConfigMap", "a"),
    )
    assert answers == ({"answer": 1}, {"answer": 2}, {"answer": 3})


def test_what_is_not_an_object(server: LoopbackServer, port: Cluster) -> None:
    server.answer = lambda _unused: Answer(200, b"[]")
    with pytest.raises(UpgradeError, match=r"^The Kubernetes API answered with something that is not an object\.$"):
        port.get("Pod", "p")


def test_logs(server: LoopbackServer, port: Cluster) -> None:
    server.answer = lambda _unused: Answer(200, b"one\ntwo \xff\n")
    assert port.log("p", "web") == "one\ntwo \N{REPLACEMENT CHARACTER}\n"
    assert port.log("p", "web", tail=5, previous=True)
    limit = str(4 * 1024 * 1024)
    assert [request.query for request in server.requests] == [
        {"container": "web", "tailLines": "100000", "limitBytes": limit},
        {"container": "web", "tailLines": "5", "limitBytes": limit, "previous": "true"},
    ]
    server.answer = lambda _unused: status(400, "container is waiting to start")
    assert port.log("p", "web") == ""


def test_the_first_line_of_a_log_with_its_time(server: LoopbackServer, port: Cluster) -> None:
    server.answer = lambda _unused: Answer(200, b"2026-11-24T10:00:00.123456789Z one\n2026-11-24T10:00:01Z two\n")
    assert port.log_head("p", "web") == "2026-11-24T10:00:00.123456789Z one"
    assert server.requests[0].query == {"container": "web", "timestamps": "true", "limitBytes": "4096"}
    server.answer = lambda _unused: status(400, "container is waiting to start")
    assert port.log_head("p", "web") == ""


def test_lines_of_a_log_as_they_come(server: LoopbackServer, port: Cluster) -> None:
    long = b"x" * (2 * LOG_CHUNK + 100)
    server.answer = lambda _unused: Answer(200, b"one\n" + long + b"\ntwo\n\nthree")
    found = list(port.log_lines("p", "web", since_seconds=60))
    assert [found[0], *found[2:]] == [b"one", b"two", b"", b"three"]
    assert LONGEST_LINE <= len(found[1]) <= LONGEST_LINE + LOG_CHUNK
    assert server.requests[0].query == {"container": "web", "sinceSeconds": "60"}


def test_a_log_that_breaks_off(server: LoopbackServer, port: Cluster) -> None:
    server.answer = lambda _unused: Answer(200, b"one\ntw", promised=1000)
    with pytest.raises(UpgradeError, match=r"does not answer .* while this was asked: read the log of ampora/p \(web\)"):
        list(port.log_lines("p", "web", since_seconds=60))
    server.answer = lambda _unused: status(404, "gone")
    with pytest.raises(NotFoundError):
        list(port.log_lines("p", "web", since_seconds=60))


@pytest.mark.parametrize("allowed", [True, False])
def test_permissions(server: LoopbackServer, port: Cluster, allowed: bool) -> None:
    server.answer = lambda _unused: json_answer({"status": {"allowed": allowed}}, 201)
    assert port.allowed("patch", "apps", "deployments", "scale") is allowed
    assert server.requests[0].json["spec"] == {
        "resourceAttributes": {"namespace": "ampora", "verb": "patch", "group": "apps", "resource": "deployments", "subresource": "scale"}
    }


PATCH, SCALE = ("patch", "apps", "deployments", ""), ("patch", "apps", "deployments", "scale")
RULES = [{"verbs": ["patch"], "apiGroups": ["apps"], "resources": ["deployments"]}]


@pytest.mark.parametrize(
    ("rules", "asked"),
    [
        (json_answer({"status": {"resourceRules": RULES, "incomplete": False}}, 201), ["scale"]),
        (json_answer({"status": {"resourceRules": RULES, "incomplete": True}}, 201), ["", "scale"]),
        (status(403, "no"), ["", "scale"]),
    ],
    ids=["all-rules", "not-all-rules", "no-rules"],
)
@pytest.mark.parametrize("allowed", [True, False])
def test_only_what_the_rules_do_not_grant_is_asked_for(
    server: LoopbackServer, port: Cluster, rules: Answer, asked: list[str], allowed: bool
) -> None:
    single = json_answer({"status": {"allowed": allowed}}, 201)
    server.answer = lambda request: rules if request.path.endswith("rulesreviews") else single
    assert port.may_not([PATCH, SCALE]) == ([] if allowed else [one for one in (PATCH, SCALE) if one[3] in asked])
    assert server.requests[0].json["spec"] == {"namespace": "ampora"}
    assert [request.json["spec"]["resourceAttributes"]["subresource"] for request in server.requests[1:]] == asked


def test_the_version_of_the_server(server: LoopbackServer, port: Cluster) -> None:
    server.answer = lambda _unused: json_answer({"gitVersion": "v1.34.2"})
    assert port.server_version() == "v1.34.2"
    assert server.requests[0].path == "/version"


# --- writing


def test_writes(server: LoopbackServer, port: Cluster) -> None:
    server.answer = lambda request: json_answer(request.json if request.body else {})
    body = {"metadata": {"name": "c", "resourceVersion": "41"}}
    assert port.create("ConfigMap", body) == body
    assert port.replace("ConfigMap", body) == body
    port.patch("Deployment", "d", {"spec": {}})
    port.patch("Deployment", "d", {"spec": {"replicas": 0}}, subresource="scale")
    port.delete("Job", "j")
    deployments = "/apis/apps/v1/namespaces/ampora/deployments"
    assert server.paths() == [
        f"POST {CONFIG_MAPS}",
        f"PUT {CONFIG_MAPS}/c",
        f"PATCH {deployments}/d",
        f"PATCH {deployments}/d/scale",
        "DELETE /apis/batch/v1/namespaces/ampora/jobs/j",
    ]
    assert [request.headers["Content-Type"] for request in server.requests[2:4]] == [
        "application/strategic-merge-patch+json",
        "application/merge-patch+json",
    ]
    assert server.requests[4].query == {"propagationPolicy": "Background"}


WRITES: dict[str, tuple[Callable[[Cluster], object], str]] = {
    "create": (lambda port: port.create("Secret", {"metadata": {"name": "s"}}), "create Secret ampora/s"),
    "replace": (lambda port: port.replace("Lease", {"metadata": {"name": "l"}}), "replace Lease ampora/l"),
    "patch": (lambda port: port.patch("Deployment", "d", {}), "patch Deployment ampora/d"),
    "delete": (lambda port: port.delete("Job", "j"), "delete Job ampora/j"),
    "list": (lambda port: port.find_all("Pod"), "list Pod in ampora"),
    "get": (lambda port: port.get("Pod", "p"), "get Pod ampora/p"),
    "log": (lambda port: port.log("p", "web"), "read the log of ampora/p (web)"),
}


@pytest.mark.parametrize(("call", "what"), WRITES.values(), ids=WRITES)
def test_a_refusal_names_what_was_asked(server: LoopbackServer, port: Cluster, call: Callable[[Cluster], object], what: str) -> None:
    server.answer = lambda _unused: status(403, "forbidden")
    with pytest.raises(UpgradeError) as error:
        call(port)
    assert str(error.value) == (
        f"Kubernetes refuses to {what}: these credentials may not do that (HTTP 403)."
        " Next: Grant what docs/rbac.yml lists to this user or service account."
    )
    assert TOKEN not in str(error.value)


@pytest.mark.parametrize(
    ("code", "message", "kind", "expected"),
    [
        (401, "no", UpgradeError, "the credentials are not accepted (HTTP 401). Next: Renew the token or the kubeconfig."),
        (409, "the object has been modified", ConflictError, "the object has been modified (HTTP 409)."),
        (404, "not found", NotFoundError, "not found (HTTP 404)."),
        (400, "bad", BadRequestError, "bad (HTTP 400)."),
        (500, "", UnreachableError, "Internal Server Error (HTTP 500)."),
    ],
)
def test_refusals(server: LoopbackServer, port: Cluster, code: int, message: str, kind: type[UpgradeError], expected: str) -> None:
    server.answer = lambda _unused: status(code, message)
    with pytest.raises(kind) as error:
        port.replace("Lease", {"metadata": {"name": "l"}})
    assert error.value.__class__ is kind
    assert str(error.value) == f"Kubernetes refuses to replace Lease ampora/l: {expected}"


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"http://{closed_port()}"
    with pytest.raises(UpgradeError) as error:
        cluster(monkeypatch, url).get("Pod", "p")
    assert str(error.value) == (
        f"The Kubernetes API at {url} does not answer (MaxRetryError) while this was asked: get Pod ampora/p."
        " Next: Check the kubeconfig, the network and the API server, then run the same command again."
    )


# --- the deployment's own questions


def test_the_deployment_is_named_by_its_inputs(server: LoopbackServer, port: Cluster) -> None:
    server.answer = lambda _unused: status(404, "not found")
    with pytest.raises(UpgradeError) as error:
        port.deployment()
    assert str(error.value) == (
        "There is no Deployment ampora-web in the namespace ampora."
        " Next: Set ampora_namespace and ampora_deployment to where the deployment is."
    )


def test_a_container_that_is_not_there() -> None:
    found = deployment()
    found.container_name = "web"
    with pytest.raises(UpgradeError) as error:
        found.container(found.deployment())
    assert (
        str(error.value) == "The Deployment ampora-web has no container web; it has ampora-web. Next: Set ampora_container to one of them."
    )


def test_the_pods_of_the_selector() -> None:
    found = deployment()
    found.add("Pod", {"metadata": {"name": "another", "labels": {"app.kubernetes.io/name": "other"}}})
    assert [pod["metadata"]["name"] for pod in found.pods(found.deployment())] == [f"ampora-web-7c9b-{number}" for number in range(3)]


ENV = [
    {"name": "A", "value": "first"},
    {"name": "A", "value": "last"},
    {"name": "FROM_SECRET", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
    {"name": "FROM_MAP", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k"}}},
    {"name": "FROM_FIELD", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
    {"name": "FROM_NOTHING", "valueFrom": {"secretKeyRef": {"name": "gone", "key": "k"}}},
]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("A", EnvironmentValue("last", "env A of the Deployment ampora-web")),
        ("FROM_SECRET", EnvironmentValue("é", "Secret s, key k")),
        ("FROM_MAP", EnvironmentValue("m of m", "ConfigMap m, key k")),
        ("FROM_FIELD", EnvironmentValue("", "env FROM_FIELD of the Deployment ampora-web")),
        ("FROM_NOTHING", None),
        ("k", EnvironmentValue("é", "Secret s, key k")),
        ("PRE_k", EnvironmentValue("m of m", "ConfigMap m, key k")),
        ("only", EnvironmentValue("here", "ConfigMap m, key only")),
        ("MISSING", None),
    ],
)
def test_environment(name: str, expected: EnvironmentValue | None) -> None:
    found = deployment()
    body = found.deployment()
    env_from = [
        {"configMapRef": {"name": "m"}},
        {"secretRef": {"name": "s"}},
        {"configMapRef": {"name": "m"}, "prefix": "PRE_"},
        {"secretRef": {"name": "gone"}},
    ]
    body["spec"]["template"]["spec"]["containers"][0] |= {"env": ENV, "envFrom": env_from}
    found.add("Secret", {"metadata": {"name": "s"}, "data": {"k": base64.b64encode("é".encode()).decode()}})
    found.add("ConfigMap", {"metadata": {"name": "m"}, "data": {"k": "m of m", "only": "here"}})
    assert found.environment(body, name) == expected


# --- credentials


def kubeconfig(tmp_path: Path, server: str, name: str = "config") -> Path:
    path = tmp_path / name
    contexts = [{"name": one, "context": {"cluster": "c", "user": one}} for one in ("a", "b")]
    body = {
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "contexts": contexts,
        "current-context": "a",
        "users": [{"name": one, "user": {"token": f"token-of-{one}"}} for one in ("a", "b")],
    }
    path.write_text(yaml.safe_dump(body), encoding="utf-8")
    return path


@pytest.mark.parametrize(("context", "token"), [("", "token-of-a"), ("b", "token-of-b")])
@pytest.mark.parametrize("way", ["input", "K8S_AUTH_KUBECONFIG", "home"])
def test_a_kubeconfig(server: LoopbackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, context: str, token: str, way: str) -> None:
    server.answer = lambda _unused: json_answer({})
    path = kubeconfig(tmp_path, server.url)
    if way == "K8S_AUTH_KUBECONFIG":
        monkeypatch.setenv("K8S_AUTH_KUBECONFIG", str(path))
    if way == "home":
        monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    given = str(path) if way == "input" else ""
    Cluster(namespace="ampora", deployment="d", container="c", kubeconfig=given, context=context).get("Pod", "p")
    assert server.requests[0].headers["Authorization"] == f"Bearer {token}"


def test_a_kubeconfig_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UpgradeError) as error:
        Cluster(namespace="ampora", deployment="d", container="c", kubeconfig=f"{tmp_path}/none")
    assert str(error.value) == (
        f"ampora_kubeconfig is {tmp_path}/none: there is no such file. Next: Name a kubeconfig that this machine can read."
    )


@pytest.mark.parametrize("text", ["", "clusters: []", "a: [", "just words", "- 1"])
def test_a_kubeconfig_that_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UpgradeError) as error:
        Cluster(namespace="ampora", deployment="d", container="c", kubeconfig=str(path))
    assert error.value.message.startswith(f"The kubeconfig {path} cannot be used: ")


def test_a_context_that_is_not_there(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path, "http://127.0.0.1:1")
    with pytest.raises(UpgradeError) as error:
        Cluster(namespace="ampora", deployment="d", container="c", kubeconfig=str(path), context="z")
    assert error.value.message.startswith(f"The kubeconfig {path} cannot be used: Invalid kube-config file.")


def test_no_credentials_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "none"))
    with pytest.raises(UpgradeError) as error:
        Cluster(namespace="ampora", deployment="d", container="c")
    assert str(error.value) == (
        "There is no way to reach Kubernetes: no ampora_kubeconfig, no K8S_AUTH_HOST, no kubeconfig of this user, not in a pod."
        " Next: Set ampora_kubeconfig, or KUBECONFIG, or attach a Kubernetes credential to the AWX job."
    )


def test_a_pods_own_service_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "none"))
    asked: list[str] = []
    monkeypatch.setattr("kubernetes.config.load_incluster_config", lambda: asked.append("in a pod"))
    Cluster(namespace="ampora", deployment="d", container="c")
    assert asked == ["in a pod"]


@pytest.mark.parametrize(("value", "verified"), [("", True), ("true", True), ("False", False), ("no", False), ("0", False)])
def test_the_servers_certificate_is_verified_unless_told_not_to(monkeypatch: pytest.MonkeyPatch, value: str, verified: bool) -> None:
    monkeypatch.setenv("K8S_AUTH_VERIFY_SSL", value)
    found = cluster(monkeypatch, "https://127.0.0.1:1")
    assert found._client.configuration.verify_ssl is verified


# --- watching

PODS = "/api/v1/namespaces/ampora/pods"


def event(kind: str, version: str, **item: object) -> bytes:
    return json.dumps({"type": kind, "object": {"metadata": {"resourceVersion": version}, **item}}).encode() + b"\n"


def test_a_watch_gives_each_change_and_says_from_where(server: LoopbackServer, port: Cluster) -> None:
    server.answer = lambda _unused: Answer(200, event("ADDED", "5", large="x" * LONGEST_LINE * 2) + event("BOOKMARK", "9"))
    found = list(port.watch("Pod", labels={"app": "web"}, since="3"))
    assert [(kind, item["metadata"]["resourceVersion"]) for kind, item in found] == [("ADDED", "5"), ("BOOKMARK", "9")]
    asked = server.requests[0]
    assert (asked.path, asked.query) == (
        PODS,
        {"watch": "true", "allowWatchBookmarks": "true", "resourceVersion": "3", "labelSelector": "app=web", "timeoutSeconds": "25"},
    )


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (status(410, "too old"), GoneError),
        (Answer(200, event("ERROR", "", code=410, message="too old")), GoneError),
        (Answer(200, event("ERROR", "", code=500, message="etcd")), UnreachableError),
        (status(503, "starting"), UnreachableError),
        (status(429, "slow down"), UnreachableError),
        (Answer(200, event("ADDED", "5"), promised=10_000), UnreachableError),
        (status(403, "no"), ForbiddenError),
    ],
)
def test_how_a_watch_ends_badly(server: LoopbackServer, port: Cluster, answer: Answer, kind: type[UpgradeError]) -> None:
    server.answer = lambda _unused: answer
    with pytest.raises(kind):
        list(port.watch("Pod", labels={}, since="3"))


def test_where_a_watch_begins(server: LoopbackServer, port: Cluster) -> None:
    server.answer = lambda _unused: json_answer({"metadata": {"resourceVersion": "77"}, "items": []})
    assert port.version_of("Pod", labels={"app": "web"}) == "77"
    assert server.requests[0].query == {"labelSelector": "app=web", "limit": "1"}


def test_the_deployment_is_watched_by_its_name(server: LoopbackServer, port: Cluster) -> None:
    server.answer = lambda _unused: Answer(200, event("MODIFIED", "5"))
    list(port.watch("Deployment", labels={"app": "web"}, since="3"))
    assert server.requests[0].query["fieldSelector"] == "metadata.name=ampora-web"
    assert "labelSelector" not in server.requests[0].query


def test_another_namespace_by_the_same_credentials(server: LoopbackServer, port: Cluster) -> None:
    server.answer = lambda _unused: json_answer({"metadata": {"name": "a"}})
    port.elsewhere("argocd").annotate("Application", "a", {"x": "y"})
    asked = server.requests[0]
    assert (asked.method, asked.path) == ("PATCH", "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/a")
    assert (asked.json, asked.headers["Content-Type"]) == ({"metadata": {"annotations": {"x": "y"}}}, "application/merge-patch+json")
    assert port.namespace == "ampora"


def test_a_page_of_a_pod(server: LoopbackServer, port: Cluster) -> None:
    server.answer = lambda _unused: Answer(200, "sessions 7 \u00e9\n".encode())
    assert port.pod_page("web-1", "8080", "/metrics", 100) == "sessions 7 \u00e9\n"
    assert server.paths() == ["GET /api/v1/namespaces/ampora/pods/web-1:8080/proxy/metrics"]
    with pytest.raises(UpgradeError, match="ampora/web-1 answers with more than 5 bytes on /metrics"):
        port.pod_page("web-1", "8080", "/metrics", 5)
    server.answer = lambda _unused: status(503, "no endpoints available")
    with pytest.raises(UpgradeError, match=r"read metrics of ampora/web-1 on port 8080: no endpoints available \(HTTP 503\)"):
        port.pod_page("web-1", "8080", "metrics", 100)

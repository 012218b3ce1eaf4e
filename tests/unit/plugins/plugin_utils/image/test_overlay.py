# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The overlay port with a `kubectl` that the test makes: what it is asked, with which credentials, and what its answers become."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image import overlay as overlay_module
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay import LAST_APPLIED, Overlay, Preview, image_of, objects

from tests.unit.doubles.kubectl import FakeKubectl, kustomization, rendered

IMAGE = "reg.example/ampora/ampora-web"
SECRET = "a-secret-value"
TOKEN = "a-bearer-token"


@pytest.fixture(autouse=True)
def nobodys_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("KUBECONFIG", "K8S_AUTH_"))]:
        monkeypatch.delenv(name)


@pytest.fixture
def kubectl(tmp_path: Path) -> FakeKubectl:
    return FakeKubectl(tmp_path / "bin")


@pytest.fixture
def overlay(tmp_path: Path, kubectl: FakeKubectl) -> Overlay:
    return Overlay(kustomization(tmp_path / "overlay", IMAGE), "ampora-web", str(kubectl.path))


def item(kind: str, name: str, version: str = "1", **content: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name, "resourceVersion": version, "uid": "u"}, "status": {"seen": version}, **content}


def listed(*items: dict[str, Any]) -> str:
    return json.dumps({"kind": "List", "items": list(items)})


# --- the file


@pytest.mark.parametrize("name", overlay_module.FILE_NAMES)
def test_the_kustomization_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("a: é\n", encoding="utf-8")
    found = Overlay(tmp_path, "ampora-web", "kubectl")
    assert found.file() == tmp_path / name
    assert found.read() == "a: é\n"


def test_no_kustomization_file(tmp_path: Path) -> None:
    with pytest.raises(UpgradeError) as error:
        Overlay(tmp_path, "ampora-web", "kubectl").read()
    assert str(error.value) == (f"ampora_overlay is {tmp_path}: there is no kustomization.yaml in it. Next: Name the overlay's directory.")


def test_a_file_that_is_no_text(overlay: Overlay) -> None:
    overlay.file().write_bytes(b"\xff")
    with pytest.raises(UpgradeError, match=rf"^{overlay.path} cannot be read as an overlay: "):
        overlay.read()


def test_writing_keeps_every_byte_and_the_mode(overlay: Overlay) -> None:
    overlay.file().chmod(0o640)
    overlay.write("a: 1\r\nb: é")
    assert overlay.file().read_bytes() == "a: 1\r\nb: é".encode()
    assert overlay.file().stat().st_mode & 0o777 == 0o640
    assert [path.name for path in overlay.path.iterdir()] == ["kustomization.yaml"]


def test_a_file_that_cannot_be_replaced(overlay: Overlay, monkeypatch: pytest.MonkeyPatch) -> None:
    before = overlay.read()

    def refuse(*_unused: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(UpgradeError) as error:
        overlay.write("x: 1\n")
    assert str(error.value) == f"{overlay.file()} cannot be written: Permission denied. Next: Make the overlay writable for this user."
    assert overlay.read() == before
    assert [path.name for path in overlay.path.iterdir()] == ["kustomization.yaml"], "nothing is left beside it"


# --- kubectl


def test_rendering(overlay: Overlay, kubectl: FakeKubectl) -> None:
    kubectl.answer("kustomize", rendered(f"{IMAGE}:1.4.2"))
    assert image_of(overlay.render(), "ampora-web", "ampora-web") == f"{IMAGE}:1.4.2"
    assert [call["argv"] for call in kubectl.calls()] == [["kustomize", str(overlay.path)]]


@pytest.mark.parametrize("dry_run", [False, True])
def test_applying_says_what_each_object_became(overlay: Overlay, kubectl: FakeKubectl, dry_run: bool) -> None:
    kubectl.answer("get", listed(item("Secret", "s", data={"a": "1"}), item("Deployment", "d", spec={"image": "old"})))
    kubectl.answer(
        "apply",
        listed(item("Secret", "s", "2", data={"a": "1"}), item("Deployment", "d", "2", spec={"image": "new"}), item("Service", "n")),
    )
    assert [str(change) for change in overlay.apply(f"password: {SECRET}", dry_run=dry_run)] == [
        "secret/s unchanged",
        "deployment/d configured",
        "service/n created",
    ]
    more = ["--dry-run=server", "--openapi-patch=false"] if dry_run else []
    assert [call["argv"] for call in kubectl.calls()] == [
        ["get", "-f", "-", "--ignore-not-found", "--output=json"],
        ["apply", "-f", "-", *more, "--output=json"],
    ]
    assert [call["stdin"] for call in kubectl.calls()] == [f"password: {SECRET}"] * 2


def noted(rendered: dict[str, Any]) -> dict[str, Any]:
    """An object as an apply makes it: with kubectl's note of what was rendered, and with what the server adds."""
    note = {LAST_APPLIED: json.dumps(rendered)}
    return {**rendered, "metadata": {**rendered["metadata"], "uid": "u", "annotations": note}, "status": {"seen": "2"}}


def test_a_preview_is_one_call(overlay: Overlay, kubectl: FakeKubectl) -> None:
    things = [item("Service", "n"), item("Deployment", "d", spec={"image": "new"})]
    kubectl.answer("apply", listed(*map(noted, things)))
    assert overlay.preview() == Preview(things, [noted(thing) for thing in things])
    words = ["apply", "-k", str(overlay.path), "--validate=false", "--dry-run=server", "--openapi-patch=false", "--output=json"]
    assert [(call["argv"], call["stdin"]) for call in kubectl.calls()] == [(words, "")]


@pytest.mark.parametrize(("kept", "calls"), [({"A": "YQ==", "B": "Yg=="}, 1), ({"A": "YQ=="}, 2)], ids=["whole", "one-lost"])
def test_a_secret_in_plain_words(overlay: Overlay, kubectl: FakeKubectl, kept: dict[str, str], calls: int) -> None:
    """The API server keeps what is written as stringData among the data."""
    secret = item("Secret", "s", data={"A": "YQ=="}, stringData={"B": "b"})
    kubectl.answer("apply", listed({name: value for name, value in {**noted(secret), "data": kept}.items() if name != "stringData"}))
    assert overlay.preview() is not None
    assert len(kubectl.calls()) == calls


def test_a_field_that_got_lost_is_asked_about(overlay: Overlay, kubectl: FakeKubectl) -> None:
    """By a second call that refuses what the server does not know; should it take it after all, that is what counts."""
    thing = item("Deployment", "d", spec={"image": "new", "replicass": 3})
    after = {**noted(thing), "spec": {"image": "new"}}
    kubectl.answer("apply", listed(after))
    assert overlay.preview() == Preview([thing], [after])
    assert ["--validate=false" in call["argv"] for call in kubectl.calls()] == [True, False]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (listed(noted(item("Service", "n"))), 1),
        (listed(noted(item("Service", "n")), item("Service", "m")), 0),
        (json.dumps({"kind": "Service", "metadata": {"name": "n", "annotations": None}}), 0),
        (json.dumps({"kind": "Service", "metadata": {"name": "n", "annotations": {LAST_APPLIED: "no json"}}}), 0),
    ],
    ids=["refused", "one-without-a-note", "no-annotations", "another-note"],
)
def test_no_preview_where_it_does_not_go_well(overlay: Overlay, kubectl: FakeKubectl, answer: str, status: int) -> None:
    kubectl.answer("apply", answer, status=status)
    assert overlay.preview() is None


def test_the_first_apply_and_a_single_object(overlay: Overlay, kubectl: FakeKubectl) -> None:
    kubectl.answer("get", "")
    kubectl.answer("apply", json.dumps(item("Service", "n")))
    assert [str(change) for change in overlay.apply("x")] == ["service/n created"]


def test_a_failure_has_kubectls_own_last_words(overlay: Overlay, kubectl: FakeKubectl) -> None:
    kubectl.answer("kustomize", stderr="".join(f"line {number}\n" for number in range(9)), status=1)
    with pytest.raises(UpgradeError) as error:
        overlay.render()
    assert error.value.message == f"kubectl kustomize of {overlay.path} fails: line 8."
    assert error.value.evidence == tuple(f"line {number}" for number in range(4, 9))


def test_a_failure_without_a_word(overlay: Overlay, kubectl: FakeKubectl) -> None:
    kubectl.answer("kustomize", status=3)
    with pytest.raises(UpgradeError, match=rf"^kubectl kustomize of {overlay.path} fails: no message\.$"):
        overlay.render()


@pytest.mark.parametrize(
    ("words", "asked_again"),
    [('error: unable to find api field in struct PodSpec for the json field "later"', True), ("error: the webhook says no", False)],
)
def test_a_dry_run_of_a_field_that_kubectl_does_not_know(overlay: Overlay, kubectl: FakeKubectl, words: str, asked_again: bool) -> None:
    kubectl.answer("apply", stderr=f"{words}\n", status=1)
    with pytest.raises(UpgradeError, match=r"kubectl apply of .* fails: "):
        overlay.apply("x", dry_run=True)
    by_kubectl, by_server = ["apply", "-f", "-", "--dry-run=server", "--openapi-patch=false"], ["apply", "-f", "-", "--dry-run=server"]
    assert [call["argv"][:-1] for call in kubectl.calls()[1:]] == [by_kubectl, *([by_server] if asked_again else [])]


def test_a_failed_get_applies_nothing(overlay: Overlay, kubectl: FakeKubectl) -> None:
    kubectl.answer("get", stderr="forbidden\n", status=1)
    with pytest.raises(UpgradeError, match="fails: forbidden"):
        overlay.apply("x")
    assert kubectl.words() == ["get"]


def test_no_such_program(tmp_path: Path) -> None:
    with pytest.raises(UpgradeError) as error:
        Overlay(kustomization(tmp_path, IMAGE), "ampora-web", str(tmp_path / "none")).render()
    assert str(error.value) == (
        f"ampora_kubectl is {tmp_path / 'none'}: there is no such program. Next: Install kubectl on the controller, or name it."
    )


def test_a_program_that_may_not_run(overlay: Overlay, kubectl: FakeKubectl) -> None:
    kubectl.path.chmod(0o644)
    with pytest.raises(UpgradeError) as error:
        overlay.render()
    assert str(error.value) == (
        f"ampora_kubectl is {kubectl.path}: it cannot be run (Permission denied). Next: Install kubectl on the controller, or name it."
    )


def test_a_program_that_does_not_end(overlay: Overlay, kubectl: FakeKubectl, monkeypatch: pytest.MonkeyPatch) -> None:
    kubectl.path.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    monkeypatch.setattr(overlay_module, "RENDER_SECONDS", 0.05)
    with pytest.raises(UpgradeError) as error:
        overlay.render()
    assert str(error.value) == "kubectl kustomize did not end in 0.05 s. Next: Check the API server."


# --- credentials


def call(overlay: Overlay, kubectl: FakeKubectl) -> dict[str, Any]:
    overlay.render()
    return kubectl.calls()[-1]


def test_nobodys_credentials_are_named(overlay: Overlay, kubectl: FakeKubectl) -> None:
    assert call(overlay, kubectl)["kubeconfig"] == ""


def test_the_users_own_kubeconfig_stays(overlay: Overlay, kubectl: FakeKubectl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/own")
    assert call(overlay, kubectl)["kubeconfig"] == "/own"


@pytest.mark.parametrize(("named", "expected"), [("/named", "/named"), ("", "/of-awx")])
def test_a_named_kubeconfig_counts_first(
    tmp_path: Path, kubectl: FakeKubectl, monkeypatch: pytest.MonkeyPatch, named: str, expected: str
) -> None:
    monkeypatch.setenv("KUBECONFIG", "/own")
    monkeypatch.setenv("K8S_AUTH_KUBECONFIG", "/of-awx")
    monkeypatch.setenv("K8S_AUTH_HOST", "https://k8s.example")
    found = Overlay(kustomization(tmp_path, IMAGE), "ampora-web", str(kubectl.path), kubeconfig=named, context="prod")
    made = call(found, kubectl)
    assert (made["kubeconfig"], made["argv"]) == (expected, ["--context=prod", "kustomize", str(tmp_path)])


@pytest.mark.parametrize(
    ("environment", "cluster"),
    [
        ({}, {}),
        ({"K8S_AUTH_VERIFY_SSL": "False", "K8S_AUTH_SSL_CA_CERT": "/ca"}, {"insecure-skip-tls-verify": True}),
        ({"K8S_AUTH_VERIFY_SSL": "true", "K8S_AUTH_SSL_CA_CERT": "/ca"}, {"certificate-authority": "/ca"}),
    ],
)
def test_a_bearer_token_goes_by_a_file_that_is_gone_afterwards(
    overlay: Overlay, kubectl: FakeKubectl, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], cluster: dict[str, Any]
) -> None:
    for name, value in {**environment, "K8S_AUTH_HOST": "https://k8s.example", "K8S_AUTH_API_KEY": TOKEN}.items():
        monkeypatch.setenv(name, value)
    made = call(overlay, kubectl)
    config = json.loads(made["config"])
    assert made["mode"] == "0o600"
    assert config["users"][0]["user"] == {"token": TOKEN}
    assert config["clusters"][0]["cluster"] == {"server": "https://k8s.example", **cluster}
    assert TOKEN not in str(made["argv"])
    assert not Path(made["kubeconfig"]).exists()


# --- what was rendered


def test_objects_leave_out_what_is_empty() -> None:
    assert objects("---\na: 1\n---\n---\nb: 2\n") == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize(("deployment", "container"), [("other", "ampora-web"), ("ampora-web", "other")])
def test_an_image_that_is_not_rendered(deployment: str, container: str) -> None:
    with pytest.raises(UpgradeError) as error:
        image_of(rendered(IMAGE), deployment, container)
    assert str(error.value) == (
        f"The overlay renders no Deployment {deployment} with a container {container}."
        " Next: Check ampora_overlay, ampora_deployment and ampora_container."
    )

# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures by the real cosign, and a deployment that a real Argo CD keeps."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.commands import run, wait_for
from tests.sandbox.extended import cosign, git
from tests.sandbox.kubectl import get, kubectl
from tests.scenarios.checks import check_green, check_refused, check_report, check_sessions
from tests.support.sandbox import Sandbox

Part = Callable[[str], None]


def _variable(name: str) -> str:
    return os.environ[f"AMPORA_SANDBOX_{name}"]


@pytest.fixture
def sandbox() -> Sandbox:
    found = Sandbox()
    found.reset()
    return found


def signed_by(key: str | Path, **more: Any) -> dict[str, Any]:
    return {"ampora_cosign": _variable("COSIGN"), "ampora_signature_key": str(key), "ampora_signature_log": False, **more}


def test_signed_images(part: Part, sandbox: Sandbox, tmp_path: Path) -> None:
    part("cosign")
    before = sandbox.state()
    unsigned = _variable("UNSIGNED_VERSION")
    good = signed_by(_variable("COSIGN_PUBLIC_KEY"))

    check_green(sandbox.play("plan", ampora_target_version="1.4.3", **good))
    result = sandbox.play("plan", ampora_target_version="latest", ampora_path="auto", **good)
    assert "2.0.0" in result.output
    assert ".sig" not in result.output, "a signature's tag is no release"

    result = sandbox.play("upgrade", ampora_target_version=unsigned, ampora_path="auto", **good)
    check_refused(result, "[signature]", sandbox.digest(unsigned), "has a signature by key cosign.pub", "no signatures found")

    result = sandbox.play("upgrade", ampora_target_version="1.4.3", **signed_by(_other_key(tmp_path)))
    check_refused(result, "[signature]", "has a signature by key other.pub")

    result = sandbox.play("upgrade", ampora_target_version="1.4.3", **{**good, "ampora_cosign": "/nowhere/cosign"})
    check_refused(result, "[signature]", "ampora_cosign is /nowhere/cosign: it cannot be run")
    assert sandbox.state() == before

    check_green(sandbox.upgrade("1.4.3", **good))
    (pinned,) = (step for step in sandbox.report()["steps"] if step["name"] == "pin_by_digest")
    assert pinned["result"]["signature"] == {"by": "key cosign.pub", "signatures": 1, "attested_version": ""}


def _other_key(folder: Path) -> Path:
    run([_variable("COSIGN"), "generate-key-pair", "--output-key-prefix=other"], env={"COSIGN_PASSWORD": "other"}, cwd=folder)
    return folder / "other.pub"


def test_an_attestation_of_the_version(part: Part, sandbox: Sandbox, tmp_path: Path) -> None:
    """A predicate of cosign's own type `custom`; the one of the other version is on the image as well, then alone."""
    part("cosign")
    repository = f"{_variable('REGISTRY')}/ampora/ampora-web"
    attested = signed_by(_variable("COSIGN_PUBLIC_KEY"), ampora_signature_attestation="custom")
    _attest(f"{repository}@{sandbox.digest('1.4.3')}", "1.4.3", tmp_path)
    check_green(sandbox.play("plan", ampora_target_version="1.4.3", **attested))
    _attest(f"{repository}@{sandbox.digest('1.5.0')}", "9.9.9", tmp_path)
    result = sandbox.play("upgrade", ampora_target_version="1.5.0", **attested)
    check_refused(result, "[signature]", "is of the version 9.9.9, not of 1.5.0")


def _attest(image: str, version: str, folder: Path) -> None:
    predicate = folder / "predicate.json"
    predicate.write_text(json.dumps({"version": version}), encoding="utf-8")
    words = ["attest", f"--key={cosign.KEY}", "--type=custom", f"--predicate={predicate}", "--tlog-upload=false", "--allow-http-registry"]
    run([_variable("COSIGN"), *words, "--replace", "--yes", image], env={"COSIGN_PASSWORD": _variable("COSIGN_PASSWORD")})


# --- Argo CD


def _application() -> Any:
    return get("--namespace", _variable("ARGOCD_NAMESPACE"), "application", _variable("ARGOCD_APPLICATION"))


def _patch(policy: dict[str, Any] | None) -> None:
    body = json.dumps({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "hard"}}, "spec": {"syncPolicy": policy}})
    names = (_variable("ARGOCD_NAMESPACE"), "patch", "application", _variable("ARGOCD_APPLICATION"))
    kubectl("--namespace", *names, "--type=merge", f"--patch={body}")


@pytest.fixture
def kept(part: Part, sandbox: Sandbox, tmp_path: Path) -> Iterator[tuple[Sandbox, Path]]:
    """The deployment as Git has it, kept by Argo CD with self-heal; and a clone of the repository."""
    part("argocd")
    clone = tmp_path / "clone"
    git.git("clone", "--quiet", _variable("GIT_URL"), clone)
    overlay = clone / _variable("GIT_OVERLAY")
    for name in ("kustomization.yaml", "configmap-patch.yaml", "secret.yaml"):
        (overlay / name).write_bytes((sandbox.overlay / name).read_bytes())
    git.git("add", "--all", cwd=clone)
    git.git("commit", "--quiet", "--allow-empty", "--message", "As it runs", cwd=clone)
    git.git("push", "--quiet", "origin", "HEAD:main", cwd=clone)
    _patch({"automated": {"selfHeal": True, "prune": False}})
    try:
        wait_for("the first sync", lambda: _application().get("status", {}).get("sync", {}).get("revision") == _head(clone) and _synced())
        yield sandbox, overlay
    finally:
        _patch(None)
        wait_for("the end of automatic sync", lambda: not _application()["spec"].get("syncPolicy"))
        sandbox.reset()


def _head(clone: Path) -> str:
    return git.git("rev-parse", "HEAD", cwd=clone).strip()


def _synced() -> bool:
    status = _application()["status"]
    return (status["sync"]["status"], status.get("health", {}).get("status")) == ("Synced", "Healthy")


def test_argo_cd(kept: tuple[Sandbox, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A direct change is taken back and said to be; a commit is brought, and an undo too."""
    sandbox, overlay = kept
    for name, value in git.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    result = sandbox.upgrade("1.4.3", ampora_overlay=str(overlay))
    check_refused(result, "acknowledged other-owner", 'was changed by "argocd-', "while it rolled", "set ampora_apply to gitops")
    git.git("checkout", "--quiet", ".", cwd=overlay)
    wait_for("the image of Git", lambda: sandbox.image().endswith(":1.4.2") or sandbox.image().endswith(sandbox.digest("1.4.2")))

    by_git: dict[str, Any] = {
        "ampora_overlay": str(overlay),
        "ampora_apply": "gitops",
        "ampora_overlay_git": {"commit": True, "push": True, "commit_message": "Upgrade {deployment} to {version}"},
        "ampora_gitops_namespace": _variable("ARGOCD_NAMESPACE"),
        "ampora_gitops_name": _variable("ARGOCD_APPLICATION"),
    }
    result = sandbox.upgrade("1.4.3", **by_git)
    check_green(result)
    assert sandbox.image().endswith(f"@{sandbox.digest('1.4.3')}")
    check_sessions(sandbox)
    check_report(sandbox, "upgraded")
    steps = {step["name"]: step for step in sandbox.report()["steps"]}
    made = steps["pin_by_digest"]["result"]["git"]
    assert (made["branch"], made["committed"], made["pushed"]) == ("main", True, True)
    assert git.git("ls-remote", _variable("GIT_URL"), "refs/heads/main").split()[0] == made["commit"]
    assert git.git("log", "-1", "--format=%s", cwd=overlay) == "Upgrade ampora-web to 1.4.3\n"
    print(f"Argo CD brought it, and it rolled, in {steps['apply']['seconds']:.0f} s")

    result = sandbox.play("rollback", **by_git)
    check_green(result)
    assert sandbox.image().endswith(f"@{sandbox.digest('1.4.2')}")
    check_report(sandbox, "rolled back")
    wait_for("Argo CD's agreement", _synced)
    assert sandbox.image().endswith(f"@{sandbox.digest('1.4.2')}"), "nobody has taken it back"

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pinning an overlay that the real git keeps, with a remote of its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay import Overlay
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay_git import OverlayGit
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.pinning import Pinning, Wanted

from tests.unit.doubles.kubectl import FakeKubectl, kustomization, rendered
from tests.unit.doubles.scene import deployment

IMAGE = "reg.example/ampora/ampora-web"
DIGEST = "sha256:" + "b" * 64
WANTED = Wanted("ampora-web", IMAGE, DIGEST, "1.5.0")
SECRET = "s3cret-token"


class Clone:
    """A clone with the overlay in a folder of it, and its bare remote."""

    def __init__(self, folder: Path) -> None:
        self.remote, self.work = folder / "remote.git", folder / "work"
        self._run(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.remote))
        self._run(folder, "clone", "--quiet", str(self.remote), str(self.work))
        self.folder = kustomization(self.work / "overlays" / "prod", IMAGE)
        (self.work / "README").write_text("x\n", encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=begin")
        self.git("push", "--quiet", "origin", "HEAD:main")
        self.kubectl = FakeKubectl(folder / "bin")
        self.kubectl.follow_overlay(f"{IMAGE}:1.4.2")
        self.overlay = Overlay(self.folder, "ampora-web", str(self.kubectl.path))

    def git(self, *words: str) -> str:
        return self._run(self.work, *words)

    def at_remote(self, *words: str) -> str:
        return self._run(self.remote, *words)

    def _run(self, folder: Path, *words: str) -> str:
        return subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True).stdout

    def pinning(self, **options: Any) -> Pinning:
        given = {"commit": True, "push": False, "remote": "origin", "branch": "", "commit_message": "Upgrade {deployment} to {version}"}
        return Pinning(deployment(f"{IMAGE}:1.4.2"), self.overlay, WANTED, {**given, **options})

    def pin(self, **options: Any) -> dict[str, Any]:
        pinning = self.pinning(**options)
        pinning.check_git()
        return pinning.write("r1")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@acme.example")
    return Clone(tmp_path)


def test_without_git_it_is_written_only(clone: Clone) -> None:
    assert clone.pin(commit=False) == {}
    assert clone.git("status", "--short") == " M overlays/prod/kustomization.yaml\n"


def test_a_commit_of_the_pin_and_nothing_else(clone: Clone) -> None:
    found = clone.pin()
    assert (found["branch"], found["committed"], found["pushed"]) == ("main", True, False)
    assert clone.git("log", "-1", "--format=%H %s").split(" ", 1) == [found["commit"], "Upgrade ampora-web to 1.5.0\n"]
    assert clone.git("show", "--name-only", "--format=").split() == ["overlays/prod/kustomization.yaml"]
    assert (clone.git("status", "--short"), clone.at_remote("log", "--format=%s")) == ("", "begin\n")


def test_a_branch_is_pushed_for_a_merge_request(clone: Clone) -> None:
    found = clone.pin(push=True, branch="upgrade-{version}")
    assert (found["branch"], found["pushed"]) == ("upgrade-1.5.0", True)
    assert clone.at_remote("rev-parse", "upgrade-1.5.0").strip() == found["commit"]
    assert clone.at_remote("log", "--format=%s", "main") == "begin\n", "main is as it was"
    again = clone.pin(push=True, branch="upgrade-{version}")
    assert (again["commit"], again["committed"], again["pushed"]) == (found["commit"], False, False)


@pytest.mark.parametrize("left", ["written", "committed"])
def test_a_run_that_was_cut_off_is_gone_on_with(clone: Clone, left: str) -> None:
    clone.pin(commit=left == "committed")
    found = clone.pin(push=True)
    assert (found["committed"], found["pushed"]) == (left == "written", True)
    assert clone.at_remote("rev-parse", "main").strip() == found["commit"]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("README", "M README"),
        ("overlays/prod/kustomization.yaml", "M kustomization.yaml"),
        ("overlays/prod/new.yaml", "?? overlays/prod/new.yaml"),
    ],
)
def test_a_tree_with_other_changes_is_refused(clone: Clone, path: str, shown: str) -> None:
    file = clone.work / path
    file.write_text((file.read_text(encoding="utf-8") if file.exists() else "") + "# mine\n", encoding="utf-8")
    before = clone.overlay.read()
    with pytest.raises(UpgradeError, match="has 1 changes that are not committed: ") as error:
        clone.pin()
    assert shown in error.value.message
    assert (clone.overlay.read(), clone.git("log", "--format=%s")) == (before, "begin\n")


def test_a_new_file_elsewhere_is_nobodys_business(clone: Clone) -> None:
    (clone.work / "notes.txt").write_text("x", encoding="utf-8")
    assert clone.pin()["committed"]


def test_an_overlay_that_git_does_not_keep(clone: Clone, tmp_path: Path) -> None:
    clone.overlay = Overlay(kustomization(tmp_path / "elsewhere", IMAGE), "ampora-web", str(clone.kubectl.path))
    with pytest.raises(UpgradeError, match="asks for a commit, and Git does not keep"):
        clone.pin()


def test_a_push_that_is_refused_names_no_credentials(clone: Clone) -> None:
    clone.git("remote", "set-url", "origin", f"http://ada:{SECRET}@127.0.0.1:9/x.git")
    with pytest.raises(UpgradeError) as error:
        clone.pin(push=True)
    assert error.value.message.startswith("git ls-remote in ")
    assert SECRET not in f"{error.value} {error.value.evidence}"


def test_a_remote_that_is_ahead(clone: Clone, tmp_path: Path) -> None:
    other = tmp_path / "other"
    clone._run(tmp_path, "clone", "--quiet", str(clone.remote), str(other))
    (other / "README").write_text("y\n", encoding="utf-8")
    clone._run(other, "commit", "--quiet", "--all", "--message=theirs")
    clone._run(other, "push", "--quiet", "origin", "HEAD:main")
    with pytest.raises(UpgradeError, match=r"git push in .* fails: .*") as error:
        clone.pin(push=True)
    assert "up to date with the remote" in error.value.next_step
    assert clone.at_remote("log", "-1", "--format=%s", "main") == "theirs\n", "nothing is forced"


def test_a_hook_that_refuses(clone: Clone) -> None:
    hook = clone.work / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\necho 'error: sign it off' >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    with pytest.raises(UpgradeError, match="git commit in .* fails: error: sign it off"):
        clone.pin()


def test_no_branch_is_checked_out(clone: Clone) -> None:
    clone.git("checkout", "--quiet", "--detach")
    with pytest.raises(UpgradeError, match="is on no branch"):
        clone.pin()


def test_what_kustomize_renders_must_be_the_pin(clone: Clone) -> None:
    before = clone.overlay.read()
    clone.kubectl.answer("kustomize", rendered(f"{IMAGE}:patched"))
    with pytest.raises(UpgradeError, match=f"is pinned to {IMAGE}@{DIGEST}, and kustomize renders {IMAGE}:patched"):
        clone.pin(commit=False)
    assert clone.overlay.read() == before


def test_a_pin_that_does_not_render_is_put_back(clone: Clone) -> None:
    before = clone.overlay.read()
    clone.kubectl.answer("kustomize", stderr="Error: no such file\n", status=1)
    with pytest.raises(UpgradeError, match="no such file"):
        clone.pin(commit=False)
    assert clone.overlay.read() == before


def test_whether_git_keeps_a_file(clone: Clone) -> None:
    assert OverlayGit(clone.overlay.file()).keeps()
    (clone.work / ".gitignore").write_text("overlays/local\n", encoding="utf-8")
    assert not OverlayGit(kustomization(clone.work / "overlays" / "local", IMAGE) / "kustomization.yaml").keeps()

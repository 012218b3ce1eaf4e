# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A `kubectl` made by the test: it writes down what it was asked and answers from files, so that no cluster is needed."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay import LAST_APPLIED

SCRIPT = """#!{python}
import json, os, pathlib, sys
here = pathlib.Path(__file__).parent
words = [word for word in sys.argv[1:] if not word.startswith("--context=")]
text = "" if words[0] == "kustomize" else sys.stdin.read()
call = {{"argv": sys.argv[1:], "stdin": text, "kubeconfig": os.environ.get("KUBECONFIG", "")}}
config = pathlib.Path(call["kubeconfig"]) if call["kubeconfig"] else None
if config is not None and config.is_file():
    call["config"], call["mode"] = config.read_text(), oct(config.stat().st_mode & 0o777)
with (here / "calls").open("a") as file:
    file.write(json.dumps(call) + "\\n")
answers = json.loads((here / "answers").read_text())
of_overlay = words[0] == "apply" and "-k" in words and "apply" not in answers
answer = answers["kustomize"] if of_overlay else answers.get(words[0], {{}})
if "base" in answer:
    import yaml
    folder = pathlib.Path(words[words.index("-k") + 1] if of_overlay else words[1])
    entries = yaml.safe_load((folder / "kustomization.yaml").read_text()).get("images") or []
    base = answer["base"].rpartition(":")[0]
    found = next((e for e in entries if e["name"] in ("ampora-web", base)), {{}})
    tail = "@" + found["digest"] if "digest" in found else ":" + str(found.get("newTag", "1.4.2"))
    answer["stdout"] = answer["stdout"].replace("IMAGE", found.get("newName", base) + tail)
if of_overlay:  # each object as it would be, with the note of what was rendered
    import yaml
    items = [item for item in yaml.safe_load_all(answer["stdout"]) if item]
    for item in items:
        item["metadata"]["annotations"] = {{"{note}": json.dumps(item)}}
    answer["stdout"] = json.dumps({{"kind": "List", "items": items}})
sys.stderr.write(answer.get("stderr", ""))
sys.stdout.write(answer.get("stdout", ""))
sys.exit(answer.get("status", 0))
"""


class FakeKubectl:
    """The program at `path`; `answers` by its first word."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.path = folder / "kubectl"
        self.path.write_text(SCRIPT.format(python=sys.executable, note=LAST_APPLIED), encoding="utf-8")
        self.path.chmod(self.path.stat().st_mode | stat.S_IXUSR)
        self._answers: dict[str, dict[str, Any]] = {}
        self.answer("kustomize", "")

    def answer(self, word: str, stdout: str = "", *, stderr: str = "", status: int = 0) -> None:
        self._answers[word] = {"stdout": stdout, "stderr": stderr, "status": status}
        (self._folder / "answers").write_text(json.dumps(self._answers), encoding="utf-8")

    def follow_overlay(self, base: str) -> None:
        """Let `kubectl kustomize` render what the overlay's images say of `base`, the image that the base has."""
        self._answers["kustomize"] = {"stdout": rendered("IMAGE"), "stderr": "", "status": 0, "base": base}
        (self._folder / "answers").write_text(json.dumps(self._answers), encoding="utf-8")

    def calls(self) -> list[dict[str, Any]]:
        path = self._folder / "calls"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []

    def words(self) -> list[str]:
        """The first word of every call."""
        return [next(word for word in call["argv"] if not word.startswith("--context=")) for call in self.calls()]


def rendered(image: str) -> str:
    """What `kubectl kustomize` gives for an overlay with this image."""
    pod = {"containers": [{"name": "sidecar", "image": "envoy:1"}, {"name": "ampora-web", "image": image}]}
    deployment = {"kind": "Deployment", "metadata": {"name": "ampora-web"}, "spec": {"template": {"spec": pod}}}
    return str(yaml.safe_dump_all([{"kind": "Service", "metadata": {"name": "ampora-web"}}, deployment]))


def kustomization(folder: Path, image: str, tag: str = "1.4.2") -> Path:
    """An overlay with one images entry."""
    folder.mkdir(parents=True, exist_ok=True)
    text = f"resources:\n  - ../base\nimages:\n  - name: ampora-web\n    newName: {image}\n    newTag: {tag}\n"
    (folder / "kustomization.yaml").write_text(text, encoding="utf-8")
    return folder

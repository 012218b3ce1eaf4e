# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The overlay port: the page's own `kubectl kustomize` and `kubectl apply`, by argument lists and standard input.

kubectl does the apply, because it is what people do by hand (`kubectl apply -k`): the three-way merge by the
last-applied annotation then stays one history, whoever applies next. Objects go in by standard input, so that no
Secret stands in an argument list or in a file.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.apply_refusal import explain
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.differences import left_out
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.object_change import ObjectChange
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import NO

RENDER_SECONDS = 60
APPLY_SECONDS = 120
# kubectl has ended before its rubbish counts: collected only when there is this much, it takes a quarter less of the CPU.
SHORT_LIVED = {"GOGC": "off", "GOMEMLIMIT": "512MiB"}
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
# What kubectl says of a field that is newer than itself.
NEWER_FIELD = "unable to find api field in struct"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same loader, in C where PyYAML has it
FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


@dataclass(frozen=True)
class Preview:
    """The rendered objects, as kubectl notes them in each object that it applies, and the objects as they would be in the cluster."""

    rendered: list[dict[str, Any]]
    after: list[dict[str, Any]]

    @property
    def is_whole(self) -> bool:
        """Whether the API server knows all that is rendered: it leaves out a field that it does not know."""
        return not any(list(left_out(_as_kept(given), kept)) for given, kept in zip(self.rendered, self.after, strict=True))


@dataclass(frozen=True)
class Overlay:
    """A kustomize overlay on this machine, applied with the credentials of one cluster."""

    path: Path
    image_name: str
    kubectl: str
    kubeconfig: str = ""
    context: str = ""

    def file(self) -> Path:
        """The overlay's kustomization file."""
        for name in FILE_NAMES:
            if (self.path / name).is_file():
                return self.path / name
        raise UpgradeError(
            f"ampora_overlay is {self.path}: there is no kustomization.yaml in it.", next_step="Name the overlay's directory."
        )

    def read(self) -> str:
        try:
            return self.file().read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UpgradeError(f"{self.path} cannot be read as an overlay: {error}.") from error

    def write(self, text: str) -> None:
        """Replace the kustomization file in one move, with its mode kept."""
        target = self.file()
        temporary = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            temporary.write_bytes(text.encode("utf-8"))
            temporary.chmod(target.stat().st_mode & 0o777)
            temporary.replace(target)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise UpgradeError(
                f"{target} cannot be written: {error.strerror}.", next_step="Make the overlay writable for this user."
            ) from error

    def render(self) -> str:
        """The overlay's objects as YAML."""
        return self._run(["kustomize", str(self.path)], "", RENDER_SECONDS)

    def apply(self, manifest: str, *, dry_run: bool = False) -> list[ObjectChange]:
        """Apply the objects as `kubectl apply` does, and say what became of each; nothing is ever pruned."""
        before = {title(item): item for item in self._objects(["get", "-f", "-", "--ignore-not-found"], manifest)}
        after = self._dry_run(manifest) if dry_run else self._objects(["apply", "-f", "-"], manifest)
        return [ObjectChange(title(item), before.get(title(item)), item) for item in after]

    def preview(self) -> Preview | None:
        """What it renders and what that would make of the cluster, by one kubectl, since each costs a tenth of a second of the CPU.

        Half of that time is for the schemas by which unknown fields are refused: they are read only where a field got lost. None where it
        does not go well: `render` and `apply`, one by one, then say what is at fault.
        """
        try:
            found = self._preview("--validate=false")
            return found if found.is_whole else self._preview()
        except (UpgradeError, LookupError, TypeError, ValueError):
            return None

    def _preview(self, *more: str) -> Preview:
        after = self._dry_run("", "-k", str(self.path), *more)
        return Preview([json.loads(item["metadata"]["annotations"][LAST_APPLIED]) for item in after], after)

    def _dry_run(self, manifest: str, *source: str) -> list[dict[str, Any]]:
        """By the types that kubectl knows itself: the same answer in half the time, since no schema is read for each object."""
        words = ["apply", *(source or ("-f", "-")), "--dry-run=server"]
        try:
            return self._objects([*words, "--openapi-patch=false"], manifest)
        except UpgradeError as error:
            if not any(NEWER_FIELD in line for line in error.evidence):
                raise
            return self._objects(words, manifest)

    def _objects(self, arguments: Sequence[str], manifest: str) -> list[dict[str, Any]]:
        text = self._run([*arguments, "--output=json"], manifest, APPLY_SECONDS).strip()
        answer: dict[str, Any] = json.loads(text) if text else {"kind": "List", "items": []}
        return list(answer["items"]) if answer.get("kind") == "List" else [answer]

    def _run(self, arguments: Sequence[str], stdin: str, seconds: int) -> str:
        argv = [self.kubectl, *([f"--context={self.context}"] if self.context else []), *arguments]
        try:
            with credentials(self.kubeconfig) as given:
                environment = {**SHORT_LIVED, **os.environ, **given}
                done = subprocess.run(argv, input=stdin, capture_output=True, text=True, timeout=seconds, check=False, env=environment)
        except FileNotFoundError as error:
            raise UpgradeError(
                f"ampora_kubectl is {self.kubectl}: there is no such program.", next_step="Install kubectl on the controller, or name it."
            ) from error
        except PermissionError as error:
            raise UpgradeError(
                f"ampora_kubectl is {self.kubectl}: it cannot be run ({error.strerror}).",
                next_step="Install kubectl on the controller, or name it.",
            ) from error
        except subprocess.TimeoutExpired as error:
            raise UpgradeError(f"kubectl {arguments[0]} did not end in {seconds} s.", next_step="Check the API server.") from error
        if done.returncode != 0:
            lines = tuple(done.stderr.strip().splitlines()[-5:])
            meaning, next_step = explain(done.stderr)
            words = meaning or (lines[-1] if lines else "no message")
            raise UpgradeError(f"kubectl {arguments[0]} of {self.path} fails: {words}.", next_step=next_step, evidence=lines)
        return done.stdout


@contextlib.contextmanager
def credentials(kubeconfig: str) -> Iterator[dict[str, str]]:
    """kubectl's environment for the same credentials as the cluster port's, in the same order.

    A bearer token (K8S_AUTH_*, as AWX gives it) goes by a file that only this user can read, never by an argument.
    """
    path = kubeconfig or os.environ.get("K8S_AUTH_KUBECONFIG", "")
    if path or not os.environ.get("K8S_AUTH_HOST"):
        yield {"KUBECONFIG": path} if path else {}
        return
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="kubeconfig-") as file:  # made with mode 0600
        json.dump(_bearer_kubeconfig(), file)
        file.flush()
        yield {"KUBECONFIG": file.name}


def _bearer_kubeconfig() -> dict[str, Any]:
    cluster: dict[str, Any] = {"server": os.environ["K8S_AUTH_HOST"]}
    if os.environ.get("K8S_AUTH_VERIFY_SSL", "true").lower() in NO:
        cluster["insecure-skip-tls-verify"] = True
    elif os.environ.get("K8S_AUTH_SSL_CA_CERT"):
        cluster["certificate-authority"] = os.environ["K8S_AUTH_SSL_CA_CERT"]
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "awx", "cluster": cluster}],
        "users": [{"name": "awx", "user": {"token": os.environ.get("K8S_AUTH_API_KEY", "")}}],
        "contexts": [{"name": "awx", "context": {"cluster": "awx", "user": "awx"}}],
        "current-context": "awx",
    }


def _as_kept(rendered: Mapping[str, Any]) -> Mapping[str, Any]:
    """A Secret's stringData is another way to write its data, and is in no answer of the API server."""
    if rendered.get("kind") != "Secret" or not rendered.get("stringData"):
        return rendered
    return {**rendered, "stringData": None, "data": {**(rendered.get("data") or {}), **rendered["stringData"]}}


def title(item: Mapping[str, Any]) -> str:
    """deployment/ampora-web, as kubectl writes it."""
    return f"{str(item['kind']).lower()}/{item['metadata']['name']}"


def objects(manifest: str) -> list[dict[str, Any]]:
    """The rendered objects."""
    return [document for document in yaml.load_all(manifest, Loader=_LOADER) if document]


def image_of(manifest: str, deployment: str, container: str) -> str:
    """The image that the rendered Deployment gives its container; an error when the overlay has no such container."""
    return image_in(objects(manifest), deployment, container)


def image_in(rendered: Iterable[Mapping[str, Any]], deployment: str, container: str) -> str:
    """The same of objects."""
    for document in rendered:
        if document.get("kind") == "Deployment" and document["metadata"]["name"] == deployment:
            for entry in document["spec"]["template"]["spec"]["containers"]:
                if entry["name"] == container:
                    return str(entry["image"])
    raise UpgradeError(
        f"The overlay renders no Deployment {deployment} with a container {container}.",
        next_step="Check ampora_overlay, ampora_deployment and ampora_container.",
    )

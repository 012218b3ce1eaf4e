# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pinning against the real kustomize: what it renders of our edit is what it renders of its own `edit set image`."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.image.kustomization import entry_name, pin, read_image
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.build import KUSTOMIZE
from tests.sandbox.commands import SandboxError, run

NAME = "ampora-web"
NEW = "reg.example:5000/ampora/ampora-web"
DIGEST = "sha256:" + "b" * 64
OLD_DIGEST = "sha256:" + "a" * 64
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: ampora-web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers: [{name: migrate, image: ampora-web}]
      containers:
        - {name: ampora-web, image: IMAGE}
        - {name: sidecar, image: "envoy:1"}
"""

# Lines that hold a field of an image, an entry in braces, or the list that is begun: all others must stay.
EDITED = re.compile(r"\s*(?:- )?(?:newName|newTag|digest):|\s*- \{|images: \[\]")

values = {
    "newName": st.sampled_from(["ghcr.io/ampora/ampora-web", '"quoted.example/web"', "'single.example/web'"]),
    "newTag": st.sampled_from(["1.4.2", '"1.4"', "'v1.4.2'", '"1.4.2"  # 1.4.2', "latest # ours"]),
    "digest": st.sampled_from([OLD_DIGEST, f'"{OLD_DIGEST}"', f"{OLD_DIGEST}  # 1.4.2"]),
}
own = st.lists(st.sampled_from(["newName", "newTag", "digest"]), unique=True).flatmap(
    lambda fields: st.permutations(["name", *fields]).flatmap(
        lambda order: st.tuples(
            *(st.just(("name", NAME)) if field == "name" else st.tuples(st.just(field), values[field]) for field in order)
        )
    )
)
other = st.sampled_from([(("name", "envoy"), ("newTag", '"2"')), (("name", "envoy"), ("newName", "other.example/envoy"))])
comment = st.sampled_from(["", "  # a person's words\n", "\n"])


@st.composite
def overlays(draw: st.DrawFn) -> str:
    """An overlay as people write it: with or without an entry, at any place, in block or flow style, with comments and either line end."""
    entries = draw(st.sampled_from([[], [draw(own)], [draw(other)], [draw(own), draw(other)], [draw(other), draw(own)]]))
    indent = draw(st.sampled_from(["", "  "]))
    flow = draw(st.booleans())
    lines = []
    for entry in entries:
        lines.append(draw(comment))
        if flow:
            bare = [(key, value.split("#")[0].strip()) for key, value in entry]
            lines.append(f"{indent}- {{{', '.join(f'{key}: {value}' for key, value in bare)}}}\n")
        else:
            lines += [f"{indent}{'- ' if number == 0 else '  '}{key}: {value}\n" for number, (key, value) in enumerate(entry)]
    images = f"images:\n{''.join(lines)}" if entries else draw(st.sampled_from(["", "images: []\n"]))
    head = "# Acme's own\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    middle = "commonAnnotations: &note\n  team: 'ops'   # ours\nresources:\n- ../base\n"
    tail = draw(st.sampled_from(["", "\nnamespace: ampora   # the end\n"]))
    text = head + draw(st.sampled_from([images + middle + tail, middle + images + tail, middle + tail + images]))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@pytest.fixture(scope="module")
def kustomize() -> str:
    return str(KUSTOMIZE.build())


def write(folder: Path, overlay: str, image: str = NAME, **files: str) -> None:
    for name, content in {"base": "resources: [deployment.yaml]\n", "overlay": overlay, **files}.items():
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "kustomization.yaml").write_bytes(content.encode())
    (folder / "base" / "deployment.yaml").write_text(DEPLOYMENT.replace("IMAGE", image), encoding="utf-8")


def render(kustomize: str, folder: Path) -> str:
    return run([kustomize, "build", folder / "overlay"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(overlay=overlays())
def test_it_means_what_kustomize_itself_would_write(kustomize: str, overlay: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, overlay)
        try:
            render(kustomize, folder)
        except SandboxError:
            return  # not an overlay for kustomize either
        ours = pin(overlay, NAME, NEW, DIGEST, comment="1.5.0")
        theirs = folder / "theirs"
        shutil.copytree(folder, theirs)
        run([kustomize, "edit", "set", "image", f"{NAME}={NEW}@{DIGEST}"], cwd=theirs / "overlay")
        (folder / "overlay" / "kustomization.yaml").write_bytes(ours.encode())
        assert render(kustomize, folder) == render(kustomize, theirs)
    kept = [line for line in overlay.splitlines(keepends=True) if not EDITED.match(line)]
    result = iter(ours.splitlines(keepends=True))
    assert [line for line in kept if line not in result] == [], "every other line is there, byte for byte, in its order"


@pytest.mark.parametrize("place", ["base", "component"])
def test_an_image_that_a_base_or_a_component_sets(kustomize: str, tmp_path: Path, place: str) -> None:
    """Then the overlay gets an entry by the name that is there by then; a tag that was set below goes."""
    images = f"images:\n- name: {NAME}\n  newName: {NEW}\n  newTag: 1.4.2\n"
    if place == "base":
        write(tmp_path, "resources: [../base]\n", base=f"resources: [deployment.yaml]\n{images}")
    else:
        component = f"apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n{images}"
        write(tmp_path, "resources: [../base]\ncomponents: [../component]\n", component=component)
    rendered = f"{NEW}:1.4.2"
    assert f"image: {rendered}\n" in render(kustomize, tmp_path)
    file = tmp_path / "overlay" / "kustomization.yaml"
    text = file.read_text(encoding="utf-8")
    entry = entry_name(text, NAME, rendered)
    assert entry == NEW
    pinned = pin(text, entry, NEW, DIGEST, comment="1.5.0")
    file.write_text(pinned, encoding="utf-8")
    assert render(kustomize, tmp_path).count(f"image: {NEW}@{DIGEST}\n") == 2
    # The next upgrade finds that entry again.
    again = entry_name(pinned, NAME, f"{NEW}@{DIGEST}")
    found = read_image(pinned, again)
    assert (again, found.digest if found else "") == (NEW, DIGEST)
    assert pin(pinned, again, NEW, DIGEST, comment="1.5.0") == pinned


def test_anchors_stay_what_they_are(kustomize: str, tmp_path: Path) -> None:
    """An alias among the images gives way to the digest, and whatever else refers to its anchor stays as it is."""
    kept = f"commonAnnotations: {{version: &tag 1.4.2}}\nresources: [../base]\nimages:\n- name: {NAME}\n  newTag: *tag\n"
    write(tmp_path, pin(kept, NAME, NEW, DIGEST))
    rendered = render(kustomize, tmp_path)
    assert f"image: {NEW}@{DIGEST}\n" in rendered
    assert "version: 1.4.2\n" in rendered
    kept = "commonLabels: &labels {a: b}\ncommonAnnotations: *labels\nresources: [../base]\n"
    write(tmp_path, pin(kept, NAME, NEW, DIGEST))
    assert f"image: {NEW}@{DIGEST}\n" in render(kustomize, tmp_path)

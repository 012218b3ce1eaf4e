# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of pinning an image in a kustomization file, byte by byte."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.kustomization import (
    ImageEntry,
    entry_name,
    given_by,
    pin,
    read_image,
    same_but_pinned,
)
from hypothesis import given
from hypothesis import strategies as st

NAME = "ampora-web"
NEW = "127.0.0.1:5000/ampora/ampora-web"
DIGEST = "sha256:" + "d" * 64
OTHER_DIGEST = "sha256:" + "0" * 64

OVERLAY = """# The overlay of acme-prod; ask ops before you change it.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../../base   # the product
images:
  # the sidecar stays
  - name: sidecar
    newTag: "2"
  - name: ampora-web   # ours
    newName: ghcr.io/ampora/ampora-web
    newTag: 1.4.2  # 1.4.2
  # the end of the list

configMapGenerator: [{name: x, literals: ["a=b"]}]
"""


def test_pin_of_an_overlay() -> None:
    before = "    newName: ghcr.io/ampora/ampora-web\n    newTag: 1.4.2  # 1.4.2\n"
    after = f"    newName: {NEW}\n    digest: {DIGEST}  # 1.5.0\n"
    assert pin(OVERLAY, NAME, NEW, DIGEST, comment="1.5.0") == OVERLAY.replace(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("a: 1\n", f"a: 1\nimages:\n- name: {NAME}\n  newName: {NEW}\n  digest: {DIGEST}\n", id="no-images"),
        pytest.param("a: 1", f"a: 1\nimages:\n- name: {NAME}\n  newName: {NEW}\n  digest: {DIGEST}\n", id="no-line-end"),
        pytest.param("a: 1\r\n", f"a: 1\r\nimages:\r\n- name: {NAME}\r\n  newName: {NEW}\r\n  digest: {DIGEST}\r\n", id="no-images-crlf"),
        pytest.param("a: 1\n...\n", f"a: 1\nimages:\n- name: {NAME}\n  newName: {NEW}\n  digest: {DIGEST}\n...\n", id="document-end"),
        pytest.param("images:\na: 1\n", f"images:\n- name: {NAME}\n  newName: {NEW}\n  digest: {DIGEST}\na: 1\n", id="images-empty"),
        pytest.param("images: [] # c\n", f"images: # c\n- name: {NAME}\n  newName: {NEW}\n  digest: {DIGEST}\n", id="images-brackets"),
        pytest.param("images: null\n", f"images:\n- name: {NAME}\n  newName: {NEW}\n  digest: {DIGEST}\n", id="images-null"),
        pytest.param(
            "images:\n  - name: x # y\n    # z\na: 1\n",
            f"images:\n  - name: x # y\n  - name: {NAME}\n    newName: {NEW}\n    digest: {DIGEST}\n    # z\na: 1\n",
            id="another-entry",
        ),
        pytest.param(
            "images: [{name: x}]\n", f"images: [{{name: x}}, {{name: {NAME}, newName: {NEW}, digest: {DIGEST}}}]\n", id="flow-list"
        ),
        pytest.param(f"images:\n- name: {NAME}", f"images:\n- name: {NAME}\n  newName: {NEW}\n  digest: {DIGEST}", id="name-only"),
        pytest.param(
            f"images:\n-\n   name: {NAME}\n", f"images:\n-\n   name: {NAME}\n   newName: {NEW}\n   digest: {DIGEST}\n", id="own-line"
        ),
        pytest.param(
            f"images:\n- name: '{NAME}'\n  newTag: \"1\" # why\n",
            f"images:\n- name: '{NAME}'\n  newName: '{NEW}'\n  digest: \"{DIGEST}\" # why\n",
            id="tag-becomes-digest-in-its-quotes",
        ),
        pytest.param(
            f"images:\n- digest: {OTHER_DIGEST}\n  name: {NAME}\n  newName: x\n  newTag: old\n  # end\n",
            f"images:\n- digest: {DIGEST}\n  name: {NAME}\n  newName: {NEW}\n  # end\n",
            id="digest-and-tag",
        ),
        pytest.param(
            f"images:\r\n- newTag: 1.4.2\r\n  name: {NAME}\r\n  newName: x\r\n  digest: {OTHER_DIGEST} # approved by ops\r\n",
            f"images:\r\n- digest: {DIGEST}\r\n  name: {NAME}\r\n  newName: {NEW}\r\n  # approved by ops\r\n",
            id="words-on-a-lost-line",
        ),
        pytest.param(
            f"images:\n- name: {NAME}\n  digest:\n  newName:\n  newTag: # 1.4.2\n",
            f"images:\n- name: {NAME}\n  digest: {DIGEST}\n  newName: {NEW}\n",
            id="empty-values",
        ),
        pytest.param(
            f'{{"images": [{{"name": "{NAME}", "newTag": "1", "digest": ""}}]}}',
            f'{{"images": [{{"name": "{NAME}", "newName": "{NEW}", "digest": "{DIGEST}"}}]}}',
            id="json",
        ),
        pytest.param(
            f"images:\n- {{ name: {NAME}, newTag: 1 }} # c\n",
            f"images:\n- {{ name: {NAME}, newName: {NEW}, digest: {DIGEST} }} # c\n",
            id="flow-entry",
        ),
        pytest.param(
            f"\ufeffimages: # \U0001f511\n- name: {NAME}\n  newName: x\n  digest: y\n",
            f"\ufeffimages: # \U0001f511\n- name: {NAME}\n  newName: {NEW}\n  digest: {DIGEST}\n",
            id="byte-order-mark",
        ),
        pytest.param(
            f"images:\n- ? name\n  : {NAME}\n  ? newTag\n  : a\n  ? digest\n  : b\n",
            f"images:\n- ? name\n  : {NAME}\n  newName: {NEW}\n  ? digest\n  : {DIGEST}\n",
            id="explicit-keys",
        ),
    ],
)
def test_forms(before: str, after: str) -> None:
    assert pin(before, NAME, NEW, DIGEST) == after
    assert read_image(after, NAME) == ImageEntry(NAME, NEW, "", DIGEST)


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("digest: x", f"digest: {DIGEST}  # 1.5.0"),
        ("digest: x # 1.4.2", f"digest: {DIGEST} # 1.5.0"),
        ("digest: x #v1.4.2-rc.1 ", f"digest: {DIGEST} # 1.5.0"),
        ("digest: x  # 1.4.2 is good", f"digest: {DIGEST}  # 1.4.2 is good"),
        ("digest:", f"digest: {DIGEST}  # 1.5.0"),
        ("newTag: 1.4.2", f"digest: {DIGEST}  # 1.5.0"),
    ],
)
def test_the_version_for_people(line: str, after: str) -> None:
    text = f"images:\n- name: {NAME}\n  newName: {NEW}\n  "
    assert pin(f"{text}{line}\n", NAME, NEW, DIGEST, comment="1.5.0") == f"{text}{after}\n"


@pytest.mark.parametrize(
    ("text", "after"),
    [
        # an alias is replaced where it stands, and its anchor stays
        (f"x: &tag 1.4.2\nimages:\n- name: {NAME}\n  newName: {NEW}\n  newTag: *tag\n",
         f"x: &tag 1.4.2\nimages:\n- name: {NAME}\n  newName: {NEW}\n  digest: {DIGEST}\n"),
        (f"x: &old old/name\nimages:\n- name: {NAME}\n  newName: *old\n  digest: a\n",
         f"x: &old old/name\nimages:\n- name: {NAME}\n  newName: {NEW}\n  digest: {DIGEST}\n"),
        (f"x: &name {NAME}\nimages:\n- name: *name  # ours\n",
         f"x: &name {NAME}\nimages:\n- name: *name  # ours\n  newName: {NEW}\n  digest: {DIGEST}\n"),
        (f"x: &tag 1.4.2\nimages: [{{name: {NAME}, newTag: *tag , newName: {NEW}}}]\n",
         f"x: &tag 1.4.2\nimages: [{{name: {NAME}, digest: {DIGEST} , newName: {NEW}}}]\n"),
        # an anchor on what does not change stays, and what refers to it reads the same
        (f"images:\n- name: &name {NAME}\n  newName: &new {NEW}\n  digest: a\nx: [*name, *new]\n",
         f"images:\n- name: &name {NAME}\n  newName: &new {NEW}\n  digest: {DIGEST}\nx: [*name, *new]\n"),
        (f"images:\n- &other\n  name: other\n  newTag: &t '1'\n- name: {NAME}\n  newName: {NEW}\n  digest: a\nx: [*other, *t]\n",
         f"images:\n- &other\n  name: other\n  newTag: &t '1'\n- name: {NAME}\n  newName: {NEW}\n  digest: {DIGEST}\nx: [*other, *t]\n"),
        # one that nothing refers to goes with its text
        (f"images:\n- name: {NAME}\n  newName: {NEW}\n  newTag: &tag 1.4.2\n",
         f"images:\n- name: {NAME}\n  newName: {NEW}\n  digest: {DIGEST}\n"),
    ],
)  # fmt: skip
def test_anchors_and_aliases(text: str, after: str) -> None:
    assert pin(text, NAME, NEW, DIGEST) == after


def test_a_name_that_yaml_takes_for_a_number_is_quoted() -> None:
    assert yaml.safe_load(pin("a: 1\n", "1", "2", DIGEST))["images"] == [{"name": "1", "newName": "2", "digest": DIGEST}]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty or not a mapping"),
        ("- a\n", "empty or not a mapping"),
        ("{}", "one mapping in braces"),
        ("{images: []}", "one mapping in braces"),
        ("a: [", "not one well-formed YAML document"),
        ("a: 1\n---\nb: 2\n", "not one well-formed YAML document"),
        ("a: \x00", "not one well-formed YAML document"),
        ("[" * 1500, "not one well-formed YAML document"),
        ("#" * 1_048_577, "more than the limit"),
        ("images: {a: b}\n", "images is not a list (line 1)"),
        ("images: text\n", "images is not a list"),
        ("images: []\nimages: []\n", "more than one images list (line 2)"),
        ("images: [ampora-web]\n", "an entry that is not a mapping"),
        (f"images: [{{name: {NAME}}}, {{name: {NAME}}}]\n", "more than one image entry"),
        (f"images:\n- name: {NAME}\n  digest: a\n  digest: b\n", "has digest twice (line 4)"),
        (f"images:\n- name: {NAME}\n  newTag: [a]\n", "newTag of an image entry is not a text"),
        (f"images:\n- name: {NAME}\n  newTag: |\n    a\n", "newTag of an image entry is not a text"),
        (f"images: &a\n- name: {NAME}\nx: *a\n", "a form that this tool does not know"),
        (f"images:\n- &a\n  name: {NAME}\nx: *a\n", "a form that this tool does not know"),
        (f"x: &a {{name: {NAME}}}\nimages:\n- *a\n", "an entry of images is an alias (line 3)"),
        (f"x: &a [{{name: {NAME}}}]\nimages: *a\n", "images is an alias (line 2)"),
        (f"x: &a {{name: {NAME}}}\nimages:\n- <<: *a\n  newTag: 1.4.2\n", "an entry of images has a merge key (line 3)"),
        (f"images:\n- name: {NAME}\n  newTag: &tag 1.4.2\nx: *tag\n", "the image's own text has an anchor that is used elsewhere."),
        (f"images:\n- {{name: {NAME}, newTag: a, # c\n   digest: b}}\n", "a comment inside an image entry"),
        ("images:\t# a tab that PyYAML does not take\n", "not one well-formed YAML document"),
        ("? [a]\n: b\n", "a form that this tool does not know"),
        ("a: |\n  text", "a form that this tool does not know"),
    ],
)
def test_refusals(text: str, why: str) -> None:
    with pytest.raises(UpgradeError) as error:
        pin(text, NAME, NEW, DIGEST)
    assert why in error.value.message
    assert error.value.next_step


def test_a_refusal_does_not_quote_the_file() -> None:
    with pytest.raises(UpgradeError) as error:
        pin("secretGenerator:\n- literals: [password=TOPSECRET\n", NAME, NEW, DIGEST)
    assert "TOPSECRET" not in str(error.value)
    assert "(line 3)" in error.value.message


@pytest.mark.parametrize(
    ("name", "new_name", "digest", "comment"),
    [
        (NAME, NEW, "1.5.0", ""),
        (NAME, f"{NEW}:1.5.0", DIGEST, ""),
        (NAME, f"{NEW}@{DIGEST}", DIGEST, ""),
        (NAME, "", DIGEST, ""),
        ("a: b", NEW, DIGEST, ""),
        (NAME, NEW, DIGEST, "1.5.0\nx: y"),
        (NAME, NEW, DIGEST, "latest"),
    ],
)
def test_bad_arguments(name: str, new_name: str, digest: str, comment: str) -> None:
    with pytest.raises(UpgradeError):
        pin(OVERLAY, name, new_name, digest, comment)


def test_read_image() -> None:
    assert read_image(OVERLAY, NAME) == ImageEntry(NAME, "ghcr.io/ampora/ampora-web", "1.4.2", "")
    assert read_image(OVERLAY, "other") is None
    assert read_image("a: 1\n", NAME) is None
    assert read_image("images:\n", NAME) is None


def _kustomize_edit(document: dict[str, Any]) -> dict[str, Any]:
    """What `kustomize edit set image NAME=NEW@DIGEST` means."""
    images = [dict(image) for image in document.get("images") or []]
    mine = next((image for image in images if image["name"] == NAME), None)
    if mine is None:
        mine = {"name": NAME}
        images.append(mine)
    mine.pop("newTag", None)
    mine.update(newName=NEW, digest=DIGEST)
    return document | {"images": images}


QUOTES = st.sampled_from(["", "'", '"'])
COMMENTS = st.sampled_from(["", "", " # words", "  # 1.4.2", "   # \U0001f511"])


@st.composite
def entries(draw: st.DrawFn, name: str) -> list[str]:
    """One entry in block or flow style, its fields in any order, quotes and comments anywhere."""
    values = {"newName": "ghcr.io/x", "newTag": "1.4.2", "digest": OTHER_DIGEST, "tagSuffix": "-fips"}
    fields = ["name", *draw(st.lists(st.sampled_from(sorted(values)), unique=True))]
    fields = draw(st.permutations(fields))
    quotes = [draw(QUOTES) for _field in fields]
    pairs = [f"{field}: {quote}{values.get(field, name)}{quote}" for field, quote in zip(fields, quotes, strict=True)]
    if draw(st.booleans()):
        return ["- {" + draw(st.sampled_from([", ", " , "])).join(pairs) + "}" + draw(COMMENTS)]
    lines = [f"{'- ' if number == 0 else '  '}{pair}{draw(COMMENTS)}" for number, pair in enumerate(pairs)]
    return [line for pair in lines for line in ([pair, "  # between"] if draw(st.booleans()) else [pair])]


@st.composite
def overlays(draw: st.DrawFn) -> tuple[str, str, str]:
    """(before the entry, the entry or nothing, after it)"""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    indent = draw(st.sampled_from(["", "  ", "    "]))
    others = draw(st.lists(st.sampled_from(["sidecar", "pause"]), unique=True))
    before = ["# head", "resources: [../../base]  # base", "images:" + draw(COMMENTS)]
    before += [indent + line for name in others for line in draw(entries(name))]
    entry = [indent + line for line in draw(entries(NAME))] if draw(st.booleans()) else []
    after = draw(st.sampled_from([[], ["# tail"], ["namespace: ampora  # ns"], [indent + "- name: last", "", "patches: []"]]))
    parts = ["".join(line + newline for line in lines) for lines in (before, entry, after)]
    return parts[0], parts[1], parts[2]


@given(overlays(), st.sampled_from(["", "1.5.0"]))
def test_pin_means_what_kustomize_does_and_touches_nothing_else(parts: tuple[str, str, str], comment: str) -> None:
    before, entry, after = parts
    text = before + entry + after
    result = pin(text, NAME, NEW, DIGEST, comment)
    assert yaml.load(result, yaml.BaseLoader) == _kustomize_edit(yaml.load(text, yaml.BaseLoader))
    assert pin(result, NAME, NEW, DIGEST, comment) == result
    assert result.count("\r") == (result.count("\n") if "\r" in text else 0)
    if entry:
        assert result.startswith(before)
        assert result.endswith(after)
        assert result.count("words") == text.count("words")
        assert result.count("# between") == text.count("# between")
    else:  # only new lines came in
        lines = result.splitlines()
        assert [line for line in text.splitlines() if line not in lines] == []
        assert len(lines) == len(text.splitlines()) + 3


@given(st.text(max_size=200))
def test_any_text_is_pinned_or_refused(text: str) -> None:
    for document in (text, f"images:\n- name: {NAME}\n  {text}"):
        try:
            result = pin(document, NAME, NEW, DIGEST)
        except UpgradeError:
            continue
        assert read_image(result, NAME) == ImageEntry(NAME, NEW, "", DIGEST)


@pytest.mark.parametrize(
    ("rendered", "expected"),
    [
        ("reg.example:5000/web:1.4.2", "reg.example:5000/web"),
        ("reg.example:5000/web", "reg.example:5000/web"),
        (f"reg.example/web@{OTHER_DIGEST}", "reg.example/web"),
        (f"reg.example/web:1.4.2@{OTHER_DIGEST}", "reg.example/web"),
        ("web", "web"),
        ("", NAME),
    ],
)
def test_the_name_that_the_files_below_have_given(rendered: str, expected: str) -> None:
    assert entry_name("resources: [../base]\n", NAME, rendered) == expected
    assert entry_name(OVERLAY, NAME, rendered) == NAME


def test_a_pin_that_is_not_committed_yet_is_told_from_other_changes() -> None:
    pinned = pin(OVERLAY, NAME, NEW, DIGEST, comment="1.5.0")
    assert same_but_pinned(OVERLAY, OVERLAY, NAME)
    assert same_but_pinned(OVERLAY, pinned, NAME)
    assert same_but_pinned(pinned, pin(pinned, NAME, NEW, OTHER_DIGEST, comment="1.4.3"), NAME)
    assert not same_but_pinned(OVERLAY, pinned + "# mine\n", NAME)
    assert not same_but_pinned(OVERLAY, OVERLAY.replace("1.4.2", "1.4.3"), NAME)
    assert not same_but_pinned("", pinned, NAME)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("images:\n  - name: ampora-web\n    newName: reg.example/ampora\n", "ampora-web"),
        # The name that the base gives, and how a pin writes it: that entry is found by `entry_name`, whatever the input says.
        ("images:\n  - name: reg.example/ampora\n", ""),
        ("images:\n  - name: reg.example/ampora\n    newName: reg.example/ampora\n    digest: sha256:1\n", ""),
        ("images:\n  - name: other\n    newName: reg.example/other\n", ""),
        ("resources: []\n", ""),
    ],
)
def test_which_other_entry_gives_an_image(text: str, expected: str) -> None:
    assert given_by(text, "reg.example/ampora") == expected

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of image references and of a pod's imageID."""

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import ImageReference, belongs, is_digest, parse
from hypothesis import given
from hypothesis import strategies as st

A, B, C = ("sha256:" + letter * 64 for letter in "abc")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ampora-web", ImageReference("", "ampora-web")),
        ("ampora-web:1.5.0", ImageReference("", "ampora-web", "1.5.0")),
        ("ampora/ampora-web", ImageReference("", "ampora/ampora-web")),
        ("localhost/x", ImageReference("localhost", "x")),
        ("localhost:5000/x", ImageReference("localhost:5000", "x")),
        ("127.0.0.1:5000/ampora/ampora-web:1.5.0", ImageReference("127.0.0.1:5000", "ampora/ampora-web", "1.5.0")),
        ("[::1]:5000/x:y", ImageReference("[::1]:5000", "x", "y")),
        ("Registry/x", ImageReference("Registry", "x")),
        (f"ghcr.io/a/b__c.d--e@{A}", ImageReference("ghcr.io", "a/b__c.d--e", "", A)),
        (f"ghcr.io/a/b:v1@{A}", ImageReference("ghcr.io", "a/b", "v1", A)),
    ],
)
def test_parse(text: str, expected: ImageReference) -> None:
    assert parse(text) == expected
    assert str(expected) == text


@pytest.mark.parametrize(
    "text",
    ["", ":tag", "Ampora", "a//b", "/a", "a/", "a:", "a:-x", "a b", "a@", "a@sha256:abc", f"a@{A.upper()}", f"@{A}", "a\n", "-x.io/a"]
    + ["a:" + "t" * 129, "a" * 256, "a___b", "x.io:port/a", "http://x.io/a", None, 5],
)
def test_parse_refuses(text: object) -> None:
    with pytest.raises(UpgradeError, match="is not an image reference: ") as error:
        parse(text)
    assert error.value.next_step


def test_with_digest_drops_the_tag() -> None:
    pinned = parse("host:5000/a/b:1.5.0").with_digest(A)
    assert str(pinned) == f"host:5000/a/b@{A}"
    assert pinned.name == "host:5000/a/b"


def test_with_digest_refuses_a_tag() -> None:
    with pytest.raises(UpgradeError, match="not an image digest"):
        parse("a").with_digest("1.5.0")


@pytest.mark.parametrize("text", [A[:-1], A + "a", A.upper(), "sha512:" + "a" * 64, A + "\n", " " + A, "", None])
def test_is_digest_refuses(text: object) -> None:
    assert not is_digest(text)


@pytest.mark.parametrize(
    ("image_id", "expected"),
    [
        (A, True),
        (f"docker.io/ampora/web@{A}", True),
        (f"docker-pullable://ampora/web@{A}", True),
        (f"x@{B}", True),
        (f"x@{C}", False),
        ("x:1.5.0", False),
        ("", False),
        ("x@", False),
    ],
)
def test_belongs(image_id: str, expected: bool) -> None:
    assert belongs(image_id, A, [B]) is expected


def test_an_empty_digest_matches_nothing() -> None:
    assert not belongs("", "", [""])


PART = st.from_regex(r"[a-z0-9]{1,8}((\.|_|__|-{1,2})[a-z0-9]{1,4})?", fullmatch=True)


@given(
    st.sampled_from(["", "ghcr.io", "localhost:5000", "[::1]:80"]),
    st.lists(PART, min_size=1, max_size=3),
    st.from_regex(r"([A-Za-z0-9_][A-Za-z0-9_.-]{0,20})?", fullmatch=True),
    st.sampled_from(["", A]),
)
def test_round_trip(registry: str, parts: list[str], tag: str, digest: str) -> None:
    if not registry and len(parts) > 1 and ("." in parts[0] or parts[0] == "localhost"):
        registry, parts = parts[0], parts[1:]  # that is how the grammar reads it
        if "_" in registry or "--" in registry:
            return
    reference = ImageReference(registry, "/".join(parts), tag, digest)
    assert parse(str(reference)) == reference

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.image.credentials import Credentials, find, helper
from hypothesis import given
from hypothesis import strategies as st


def auth(user: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:s3:cret".encode()).decode()}


@pytest.mark.parametrize(
    ("key", "host", "repository", "fits"),
    [
        ("reg.example", "reg.example", "a/b", True),
        ("https://reg.example", "reg.example", "a/b", True),
        ("https://reg.example/v2/", "reg.example", "a/b", True),
        ("reg.example:5000", "reg.example", "a/b", False),
        ("reg.example/a", "reg.example", "a/b", True),
        ("reg.example/a/b", "reg.example", "a/b", True),
        ("reg.example/a/b", "reg.example", "a/bc", False),
        ("*.example", "reg.example", "a/b", True),
        ("https://index.docker.io/v1/", "docker.io", "library/x", True),
        ("docker.io", "docker.io", "library/x", True),
        ("index.docker.io", "reg.example", "a/b", False),
    ],
)
def test_which_entry_fits(key: str, host: str, repository: str, fits: bool) -> None:
    assert find({"auths": {key: auth("ada")}}, host, repository) == (Credentials("ada", "s3:cret") if fits else Credentials())


def test_the_longest_path_wins() -> None:
    config = {"auths": {"reg.example": auth("all"), "reg.example/a/b": auth("own"), "reg.example/a": auth("team")}}
    assert [find(config, "reg.example", name).username for name in ("a/b", "a/c", "x")] == ["own", "team", "all"]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"username": "ada", "password": "s3cret"}, Credentials("ada", "s3cret")),
        ({"auth": "", "identitytoken": "t"}, Credentials(identity_token="t")),
        ({}, Credentials()),
    ],
)
def test_other_forms(entry: dict[str, str], expected: Credentials) -> None:
    assert find({"auths": {"reg.example": entry}}, "reg.example") == expected


@pytest.mark.parametrize(
    "config", [{"auths": []}, {"auths": {"h": "x"}}, {"auths": {"h": {"auth": "***"}}}, {"auths": {"h": {"auth": "/w=="}}}]
)
def test_what_is_not_dockers_form(config: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        find(config, "h")


def test_a_secret_is_in_no_representation() -> None:
    assert "s3cret" not in repr(Credentials("ada", "s3cret", "s3cret"))


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, ""),
        ({"credsStore": "desktop"}, "desktop"),
        ({"credsStore": "desktop", "credHelpers": {"reg.example": "ecr-login"}}, "ecr-login"),
        ({"credHelpers": {"other.example": "gcr"}}, ""),
    ],
)
def test_helpers(config: dict[str, Any], expected: str) -> None:
    assert helper(config, "reg.example") == expected


@given(st.text(max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_any_key_is_judged(key: str, host: str, repository: str) -> None:
    find({"auths": {key: {}}}, host, repository)

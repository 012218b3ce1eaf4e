# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.signature import attested_versions, require_digest, require_version
from hypothesis import given
from hypothesis import strategies as st

DIGEST = "sha256:" + "a" * 64


def signed(*digests: str) -> str:
    return json.dumps([{"critical": {"image": {"docker-manifest-digest": digest}}, "optional": None} for digest in digests])


def envelope(predicate: Any) -> str:
    return json.dumps({"payload": base64.b64encode(json.dumps({"predicate": predicate}).encode()).decode()})


def test_signatures_of_this_very_digest_count() -> None:
    assert require_digest(signed(DIGEST, DIGEST, "sha256:other"), "x", DIGEST) == 2


@pytest.mark.parametrize("stdout", [signed(), signed("sha256:other")])
def test_signatures_of_something_else(stdout: str) -> None:
    with pytest.raises(UpgradeError, match=r"^The signatures that cosign verified are not of reg\.example/x"):
        require_digest(stdout, "reg.example/x", DIGEST)


@pytest.mark.parametrize("stdout", ["", "{}x", "[1]", '{"a": 1}', '[{"critical": 1}]', "null"])
def test_an_answer_that_is_not_known(stdout: str) -> None:
    with pytest.raises(UpgradeError):
        require_digest(stdout, "x", DIGEST)


@pytest.mark.parametrize(
    ("stdout", "versions"),
    [
        ("", []),
        ("no json\n{}", []),
        (envelope({"version": "1.5.0"}), ["1.5.0"]),
        (envelope({"Data": '{"version": "1.5.0"}', "Timestamp": "x"}), ["1.5.0"]),
        (envelope({"version": 15}), []),
        (envelope(None), []),
        ("\n".join([envelope({"version": "1.4.3"}), envelope({"version": "v1.5.0"})]), ["1.4.3", "v1.5.0"]),
    ],
)
def test_attested(stdout: str, versions: list[str]) -> None:
    assert attested_versions(stdout) == versions


def test_the_version_must_be_among_them() -> None:
    assert require_version(envelope({"version": "v1.5.0"}), "x", "1.5.0") == "1.5.0"
    assert require_version(envelope({}), "x", "1.5.0") == ""
    with pytest.raises(UpgradeError, match=r"is of the version 1\.4\.2, not of 1\.5\.0"):
        require_version(envelope({"version": "1.4.2"}), "x", "1.5.0")


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    attested_versions(text)
    attested_versions(envelope(text))

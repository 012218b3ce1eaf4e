# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.proof import NOT_ASKED, prove, require

INDEX, CHILD, OTHER = (f"sha256:{letter * 64}" for letter in "abc")
TARGET = {"version": "1.5.0", "digest": INDEX, "children": [CHILD]}
IMAGE = f"reg.example/web@{INDEX}"
PODS = {"web-0": f"reg.example/web@{INDEX}", "web-1": f"reg.example/web@{CHILD}"}


def test_all_sources_agree() -> None:
    proof = prove(TARGET, IMAGE, PODS, ["v1.5.0", "v1.5.0"], ["1.4.3", "1.5.0"])
    require(proof)
    assert proof.to_dict() == {
        "agrees": True,
        "version": "1.5.0",
        "digest": INDEX,
        "deployment": IMAGE,
        "pods": PODS,
        "footer": "v1.5.0",
        "notes": "1.5.0",
        "differences": [],
    }


def test_what_was_not_asked_is_said() -> None:
    proof = prove(TARGET, IMAGE, PODS, [], [])
    assert (proof.footer, proof.notes, proof.differences) == (NOT_ASKED, NOT_ASKED, ())


@pytest.mark.parametrize(
    ("changed", "difference"),
    [
        ({"pods": {**PODS, "web-2": f"reg.example/web@{OTHER}"}}, f"web-2 runs reg.example/web@{OTHER}"),
        ({"pods": {"web-2": "reg.example/web:1.5.0"}}, "web-2 runs reg.example/web:1.5.0"),
        ({"pods": {"web-2": ""}}, "web-2 runs "),
        ({"pods": {}}, "no pod runs"),
        ({"deployment_image": "reg.example/web:1.5.0"}, "the Deployment's image is reg.example/web:1.5.0"),
        ({"footers": ["1.5.0", "1.4.2"]}, "the footer says 1.4.2"),
        ({"footers": [""]}, "the footer says nothing"),
        ({"notes": ["1.4.3"]}, "the release notes are those of 1.4.3"),
    ],
)
def test_one_source_that_disagrees_is_enough(changed: dict[str, Any], difference: str) -> None:
    sources: dict[str, Any] = {"deployment_image": IMAGE, "pods": PODS, "footers": ["1.5.0"], "notes": ["1.5.0"]}
    proof = prove(TARGET, **{**sources, **changed})
    assert difference in proof.differences
    with pytest.raises(UpgradeError, match=r"^It is not proven that 1\.5\.0 runs"):
        require(proof)

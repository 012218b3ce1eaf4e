# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.commit_message import branch, message

VALUES = {"version": "1.5.0", "digest": "sha256:a", "deployment": "web", "namespace": "ampora", "run": "r1"}


def test_places() -> None:
    text = "Upgrade {deployment} in {namespace} to {version}\n\n{digest}, {run}\n"
    assert message(text, VALUES) == "Upgrade web in ampora to 1.5.0\n\nsha256:a, r1"


@pytest.mark.parametrize("template", ["{user}", "a {version.x}{nope}", "{}"])
def test_an_unknown_place(template: str) -> None:
    with pytest.raises(UpgradeError, match=r"^ampora_overlay_git has \{\w*\} in its commit_message, which is not known"):
        message(template, VALUES)


def test_an_empty_message() -> None:
    with pytest.raises(UpgradeError, match="is empty"):
        message("  ", VALUES)


@pytest.mark.parametrize(
    ("template", "expected"), [("", ""), ("upgrade-{version}", "upgrade-1.5.0"), ("ops/{deployment}/{run}", "ops/web/r1")]
)
def test_branches(template: str, expected: str) -> None:
    assert branch(template, VALUES) == expected


@pytest.mark.parametrize("template", ["--force", "a..b", "a b", "a//b", "a/", "{digest}", "a~1", "+x:y"])
def test_what_is_no_branch(template: str) -> None:
    with pytest.raises(UpgradeError, match="no name of a branch"):
        branch(template, VALUES)

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the expected failure and its wording."""

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, need, quote


def test_message_alone() -> None:
    assert str(UpgradeError("It is broken.")) == "It is broken."


def test_next_step_and_evidence() -> None:
    error = UpgradeError("It is broken.", next_step="mend it.", evidence=["a", "b"])
    assert str(error) == "It is broken. Next: mend it."
    assert (error.message, error.next_step, error.evidence) == ("It is broken.", "mend it.", ("a", "b"))


def test_need_names_the_package() -> None:
    need(object(), "semver")
    with pytest.raises(UpgradeError, match="pip install semver"):
        need(None, "semver")


@pytest.mark.parametrize(
    ("value", "shown"),
    [("1.5", '"1.5"'), (1.5, '"1.5"'), ("a\x1b[2J\nb", '"a?[2J?b"'), ("x" * 80, '"' + "x" * 80 + '"'), ("x" * 81, '"' + "x" * 80 + '..."')],
)
def test_quote(value: object, shown: str) -> None:
    assert quote(value) == shown

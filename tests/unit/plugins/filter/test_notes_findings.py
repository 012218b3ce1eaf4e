# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the filter notes_findings."""

from __future__ import annotations

import json

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ampora.upgrades.plugins.filter.notes_findings import FilterModule

notes_findings = FilterModule().filters()["notes_findings"]


def test_one_note() -> None:
    (finding,) = notes_findings("The key was removed.", "v1.5.0", source="1.5.0.md")
    assert finding["ack_key"] == "ack-1.5.0-word-remove"
    assert finding["evidence"] == ["1.5.0.md:1 [top] The key was removed."]
    assert json.loads(json.dumps(finding)) == finding


def test_a_changelog() -> None:
    found = notes_findings("# Changes\n## 1.5.0\nRemoved.\n## 1.4.3\nFine.\n## 1.4.2\nRenamed.\n")
    assert [(f["version"], f["id"]) for f in found] == [("1.5.0", "word-remove"), ("1.4.2", "word-rename")]


@pytest.mark.parametrize("arguments", [(5, "1.5.0"), ("x", "1.5"), ("no version", None), ("x", "1.5.0", 7)])
def test_bad_input(arguments: tuple[object, ...]) -> None:
    with pytest.raises(AnsibleFilterError, match="ampora.upgrades.notes_findings"):
        notes_findings(*arguments)

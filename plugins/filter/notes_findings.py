# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter notes_findings; its documentation is in notes_findings.yml."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.changelog import split
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.words import scan
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import bare, parse


def _note(version: object, text: str, source: str) -> ReleaseNote:
    return ReleaseNote(bare(parse(version, "version")), text, source)


def _notes_findings(text: object, version: object = None, source: object = "release notes") -> list[dict[str, Any]]:
    for name, value in (("its input", text), ("source", source)):
        if not isinstance(value, str):
            raise AnsibleFilterError(f"ampora.upgrades.notes_findings: {name} must be a string.", obj=value)
    try:
        notes = split(str(text), str(source)) if version is None else [_note(version, str(text), str(source))]
        findings = [finding.to_dict() for note in notes for finding in scan(note)]
    except UpgradeError as exc:
        raise AnsibleFilterError("ampora.upgrades.notes_findings cannot read the release notes.", obj=text) from exc
    if not notes:
        raise AnsibleFilterError(
            "ampora.upgrades.notes_findings: no heading begins with a version; give version for a note without.", obj=text
        )
    return findings


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., list[dict[str, Any]]]]:
        return {"notes_findings": _notes_findings}

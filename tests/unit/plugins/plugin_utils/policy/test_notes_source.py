# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy import notes_source
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.notes_source import read_notes

NEXT = " Next: Name a directory with a VERSION.md for each release, a changelog file, or an address, in ampora_release_notes."


def refused(location: str) -> str:
    with pytest.raises(UpgradeError) as error:
        read_notes(location)
    return str(error.value)


def test_a_directory(tmp_path: Path) -> None:
    (tmp_path / "1.5.0.md").write_text("five", encoding="utf-8")
    (tmp_path / "v1.4.3.md").write_bytes(b"four \xff")
    (tmp_path / "notes.txt").write_text("no", encoding="utf-8")
    assert read_notes(str(tmp_path)) == [
        ReleaseNote("1.5.0", "five", "1.5.0.md"),
        ReleaseNote("1.4.3", "four \N{REPLACEMENT CHARACTER}", "v1.4.3.md"),
    ]


def test_one_changelog(tmp_path: Path) -> None:
    (tmp_path / "CHANGELOG.md").write_text("# Changes\n\n## 1.5.0\n\nfive\n\n## 1.4.3\n\nfour\n", encoding="utf-8")
    found = read_notes(str(tmp_path / "CHANGELOG.md"))
    assert [(note.version, note.text.split()[-1], note.source) for note in found] == [
        ("1.5.0", "five", "CHANGELOG.md"),
        ("1.4.3", "four", "CHANGELOG.md"),
    ]


def test_the_users_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "1.5.0.md").write_text("five", encoding="utf-8")
    assert [note.version for note in read_notes("~")] == ["1.5.0"]


def test_nothing_is_there(tmp_path: Path) -> None:
    assert refused(f"{tmp_path}/none") == f"ampora_release_notes is {tmp_path}/none: there is no such file or directory.{NEXT}"


def test_a_note_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes_source, "MAX_BYTES", 4)
    path = tmp_path / "1.5.0.md"
    path.write_text("four", encoding="utf-8")
    assert len(read_notes(str(tmp_path))) == 1
    path.write_text("fives", encoding="utf-8")
    assert refused(str(tmp_path)) == f"The release notes {path} are larger than 4 bytes.{NEXT}"


def test_a_note_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "1.5.0.md").mkdir()
    assert refused(str(tmp_path)) == f"The release notes {tmp_path / '1.5.0.md'} cannot be read: Is a directory.{NEXT}"

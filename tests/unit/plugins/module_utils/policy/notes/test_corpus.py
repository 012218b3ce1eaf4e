# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recall and precision over a corpus of notes in the forms of real projects; tests/unit/fixtures/notes says what a person finds in them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import yaml
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.changelog import split
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.runtime import runtime_seconds
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.words import scan

from tests.tools.repository import ROOT

CORPUS = ROOT / "tests" / "unit" / "fixtures" / "notes"
KINDS = ("breaking", "remove", "rename", "policy")
SMALLEST = 60
LEAST_PRECISION = 0.9

Statement = tuple[str, str, str, int]  # file, version, word, line (of a runtime: its seconds)


@cache
def planted() -> dict[str, set[Statement]]:
    """The statements of each file, as its readers marked them."""
    expected = yaml.safe_load((CORPUS / "expected.yml").read_text(encoding="utf-8"))
    found: dict[str, set[Statement]] = {}
    for name, versions in expected.items():
        marked = [(version, kind, lines) for version, kinds in versions.items() for kind, lines in kinds.items()]
        found[name] = {(name, version, kind, line) for version, kind, lines in marked for line in ([lines] if kind == "runtime" else lines)}
    return found


def notes_of(path: Path) -> list[ReleaseNote]:
    text = path.read_text(encoding="utf-8")
    if path.name.startswith("changelog-"):
        return split(text, path.name)
    return [ReleaseNote("1.4.3" if "patch" in path.name else "1.5.0", text, path.name)]


def told(path: Path) -> set[Statement]:
    """What the policy finds in a file, in the same form."""
    found: set[Statement] = set()
    for note in notes_of(path):
        for finding in scan(note):
            lines = [re.match(rf"{re.escape(path.name)}:(\d+) ", place) for place in finding.evidence]
            found |= {(path.name, note.version, finding.id.removeprefix("word-"), int(line[1])) for line in lines if line}
        seconds = runtime_seconds(note)
        found |= {(path.name, note.version, "runtime", seconds)} if seconds else set()
    return found


@cache
def everything_told() -> set[Statement]:
    return {statement for path in CORPUS.glob("*.md") for statement in told(path)}


def test_every_note_of_the_corpus_has_its_readers() -> None:
    assert sorted(planted()) == sorted(path.name for path in CORPUS.glob("*.md"))
    assert len(planted()) >= SMALLEST
    assert {kind for statements in planted().values() for _name, _version, kind, _line in statements} == {*KINDS, "runtime"}


@pytest.mark.parametrize("name", sorted(planted()))
def test_every_planted_statement_is_found(name: str) -> None:
    assert sorted(planted()[name] - told(CORPUS / name)) == []


def test_recall_and_precision(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = {statement for statements in planted().values() for statement in statements}
    rows = []
    for kind in (*KINDS, "runtime", "all"):
        meant = {statement for statement in wanted if kind in (statement[2], "all")}
        found = {statement for statement in everything_told() if kind in (statement[2], "all")}
        rows.append((kind, len(meant), len(meant & found) / len(meant), len(meant & found) / len(found)))
    with capsys.disabled():
        print(f"\nrelease notes: {len(planted())} notes, {len(wanted)} planted statements")
        for kind, count, recall, precision in rows:
            print(f"  {kind:8} {count:3} planted, recall {recall:6.1%}, precision {precision:6.1%}")
    assert all(recall == 1 for _kind, _count, recall, _precision in rows)
    assert rows[-1][3] >= LEAST_PRECISION


def test_a_note_is_read_alike_whatever_its_line_ends() -> None:
    for path in CORPUS.glob("*.md"):
        for note in notes_of(path):
            other = ReleaseNote(note.version, note.text.replace("\n", "\r\n"), note.source, note.first_line)
            assert [finding.evidence for finding in scan(other)] == [finding.evidence for finding in scan(note)]

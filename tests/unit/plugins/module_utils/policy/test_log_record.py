# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.log_record import LONGEST_LINE, LogRecord, named_places, read_record


def test_the_products_own_form() -> None:
    template = "{Key} is old, use {@Instead} {Missing}"
    line = {
        "timestamp": "2026-11-24T10:00:00.250Z",
        "level": "Warning",
        "category": "Ampora.X",
        "message": template,
        "trace_id": None,
        "Key": "A:B",
        "Instead": "C:D",
    }
    assert read_record(json.dumps(line).encode()) == LogRecord(
        1795514400.25, "Warning", "Ampora.X", template, "A:B is old, use C:D {Missing}", {"Key": "A:B", "Instead": "C:D"}
    )


def test_properties_that_stand_deeper() -> None:
    found = read_record(
        b'{"@t": "2026-11-24T10:00:00", "MessageTemplate": "{Key:l}", "Properties": {"Key": "A", "SourceContext": "Ampora"}}'
    )
    assert found is not None
    assert (found.time, found.message, found.category) == (1795514400.0, "A", "Ampora")


@pytest.mark.parametrize(
    "line", [b"", b"text", b"[]", b"{", b'"x"', b"\xff", b"[" * 60_000, b'{"message": "' + b"x" * LONGEST_LINE + b'"}']
)
def test_no_record(line: bytes) -> None:
    assert read_record(line) is None


def test_fields_of_other_kinds() -> None:
    assert read_record(b'{"timestamp": 5, "level": [], "message": {"a": 1}}') is not None


def test_places_of_a_template() -> None:
    assert named_places("{Key} of {@Thing} in {Count,5:N0}") == {"Key", "Thing", "Count"}


@pytest.mark.parametrize(("length", "read"), [(65_536, True), (65_537, False)])
def test_the_longest_line(length: int, read: bool) -> None:
    head, tail = b'{"message": "', b'"}'
    line = head + b"x" * (length - len(head) - len(tail)) + tail
    assert len(line) == length
    assert (read_record(line) is not None) is read


def test_texts_are_cut() -> None:
    """A value has at most 1000 characters, and the message with its values 2000."""
    record = {"message": "{A}{B}{C}", **dict.fromkeys("ABC", "x" * 1001), "level": "l" * 1001, "category": "c" * 1001}
    found = read_record(json.dumps(record).encode())
    assert found is not None
    assert {len(value) for value in found.properties.values()} == {len(found.level), len(found.category)} == {1000}
    assert found.message == "x" * 2000

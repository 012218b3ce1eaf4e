# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
import semver
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.announcements import Announcement, announcements
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.deprecations import (
    MOST_FEATURES,
    LogFacts,
    Tally,
    judge,
    judge_removals,
    window_seconds,
)
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.items import items
from hypothesis import given
from hypothesis import strategies as st

CURRENT, TARGET = semver.Version.parse("1.6.0"), semver.Version.parse("2.0.0")
TEMPLATE = "Configuration key {Key} is deprecated and will be removed in {RemovedIn}, use {Instead}"
REMOVED = (
    "# 2.0.0\n\n## Removals\n\n- Removed: the configuration key `OpAmp:LegacyHeartbeat`. Use `OpAmp:HeartbeatWindowSeconds` instead.\n"
)


def line(**fields: Any) -> bytes:
    record = {
        "timestamp": "2026-11-24T10:00:00.000Z",
        "level": "Warning",
        "category": "Ampora.OpAmp.Core.Heartbeat",
        "message": TEMPLATE,
        "Key": "OpAmp:LegacyHeartbeat",
        "RemovedIn": "2.0.0",
        "Instead": "OpAmp:HeartbeatWindowSeconds",
    }
    return json.dumps({**record, **fields}).encode()


def tally(*lines: bytes) -> Tally:
    found = Tally()
    found.add_all(lines)
    return found


def logs(*lines: bytes, short: tuple[str, ...] = ()) -> LogFacts:
    return LogFacts(tally(*lines), 86400, short)


def said(text: str = REMOVED, version: str = "2.0.0") -> list[Announcement]:
    return announcements(items(ReleaseNote(version, text, f"{version}.md")), version)


def test_uses_are_counted_by_feature_with_the_last() -> None:
    found = tally(line(), line(timestamp="2026-11-24T11:30:00.000Z"), line(Key="Auth:OldScheme"), b"plain deprecated text", b"{}")
    assert {name: use.count for name, use in found.uses.items()} == {"OpAmp:LegacyHeartbeat": 2, "Auth:OldScheme": 1}
    assert found.uses["OpAmp:LegacyHeartbeat"].described() == (
        '"OpAmp:LegacyHeartbeat": 2 times, last at 2026-11-24T11:30:00Z: "Configuration key OpAmp:LegacyHeartbeat is deprecated and'
        ' will be removed in 2.0.0, use OpAmp:HeartbeatWindowSeconds"'
    )


FORMS = {
    "console": {
        "Timestamp": "2026-11-24T10:00:00Z",
        "LogLevel": "Warning",
        "Category": "Ampora.Api",
        "Message": "Key A:B is deprecated",
        "State": {"Key": "A:B"},
    },
    "serilog": {
        "@t": "2026-11-24T10:00:00.1234567Z",
        "@l": "Warning",
        "SourceContext": "Ampora.Api",
        "@mt": "{Key} is deprecated",
        "Key": "A:B",
    },
    "serilog, its own JSON": {
        "Timestamp": "2026-11-24T10:00:00.1234567+01:00",
        "Level": "Warning",
        "MessageTemplate": "{Key} is deprecated",
        "Properties": {"Key": "A:B", "SourceContext": "Ampora.Api"},
    },
    "a time without its zone": {
        "Timestamp": "2026-11-24 10:00:00 ",
        "LogLevel": "Warning",
        "Category": "Ampora.Api",
        "Message": "Key A:B is deprecated",
    },
    "telemetry": {
        "time": "2026-11-24T10:00:00Z",
        "SeverityText": "WARN",
        "category": "Ampora",
        "body": "{Key} is DEPRECATED",
        "attributes": {"Key": "A:B"},
    },
    "no property": {
        "timestamp": "2026-11-24T10:00:00Z",
        "level": "warning",
        "category": "Ampora.X",
        "message": "`A:B` is deprecated, use `C:D`",
    },
}


@pytest.mark.parametrize("name", FORMS)
def test_the_forms_of_formatters(name: str) -> None:
    found = tally(json.dumps(FORMS[name]).encode())
    assert list(found.uses) == ["A:B"]
    assert found.uses["A:B"].last > 0


@pytest.mark.parametrize(
    "other",
    [
        line(level="Information"),
        line(category="Other.Thing"),
        line(category="Amporata"),
        line(message="all is well", Note="deprecated"),
        b"deprecated",
        b'["deprecated"]',
        b'{"deprecated',
        b"\xff deprecated \x00",
        line(padding="x" * 70_000),
        b"[" * 50_000 + b"deprecated",
    ],
)
def test_what_is_no_warning_of_a_use(other: bytes) -> None:
    assert tally(other).uses == {}


def test_without_a_name_the_words_tell_without_numbers() -> None:
    found = tally(*(line(message=f"Call {number} of the old form is deprecated", Key="", Instead="") for number in range(5)))
    assert {name: use.count for name, use in found.uses.items()} == {"Call # of the old form is deprecated": 5}


@pytest.mark.parametrize(
    ("message", "properties", "feature"),
    [
        ("Use OpAmp:New instead of the deprecated OpAmp:Old", {}, "OpAmp:Old"),
        ("Deprecated: OpAmp:Old, use OpAmp:New", {}, "OpAmp:Old"),
        ("GET /api/v1/agents/42 is deprecated", {}, "GET /api/v1/agents/{}"),
        ("{Endpoint} is deprecated", {"Endpoint": "/api/agents/9f1c2f1e-0000-4000-8000-000000000000/x"}, "/api/agents/{}/x"),
        ("Token scheme {Scheme} is deprecated", {"Scheme": "v1", "Name": "ada"}, "Token scheme {Scheme} is deprecated"),
    ],
)
def test_the_feature_of_a_warning(message: str, properties: dict[str, str], feature: str) -> None:
    assert list(tally(line(message=message, **{"Key": "", **properties})).uses) == [feature]


@pytest.mark.parametrize("other", [b"warn: A:B is deprecated", b'{"msg": "A:B is deprecated", "lvl": 40}', line(padding="x" * 70_000)])
def test_what_cannot_be_read_is_said(other: bytes) -> None:
    found = logs(other, other)
    assert (found.tally.uses, found.tally.unread) == ({}, 2)
    (finding,) = judge(found)
    assert (finding.id, finding.severity) == ("log-unreadable", "info")
    assert finding.text == (
        "Lines of the logs speak of something deprecated and are not in a form that is recognised (2 of them):"
        " what they warn of is not counted; read them yourself, or let the product log as JSON."
    )
    assert len(finding.evidence[0]) < 200


def test_a_line_without_a_time_has_that_of_its_keeper() -> None:
    found = Tally()
    found.add(line(timestamp=None), 60.0)
    assert found.uses["OpAmp:LegacyHeartbeat"].last == 60.0


def test_features_without_end_do_not_fill_the_memory() -> None:
    found = tally(*(line(Key=f"A:B{number}") for number in range(MOST_FEATURES + 7)))
    assert (len(found.uses), found.others) == (MOST_FEATURES, 7)


@given(st.lists(st.sampled_from([line(), line(Key="A:B"), line(timestamp="2026-11-25T00:00:00Z"), b"x"]), max_size=20), st.randoms())
def test_the_order_of_lines_does_not_matter(lines: list[bytes], shuffle: Any) -> None:
    other = list(lines)
    shuffle.shuffle(other)
    assert tally(*other).uses == tally(*lines).uses


@given(st.binary(max_size=300).map(lambda data: data + b" deprecated"))
def test_any_line_is_taken(data: bytes) -> None:
    tally(data, b'{"level": "Warning", "message": ' + data + b"}")


def test_in_use() -> None:
    (finding,) = judge(logs(line(), line(Key="A:B"), line(Key="A:B")))
    assert (finding.id, finding.severity) == ("deprecated-in-use", "info")
    assert finding.text == (
        'The logs warn of deprecated features in use: "A:B", "OpAmp:LegacyHeartbeat".'
        " Plan to leave them before the release that removes them."
    )
    assert [place.split(":")[0] for place in finding.evidence] == ['"A', '"OpAmp']


def test_many_features_are_named_in_part() -> None:
    (finding,) = judge(logs(*(line(Key=f"A:B{number:02}") for number in range(30))))
    assert '"A:B00", "A:B01", "A:B02" and 27 more' in finding.text
    assert (len(finding.evidence), finding.evidence[-1]) == (21, "and 10 more warnings")


def test_silence() -> None:
    assert judge(logs()) == []
    assert judge_removals(logs(), said(), CURRENT, TARGET) == []


def test_a_short_log_is_said() -> None:
    (finding,) = judge(logs(short=("the log of a begins at 2026-11-24T09:00:00Z",)))
    assert (finding.id, finding.severity, finding.evidence) == (
        "log-window-short",
        "info",
        ("the log of a begins at 2026-11-24T09:00:00Z",),
    )
    assert finding.text.startswith("A log does not reach back as far as ampora_log_window asks")
    assert judge(logs(short=("a", "b")))[0].text.startswith("2 logs do not")


def test_in_use_and_removed_by_the_notes() -> None:
    (finding,) = judge_removals(logs(line(), line()), said(), CURRENT, TARGET)
    assert (finding.id, finding.severity) == ("deprecated-in-use-removed", "block")
    assert finding.text == (
        '"OpAmp:LegacyHeartbeat" is removed in 2.0.0, and the logs show it in use (2 times). Use OpAmp:HeartbeatWindowSeconds instead.'
        " Stop using it, then plan again."
    )
    assert finding.evidence[1].startswith("2.0.0.md:5 [Removals]")


def test_in_use_and_removed_by_the_warnings_own_words() -> None:
    (finding,) = judge_removals(logs(line()), [], CURRENT, TARGET)
    assert '"OpAmp:LegacyHeartbeat" is removed in 2.0.0, as the warning itself says' in finding.text
    assert judge_removals(logs(line(RemovedIn="1.6.0")), [], CURRENT, TARGET) == []
    assert judge_removals(logs(line(RemovedIn="2.1")), [], CURRENT, TARGET) == []
    assert len(judge_removals(logs(line(RemovedIn="1.7")), [], CURRENT, TARGET)) == 1


@pytest.mark.parametrize(
    ("removed", "feature", "hit"),
    [
        ("`OpAmp__LegacyHeartbeat`", "OpAmp:LegacyHeartbeat", True),
        ("the section `OpAmp`: `OpAmp:LegacyHeartbeat`", "OpAmp:LegacyHeartbeat", True),
        ("`GET /api/old`", "GET /api/old", True),
        ("`GET /api/agents/{id}`", "GET /api/agents/ada", True),
        ("`/api/agents/{id}/x`", "GET /api/agents/42/x", True),
        ("`GET /api/agents/{id}`", "GET /api/agents/ada/x", False),
        ("`OpAmp:Legacy:Beat`", "OpAmp:Legacy", True),
        ("`OpAmp:Other`", "OpAmp:LegacyHeartbeat", False),
        ("`OpAmp:HeartbeatWindowSeconds`", "OpAmp:LegacyHeartbeat", False),
    ],
)
def test_the_same_thing_in_another_spelling(removed: str, feature: str, hit: bool) -> None:
    notes = said(f"# 2.0.0\n\n## Removals\n\n- {removed} is removed.\n")
    assert bool(judge_removals(logs(line(Key=feature, RemovedIn="9.0.0")), notes, CURRENT, TARGET)) is hit


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("24h", 86400),
        ("0", 0),
        (" 0 ", 0),
        ("90m", 5400),
        ("7d", 604800),
        ("1d12h", 129600),
        ("1h 30m", 5400),
        ("10s", 10),
        ("90d", 7776000),
    ],
)
def test_a_window(text: str, seconds: int) -> None:
    assert window_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "24", "h", "1w", "-1h", "91d", "90d1s", "1m1h", "0h"])
def test_no_window(text: str) -> None:
    with pytest.raises(UpgradeError, match=r'^ampora_log_window is ".*", which is nothing such as 90m') as error:
        window_seconds(text)
    assert str(error.value).endswith('Next: Set ampora_log_window, e.g. "24h", or "0" to leave the logs out.')


@pytest.mark.parametrize("missing", ["level", "category", "message"])
def test_a_warning_without_one_of_its_parts_is_not_counted(missing: str) -> None:
    found = tally(line(**{missing: "", "note": "deprecated"}))
    assert (found.uses, found.unread) == ({}, 1)


def test_three_features_are_all_of_them() -> None:
    (found,) = judge(logs(*(line(Key=f"A:{name}") for name in "BCD")))
    assert 'in use: "A:B", "A:C", "A:D". Plan' in found.text
    (found,) = judge(logs(*(line(Key=f"A:{name}") for name in "BCDE")))
    assert 'in use: "A:B", "A:C", "A:D" and 1 more. Plan' in found.text


@pytest.mark.parametrize(
    ("removed_in", "current", "target", "fires"),
    [
        ("1.5.1", "1.5.0", "1.5.1", True),
        ("1.5.1", "1.5.1", "1.5.2", False),
        ("1.5.1", "1.4.9", "1.5.0", False),
        ("1.5", "1.4.9", "1.5.0", True),
        ("1.5", "1.5.0", "1.5.1", False),
        ("v2", "1.9.0", "2.0.0", True),
        ("v2", "2.0.0", "2.1.0", False),
        ("v2", "1.8.0", "1.9.0", False),
    ],
)
def test_the_hop_that_a_warning_names(removed_in: str, current: str, target: str, fires: bool) -> None:
    warned = logs(line(message=f"Key A:B is deprecated and will be removed in {removed_in}", Key="A:B"))
    found = judge_removals(warned, [], semver.Version.parse(current), semver.Version.parse(target))
    assert [one.id for one in found] == (["deprecated-in-use-removed"] if fires else [])


def test_a_longer_address_is_another_endpoint() -> None:
    warned = logs(line(message="Endpoint /api/v1/agents is deprecated", Key="", Endpoint="/api/v1/agents"))
    gone = said("## Removals\n\n- `GET /api/v1/agents/{id}`\n")
    assert judge_removals(warned, gone, semver.Version(1, 9), semver.Version(2)) == []


def test_the_first_line_that_cannot_be_read_is_the_example() -> None:
    assert tally(b"first is deprecated", b"second is deprecated").example == "first is deprecated"


def test_a_window_of_minutes_and_seconds() -> None:
    assert window_seconds("1m30s") == 90


def test_five_hundred_features_are_told_apart() -> None:
    assert MOST_FEATURES == 500


def test_twenty_features_are_described_and_the_rest_counted() -> None:
    for count, length, last in ((20, 20, '"A:B19"'), (21, 21, "and 1 more warnings")):
        (finding,) = judge(logs(*(line(Key=f"A:B{number:02}") for number in range(count))))
        assert (len(finding.evidence), finding.evidence[-1].split(": ")[0]) == (length, last)


def test_twenty_short_logs_are_named() -> None:
    (finding,) = judge(logs(short=tuple(f"pod {number}" for number in range(21))))
    assert (len(finding.evidence), finding.evidence[-1]) == (20, "pod 19")


def test_a_feature_and_an_example_have_two_hundred_characters() -> None:
    assert list(tally(line(Key="k" * 300)).uses) == ["k" * 200]
    assert tally(b"deprecated " + b"x" * 300).example == "deprecated " + "x" * 189


@pytest.mark.parametrize("category", ["AMPORA", "ampora.api", "Ampora.A\nB"])
def test_a_category_of_the_product_in_any_case(category: str) -> None:
    assert list(tally(line(category=category)).uses) == ["OpAmp:LegacyHeartbeat"]


@pytest.mark.parametrize(("length", "cut"), [(160, False), (161, True)])
def test_a_message_is_shown_in_160_characters(length: int, cut: bool) -> None:
    message = "deprecated: ".ljust(length, "x")
    (used,) = judge(logs(line(message=message, Key="A:B")))
    assert used.evidence[0].endswith(f'"{message}"') is not cut
    (unread,) = judge(logs(message.encode()))
    assert (unread.evidence == (f'"{message}"',)) is not cut

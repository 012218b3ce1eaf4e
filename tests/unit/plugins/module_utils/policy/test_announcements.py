# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What sentences as they stand in real release notes announce of which key."""

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.announcements import Announcement, adrs, announcements
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.doubles.note_items import item

WORDS = [
    "removed",
    "renamed",
    "to",
    "OpAmp:Window",
    "DISPATCH__BACKPLANE",
    "default",
    "is",
    "required",
    ",",
    ". ",
    "5",
    "new",
    "use",
    "instead",
    "`",
    "no",
    "not",
    "and",
]


def announced(text: str, kind: str = "other", section: str = "") -> list[Announcement]:
    return announcements([item(text, kind, section)], "1.5.0")


def short(found: list[Announcement]) -> list[str]:
    """what name [> replacement] [= default] [!] [@ removal version]"""
    return [
        f"{a.what} {a.name}"
        + (f" > {a.replacement}" if a.replacement else "")
        + (f" = {a.default}" if a.default else "")
        + (" !" if a.mandatory else "")
        + (f" @{a.removal_version}" if a.removal_version else "")
        for a in found
    ]


SAID: list[tuple[str, str, list[str]]] = [
    # removals
    ("removals", "`Telemetry:Sampling`", ["removed Telemetry:Sampling"]),
    ("removals", "`Telemetry:Sampling` (deprecated since 1.3.0)", ["removed Telemetry:Sampling"]),
    ("removals", "The deprecated key `Telemetry:Sampling` is gone.", ["removed Telemetry:Sampling"]),
    (
        "removals",
        "`Telemetry:Sampling` is gone, use `OpenTelemetry:SamplingRatio` instead.",
        ["removed Telemetry:Sampling > OpenTelemetry:SamplingRatio"],
    ),
    (
        "removals",
        "`Telemetry:Sampling` is gone. Use `OpenTelemetry:SamplingRatio` instead.",
        ["removed Telemetry:Sampling > OpenTelemetry:SamplingRatio"],
    ),
    (
        "removals",
        "`TELEMETRY__SAMPLING`: use `OPENTELEMETRY__SAMPLINGRATIO`.",
        ["removed TELEMETRY__SAMPLING > OPENTELEMETRY__SAMPLINGRATIO"],
    ),
    ("removals", "`GET /api/v1/agents`: use `GET /api/agents`.", ["removed GET /api/v1/agents > GET /api/agents"]),
    ("removals", "Metric `ampora_live_events` dropped.", ["removed ampora_live_events"]),
    ("removals", "Removed `Fleet:A`, `Fleet:B` and `Fleet:C`.", ["removed Fleet:A", "removed Fleet:B", "removed Fleet:C"]),
    ("removals", "`Fleet:A` continues to work.", ["removed Fleet:A"]),
    ("removals", "None.", []),
    ("removals", "Renamed `Fleet:A` -> `Fleet:B`.", ["renamed Fleet:A > Fleet:B"]),
    ("removals", "`Fleet:A` -> `Fleet:B` is new.", ["removed Fleet:A > Fleet:B"]),
    # of several things each by its own words, else by those nearest to it
    ("features", "New: `Fleet:A`.", ["added Fleet:A"]),
    ("features", "`Fleet:A` is new, `Fleet:B`, `Ops:C` is gone.", ["added Fleet:A", "removed Fleet:B", "removed Ops:C"]),
    ("features", "`Fleet:A` is gone, `Fleet:B`, `Ops:C` is new.", ["removed Fleet:A", "added Fleet:B", "added Ops:C"]),
    ("features", "New: `Fleet:A`, `Fleet:B` and `Ops:C`.", ["added Fleet:A", "added Fleet:B", "added Ops:C"]),
    ("features", "The page is faster, and new: `Fleet:B`, `Ops:C` is gone.", ["added Fleet:B", "removed Ops:C"]),
    ("features", "`Fleet:A` was removed. `Fleet:B` is new, use it instead.", ["removed Fleet:A", "added Fleet:B"]),
    (
        "features",
        "`Fleet:A` is gone. `Fleet:B` was renamed to `Fleet:C`. Use `Fleet:D` instead.",
        ["removed Fleet:A", "renamed Fleet:B > Fleet:C"],
    ),
    ("fixes", "`Fleet:A` was removed. Everything else still works.", ["removed Fleet:A"]),
    ("fixes", "`Fleet:A` was renamed. It still works.", ["deprecated Fleet:A"]),
    ("fixes", "`Fleet:A` was renamed. It is a number.", ["renamed Fleet:A"]),
    ("security", "`Fleet:A` was dropped. `Fleet:B` is new, use it instead.", ["removed Fleet:A", "added Fleet:B"]),
    ("removals", "`Fleet:A` -> `Fleet:B`, which is required.", ["removed Fleet:A > Fleet:B"]),
    ("removals", "Renamed `Fleet:A`.", ["renamed Fleet:A"]),
    ("removals", "`Fleet:A` is new.", ["added Fleet:A"]),
    ("migration", "`Fleet:A` -> `Fleet:B` is new.", ["renamed Fleet:A > Fleet:B"]),
    ("migration", "`Fleet:A` -> `Fleet:B`, which is required.", ["renamed Fleet:A > Fleet:B"]),
    ("deprecations", "`Fleet:A` was dropped.", ["removed Fleet:A"]),
    ("other", "`Fleet:A` was removed and `Fleet:B` will be removed in 1.7.", ["removed Fleet:A", "deprecated Fleet:B @1.7"]),
    ("other", "`Fleet:A` is new and `Fleet:B` will be removed in 1.7.", ["added Fleet:A", "deprecated Fleet:B @1.7"]),
    ("fixes", "`Fleet:A`, default: `5`", []),
    ("deprecations", "`Fleet:A`, default: `5`", ["deprecated Fleet:A"]),
    ("features", "New endpoint `GET /api/x`. It is required.", ["added GET /api/x"]),
    ("features", "New metric `ampora_x_y`. It is required.", ["added ampora_x_y"]),
    ("other", "`Fleet:A` was dropped, `Fleet:B`.", ["removed Fleet:A", "removed Fleet:B"]),
    ("other", "`Fleet:A`, dropped `Fleet:B`.", ["removed Fleet:A", "removed Fleet:B"]),
    ("fixes", "Removed the unused key `Fleet:A`.", ["removed Fleet:A"]),
    ("fixes", "The key `Fleet:A` is no longer read.", ["removed Fleet:A"]),
    ("fixes", "`AllowedHosts` is not removed after all.", []),
    ("fixes", "The key `AllowedHosts` no longer has an effect.", ["removed AllowedHosts"]),
    ("fixes", "The `AllowedHosts` setting was dropped.", ["removed AllowedHosts"]),
    ("fixes", "The setting `BlockedHosts` (added in 1.3.0) was dropped.", ["removed BlockedHosts"]),
    ("fixes", "`Fleet:A` is ignored now.", ["removed Fleet:A"]),
    ("fixes", "`Fleet:A` is now ignored.", ["removed Fleet:A"]),
    ("fixes", "`GET /api/v1/agents` answers 404.", ["removed GET /api/v1/agents"]),
    ("fixes", "A crash when `Fleet:A` is removed from the overlay.", []),
    ("fixes", "`Fleet:A` is no longer required.", []),
    ("fixes", "`Fleet:A`, removed in 1.4.1 by mistake, is back.", ["added Fleet:A"]),
    ("fixes", "`Fleet:A` is honoured again.", []),
    ("fixes", "Removed `Fleet:A` and added `Fleet:B`.", ["removed Fleet:A", "added Fleet:B"]),
    ("fixes", "`Fleet:A` and `Fleet:B` were removed, `Fleet:C` was added.", ["removed Fleet:A", "removed Fleet:B", "added Fleet:C"]),
    ("other", "Removed Fleet:A from the settings.", ["removed Fleet:A"]),
    ("other", "Removed AMPORA_LEGACY_MODE.", ["removed AMPORA_LEGACY_MODE"]),
    ("other", "Removed SOME_CONSTANT from the sources.", []),
    ("other", "Removed image:latest from https://host/api/v1/x and reg.example:5000/ampora:1.4.", []),
    ("migration", "**BREAKING**: `DISPATCH__MODE` has been removed.", ["removed DISPATCH__MODE"]),
    ("removals", "`Fleet:A` is gone. Use `FLEET__A` nowhere.", ["removed Fleet:A"]),
    # renames
    ("migration", "Renamed `Fleet:A` to `Fleet:B`.", ["renamed Fleet:A > Fleet:B"]),
    ("migration", "`Fleet:A` was renamed to `Fleet:B`.", ["renamed Fleet:A > Fleet:B"]),
    ("migration", "`Fleet:A` → `Fleet:B`", ["renamed Fleet:A > Fleet:B"]),
    ("migration", "`Fleet:A` -> `Fleet:B`, `Fleet:C` -> `Fleet:D`", ["renamed Fleet:A > Fleet:B", "renamed Fleet:C > Fleet:D"]),
    ("migration", "`Fleet:A` is now called `Fleet:B`.", ["renamed Fleet:A > Fleet:B"]),
    ("migration", "`Fleet:B` replaces `Fleet:A`.", ["renamed Fleet:A > Fleet:B"]),
    ("migration", "`Fleet:B` (formerly `Fleet:A`) takes a list.", ["renamed Fleet:A > Fleet:B"]),
    ("migration", "Use `Fleet:B` instead of `Fleet:A`.", ["renamed Fleet:A > Fleet:B"]),
    ("fixes", "`Fleet:A` was replaced by `Fleet:B`.", ["renamed Fleet:A > Fleet:B"]),
    ("fixes", "Moved `Fleet:A` under `Groups`.", ["renamed Fleet:A"]),
    ("migration", "`Fleet:A` -> `Fleet:B` -> `Fleet:C`", ["renamed Fleet:A > Fleet:C", "renamed Fleet:B > Fleet:C"]),
    ("removals", "`Fleet:A` -> `Fleet:B` -> `Fleet:C`", ["removed Fleet:A > Fleet:C", "removed Fleet:B > Fleet:C"]),
    ("migration", "`Fleet:A` -> `Fleet:B` is `Fleet:C`.", ["renamed Fleet:A > Fleet:B"]),
    # what takes the place of a key is not gone, though no key it is
    ("migration", "`Fleet:A` is replaced by `GET /api/fleet`.", ["renamed Fleet:A"]),
    ("migration", "`GET /api/fleet` replaces `Fleet:A`.", ["renamed Fleet:A"]),
    ("removals", "`Fleet:A` -> `Fleet:B` -> `GET /api/fleet`", ["removed Fleet:A", "removed Fleet:B"]),
    ("migration", "`Fleet:A` -> `GET /api/fleet`", ["renamed Fleet:A"]),
    ("removals", "`Fleet:A`: use `GET /api/fleet`.", ["removed Fleet:A"]),
    ("removals", "`Fleet:A` and `GET /api/fleet`.", ["removed Fleet:A", "removed GET /api/fleet"]),
    # deprecations
    ("deprecations", "`Fleet:A`", ["deprecated Fleet:A"]),
    ("deprecations", "`Fleet:A` will be removed in 1.7.", ["deprecated Fleet:A @1.7"]),
    ("deprecations", "`Fleet:A` is deprecated and will be removed in Ampora 2.", ["deprecated Fleet:A @2"]),
    ("deprecations", "`Fleet:A`: use `Fleet:B`. Scheduled for removal in v2.0.0.", ["deprecated Fleet:A > Fleet:B @2.0.0"]),
    ("deprecations", "`Fleet:A` is deprecated in favour of `Fleet:B`.", ["deprecated Fleet:A > Fleet:B"]),
    ("deprecations", "`Fleet:A` still works.", ["deprecated Fleet:A"]),
    ("features", "`Fleet:A` is deprecated, use `Fleet:B`.", ["deprecated Fleet:A > Fleet:B"]),
    ("removals", "`Fleet:A` will be removed with 2.0.", ["deprecated Fleet:A @2.0"]),
    ("other", "`POST /api/groups` is obsolete.", ["deprecated POST /api/groups"]),
    ("deprecations", "`Fleet:A` was renamed to `Fleet:B`.", ["deprecated Fleet:A > Fleet:B"]),
    ("deprecations", "Renamed `Fleet:A`.", ["deprecated Fleet:A"]),
    ("other", "`Fleet:A` was renamed to `Fleet:B`; the old name still works.", ["deprecated Fleet:A > Fleet:B"]),
    ("other", "`Fleet:A` was renamed to `Fleet:B`, the old name still works until 2.0.", ["deprecated Fleet:A > Fleet:B"]),
    ("other", "`Fleet:A` is now 5 and `Fleet:B` is now 7.", []),
    ("other", "`Fleet:A` is set by `Fleet:B`.", []),
    ("other", "`Fleet:A` was dropped, `Fleet:B` is its successor.", ["removed Fleet:A > Fleet:B"]),
    ("removals", "`Fleet:A`. `Fleet:B` takes its place.", ["removed Fleet:A > Fleet:B"]),
    ("other", "`Fleet:A` was dropped, its successor is `Fleet:B`.", ["removed Fleet:A > Fleet:B"]),
    # additions
    ("features", "New optional key `Fleet:A` (default `30`).", ["added Fleet:A = 30"]),
    ("features", "Added `Fleet:A`, which defaults to `true`.", ["added Fleet:A = true"]),
    ("features", "The window can be set with `Fleet:A`. The default is 90.", ["added Fleet:A = 90"]),
    ("features", "`Fleet:A`: optional.", ["added Fleet:A"]),
    ("features", "`Fleet:A`, default: `0.05`", ["added Fleet:A = 0.05"]),
    ("features", "Agents obey `Fleet:A` everywhere.", []),
    ("features", "New key `Fleet:A`. It is required.", ["added Fleet:A !"]),
    ("features", "New required key `Fleet:A`.", ["added Fleet:A !"]),
    ("features", "New key `Fleet:A`; it must be set before the upgrade.", ["added Fleet:A !"]),
    ("features", "New key `Fleet:A`, not required.", ["added Fleet:A"]),
    ("features", "New key `Fleet:A` without a default.", ["added Fleet:A"]),
    ("features", "New key `Fleet:A`. A restart is required.", ["added Fleet:A"]),
    ("features", "New key `Fleet:A`. Changing it requires a restart.", ["added Fleet:A"]),
    ("features", "Ampora now requires the key `Fleet:A`.", ["required Fleet:A !"]),
    ("features", "New key `Fleet:A`, required only if `Fleet:B` is on.", ["added Fleet:A"]),
    ("features", "New endpoint `GET /api/agents`; it requires a token.", ["added GET /api/agents"]),
    (
        "features",
        "Added `Dispatch:Backplane` / `:RedisConnectionString`.",
        ["added Dispatch:Backplane", "added Dispatch:RedisConnectionString"],
    ),
    # defaults and demands
    ("other", "The default of `Fleet:A` changed from `5` to `7`.", ["changed-default Fleet:A = 7"]),
    ("other", "`Fleet:A` now defaults to `false`.", ["changed-default Fleet:A = false"]),
    ("migration", "`Fleet:A` is now required.", ["required Fleet:A !"]),
    ("migration", "`Fleet:A` must be set.", ["required Fleet:A !"]),
    ("migration", "`Fleet:A` requires that nothing runs when it is optional.", []),
]


@pytest.mark.parametrize(("kind", "text", "expected"), SAID, ids=[text for _kind, text, _expected in SAID])
def test_a_sentence_announces(kind: str, text: str, expected: list[str]) -> None:
    assert short(announced(text, kind)) == expected


def test_each_sentence_is_judged_whatever_form_the_key_has() -> None:
    found = announced("`Fleet:MaxAge`, `FLEET__MAXAGE` and `fleet__maxage` are gone.")
    assert {a.subject for a in found} == {"fleet:maxage"}


@pytest.mark.parametrize(
    ("section", "kind", "text", "expected"),
    [
        ("New configuration keys", "features", "`Fleet:A`: how long", ["added Fleet:A"]),
        ("Renamed keys", "other", "`Fleet:A`", ["renamed Fleet:A"]),
        ("Required keys", "other", "`Fleet:A`", ["added Fleet:A"]),
        ("Notes", "other", "`Fleet:A`", []),
    ],
)
def test_a_heading_says_what_a_list_of_keys_is(section: str, kind: str, text: str, expected: list[str]) -> None:
    assert short(announced(text, kind, section)) == expected


TABLES: list[tuple[str, str, list[str], list[str]]] = [
    (
        "features",
        "New keys",
        ["Key | Default | Required", "`Fleet:A` | `30` | no", "`Fleet:B` | - | yes", "`Fleet:C` | none | ✅"],
        ["added Fleet:A = 30", "added Fleet:B !", "added Fleet:C !"],
    ),
    ("other", "Renamed keys", ["Old | New", "`Fleet:A` | `Fleet:B`"], ["renamed Fleet:A > Fleet:B"]),
    ("other", "Renamed keys", ["New name | Old name", "`Fleet:B` | `Fleet:A`"], ["renamed Fleet:A > Fleet:B"]),
    (
        "removals",
        "Removals",
        ["Key | Use instead", "`Fleet:A` | `Fleet:B`", "`Fleet:C` | -"],
        ["removed Fleet:A > Fleet:B", "removed Fleet:C"],
    ),
    ("removals", "Removals", ["Key | Why", "`Fleet:A` | nobody used it"], ["removed Fleet:A"]),
    ("removals", "Removals", ["`Fleet:A` | `Fleet:B`"], ["removed Fleet:A > Fleet:B"]),
    (
        "other",
        "Configuration",
        ["Key | Change", "`Fleet:A` | removed", "`Fleet:B` | new, default `5`"],
        ["removed Fleet:A", "added Fleet:B = 5"],
    ),
    ("other", "Configuration keys", ["Key | Default", "`Fleet:A` | `5`"], []),
]


@pytest.mark.parametrize("split", [False, True], ids=["a row is an item", "a cell is an item"])
@pytest.mark.parametrize(("kind", "section", "rows", "expected"), TABLES)
def test_a_table_says_it_in_the_heads_of_its_columns(kind: str, section: str, rows: list[str], expected: list[str], split: bool) -> None:
    cells = [(number, cell) for number, row in enumerate(rows) for cell in (row.split(" | ") if split else [row])]
    found = announcements([item(cell, kind, section, line=number) for number, cell in cells], "1.5.0")
    assert short(found) == expected
    assert {announced.item.text for announced in found} <= {row.replace("`", "") for row in rows}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Signed configurations (ADR-0012)", ["ADR-0012"]),
        ("Signed configurations, see ADR 12", ["ADR-12"]),
        ("Federation (ADR-050/051, ADR-049 and ADR-050)", ["ADR-050", "ADR-051", "ADR-049"]),
        ("ADRs 7 and 33", ["ADR-7", "ADR-33"]),
        ("Quadratic 12, RADR-12", []),
    ],
)
def test_features_keep_their_decision_records(text: str, expected: list[str]) -> None:
    found = adrs([item(text, "features")], "1.5.0")
    assert [reference.adr for reference in found] == expected
    assert all(reference.to_dict() == {"adr": reference.adr, "version": "1.5.0", "text": text} for reference in found)


@given(
    st.text() | st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
    st.sampled_from(["removals", "features", "deprecations", "other"]),
)
def test_no_text_breaks_it_and_each_thing_is_announced_once(text: str, kind: str) -> None:
    found = announced(text, kind)
    assert len(set(found)) == len(found)
    assert all(a.name in a.item.text or ":" in a.name for a in found)


def test_an_item_is_read_up_to_its_limit() -> None:
    said = " Removed Fleet:A"
    for length, expected in ((20_000, ["removed Fleet:A"]), (19_999, ["removed Fleet:A"]), (20_001, [])):
        text = "x" * (length - len(said)) + said
        assert short(announced(text)) == expected, length

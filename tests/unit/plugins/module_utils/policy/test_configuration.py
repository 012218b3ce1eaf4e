# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of the notes against the keys that are set: each way of writing them meets each other one."""

from __future__ import annotations

import random

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.announcements import Announcement, announcements
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.configuration import LiveKey, judge
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.doubles.note_items import item

LIVE = [LiveKey("OPAMP__REQUIREMTLS", "ConfigMap ampora-config"), LiveKey("AMPORA_AUTO_MIGRATE", "env of the Deployment ampora-web")]


def announced(text: str, kind: str = "removals", version: str = "1.5.0") -> list[Announcement]:
    return announcements([item(text, kind)], version)


def ids(found: list[Finding]) -> list[str]:
    return [finding.id for finding in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("`OpAmp:RequireMtls`", ["removed-key-in-use"]),
        ("`OpAmp__RequireMtls`", ["removed-key-in-use"]),
        ("`OPAMP__REQUIREMTLS`", ["removed-key-in-use"]),
        ("`OpAmp:*`", ["removed-key-in-use"]),
        ("Removed the key `OpAmp` and all below it.", ["removed-key-in-use"]),
        ("`AMPORA_AUTO_MIGRATE`", ["removed-key-in-use"]),
        ("`OpAmp:RequireMtls:Deep`", ["removed-key-not-set"]),
        ("`OpAmp:Require`", ["removed-key-not-set"]),
        ("`GET /api/agents`", []),
        ("`ampora_opamp_active_sessions`", []),
        ("Renamed `OpAmp:RequireMtls` to `OpAmp:Mtls`.", ["removed-key-in-use"]),
        ("`OpAmp:RequireMtls` will be removed in 2.0.", []),
    ],
)
def test_a_key_that_goes_is_looked_for(text: str, expected: list[str]) -> None:
    assert ids(judge(announced(text), LIVE)) == expected


def test_a_key_in_use_is_named_with_its_places_and_its_successor() -> None:
    live = [*LIVE, LiveKey("OpAmp:RequireMtls", "overlay: ConfigMap files, file appsettings.json")]
    (found,) = judge(announced("Renamed `OpAmp:RequireMtls` to `OpAmp:Mtls`.", "migration"), live)
    assert (found.severity, found.version) == ("block", "1.5.0")
    assert found.text == (
        'The configuration key "OpAmp:RequireMtls" is renamed to OpAmp:Mtls in 1.5.0 and this deployment sets it in 2 places:'
        " set OpAmp:Mtls instead and remove it in the overlay before the upgrade."
    )
    assert found.evidence == (
        "1.5.0.md:1 [Migration] Renamed OpAmp:RequireMtls to OpAmp:Mtls.",
        '"OPAMP__REQUIREMTLS" is set by "ConfigMap ampora-config"',
        '"OpAmp:RequireMtls" is set by "overlay: ConfigMap files, file appsettings.json"',
    )


def test_many_places_are_counted() -> None:
    live = [LiveKey("Fleet:A", f"pod {number}") for number in range(25)]
    (found,) = judge(announced("`Fleet:A`"), live)
    assert "in 25 places: remove it from there in the overlay" in found.text
    assert len(found.evidence) == 22
    assert found.evidence[-1] == "and 5 more places"
    (one,) = judge(announced("`Fleet:A`"), live[:1])
    assert "is removed in 1.5.0 and this deployment sets it in one place: remove it" in one.text


def test_a_key_that_is_not_set_is_information() -> None:
    (found,) = judge(announced("`Fleet:A`"), LIVE)
    assert (found.id, found.severity) == ("removed-key-not-set", "info")
    assert found.text == 'The configuration key "Fleet:A" is removed in 1.5.0; this deployment does not set it.'


def test_one_key_is_one_finding_however_often_it_is_told() -> None:
    told = [*announced("`OpAmp:RequireMtls`"), *announced("Use `OpAmp:Mtls` instead of `OPAMP__REQUIREMTLS`.", "migration")]
    for order in (told, told[::-1]):
        (found,) = judge(order, LIVE)
        assert "set OpAmp:Mtls instead" in found.text


def test_places_that_could_not_be_read_are_said_only_when_it_matters() -> None:
    found = judge(announced("`Fleet:A`"), LIVE, ["ConfigMap files, file a.json"])
    assert ids(found) == ["removed-key-not-set", "configuration-unread"]
    assert found[1].evidence == ("ConfigMap files, file a.json",)
    assert found[1].text.startswith("The keys of one place could not be read")
    assert judge(announced("`Fleet:A`"), LIVE, ["a", "b"])[1].text.startswith("The keys of 2 places could not be read")
    assert ids(judge(announced("`OpAmp:RequireMtls`"), LIVE, ["a"])) == ["removed-key-in-use"]
    assert judge([], LIVE, ["a"]) == []


def test_new_keys_are_listed_with_their_defaults() -> None:
    text = "New optional keys `Fleet:A` (default `30`). Added `Fleet:B`."
    found = judge(announced(text, "features"), LIVE)
    assert ids(found) == ["new-keys"]
    assert found[0].severity == "info"
    assert found[0].text == "1.5.0 has 2 new optional configuration keys; nothing needs to be done."
    assert [line.partition(": 1.5.0.md")[0] for line in found[0].evidence] == ['"Fleet:A", default "30"', '"Fleet:B", default not stated']
    assert judge(announced("New key `Fleet:A`.", "features"), LIVE)[0].text.startswith("1.5.0 has one new optional configuration key;")


def test_each_version_lists_its_own() -> None:
    both = [*announced("New key `Fleet:A`.", "features"), *announced("New key `Fleet:B`.", "features", "1.5.1")]
    assert [finding.version for finding in judge(both, [])] == ["1.5.0", "1.5.1"]


def test_a_required_key_must_be_set_or_be_accounted_for() -> None:
    (found,) = judge(announced("New required key `Fleet:A`.", "features"), LIVE)
    assert (found.id, found.severity, found.version) == ("required-key-not-set", "ack", "1.5.0")
    assert 'set it in the overlay, or set ack-1.5.0-required-key-not-set: "true" in ampora_acks' in found.text
    assert judge(announced("`OpAmp:RequireMtls` is now required.", "migration"), LIVE) == []
    assert ids(judge(announced("`Fleet:A` must be set.", "migration"), LIVE, ["x"])) == ["required-key-not-set", "configuration-unread"]


NAMES = st.sampled_from(["OpAmp:A", "OPAMP__A", "Fleet:B", "AMPORA_C", "Fleet"])
SENTENCES = st.sampled_from(["`{}` is gone.", "New key `{}`.", "New required key `{}`.", "`{}` is deprecated."])


@given(st.lists(st.tuples(SENTENCES, NAMES), max_size=6), st.lists(NAMES, max_size=4), st.randoms(use_true_random=False))
def test_order_does_not_matter_and_no_value_is_needed(told: list[tuple[str, str]], names: list[str], chance: random.Random) -> None:
    said = [each for sentence, name in told for each in announced(sentence.format(name), "other")]
    live = [LiveKey(name, f"place of {name}") for name in names]
    found = judge(said, live)
    chance.shuffle(live)
    assert sorted(ids(judge(said[::-1], live))) == sorted(ids(found))


def test_places_that_could_not_be_read_belong_to_the_last_version_of_the_hop() -> None:
    said = [*announced("`Fleet:A`", version="1.5.0"), *announced("`Fleet:B`", version="1.5.1")]
    found = judge(said, LIVE, ["ConfigMap other"])
    assert [(one.id, one.version) for one in found if one.id == "configuration-unread"] == [("configuration-unread", "1.5.1")]


@pytest.mark.parametrize(
    ("told", "instead"),
    [
        (("`OpAmp:RequireMtls`", "`OpAmp:RequireMtls` was renamed to `OpAmp:Tls`."), "OpAmp:Tls"),
        (("`OpAmp:RequireMtls` was renamed to `OpAmp:Tls`.", "`OpAmp:RequireMtls`"), "OpAmp:Tls"),
        (("`OpAmp:RequireMtls` was renamed to `OpAmp:Tls`.", "`OpAmp:RequireMtls` was renamed to `OpAmp:Mtls`."), "OpAmp:Tls"),
    ],
)
def test_of_a_removal_told_twice_the_first_that_names_what_to_set_counts(told: tuple[str, str], instead: str) -> None:
    (found,) = judge([one for text in told for one in announced(text)], LIVE)
    assert f"set {instead} instead" in found.text


@pytest.mark.parametrize(
    ("count", "words", "last"), [(1, "one place", 1), (2, "2 places", 2), (20, "20 places", 20), (21, "21 places", 20)]
)
def test_places_that_could_not_be_read_are_counted_and_twenty_named(count: int, words: str, last: int) -> None:
    found = judge(announced("`Fleet:A`"), [], [f"pod {number}" for number in range(count)])
    assert ids(found) == ["removed-key-not-set", "configuration-unread"]
    assert found[1].text.startswith(f"The keys of {words} could not be read")
    assert found[1].evidence == tuple(f"pod {number}" for number in range(last))


def test_twenty_places_of_a_key_are_all_of_them() -> None:
    (found,) = judge(announced("`Fleet:A`"), [LiveKey("Fleet:A", f"pod {number}") for number in range(20)])
    assert len(found.evidence) == 21 and found.evidence[-1] == '"Fleet:A" is set by "pod 19"'


def test_a_hundred_new_keys_are_named_and_all_are_counted() -> None:
    (found,) = judge([one for number in range(101) for one in announced(f"New key `Fleet:A{number}`.", "features")], [])
    assert found.text.startswith("1.5.0 has 101 new optional configuration keys")
    assert (len(found.evidence), found.evidence[-1].split(",")[0]) == (100, '"Fleet:A99"')


def test_only_what_was_added_is_new() -> None:
    assert judge(announced("`Fleet:A` now defaults to `false`.", "other"), []) == []
    assert judge(announced("`Fleet:A` is deprecated.", "other"), []) == []


def test_a_key_that_is_removed_is_not_renamed_to_its_successor() -> None:
    (found,) = judge(announced("`Fleet:A`: use `Fleet:B`."), [LiveKey("Fleet:A", "pod")])
    assert found.text == (
        'The configuration key "Fleet:A" is removed in 1.5.0 and this deployment sets it in one place: set Fleet:B instead and remove it'
        " in the overlay before the upgrade."
    )


@pytest.mark.parametrize(("length", "cut"), [(200, False), (201, True)])
def test_a_place_is_shown_in_two_hundred_characters(length: int, cut: bool) -> None:
    (found,) = judge(announced("`Fleet:A`"), [LiveKey("Fleet:A", "p" * length)])
    assert (f'"{"p" * length}"' in found.evidence[1]) is not cut

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is recognised as a key, an endpoint or a metric, and which spellings are the same thing."""

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.subjects import (
    Subject,
    covers,
    covers_key,
    find,
    normal_endpoint,
    normal_key,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.doubles.note_items import item

FOUND: list[tuple[str, list[str]]] = [
    ("`Ampora:Telemetry:Sampling`", ["key ampora:telemetry:sampling"]),
    ("`AMPORA__TELEMETRY__SAMPLING`.", ["key ampora:telemetry:sampling"]),
    ("`Logging:LogLevel:Microsoft.AspNetCore`", ["key logging:loglevel:microsoft.aspnetcore"]),
    ("`Agents:0:Name`, `Agents:*:Name`, `Agents:{id}:Name`", ["key agents:0:name", "key agents:*:name", "key agents:{id}:name"]),
    ("Set Ampora:Telemetry:Sampling.", ["key ampora:telemetry:sampling"]),
    ("Note:this Warning:it is 12:30 at `localhost:8080`", []),
    ("`ampora:role` and `sha256:abc`", []),
    ("`reg.example/ampora/ampora-web:1.4.2` `image:tag` `Image:1.4`", []),
    ("`AMPORA_AUTO_MIGRATE`", ["key ampora_auto_migrate"]),
    ("AMPORA_AUTO_MIGRATE=1", ["key ampora_auto_migrate"]),
    ("`LEGACY_MODE`", ["key legacy_mode"]),
    ("LEGACY_MODE", []),
    ("`__EFMigrationsHistory` `AMPORA_`", []),
    ("`AMPORA__`", []),
    ("`ampora_opamp_active_sessions`", ["metric ampora_opamp_active_sessions"]),
    ("the setting `AllowedHosts`", ["key allowedhosts"]),
    ("the `AllowedHosts` configuration key", ["key allowedhosts"]),
    ("the class `AllowedHosts`", []),
    ("the setting AllowedHosts", []),
    ("`Dispatch:Backplane` / `:RedisConnectionString`", ["key dispatch:backplane", "key dispatch:redisconnectionstring"]),
    ("`:Lonely`", []),
    ("`:Lonely` and `Fleet:A`", ["key fleet:a"]),
    ("`GET /api/v1/agents/{id}`", ["endpoint get /api/v1/agents/{}"]),
    ("`GET /api/agents/:id`", ["endpoint get /api/agents/{}"]),
    ("`GET|POST /api/groups/`.", ["endpoint get|post /api/groups"]),
    ("`DELETE /tmp/x`", ["endpoint delete /tmp/x"]),
    ("the agents of /v1/opamp.", ["endpoint /v1/opamp"]),
    ("`/tmp/x`, `/etc/ampora`, and/or `https://host/api/agents`, `wss://HOST/v1/opamp`", []),
    ("`/health/live` and `/metrics`", ["endpoint /health/live", "endpoint /metrics"]),
    ("/apiary", []),
]


@pytest.mark.parametrize(("text", "expected"), FOUND, ids=[text for text, _expected in FOUND])
def test_things_are_recognised_by_their_form(text: str, expected: list[str]) -> None:
    line = item(text)
    assert [f"{subject.kind} {subject.key}" for subject in find(line.text, line.open)] == expected


@pytest.mark.parametrize(
    ("kind", "named", "other", "expected"),
    [
        ("key", "fleet", "fleet:a", True),
        ("key", "fleet:a", "fleet", False),
        ("key", "fleet:a", "fleet:ab", False),
        ("key", "fleet:*:a", "fleet:0:a", True),
        ("key", "fleet:{id}:a", "fleet:0:b", False),
        ("key", "", "fleet", False),
        ("endpoint", "get /a", "get /a", True),
        ("endpoint", "get|post /a", "post /a", True),
        ("endpoint", "/a", "post /a", True),
        ("endpoint", "post /a", "/a", True),
        ("endpoint", "get /a", "post /a", False),
        ("endpoint", "get /a", "get /a/b", False),
        ("metric", "ampora_a", "ampora_a", True),
        ("metric", "ampora_a", "ampora_a_b", False),
        ("metric", "ampora_a_b", "ampora_a", False),
    ],
)
def test_what_is_said_of_one_is_said_of_another(kind: str, named: str, other: str, expected: bool) -> None:
    assert covers(Subject(kind, named, named), Subject(kind, other, other)) is expected  # type: ignore[arg-type]


def test_different_kinds_have_nothing_in_common() -> None:
    assert not covers(Subject("key", "a", "a"), Subject("metric", "a", "a"))


@given(st.text() | st.lists(st.sampled_from(["Fleet", "__", ":", "_", "A", " ", "ı", "İ"])).map("".join))
def test_a_comparable_form_is_its_own_comparable_form(name: str) -> None:
    key, endpoint = normal_key(name), normal_endpoint(name)
    assert normal_key(key) == key
    assert normal_endpoint(endpoint) == endpoint


@given(st.lists(st.sampled_from(["GET", "POST", "|", " ", "/", "api", "{id}", "{", "}", ":x", "*", ".", "?", "<a>"])).map("".join))
def test_an_endpoint_is_its_own_comparable_form(name: str) -> None:
    assert normal_endpoint(normal_endpoint(name)) == normal_endpoint(name)


@given(st.lists(st.from_regex(r"[A-Z][a-z]{1,5}", fullmatch=True), min_size=2, max_size=4))
def test_the_three_spellings_meet(segments: list[str]) -> None:
    spelt = {":".join(segments), "__".join(segments), "__".join(segments).upper()}
    assert len({normal_key(name) for name in spelt}) == 1
    for name in spelt:
        line = item(f"Removed `{name}`.")
        assert [subject.key for subject in find(line.text, line.open)] == [normal_key(name)]
        assert covers_key(normal_key(segments[0]), normal_key(name))


@given(st.text())
def test_things_do_not_overlap(text: str) -> None:
    found = find(text, "")
    assert all(first.end <= second.start for first, second in zip(found, found[1:], strict=False))


def test_where_a_thing_stands() -> None:
    text = "Removed GET /api/agents/{id}. and Fleet:A, ampora_sessions; the setting AllowedHosts: :Other is new"
    found = find(text, "")
    assert [text[one.start : one.end] for one in found] == ["GET /api/agents/{id}", "Fleet:A", "ampora_sessions", "AllowedHosts", ":Other"]
    assert [one.name for one in found] == ["GET /api/agents/{id}", "Fleet:A", "ampora_sessions", "AllowedHosts", "Fleet:Other"]


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("/api/a b", "/api/ab"),
        ("GET", "get"),
        ("GET ", "get"),
        ("get /api/A", "get /api/a"),
        ("PUT|GET /a", "get|put /a"),
        ("/a/{x}/", "/a/{}"),
    ],
)
def test_an_endpoint_is_compared_by_method_and_path(written: str, compared: str) -> None:
    assert normal_endpoint(written) == compared

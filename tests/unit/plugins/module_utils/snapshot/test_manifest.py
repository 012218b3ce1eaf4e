# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import SNAPSHOT_METHODS
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import RUN_ID
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import (
    CONSISTENCIES,
    LOCATIONS,
    PROOFS,
    Manifest,
    check_master_key,
    judge,
    key_fingerprint,
)
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

SCHEMA = json.loads((Path(__file__).parents[5] / "docs" / "schemas" / "snapshot.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
RUN = "20261122t2140z-ab12cd"
MANIFEST = Manifest(
    id=RUN,
    run=RUN,
    deployment={"namespace": "ampora", "name": "ampora-web"},
    app={"version": "1.4.2", "digest": "sha256:" + "a" * 64},
    migrations=("1_first", "2_second"),
    rows={"agents": 200},
    watermark={"lsn": "0/16B3748", "taken_at": "2026-11-22T21:40:00Z"},
    server_version=170004,
    client_version=170004,
    files={"dump/toc.dat": {"sha256": "b" * 64, "size": 12}},
    size=12,
    key_fingerprint="0123456789abcdef",
    started_at=NOW,
    ended_at=NOW,
    method="job",
    proof="decoded",
    location={"claim": "ampora-snapshots", "path": RUN},
    database_size=7_000_000,
    consistency="transaction",
    seconds={"take": 2.0, "proof": 0.5},
)
FITS: dict[str, Any] = {"deployment": MANIFEST.deployment, "app_version": "1.4.2", "key_fingerprint": MANIFEST.key_fingerprint}


TOOL = {"snapshot": RUN, "tool_id": "full-7", "label": "nightly", "restores": "database"}
ELSEWHERE = (
    *(("job", {"claim": "c"}, "path", wrong) for wrong in (f"../{RUN}", f"{RUN}/..", ".", "", "20261121t2140z-ab12cd")),
    *(("local", {"host": "h"}, "directory", wrong) for wrong in ("/home", f"/srv/../{RUN}", "/")),
    *(("local", {"endpoint": "e", "bucket": "b"}, "prefix", wrong) for wrong in ("", "ampora", f"{RUN}-x")),
    *(("command", TOOL, "snapshot", wrong) for wrong in ("", "--all")),
    *(("command", TOOL, "tool_id", wrong) for wrong in ("--all", "a b", "../a")),
)


def changed(**fields: object) -> str:
    return json.dumps(json.loads(MANIFEST.to_json()) | fields)


def test_round_trip() -> None:
    assert Manifest.from_json(MANIFEST.to_json()) == MANIFEST


@given(
    rows=st.dictionaries(st.text(), st.integers(min_value=0)),
    migrations=st.lists(st.text()).map(tuple),
    moment=st.datetimes(timezones=st.just(UTC)),
    proof=st.sampled_from(["none", "decoded", "restored"]),
)
def test_round_trip_of_any(rows: dict[str, int], migrations: tuple[str, ...], moment: datetime, proof: str) -> None:
    manifest = replace(MANIFEST, rows=rows, migrations=migrations, started_at=moment, proof=proof)
    assert Manifest.from_json(manifest.to_json()) == manifest


@pytest.mark.parametrize("name", sorted(json.loads(MANIFEST.to_json())))
def test_every_field_is_required(name: str) -> None:
    fields = json.loads(MANIFEST.to_json())
    del fields[name]
    with pytest.raises(UpgradeError, match=f"{name} is missing"):
        Manifest.from_json(json.dumps(fields))


@pytest.mark.parametrize("name", sorted(json.loads(MANIFEST.to_json())))
def test_every_field_has_its_type(name: str) -> None:
    with pytest.raises(UpgradeError, match=f"{name} (must be|is)"):
        Manifest.from_json(changed(**{name: True}))


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"format": 3}, "its format is 3 and this collection reads the formats 1 to 2"),
        ({"method": "tape"}, "method is 'tape' and must be one of job"),
        ({"location": {"claim": "c"}}, "location must have claim and path, and has claim"),
        ({"id": "../another"}, 'id is "../another" and no name of a run, such as 20261122t2140z-ab12cd'),
        ({"run": ""}, 'run is "" and no name of a run'),
        *(
            ({"method": method, "location": {**place, name: wrong}}, f'location.{name} is "{wrong}" and no place of the snapshot {RUN}')
            for method, place, name, wrong in ELSEWHERE
        ),
        ({"seconds": {"take": -1}}, "seconds.take must not be negative"),
        ({"files": {"../secret": {"sha256": "b" * 64, "size": 1}}}, "leads out of the snapshot"),
        ({"files": {"/etc/passwd": {"sha256": "b" * 64, "size": 1}}}, "leads out of the snapshot"),
        ({"files": {"a": {"sha256": "b" * 63, "size": 1}}}, "files.a.sha256 must be 64 hexadecimal digits"),
        ({"files": {"a": {"sha256": "b" * 64, "size": -1}}}, "files.a.size must be a whole number of bytes"),
        ({"files": {"a": {"size": 1}}}, "files.a must have sha256 and size"),
        ({"rows": {"agents": -1}}, "rows.agents must not be negative"),
        ({"rows": {"agents": 1.5}}, "rows.agents must be a whole number"),
        ({"migrations": ["1", 2]}, "migrations must be a list of texts"),
        ({"app": {"version": "1.4.2"}}, "app must have version and digest, and has version"),
        ({"started_at": "now"}, "started_at must be a time"),
    ],
)
def test_refuses(fields: dict[str, object], problem: str) -> None:
    with pytest.raises(UpgradeError) as caught:
        Manifest.from_json(changed(**fields))
    assert problem in caught.value.message
    assert caught.value.next_step


@pytest.mark.parametrize("watermark", [{"lsn": "0/1", "taken_at": "t"}, {"lsn": "0/1", "taken_at": "t", "audit_id": "7", "audit_at": "u"}])
def test_a_watermark_may_name_the_newest_audit_row(watermark: dict[str, str]) -> None:
    assert Manifest.from_json(changed(watermark=watermark)).watermark == watermark


def test_the_published_schema() -> None:
    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(json.loads(MANIFEST.to_json()))
    assert set(SCHEMA["required"]) == set(SCHEMA["properties"]) == set(json.loads(MANIFEST.to_json()))
    assert SCHEMA["properties"]["method"]["enum"] == list(LOCATIONS) == list(SNAPSHOT_METHODS)
    assert {SCHEMA["properties"][name]["pattern"] for name in ("id", "run")} == {f"^{RUN_ID.pattern}$"}
    assert SCHEMA["properties"]["proof"]["enum"] == list(PROOFS)
    assert SCHEMA["properties"]["consistency"]["enum"] == list(CONSISTENCIES)
    forms = [tuple(form["required"]) for form in SCHEMA["properties"]["location"]["oneOf"]]
    assert forms == [form for forms in LOCATIONS.values() for form in forms]


def test_a_manifest_of_the_first_format_is_read() -> None:
    fields = json.loads(MANIFEST.to_json()) | {"format": 1}
    for name in ("database_size", "consistency", "seconds", "throughput"):
        del fields[name]
    assert Manifest.from_json(json.dumps(fields)) == replace(MANIFEST, database_size=0, seconds={})


@pytest.mark.parametrize(("seconds", "throughput"), [({"take": 2.0}, 3_500_000), ({"take": 0.0}, 0), ({}, 0)])
def test_throughput(seconds: dict[str, float], throughput: int) -> None:
    assert replace(MANIFEST, seconds=seconds).throughput == throughput


@pytest.mark.parametrize("text", ["", "{", MANIFEST.to_json()[:200], "[" * 100_000, " " * (16 * 1024 * 1024 + 1)])
def test_refuses_what_is_not_json(text: str) -> None:
    with pytest.raises(UpgradeError, match="manifest"):
        Manifest.from_json(text)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_any_json_is_refused_in_words(value: object) -> None:
    with pytest.raises(UpgradeError):
        Manifest.from_json(json.dumps(value))


@pytest.mark.parametrize(
    ("manifest", "facts", "reasons"),
    [
        (MANIFEST, {}, []),
        (replace(MANIFEST, proof="restored"), {}, []),
        (MANIFEST, {"deployment": {"namespace": "other", "name": "ampora-web"}}, ["is of ampora/ampora-web and not of other/ampora-web"]),
        (MANIFEST, {"app_version": "1.4.3"}, ["is of version 1.4.2 and not of 1.4.3"]),
        (MANIFEST, {"app_version": ""}, ["not of a known version"]),
        (replace(MANIFEST, proof="none"), {}, ["never decoded in full"]),
        (replace(MANIFEST, method="command", location={"restores": "cluster"}), {}, ["restores whole clusters only"]),
        (replace(MANIFEST, method="command", location={"restores": "database"}, proof="verified"), {}, []),
        (MANIFEST, {"key_fingerprint": "f" * 16}, ["another master key"]),
        (MANIFEST, {"key_fingerprint": ""}, ["not known whether the master key"]),
        (replace(MANIFEST, key_fingerprint=""), {}, ["not known whether the master key"]),
        (replace(MANIFEST, key_fingerprint=""), {"key_fingerprint": ""}, []),
        (MANIFEST, {"recorded": MANIFEST.sha256}, []),
        (replace(MANIFEST, rows={"agents": 199}), {"recorded": MANIFEST.sha256}, ["was changed after the snapshot was taken"]),
        (replace(MANIFEST, proof="none"), {"app_version": "2.0.0", "key_fingerprint": "f" * 16}, ["version", "decoded", "master key"]),
    ],
)
def test_judge(manifest: Manifest, facts: dict[str, Any], reasons: list[str]) -> None:
    found = judge(manifest, **(FITS | facts))
    assert len(found) == len(reasons)
    for reason, part in zip(found, reasons, strict=True):
        assert part in reason


def test_key_fingerprint_is_a_short_mac() -> None:
    # HMAC-SHA256 of "salt" under 32 zero bytes, by another implementation (openssl dgst -mac HMAC).
    assert key_fingerprint(bytes(32), "salt") == "f8f8ac8a762266c2"


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.text())
def test_fingerprints_tell_keys_apart(key: bytes, other: bytes, salt: str) -> None:
    assert (key_fingerprint(key, salt) == key_fingerprint(other, salt)) is (key == other)
    assert key.hex()[:16] != key_fingerprint(key, salt)


@given(st.binary(min_size=32, max_size=32))
def test_master_key_is_read(key: bytes) -> None:
    assert check_master_key(base64.b64encode(key).decode() + "\n", "Secret x") == key


@given(st.binary(min_size=4, max_size=64).filter(lambda key: len(key) != 32))
def test_master_key_of_another_length_is_refused_without_its_value(key: bytes) -> None:
    text = base64.b64encode(key).decode()
    with pytest.raises(UpgradeError, match=f"from Secret x cannot be used: it has {len(key)} bytes and must have 32") as caught:
        check_master_key(text, "Secret x")
    assert text not in str(caught.value)


@pytest.mark.parametrize("text", ["not base64!", "AAAA=AAAA", "ключ"])
def test_master_key_that_is_not_base64(text: str) -> None:
    with pytest.raises(UpgradeError, match="it is not base64") as caught:
        check_master_key(text, "Secret x")
    assert caught.value.__cause__ is None
    assert text not in str(caught.value)

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.keys.encrypted import (
    SUFFIXES,
    EncryptedField,
    Outcome,
    Trial,
    find_fields,
    judge,
)

KEY, PEER = EncryptedField("public", "ca_signing_keys", "private_key"), EncryptedField("fleet", "peers", "secret")
COLUMNS = [
    *((field.schema, field.table, column) for field in (KEY, PEER) for column in field.columns),
    ("public", "ca_signing_keys", "id"),
    ("public", "half", "secret_encrypted"),
    ("public", "half", "secret_nonce"),
    ("public", "half", "secret_tag"),
    ("other", "half", "secret_scheme"),
]


@pytest.mark.parametrize(
    ("table", "column", "expected"),
    [
        ("", "", [PEER, KEY]),
        ("ca_signing_keys", "", [KEY]),
        ("public.ca_signing_keys", "private_key", [KEY]),
        ("peers", "secret_encrypted", [PEER]),
        ("public.peers", "", []),
        ("", "none", []),
    ],
)
def test_fields_are_known_by_their_four_columns(table: str, column: str, expected: list[EncryptedField]) -> None:
    assert find_fields(COLUMNS, table, column) == expected


@pytest.mark.parametrize("ending", SUFFIXES)
def test_three_columns_are_no_field(ending: str) -> None:
    assert find_fields([column for column in COLUMNS if not (column[1] == "peers" and column[2].endswith(ending))]) == [KEY]


@pytest.mark.parametrize(
    ("outcomes", "state", "words"),
    [
        ([], "nothing", "No encrypted value was found"),
        (["empty", "empty"], "nothing", "No encrypted value was found"),
        (["fits", "empty"], "proven", "decrypts public.ca_signing_keys.private_key"),
        (["fits", "unknown scheme"], "proven", "decrypts public.ca_signing_keys.private_key"),
        (["fits", "wrong"], "wrong", "does not decrypt fleet.peers.secret:"),
        (["wrong", "unknown scheme"], "wrong", "does not decrypt public.ca_signing_keys.private_key:"),
        (["unknown scheme", "empty"], "unknown", "public.ca_signing_keys.private_key has the scheme kms, which ampora_key_canary lacks"),
    ],
)
def test_the_verdict(outcomes: list[Outcome], state: str, words: str) -> None:
    proof = judge([Trial(field, outcome, "kms") for field, outcome in zip((KEY, PEER), outcomes, strict=False)], "Secret s")
    assert proof.state == state
    assert words in proof.text and "Secret s" in proof.text

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries a master key on the encrypted values of a database; what it decrypts is thrown away at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from psycopg import sql
except ImportError:  # cryptography comes with ansible-core; psycopg is named by the action base before anything else happens
    pass

from ansible_collections.ampora.upgrades.plugins.module_utils.keys.encrypted import EncryptedField, Proof, Trial, find_fields, judge
from ansible_collections.ampora.upgrades.plugins.module_utils.keys.key import Key
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database

_COLUMNS = """SELECT c.table_schema, c.table_name, c.column_name FROM information_schema.columns c
  JOIN information_schema.tables t USING (table_schema, table_name)
  WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')"""
# The newest rows have no order that is documented: any row that has a value will do.
_VALUE = "SELECT {encrypted}, {nonce}, {tag}, {scheme}::text FROM {table} WHERE {encrypted} IS NOT NULL LIMIT 1"


def try_key(database: Database, key: Key, canary: Mapping[str, Any]) -> Proof:
    """Whether the key decrypts one value of each encrypted field; `canary` has table, column and schemes."""
    with database.session() as connection:
        fields = find_fields(connection.execute(_COLUMNS).fetchall(), canary["table"], canary["column"])
        trials = [_try(connection, field, key.data, {scheme.lower() for scheme in canary["schemes"]}) for field in fields]
    return judge(trials, key.source)


def key_check(key: Key | None, canary: Mapping[str, Any]) -> Callable[[Database], list[str]]:
    """For a restored database: what is wrong with the key there, in words."""

    def check(restored: Database) -> list[str]:
        proof = try_key(restored, key, canary) if key is not None else None
        return [proof.text] if proof is not None and proof.state == "wrong" else []

    return check


def _try(connection: Any, field: EncryptedField, key: bytes, schemes: set[str]) -> Trial:
    names = dict(zip(("encrypted", "nonce", "tag", "scheme"), map(sql.Identifier, field.columns), strict=True))
    row = connection.execute(sql.SQL(_VALUE).format(table=sql.Identifier(field.schema, field.table), **names)).fetchone()
    if row is None:
        return Trial(field, "empty")
    encrypted, nonce, tag, scheme = row
    if str(scheme).lower() not in schemes or not all(isinstance(part, bytes) for part in (encrypted, nonce, tag)):
        return Trial(field, "unknown scheme", str(scheme)[:40])
    try:
        AESGCM(key).decrypt(nonce, encrypted + tag, None)
    except (InvalidTag, ValueError):  # ValueError: a nonce of a length that no AES-GCM has
        return Trial(field, "wrong", str(scheme)[:40])
    return Trial(field, "fits", str(scheme)[:40])

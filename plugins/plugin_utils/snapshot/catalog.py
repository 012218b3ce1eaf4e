# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of a database as flat facts, and the reading of it that is kept with a snapshot.

It is read just before the dump begins: what a restore must bring back is then compared with it, object by object.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.database.catalog import differences, sequences_behind
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database

KEY = "catalog.json.z"

# Grants are sorted, and absent ones are written out as their default: a restore stores the same rights in another order.
_GRANTS = "(SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(coalesce({acl}, acldefault({kind}, {owner}))) a)"
_MEMBER = "EXISTS (SELECT FROM pg_depend e WHERE e.classid = '{of}'::regclass AND e.objid = {oid} AND e.deptype = 'e')"
_OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT "


def _object(name: str, value: str, of: str, oid: str, joined: str = "", where: str = "") -> str:
    """The query of one kind of object in the application's own schemas; what an extension brings is the extension's."""
    member = _MEMBER.format(of=of, oid=oid)
    return f"SELECT {name}, {value} FROM {of} {joined} WHERE {where}{_OURS}{member}"


def _grants(acl: str, kind: str, owner: str) -> str:
    return _GRANTS.format(acl=acl, kind=f"'{kind}'" if len(kind) == 1 else kind, owner=owner)


_COLUMNS = """md5((SELECT string_agg(format('%s %s %s %s %s', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
  a.attcollation::regcollation, a.attacl), ',' ORDER BY a.attnum)
  FROM pg_attribute a WHERE a.attrelid = pg_class.oid AND a.attnum > 0 AND NOT a.attisdropped))"""
_RELATION_GRANTS = _grants("relacl", """CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char\"""", "relowner")
_KINDS = "CASE relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END"
_PARTS = (
    _object(
        f"format('%s %I.%I', {_KINDS}, nspname, relname)",
        "format('owner %s, row security %s%s, grants %s, columns %s', pg_get_userbyid(relowner), relrowsecurity,"
        f" CASE WHEN relforcerowsecurity THEN ' forced' ELSE '' END, {_RELATION_GRANTS}, {_COLUMNS})",
        "pg_class",
        "pg_class.oid",
        "JOIN pg_namespace n ON n.oid = relnamespace",
        "relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ",
    ),
    _object(
        "format('schema %I', nspname)",
        f"format('owner %s, grants %s', pg_get_userbyid(nspowner), {_grants('nspacl', 'n', 'nspowner')})",
        "pg_namespace",
        "n.oid",
        "n",
    ),
    _object(
        "format('function %s', pg_proc.oid::regprocedure)",
        f"format('owner %s, grants %s, body %s', pg_get_userbyid(proowner), {_grants('proacl', 'f', 'proowner')}, md5(prosrc))",
        "pg_proc",
        "pg_proc.oid",
        "JOIN pg_namespace n ON n.oid = pronamespace",
    ),
    _object(
        "format('type %s', pg_type.oid::regtype)",
        f"format('owner %s, grants %s', pg_get_userbyid(typowner), {_grants('typacl', 'T', 'typowner')})",
        "pg_type",
        "pg_type.oid",
        "JOIN pg_namespace n ON n.oid = typnamespace",
        "typtype IN ('d', 'e', 'r') AND ",
    ),
    "SELECT format('policy %I on %I.%I', policyname, schemaname, tablename),"
    " format('%s for %s to %s using %s check %s', permissive, cmd, array_to_string(roles, ' '), qual, with_check) FROM pg_policies",
    "SELECT format('extension %I', extname), format('version %s in %I', extversion, nspname)"
    " FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace",
    "SELECT 'large objects', format('%s, owners and grants %s', count(*), md5(string_agg("
    f"format('%s %s %s', oid, lomowner::regrole, {_grants('lomacl', 'L', 'lomowner')}), ',' ORDER BY oid))) FROM pg_largeobject_metadata",
    "SELECT format('default privileges of %s in %s for %s', defaclrole::regrole, coalesce(nspname, 'every schema'), defaclobjtype),"
    " (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(defaclacl) a)"
    " FROM pg_default_acl LEFT JOIN pg_namespace n ON n.oid = defaclnamespace",
    "SELECT 'comment on ' || pg_describe_object(classoid, objoid, objsubid), md5(description) FROM pg_description d WHERE objoid >= 16384"
    " AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e')",
)
FACTS_QUERY = " UNION ALL ".join(_PARTS)
SEQUENCES_QUERY = (
    "SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences WHERE last_value IS NOT NULL AND increment_by > 0"
)


@dataclass(frozen=True)
class Catalog:
    """What is in a database besides rows: facts by name, and where its ascending sequences stand."""

    facts: dict[str, str]
    sequences: dict[str, int]


def read_catalog(database: Database) -> Catalog:
    with database.session() as connection:
        connection.execute("SET statement_timeout = 0")
        # With an empty path every name is written with its schema, whatever the database's own setting is.
        connection.execute("SET search_path = ''")
        facts = {str(name): str(value) for name, value in connection.execute(FACTS_QUERY).fetchall()}
        sequences = {str(name): int(value) for name, value in connection.execute(SEQUENCES_QUERY).fetchall()}
    return Catalog(facts, sequences)


def compare(before: Catalog, after: Catalog) -> list[str]:
    """In words what a restored database has otherwise than the reading before."""
    return [*map(str, differences(before.facts, after.facts)), *sequences_behind(before.sequences, after.sequences)]


def keep_catalog(cluster: Cluster, snapshot: str, catalog: Catalog) -> None:
    """Put the reading beside the snapshot's manifest, packed: a name and a line for each table are much in a ConfigMap."""
    packed = zlib.compress(json.dumps({"facts": catalog.facts, "sequences": catalog.sequences}).encode(), 9)
    cluster.patch("ConfigMap", f"upgrade-snapshot-{snapshot}", {"binaryData": {KEY: base64.b64encode(packed).decode()}})


def find_catalog(cluster: Cluster, snapshot: str) -> Catalog | None:
    """The reading of a snapshot; None for one that was taken without."""
    found: dict[str, Any] = cluster.get("ConfigMap", f"upgrade-snapshot-{snapshot}") or {}
    packed = (found.get("binaryData") or {}).get(KEY)
    if packed is None:
        return None
    read = json.loads(zlib.decompress(base64.b64decode(packed)))
    return Catalog(dict(read["facts"]), dict(read["sequences"]))

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

from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database

KEY = "catalog.json.z"

# Grants are sorted, and absent ones are written out as their default: a restore stores the same rights in another order.
_GRANTS = "(SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(coalesce({acl}, acldefault({kind}, {owner}))) a)"
_OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
_NOT_OF_AN_EXTENSION = (
    "NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '{catalog}'::regclass AND e.objid = {oid} AND e.deptype = 'e')"
)


def _grants(acl: str, kind: str, owner: str) -> str:
    return _GRANTS.format(acl=acl, kind=kind, owner=owner)


def _own(catalog: str, oid: str) -> str:
    return _NOT_OF_AN_EXTENSION.format(catalog=catalog, oid=oid)


FACTS_QUERY = f"""
SELECT format('%s %I.%I', CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END,
    n.nspname, c.relname),
  format('owner %s, row security %s%s, grants %s, columns %s', pg_get_userbyid(c.relowner), c.relrowsecurity,
    CASE WHEN c.relforcerowsecurity THEN ' forced' ELSE '' END,
    {_grants("c.relacl", "CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\"", "c.relowner")},
    md5((SELECT string_agg(format('%s %s %s %s %s', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attcollation::regcollation,
      a.attacl), ',' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND {_OURS} AND {_own("pg_class", "c.oid")}
UNION ALL SELECT format('policy %I on %I.%I', policyname, schemaname, tablename),
  format('%s for %s to %s using %s check %s', permissive, cmd, array_to_string(roles, ' '), qual, with_check) FROM pg_policies
UNION ALL SELECT format('schema %I', n.nspname), format('owner %s, grants %s', pg_get_userbyid(n.nspowner), {_grants("n.nspacl", "'n'", "n.nspowner")})
  FROM pg_namespace n WHERE {_OURS} AND {_own("pg_namespace", "n.oid")}
UNION ALL SELECT format('function %s', p.oid::regprocedure), format('owner %s, grants %s, body %s', pg_get_userbyid(p.proowner),
  {_grants("p.proacl", "'f'", "p.proowner")}, md5(p.prosrc))
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_OURS} AND {_own("pg_proc", "p.oid")}
UNION ALL SELECT format('type %s', t.oid::regtype), format('owner %s, grants %s', pg_get_userbyid(t.typowner), {_grants("t.typacl", "'T'", "t.typowner")})
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('d', 'e', 'r') AND {_OURS} AND {_own("pg_type", "t.oid")}
UNION ALL SELECT format('extension %I', e.extname), format('version %s in %I', e.extversion, n.nspname)
  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
UNION ALL SELECT 'large objects', format('%s, owners and grants %s', count(*),
  md5(string_agg(format('%s %s %s', l.oid, l.lomowner::regrole, {_grants("l.lomacl", "'L'", "l.lomowner")}), ',' ORDER BY l.oid)))
  FROM pg_largeobject_metadata l
UNION ALL SELECT format('default privileges of %s in %s for %s', d.defaclrole::regrole, coalesce(n.nspname, 'every schema'), d.defaclobjtype),
  (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(d.defaclacl) a)
  FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
UNION ALL SELECT 'comment on ' || pg_describe_object(d.classoid, d.objoid, d.objsubid), md5(d.description)
  FROM pg_description d WHERE d.objoid >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e')
"""
SEQUENCES_QUERY = "SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences WHERE last_value IS NOT NULL AND increment_by > 0"


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

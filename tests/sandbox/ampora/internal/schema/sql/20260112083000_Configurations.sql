-- Copyright: (c) 2026, the ampora.upgrades authors
-- SPDX-License-Identifier: GPL-3.0-or-later
CREATE TABLE configurations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    created_at_utc timestamptz NOT NULL DEFAULT now(),
    deleted_at_utc timestamptz,
    row_version bytea NOT NULL DEFAULT '\x00'
);
CREATE TABLE configuration_versions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    configuration_id uuid NOT NULL REFERENCES configurations (id),
    version integer NOT NULL,
    content text NOT NULL,
    created_by text NOT NULL,
    created_at_utc timestamptz NOT NULL DEFAULT now(),
    published_at_utc timestamptz,
    UNIQUE (configuration_id, version)
);

-- Copyright: (c) 2026, the ampora.upgrades authors
-- SPDX-License-Identifier: GPL-3.0-or-later
CREATE TABLE agents (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    instance_uid uuid NOT NULL UNIQUE,
    name text NOT NULL,
    agent_type text NOT NULL,
    version text NOT NULL,
    heartbeat_mode text NOT NULL DEFAULT 'standard',
    last_seen_utc timestamptz,
    created_at_utc timestamptz NOT NULL DEFAULT now(),
    deleted_at_utc timestamptz,
    row_version bytea NOT NULL DEFAULT '\x00'
);
-- No foreign key to agents: acquiring a session must not wait for a migration that locks that table.
CREATE TABLE agent_session_ownership (
    agent_id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    instance text,
    fencing_token bigint NOT NULL,
    acquired_at_utc timestamptz NOT NULL,
    expires_at_utc timestamptz NOT NULL,
    released_at_utc timestamptz,
    dispatched_at_utc timestamptz
);

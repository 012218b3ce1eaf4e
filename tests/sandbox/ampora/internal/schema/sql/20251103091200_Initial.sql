-- Copyright: (c) 2026, the ampora.upgrades authors
-- SPDX-License-Identifier: GPL-3.0-or-later
CREATE TABLE tenants (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    created_at_utc timestamptz NOT NULL DEFAULT now(),
    deleted_at_utc timestamptz,
    row_version bytea NOT NULL DEFAULT '\x00'
);
CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    subject text NOT NULL UNIQUE,
    display_name text NOT NULL,
    role text NOT NULL,
    last_login_utc timestamptz
);
CREATE TABLE api_tokens (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    name text NOT NULL,
    role text NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    created_at_utc timestamptz NOT NULL DEFAULT now(),
    revoked_at_utc timestamptz
);
CREATE TABLE ca_signing_keys (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    state text NOT NULL,
    public_key bytea NOT NULL,
    private_key_encrypted bytea NOT NULL,
    private_key_nonce bytea NOT NULL,
    private_key_tag bytea NOT NULL,
    private_key_scheme text NOT NULL,
    created_at_utc timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE audit_events (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    timestamp timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    actor_role text NOT NULL,
    entity_type text NOT NULL,
    entity_id text NOT NULL,
    action text NOT NULL,
    before jsonb,
    after jsonb,
    source_ip text,
    trace_id text,
    additional jsonb
);
CREATE INDEX ix_audit_events_timestamp ON audit_events (timestamp DESC, id);

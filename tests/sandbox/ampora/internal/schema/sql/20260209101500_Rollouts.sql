-- Copyright: (c) 2026, the ampora.upgrades authors
-- SPDX-License-Identifier: GPL-3.0-or-later
CREATE TABLE rollouts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    configuration_id uuid NOT NULL REFERENCES configurations (id),
    name text NOT NULL,
    strategy text NOT NULL,
    state text NOT NULL CHECK (state IN ('Pending', 'InProgress', 'Paused', 'Completed', 'Failed', 'RolledBack')),
    created_at_utc timestamptz NOT NULL DEFAULT now(),
    updated_at_utc timestamptz NOT NULL DEFAULT now()
);

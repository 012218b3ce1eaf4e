-- Copyright: (c) 2026, the ampora.upgrades authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Only with the switch for a PATCH that breaks its promise; no release has it.
CREATE INDEX ix_audit_events_actor ON audit_events (actor);

-- Copyright: (c) 2026, the ampora.upgrades authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- A rewrite of the whole table: the release notes name it with an estimated runtime.
ALTER TABLE configuration_versions ALTER COLUMN content TYPE jsonb USING content::jsonb;

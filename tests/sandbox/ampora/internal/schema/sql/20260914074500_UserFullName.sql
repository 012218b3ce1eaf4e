-- Copyright: (c) 2026, the ampora.upgrades authors
-- SPDX-License-Identifier: GPL-3.0-or-later
ALTER TABLE users RENAME COLUMN display_name TO full_name;

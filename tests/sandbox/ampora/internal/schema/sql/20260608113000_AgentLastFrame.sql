-- Copyright: (c) 2026, the ampora.upgrades authors
-- SPDX-License-Identifier: GPL-3.0-or-later
ALTER TABLE agents RENAME COLUMN last_seen_utc TO last_frame_utc;
ALTER TABLE agents ADD COLUMN health jsonb;

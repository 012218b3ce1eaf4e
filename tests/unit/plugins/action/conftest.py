# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every action stands on the same stage."""

from __future__ import annotations

from tests.unit.doubles.stage import stage

__all__ = ["stage"]

# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Property tests: no deadline on busy machines, and the same examples in every CI run, so that a red run is red again."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("ampora", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("ampora")

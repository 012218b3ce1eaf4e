# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import sys

from tests.sandbox.cli import main

sys.exit(main())

# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The extended tier: parts that a test asks for, on top of the sandbox that everybody has."""

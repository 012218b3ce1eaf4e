# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing files that are for their owner only."""

from __future__ import annotations

from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """A file that is the same already stays untouched: kube-proxy ends as soon as somebody writes its configuration."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)

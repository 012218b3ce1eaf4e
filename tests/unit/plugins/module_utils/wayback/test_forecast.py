# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.forecast import forecast


@pytest.mark.parametrize(
    ("seconds", "expected", "words"),
    [
        ({"take": 8.2, "restore": 17.4}, 17, "the restore takes about 17 s (as long as its proof took), while the deployment serves on"),
        ({"take": 8.2}, 17, "the restore takes about 17 s (2.1 times what the dump took)"),
        ({"restore": 0.1}, 1, "about 1 s"),
        ({}, None, "how long the restore takes is not known"),
        ({"proof": 3.0}, None, "not known"),
    ],
)
def test_a_forecast(seconds: dict[str, float], expected: int | None, words: str) -> None:
    found = forecast(seconds)
    assert found.seconds == expected
    assert words in str(found)

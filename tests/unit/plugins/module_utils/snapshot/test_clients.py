# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.clients import check_client, reason, version_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("pg_dump (PostgreSQL) 17.12 (Debian 17.12-0+deb13u1)\n", 170012),
        ("pg_dump (PostgreSQL) 16.14\n", 160014),
        ("pg_dump (PostgreSQL) 19beta1\n", 190000),
    ],
)
def test_version_number(text: str, number: int) -> None:
    assert version_number(text) == number


def test_what_is_no_version() -> None:
    with pytest.raises(UpgradeError, match=r'^pg_dump --version says "nonsense", which is no version of PostgreSQL\.$'):
        version_number("nonsense")


@pytest.mark.parametrize(("client", "server"), [(160014, 160003), (170001, 170012), (180004, 180004), (180004, 170012), (160014, 150001)])
def test_a_client_that_fits(client: int, server: int) -> None:
    check_client(client, server, "here")


@pytest.mark.parametrize(
    ("client", "server", "reason"),
    [
        (160014, 170012, "of version 16 and the server of version 17: a client cannot dump a newer server."),
        (170012, 160014, "of version 17 and the server of version 16: pg_restore 17 cannot restore into a server before 17."),
        (180004, 160014, "of version 18 and the server of version 16: pg_restore 18 cannot restore into a server before 17."),
    ],
)
def test_a_client_that_does_not_fit(client: int, server: int, reason: str) -> None:
    with pytest.raises(UpgradeError) as error:
        check_client(client, server, "/usr/bin (ampora_snapshot_client)")
    assert error.value.message == f"The PostgreSQL client in /usr/bin (ampora_snapshot_client) is {reason}"
    assert f"Use the client of version {server // 10000}" in error.value.next_step


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["pg_dump: error: query failed: ERROR:  x", "pg_dump: detail: Query was: LOCK", ""], "pg_dump: error: query failed: ERROR:  x"),
        (["NOTICE: x", "psql: FATAL:  no such role", "more"], "psql: FATAL:  no such role"),
        (["no space left", ""], "no space left"),
        ([], "it said nothing"),
    ],
)
def test_the_line_that_says_why(lines: list[str], why: str) -> None:
    assert reason(lines) == why

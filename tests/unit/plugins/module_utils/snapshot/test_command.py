# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.database.connection_string import ConnectionParameters
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot import command
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.command import ToolAnswer
from hypothesis import given
from hypothesis import strategies as st

PASSWORD = "p:w \\'x/\"7"
PARAMETERS = ConnectionParameters("pg.ampora-db", 5432, "ampora", "ampora", PASSWORD, "verify-full", "/etc/ca.crt")


def test_arguments_are_filled_in_once_and_other_braces_stay() -> None:
    words = ["backup", "--name={snapshot}", "--set={id}", "--db={database}", "{awk} {print $1}", "{id}{id}"]
    filled = command.arguments(words, snapshot="r1", tool_id="{database}", database="ampora")
    assert filled == ["backup", "--name=r1", "--set={database}", "--db=ampora", "{awk} {print $1}", "{database}{database}"]


def test_the_environment_has_our_database_and_nobody_elses() -> None:
    inherited = {"PATH": "/bin", "PGHOST": "elsewhere", "PGSERVICE": "other", "PGBACKREST_STANZA": "main", "AWS_REGION": "eu"}
    found = command.environment(inherited, PARAMETERS, {"AMPORA_SNAPSHOT_ID": "r1"}, hostaddr="10.0.0.7")
    assert found == {
        "PATH": "/bin",
        "PGBACKREST_STANZA": "main",
        "AWS_REGION": "eu",
        "PGHOST": "pg.ampora-db",
        "PGHOSTADDR": "10.0.0.7",
        "PGPORT": "5432",
        "PGDATABASE": "ampora",
        "PGUSER": "ampora",
        "PGPASSWORD": PASSWORD,
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/etc/ca.crt",
        "PGCONNECT_TIMEOUT": "10",
        "AMPORA_SNAPSHOT_ID": "r1",
    }


@pytest.mark.parametrize(
    ("output", "found"),
    [
        ("", ToolAnswer()),
        ("done\n[1]\n{not json\n", ToolAnswer()),
        ('{"id": "old"}\nwords\n{"id": "20261125-113000F", "size": 7, "label": "full"}\nbye', ToolAnswer("20261125-113000F", 7, "full")),
        ('  {"size": 12}', ToolAnswer(size=12)),
    ],
)
def test_what_take_says(output: str, found: ToolAnswer) -> None:
    assert command.answer(output) == found


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"id": "--delete"}, "id is"),
        ({"id": "a b"}, "id is"),
        ({"id": "a/../../b"}, "id is"),
        ({"id": 7}, "id must be a text"),
        ({"size": -1}, "size is -1"),
        ({"size": "7"}, "size must be a whole number"),
        ({"label": "a\nb"}, "label must be one line"),
        ({"name": "x"}, "name is not a field of it (known: id, size, label)"),
    ],
)
def test_what_take_may_not_say(said: dict[str, object], why: str) -> None:
    with pytest.raises(UpgradeError) as error:
        command.answer(json.dumps(said))
    assert why in error.value.message


@given(st.text())
def test_no_output_makes_it_fail_in_another_way(output: str) -> None:
    try:
        found = command.answer(output)
    except UpgradeError:
        return
    assert not found.id.startswith("-")
    assert ".." not in found.id.split("/")


def test_secrets_are_known_by_the_names_of_variables() -> None:
    environment = {
        "PGPASSWORD": PASSWORD,
        "AWS_SECRET_ACCESS_KEY": "abcd1234",
        "PGBACKREST_REPO1_CIPHER_PASS": "cipher-text",
        "RESTIC_PASSWORD": "rrrr",
        "API_TOKEN": "abc",
        "PATH": "/usr/bin",
        "HOME": "/home/operator",
    }
    assert set(command.secrets_in(environment)) == {PASSWORD, "abcd1234", "cipher-text", "rrrr"}


TEXT = st.characters(codec="utf-8", exclude_characters="*")


@given(st.text(TEXT, min_size=4), st.text(TEXT, max_size=20), st.text(TEXT, max_size=20))
def test_no_secret_is_shown(secret: str, before: str, after: str) -> None:
    assert secret not in command.mask(f"{before}{secret}{after}", [secret])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("FATAL: password=hunter2 refused", "FATAL: password=*** refused"),
        ("postgresql://ampora:hunter2@pg/ampora", "postgresql://ampora:***@pg/ampora"),
        ("Token: abc, then", "Token: ***, then"),
        ("p%3Aw%20%5C%27x%2F%227 and " + json.dumps(PASSWORD)[1:-1], "*** and ***"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_masking(text: str, shown: str) -> None:
    assert command.mask(text, [PASSWORD]) == shown


def test_what_a_tool_needs_at_least() -> None:
    full = {"take": ["t"], "verify": ["v"], "restore": [], "remove": []}
    command.check_commands(full)
    with pytest.raises(UpgradeError, match="no argument list for take and verify"):
        command.check_commands({**full, "take": [], "verify": []})

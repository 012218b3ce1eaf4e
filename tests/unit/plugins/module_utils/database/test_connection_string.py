# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of reading Npgsql's connection strings and of telling libpq the same."""

from __future__ import annotations

import string

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.database.connection_string import (
    ConnectionParameters,
    check_for_programs,
    check_in_a_pod,
    parse_npgsql,
    to_environment,
    to_libpq,
)
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from hypothesis import given
from hypothesis import strategies as st

SOURCE = "Secret ampora/ampora-secrets key ConnectionStrings__Ampora"
PRODUCT = (
    "Host=db.acme.io;Port=5432;Database=ampora;Username=ampora;Password=s3cret;SSL Mode=Require;"
    "Trust Server Certificate=false;Include Error Detail=false"
)


def read(text: str) -> ConnectionParameters:
    return parse_npgsql(text, SOURCE)


def password_of(text: str) -> str:
    return read(f"Host=h;Username=u;Password={text}").password


def test_the_form_of_the_product() -> None:
    parameters = read(PRODUCT)
    assert parameters == ConnectionParameters("db.acme.io", 5432, "ampora", "ampora", "s3cret", "require")
    assert "s3cret" not in repr(parameters)
    assert to_libpq(parameters) == {
        "host": "db.acme.io",
        "port": "5432",
        "dbname": "ampora",
        "user": "ampora",
        "password": "s3cret",
        "sslmode": "require",
    }
    assert to_libpq(parameters, hostaddr="10.0.0.7")["hostaddr"] == "10.0.0.7"


@pytest.mark.parametrize("host", ["Host", "HOST", "server", " Server "])
@pytest.mark.parametrize("user", ["Username", "User Name", "UserId", "user id", "UID"])
@pytest.mark.parametrize("password", ["Password", "PSW", "pwd"])
@pytest.mark.parametrize("database", ["Database", "DB"])
def test_synonyms(host: str, user: str, password: str, database: str) -> None:
    expected = ConnectionParameters("h", 5432, "d", "u", "p", "prefer")
    assert read(f"{host}=h;{user}=u;{password}=p;{database}=d") == expected


def test_defaults() -> None:
    assert read("Host=h;Username=u") == ConnectionParameters("h", 5432, "u", "u", "", "prefer")


def test_the_last_one_wins_and_empty_is_unset() -> None:
    assert read("Host=a;Server=b;Username=u;Port=;Password=;SSL Mode=").host == "b"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("p", "p"),
        ("  p q  ", "p q"),
        ("a=b==c", "a=b==c"),
        ("'a;b'", "a;b"),
        ('"a;b"', "a;b"),
        ("'it''s'", "it's"),
        ('"say ""x"""', 'say "x"'),
        ("'\"'", '"'),
        ("''", ""),
        ("' p '  ", " p "),
        ("a'b", "a'b"),
        ("'=p'", "=p"),
        ("p;;; ;", "p"),
        ("p\t\r\n;", "p"),
        ("\u00fc\U0001f511", "\u00fc\U0001f511"),
    ],
)
def test_quoting(written: str, expected: str) -> None:
    assert password_of(written) == expected


def test_doubled_equals_belong_to_the_keyword() -> None:
    assert read("a==b=c;Host=h;Username=u;x== =y").host == "h"


@pytest.mark.parametrize(
    ("mode", "word"),
    [("Disable", "disable"), ("ALLOW", "allow"), ("prefer", "prefer"), ("Require", "require"), ("VerifyCA", "verify-ca")]
    + [("VerifyFull", "verify-full"), ("verify-full", "verify-full")],
)
@pytest.mark.parametrize("key", ["SSL Mode", "SslMode"])
@pytest.mark.parametrize("trust", ["", ";Trust Server Certificate=true", ";Trust Server Certificate=false"])
def test_ssl_mode(mode: str, word: str, key: str, trust: str) -> None:
    assert to_libpq(read(f"Host=h;Username=u;{key}={mode}{trust}"))["sslmode"] == word


def test_full_verification_needs_authorities() -> None:
    assert to_libpq(read("Host=h;Username=u;SSL Mode=VerifyFull"))["sslrootcert"] == "system"
    own = to_libpq(read("Host=h;Username=u;SSL Mode=VerifyFull;Root Certificate=/etc/ca.crt"))
    assert own["sslrootcert"] == "/etc/ca.crt"
    assert "sslrootcert" not in to_libpq(read("Host=h;Username=u;SSL Mode=Require"))


MUTUAL = "Host=h;Username=u;SSL Mode=Require;SSL Certificate=/c.pem;SSL Key=/k.pem;SSL Password=s3cret-key;Passfile=/p"


def test_the_clients_own_files() -> None:
    found = read(MUTUAL)
    assert found == read("Host=h;Username=u;SSL Mode=Require;SslCertificate=/c.pem;sslkey=/k.pem;SslPassword=s3cret-key;passfile=/p")
    options = to_libpq(found)
    assert {name: options[name] for name in ("sslcert", "sslkey", "sslpassword", "passfile")} == {
        "sslcert": "/c.pem",
        "sslkey": "/k.pem",
        "sslpassword": "s3cret-key",
        "passfile": "/p",
    }
    variables = to_environment(found)
    assert (variables["PGSSLCERT"], variables["PGSSLKEY"], variables["PGPASSFILE"]) == ("/c.pem", "/k.pem", "/p")
    assert "s3cret-key" not in str(variables)
    assert "s3cret-key" not in repr(found)


def test_a_key_in_the_certificates_own_file() -> None:
    assert to_libpq(read("Host=h;Username=u;SSL Certificate=/both.pem"))["sslkey"] == "/both.pem"


def test_without_any_nothing_is_said_of_them() -> None:
    assert not {"sslcert", "sslkey", "sslpassword", "passfile"} & set(to_libpq(read("Host=h;Username=u")))


def test_what_a_pod_does_not_have() -> None:
    check_in_a_pod(read("Host=h;Username=u;Password=p;SSL Mode=Require"))
    with pytest.raises(UpgradeError) as error:
        check_in_a_pod(read(MUTUAL))
    assert error.value.message == (
        "The connection string has SSL Certificate=/c.pem and SSL Key=/k.pem and Passfile=/p, which the pod of a Job does not have."
    )
    assert "ampora_snapshot_method to local" in error.value.next_step


def test_what_programs_take_from_their_arguments_only() -> None:
    check_for_programs(read("Host=h;Username=u;SSL Certificate=/c.pem;SSL Key=/k.pem"))
    with pytest.raises(UpgradeError, match=r"^The connection string has an SSL Password, which PostgreSQL's own programs take"):
        check_for_programs(read(MUTUAL))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("h:6543", ("h", 6543, ())),
        ("h", ("h", 5555, ())),
        ("h1:1,h2:2, h3", ("h1", 1, ("h2:2", "h3"))),
        ("10.0.0.1:99", ("10.0.0.1", 99, ())),
        ("[::1]:99", ("::1", 99, ())),
        ("[::1]", ("::1", 5555, ())),
        ("fe80::1", ("fe80::1", 5555, ())),
        ("/var/run/postgresql", ("/var/run/postgresql", 5555, ())),
    ],
)
def test_hosts(host: str, expected: tuple[str, int, tuple[str, ...]]) -> None:
    parameters = read(f"Host={host};Port=5555;Username=u")
    assert (parameters.host, parameters.port, parameters.other_hosts) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has no Host"),
        ("Username=u", "has no Host"),
        ("Host=;Username=u", "has no Host"),
        ("Host=,;Username=u", "has no Host"),
        ("Host=:5;Username=u", "has no Host"),
        ("Host=h", "has no Username"),
        ("Host=h;Username=u;Port=TOPSECRET", "has a Port that is not a number"),
        ("Host=h;Username=u;Port=0", "has a Port that is not a number"),
        ("Host=h;Username=u;Port=65536", "has a Port that is not a number"),
        ("Host=h;Username=u;Port=\u0665", "has a Port that is not a number"),
        ("Host=h:TOPSECRET;Username=u", "has a Port that is not a number"),
        ("Host=h;Username=u;SSL Mode=TOPSECRET", "has an SSL Mode that is none of"),
        ("Host=h;Username=u;Password='TOPSECRET", "Password has no closing '"),
        ('Host=h;Username=u;Password="TOPSECRET""', 'Password has no closing "'),
        ("Host=h;Username=u;Password='TOP'SECRET", "Password goes on after its closing quote"),
        ("Host=h;Username=u;Password=TOPSECRET'", "Password ends in a quote"),
        ("Host=h;Username=u;Password=TOP\nSECRET", "Password has a control character"),
        ("Host=h;Username=u;Password=x;TOPSECRET;a=b", "part 4 has no ="),
        ("Host=h;Username=u;Password=x;TOPSECRET='a", "part 4 has no closing '"),
        ("Host=h;Username=u;Password==TOPSECRET", "part 3 has no ="),
        ("=TOPSECRET", "part 1 has no keyword"),
        ("TOPSECRET", "part 1 has no ="),
    ],
)
def test_errors_name_the_place_and_never_a_value(text: str, problem: str) -> None:
    with pytest.raises(UpgradeError) as error:
        read(text)
    assert problem in error.value.message
    assert SOURCE in error.value.message
    assert "SECRET" not in str(error.value).upper().replace("SECRET AMPORA/AMPORA-SECRETS", "")
    assert error.value.__cause__ is None
    assert error.value.__context__ is None


def test_the_variables_of_postgresqls_own_programs_have_no_password() -> None:
    parameters = ConnectionParameters("db", 5433, "ampora", "u", "TOP-SECRET", "verify-full", "/etc/ca.crt")
    assert to_environment(parameters, hostaddr="10.0.0.1") == {
        "PGHOST": "db",
        "PGHOSTADDR": "10.0.0.1",
        "PGPORT": "5433",
        "PGDATABASE": "ampora",
        "PGUSER": "u",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/etc/ca.crt",
    }


def test_several_hosts_are_all_told_and_the_primary_is_wanted() -> None:
    several = read("Host=a:5433,b,[fe80::1]:6432;Port=5434;Username=u")
    found = to_libpq(several)
    assert (found["host"], found["port"], found["target_session_attrs"]) == ("a,b,fe80::1", "5433,5433,6432", "read-write")
    assert to_environment(several)["PGTARGETSESSIONATTRS"] == "read-write"
    dialled = to_libpq(several, hostaddr="10.0.0.1")
    assert (dialled["host"], dialled["port"], "target_session_attrs" in dialled) == ("a", "5433", False)


def test_what_else_libpq_is_told() -> None:
    found = to_environment(read("Host=a;Username=u;Search Path=ampora, public;Channel Binding=Require"))
    assert (found["PGOPTIONS"], found["PGCHANNELBINDING"]) == ("-c search_path=ampora,\\ public", "require")
    with pytest.raises(UpgradeError, match="has a Channel Binding that is none of Disable, Prefer, Require"):
        read("Host=a;Username=u;Channel Binding=Maybe")


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@given(TEXTS, st.sampled_from("'\""))
def test_any_quoted_value_comes_back(value: str, mark: str) -> None:
    assert password_of(mark + value.replace(mark, mark * 2) + mark) == value


@given(st.text(alphabet=string.ascii_letters + "=;'\" \t", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert read(text).host
    except UpgradeError as error:
        assert SOURCE in error.message

# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL in the cluster: one StatefulSet with TLS, the role `ampora`, and databases copied from a template in a second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from tests.sandbox import credentials, paths
from tests.sandbox.certificates import Authority
from tests.sandbox.commands import wait_for
from tests.sandbox.kubectl import apply_manifest, cluster_ip, kubectl, secret
from tests.sandbox.settings import SETTINGS

DATABASE = "ampora"
TEMPLATE = "ampora_seed"
_NAMESPACE = SETTINGS.database_namespace
HOST = f"pg.{_NAMESPACE}.svc.{SETTINGS.domain}"


def start(image: str) -> None:
    address = service_address()
    authority = Authority(paths.DATABASE_CA.parent, "sandbox database")
    names = ["pg", f"pg.{_NAMESPACE}", f"pg.{_NAMESPACE}.svc", HOST, address]
    certificate, key = authority.issue("server", common_name=HOST, alternatives=names)
    texts = {"tls.crt": certificate.read_text(), "tls.key": key.read_text(), "ca.crt": authority.certificate_file.read_text()}
    secret(_NAMESPACE, "pg-tls", texts)
    secret(_NAMESPACE, "pg", {"password": credentials.load().postgres_password})
    apply_manifest("postgres.yaml", {"image": image})


def service_address() -> str:
    apply_manifest("postgres-service.yaml")
    return cluster_ip(_NAMESPACE, "pg")


def wait() -> None:
    """Ready inside, and reachable from here: the Service's rules may follow some tenths of a second later."""
    kubectl("--namespace", _NAMESPACE, "rollout", "status", "statefulset/pg", "--timeout=120s", timeout=130)
    wait_for("PostgreSQL through its Service", reachable, timeout=20)


def reachable() -> bool:
    try:
        with administrator():
            return True
    except psycopg.OperationalError:
        return False


def _parameters(address: str) -> dict[str, Any]:
    return {"host": HOST, "hostaddr": address, "sslmode": "verify-full", "sslrootcert": str(paths.DATABASE_CA), "connect_timeout": 3}


@contextmanager
def administrator() -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    parameters = _parameters(cluster_ip(_NAMESPACE, "pg"))
    password = credentials.load().postgres_password
    with psycopg.connect(**parameters, user="postgres", password=password, dbname="postgres", autocommit=True) as connection:
        yield connection


def url(database: str = DATABASE) -> str:
    """libpq URL of the role `ampora`, usable from this machine."""
    password = quote(credentials.load().ampora_password, safe="")
    address = cluster_ip(_NAMESPACE, "pg")
    return f"postgresql://ampora:{password}@{address}:5432/{database}?sslmode=verify-full&sslrootcert={quote(str(paths.DATABASE_CA))}"


def npgsql(database: str = DATABASE, host: str = HOST) -> str:
    """The connection string as the product takes it."""
    password = credentials.load().ampora_password
    return f"Host={host};Port=5432;Database={database};Username=ampora;Password={password};SSL Mode=Require;Trust Server Certificate=true"


def databases() -> list[str]:
    with administrator() as connection:
        return [row[0] for row in connection.execute("select datname from pg_database where not datistemplate").fetchall()]


def make_role() -> None:
    with administrator() as connection:
        if connection.execute("select 1 from pg_roles where rolname = 'ampora'").fetchone() is None:
            statement = sql.SQL("create role ampora login createdb password {}")
            connection.execute(statement.format(sql.Literal(credentials.load().ampora_password)))


def create(database: str) -> None:
    with administrator() as connection:
        connection.execute(sql.SQL("create database {} owner ampora").format(sql.Identifier(database)))


def copy_template() -> None:
    """The clean database again: every other one named ampora* goes, whoever is connected to it."""
    with administrator() as connection:
        for name in databases():
            if name.startswith(DATABASE) and name != TEMPLATE:
                connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
        statement = sql.SQL("create database {} template {} owner ampora strategy file_copy")
        connection.execute(statement.format(sql.Identifier(DATABASE), sql.Identifier(TEMPLATE)))


def drop(database: str) -> None:
    with administrator() as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database)))


def rename(old: str, new: str) -> None:
    with administrator() as connection:
        connection.execute(sql.SQL("alter database {} rename to {}").format(sql.Identifier(old), sql.Identifier(new)))

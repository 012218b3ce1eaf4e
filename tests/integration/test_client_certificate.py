# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A database that admits by a client's certificate alone, as the connection string names it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import DATABASE, SNAPSHOT_INPUTS
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database, open_database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import Deployed
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.method import Tools
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshots import Snapshots

from tests.sandbox import paths
from tests.sandbox.certificates import Authority
from tests.sandbox.kubectl import cluster_ip
from tests.support.postgres import sandbox_client
from tests.support.sandbox import Sandbox
from tests.support.scratch import defaults
from tests.support.small_server import NAMESPACE, SmallServer
from tests.unit.doubles.scene import RUN, deployment

pytestmark = pytest.mark.usefixtures("server")

ROLE = "certified"
HISTORY = "SELECT id FROM history ORDER BY id"
ADMIT = """set -eu
cd "$PGDATA"
cat >client.crt <<'END'
{authority}END
printf 'hostssl all {role} all cert\\n' | cat - pg_hba.conf >hba && mv hba pg_hba.conf
psql --username=postgres --quiet --set=ON_ERROR_STOP=1 <<'END'
CREATE ROLE {role} LOGIN CREATEDB;
CREATE DATABASE {role} OWNER {role};
ALTER SYSTEM SET ssl_ca_file = 'client.crt';
SELECT pg_reload_conf();
\\c {role}
SET ROLE {role};
CREATE TABLE history (id text PRIMARY KEY);
INSERT INTO history VALUES ('1_first');
CREATE TABLE agents AS SELECT n FROM generate_series(1, 500) n;
END
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("clients"), "clients")


@pytest.fixture(scope="module")
def server(running_sandbox: Sandbox, authority: Authority) -> Iterator[SmallServer]:
    found = SmallServer(running_sandbox)
    found.build()
    try:
        found.execute(ADMIT.format(authority=authority.certificate_file.read_text(encoding="utf-8"), role=ROLE))
        yield found
    finally:
        found.remove()


def database(more: str) -> Database:
    text = f"Host=pg;Database={ROLE};Username={ROLE};SSL Mode=VerifyCA;Root Certificate={paths.DATABASE_CA};{more}"
    address = cluster_ip(NAMESPACE, "pg")
    options = {**defaults(DATABASE), "connection_string": text, "hostaddr": address, "history_query": HISTORY}
    cluster = deployment()
    return open_database(cluster, options, cluster.deployment())


def snapshots(found: Database, folder: Path, method: str = "local") -> Snapshots:
    here = {"method": method, "directory": str(folder), "client": str(sandbox_client()), "timeout": 60, "keep": 0}
    options = {**defaults(SNAPSHOT_INPUTS), "claim": "none", "image": "none", **here}
    return Snapshots(Tools(deployment(), found, options, HISTORY, SafePoint(), lambda _unused: None))


def test_a_snapshot_and_its_restore_by_a_certificate(authority: Authority, tmp_path: Path) -> None:
    certificate, key = authority.issue("good", common_name=ROLE)
    found = database(f"SSL Certificate={certificate};SSL Key={key}")
    kept = snapshots(found, tmp_path)
    manifest = kept.take(RUN, Deployed("1.4.2", parse("reg.example/ampora-web:1.4.2"), "", "4", 3, {}), "")
    assert manifest.rows == {"public.agents": 500, "public.history": 1}
    kept.restore_beside(manifest, "r2", f"{ROLE}_restore_r2")
    assert found.of(f"{ROLE}_restore_r2").rows() == manifest.rows
    found.drop(f"{ROLE}_restore_r2")


def test_certificate_and_key_in_one_file(authority: Authority, tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    both.write_bytes(b"".join(path.read_bytes() for path in authority.issue("good", common_name=ROLE)))
    both.chmod(0o600)
    assert database(f"SSL Certificate={both}").migrations() == ["1_first"]


@pytest.mark.parametrize("named", ["", "another"])
def test_who_is_not_certified_is_told_by_the_server(authority: Authority, named: str) -> None:
    certificate, key = authority.issue("another", common_name="another")
    with pytest.raises(UpgradeError) as error:
        database(f"SSL Certificate={certificate};SSL Key={key}" if named else "").migrations()
    assert ("certificate authentication failed" if named else "requires a valid client certificate") in error.value.message


def test_a_job_has_no_file_of_the_controller(authority: Authority, tmp_path: Path) -> None:
    certificate, key = authority.issue("good", common_name=ROLE)
    kept = snapshots(database(f"SSL Certificate={certificate};SSL Key={key}"), tmp_path, "job")
    with pytest.raises(UpgradeError, match="which the pod of a Job does not have"):
        kept.take(RUN, Deployed("1.4.2", parse("reg.example/ampora-web:1.4.2"), "", "4", 3, {}), "")

# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dumps of the method `local` in a real S3-compatible store: kept, listed, checked, restored, removed; and each way to fail."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import obstore
import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint, StoppedError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot import object_store
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.object_store import ObjectStore

from tests.integration.test_snapshot_local import World
from tests.support.postgres import server
from tests.unit.doubles.scene import RUN

PREFIX = "acme/prod"


class Bucket:
    """The sandbox's bucket, and a world whose snapshots go there."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.s3 = {
            "endpoint": os.environ["AMPORA_SANDBOX_S3_URL"],
            "bucket": os.environ["AMPORA_SANDBOX_S3_BUCKET"],
            "region": os.environ["AMPORA_SANDBOX_S3_REGION"],
            "access_key": os.environ["AMPORA_SANDBOX_S3_ACCESS_KEY"],
            "secret_key": os.environ["AMPORA_SANDBOX_S3_SECRET_KEY"],
            "prefix": f"/{PREFIX}/",
            "ca_file": "",
        }
        self.store = ObjectStore(self.s3, SafePoint(), lambda _unused: None)

    def take(self, **changes: str) -> Any:
        self.world.cluster.delete("ConfigMap", f"upgrade-snapshot-{RUN}")
        return self.world.take(s3={**self.s3, **changes})

    def sizes(self) -> dict[str, int]:
        return self.store.sizes(f"{PREFIX}/{RUN}")

    def local(self) -> list[Path]:
        return list(self.world.folder.iterdir()) if self.world.folder.exists() else []


@pytest.fixture
def bucket(part: Callable[[str], None], tmp_path: Path) -> Iterator[Bucket]:
    part("s3")
    with server(16) as there:
        found = Bucket(World(there, tmp_path / "snapshots"))
        yield found
        found.store.remove(PREFIX)


def test_a_snapshot_in_a_bucket(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_store, "PART", 5 * 1024 * 1024)
    with bucket.world.server.connect() as connection:
        connection.execute(
            "CREATE TABLE blobs AS SELECT n, sha512(n::text::bytea) AS a, sha512((-n)::text::bytea) AS b FROM generate_series(1, 80000) n"
        )
    manifest = bucket.take()
    assert manifest.location == {"endpoint": bucket.s3["endpoint"], "bucket": bucket.s3["bucket"], "prefix": f"{PREFIX}/{RUN}"}
    assert bucket.sizes() == {path: entry["size"] for path, entry in manifest.files.items()}
    assert max(bucket.sizes().values()) > 2 * object_store.PART, "one file went in parts"
    assert bucket.local() == [], "nothing stays on the controller"

    snapshots = bucket.world.snapshots(s3={**bucket.s3, "bucket": "", "endpoint": ""})
    bucket.world.server.connect().execute("DELETE FROM agents")
    with pytest.raises(UpgradeError, match="ampora_snapshot_s3"):
        bucket.world.snapshots(s3={**bucket.s3, "access_key": "", "secret_key": "x"}).restore_beside(manifest, "r1", "beside")
    snapshots.restore_beside(manifest, "r1", "beside")
    assert bucket.world.rows("beside") == manifest.rows
    assert bucket.local() == []
    bucket.world.database.drop("beside")

    snapshots.remove(manifest)
    assert bucket.sizes() == {}
    snapshots.remove(manifest)


def test_what_is_damaged_in_the_bucket_is_refused(bucket: Bucket) -> None:
    manifest = bucket.take()
    path = next(path for path in manifest.files if path.endswith(".gz") and manifest.files[path]["size"] > 1000)
    name, inner = f"{PREFIX}/{RUN}/{path}", bucket.store._store
    content = bytes(obstore.get(inner, name).bytes())
    changed = bytearray(content)
    changed[500] ^= 1
    for damaged, words in (
        (bytes(changed), r"has another content \(sha256\)"),
        (content[: len(content) // 2], r"has \d+ bytes and had \d+"),
        (b"", "has 0 bytes"),
    ):
        obstore.put(inner, name, damaged)
        with pytest.raises(UpgradeError, match=rf"The snapshot {RUN} is damaged: {path} {words}"):
            bucket.world.snapshots(s3=bucket.s3).restore_beside(manifest, "r1", "beside")
    obstore.delete(inner, name)
    with pytest.raises(UpgradeError, match=f"{path} is missing"):
        bucket.world.snapshots(s3=bucket.s3).restore_beside(manifest, "r1", "beside")
    assert "beside" not in bucket.world.server.databases()
    assert bucket.local() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"secret_key": "wrong-secret"}, "SignatureDoesNotMatch"),
        ({"access_key": "nobody"}, "cannot be listed"),
        ({"bucket": "no-such-bucket"}, "NoSuchBucket: The specified bucket does not exist"),
        ({"endpoint": "http://127.0.0.1:9"}, "it does not answer"),
        ({"endpoint": "ftp://x"}, "must be an address such as"),
    ],
)
def test_a_store_that_refuses(bucket: Bucket, changes: dict[str, str], words: str) -> None:
    with pytest.raises(UpgradeError) as error:
        bucket.take(**changes)
    assert words in error.value.message
    shown = f"{error.value} {error.value.evidence} {bucket.world.said}"
    assert not [secret for secret in (bucket.s3["secret_key"], "wrong-secret", bucket.s3["access_key"]) if secret in shown]
    assert bucket.local() == []


def test_a_stop_while_uploading_leaves_nothing(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_store, "PART", 64 * 1024)
    real = SafePoint.__call__

    def stop(point: SafePoint) -> None:
        real(point)
        if any("uploaded" in line for line in bucket.world.said):
            raise StoppedError("Stopped by SIGTERM.")

    monkeypatch.setattr(SafePoint, "__call__", stop)
    with pytest.raises(UpgradeError, match="Stopped by SIGTERM"):
        bucket.take()
    monkeypatch.undo()
    assert bucket.sizes() == {}
    assert bucket.local() == []

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The method `local`: pg_dump on the controller (or in its execution environment), to a directory there.

What is not proven yet has another name than what is: `.RUN-ab12cd.partial` becomes RUN when all is well, so nothing that a
killed run has left, not even one whose pg_dump still writes, can be taken for a snapshot.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import shutil
import socket
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.database.connection_string import check_for_programs, to_environment
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot import store
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.damage import damage, refuse_damaged
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.facts import DatabaseFacts
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.forecast import Forecast, check_room, progress
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.in_place import leftovers_sql
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.client import Client
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.object_store import ObjectStore
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.exporting import exporting
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.method import Taken, Tools

DUMP = "dump"
CHUNK = 4 * 1024 * 1024
LOOK_SECONDS = 5


class LocalMethod:
    """See SnapshotMethod; a location has host and directory, or endpoint, bucket and prefix of an S3-compatible store."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._options = tools.options
        self._fetched: Path | None = None

    def place(self) -> str:
        if self._options["s3"]["bucket"]:
            return f"the bucket {self._options['s3']['bucket']}"
        return f"the directory {self._options['directory']} of {socket.gethostname()}"

    def take(self, run: str, forecast: Forecast, left: Sequence[str]) -> Taken:
        client = self._client()
        self._sweep(left)
        with self._partial(run) as partial:
            check_room(forecast, shutil.disk_usage(partial).free, self.place())
            facts = self._dump(client, partial, forecast)
            started = time.monotonic()
            files = self._hash(partial)
            self._decode(client, partial)
            proof = time.monotonic() - started
            location = self._upload(run, partial, files) if self._options["s3"]["bucket"] else self._keep(run, partial)
        return Taken(
            facts=facts,
            location=location,
            files=files,
            size=sum(entry["size"] for entry in files.values()),
            client_version=client.version,
            seconds={"take": facts.seconds, "proof": round(proof, 2)},
        )

    def restore_beside(self, manifest: Manifest, run: str, database: str, create: Callable[[], None]) -> None:
        del run
        folder, client = self._unchanged(manifest) / DUMP, self._client()
        create()  # pg_restore decodes as it goes, and what it fills is nobody's yet: no decoding before
        arguments = (f"--jobs={self._options['jobs']}", "--exit-on-error", "--no-password", f"--dbname={database}", str(folder))
        client.run("pg_restore", *arguments, timeout=self._options["timeout"], look=self._tell(f"restoring into {database}"))

    def restore_in_place(self, manifest: Manifest, run: str) -> None:
        del run
        folder, client = self._unchanged(manifest), self._client()
        self._decode(client, folder)
        with client.statements() as statements:
            # What the dump does not know goes first: a table that a migration has added may hold on to one that is replaced.
            statements.write(f"BEGIN;\n{leftovers_sql(self._tools.database.rows(), manifest.rows)}".encode())
            statements.flush()
            arguments = ("--clean", "--if-exists", "--file=-", str(folder / DUMP))
            client.run("pg_restore", *arguments, timeout=self._options["timeout"], look=self._tell("restoring in place"), into=statements)
            statements.write(b"COMMIT;\n")

    def remove(self, manifest: Manifest) -> None:
        if "bucket" in manifest.location:
            self._store(manifest.location).remove(manifest.location["prefix"])
        else:
            shutil.rmtree(self._folder(manifest), ignore_errors=True)

    def _unchanged(self, manifest: Manifest) -> Path:
        """Where it is; refused when a file is not as the manifest says."""
        folder = self._folder(manifest)
        refuse_damaged(manifest, damage(manifest.files, self._hash(folder)))
        return folder

    def _folder(self, manifest: Manifest) -> Path:
        """Where it is, if that is here: the controller of today may be another machine, with or without the same volume."""
        if "bucket" in manifest.location:
            return self._fetch(manifest)
        folder, host = Path(manifest.location["directory"]), manifest.location["host"]
        if not folder.is_dir() and host != socket.gethostname():
            raise UpgradeError(
                f"The snapshot {manifest.id} is in {folder} of {host}, and this is {socket.gethostname()}.",
                next_step="Run this there, or bring the directory here to the same path.",
            )
        return folder

    # --- keeping

    def _keep(self, run: str, partial: Path) -> dict[str, str]:
        final = self._directory() / run
        shutil.rmtree(final, ignore_errors=True)  # without a manifest it is worth nothing
        partial.rename(final)
        return {"host": socket.gethostname(), "directory": str(final)}

    def _upload(self, run: str, partial: Path, files: dict[str, dict[str, Any]]) -> dict[str, str]:
        location = store.location(self._options["s3"], run)
        bucket = self._store(location)
        bucket.remove(location["prefix"])  # likewise
        try:
            bucket.upload(partial, files, location["prefix"])
        except BaseException:
            with contextlib.suppress(UpgradeError):  # the cause counts
                bucket.remove(location["prefix"])
            raise
        return location

    def _fetch(self, manifest: Manifest) -> Path:
        """A copy of what is in the bucket, for as long as this object lives: what was verified is what is restored."""
        if self._fetched is None:
            folder = self._fresh(manifest.id)
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            check_room(Forecast(manifest.size, None, None, "its manifest"), shutil.disk_usage(folder).free, str(folder.parent))
            self._store(manifest.location).download(manifest.location["prefix"], folder)
            self._fetched = folder
        return self._fetched

    def _store(self, location: dict[str, str]) -> ObjectStore:
        """The keys are today's, the place is the snapshot's own."""
        place = {name: location[name] for name in ("endpoint", "bucket")}
        return ObjectStore({**self._options["s3"], **place}, self._tools.safe_point, self._tools.say)

    # --- taking

    def _sweep(self, left: Sequence[str]) -> None:
        """Remove what runs that were killed have left here and in today's bucket."""
        directory = self._directory()
        for run in left:
            for folder in (directory / run, *directory.glob(f".{run}-*.partial")):
                shutil.rmtree(folder, ignore_errors=True)
            if self._options["s3"]["bucket"]:
                location = store.location(self._options["s3"], run)
                self._store(location).remove(location["prefix"])

    def _dump(self, client: Client, folder: Path, forecast: Forecast) -> DatabaseFacts:
        """Dump what one transaction sees, and ask the same transaction what that is."""
        looked = 0

        def look(seconds: int) -> None:
            nonlocal looked
            if seconds - looked >= LOOK_SECONDS:
                looked = seconds
                self._tools.say(progress(_size(folder), seconds, forecast))

        with exporting(self._tools) as (exported, facts):
            client.run(
                "pg_dump",
                "--format=directory",
                f"--jobs={self._options['jobs']}",
                "--compress=1",
                "--lock-wait-timeout=10s",
                "--no-password",
                f"--snapshot={exported}",
                f"--file={folder / DUMP}",
                timeout=self._options["timeout"],
                look=look,
            )
            return facts()

    def _directory(self) -> Path:
        directory = Path(self._options["directory"])
        if not directory.is_absolute():
            raise UpgradeError(
                f"ampora_snapshot_directory is {str(directory)!r} and must be an absolute path.",
                next_step="Name a directory of the controller that outlives the run; in an execution environment, a mounted one.",
            )
        return directory

    @contextlib.contextmanager
    def _partial(self, run: str) -> Iterator[Path]:
        """A new folder that is gone at the end of the block unless it was renamed."""
        partial = self._fresh(run)
        try:
            yield partial
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def _fresh(self, run: str) -> Path:
        """A new folder that only this user can read; those that earlier attempts have left are removed."""
        directory = self._directory()
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            for left in directory.glob(f".{run}-*.partial"):
                shutil.rmtree(left, ignore_errors=True)
            partial = directory / f".{run}-{secrets.token_hex(3)}.partial"
            partial.mkdir(mode=0o700)
        except OSError as error:
            raise UpgradeError(f"Nothing can be written to {directory} (ampora_snapshot_directory): {error.strerror}.") from error
        return partial

    # --- proving

    def _hash(self, folder: Path) -> dict[str, dict[str, Any]]:
        """path -> sha256 and size of every file of the dump."""
        files = sorted(path for path in (folder / DUMP).rglob("*") if path.is_file())
        return {str(path.relative_to(folder)): {"sha256": self._sha256(path), "size": path.stat().st_size} for path in files}

    def _sha256(self, path: Path) -> str:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                self._tools.safe_point()
                digest.update(chunk)
        return digest.hexdigest()

    def _decode(self, client: Client, folder: Path) -> None:
        arguments = ("--file=/dev/null", str(folder / DUMP))
        client.run("pg_restore", *arguments, timeout=self._options["timeout"], look=self._tell("decoding in full"))

    def _tell(self, what: str) -> Callable[[int], None]:
        """A line every ten seconds."""
        return lambda seconds: self._tools.say(f"{what}, {seconds // 10 * 10} s")

    def _client(self) -> Client:
        database = self._tools.database
        check_for_programs(database.parameters)
        environment = {**to_environment(database.parameters, hostaddr=database.hostaddr), "PGCONNECT_TIMEOUT": "10"}
        version = database.facts()["server_version"]
        password = {"PGPASSWORD": database.parameters.password}
        return Client(self._options["client"], version, {**environment, **password}, self._tools.safe_point)


def _size(folder: Path) -> int:
    """Bytes so far; a file that was just renamed is counted the next time."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bucket of an S3-compatible store: files go up in parts with their SHA-256, and come back for a comparison with ours.

The library is obstore, which needs nothing else: boto3 wants a python-dateutil that the Kubernetes client does not.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

try:
    import obstore
    from obstore.exceptions import BaseError
    from obstore.store import S3Store
except ImportError:  # only needed with ampora_snapshot_s3
    obstore = None  # type: ignore[assignment]

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, need
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.forecast import amount
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.store import check_store
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint

PART = 16 * 1024 * 1024  # 10 000 parts are the most that S3 takes: 160 GB a file
CONCURRENCY = 4
RETRIES: Any = {"max_retries": 4, "retry_timeout": timedelta(seconds=60)}
CLIENT: Any = {"connect_timeout": "10s", "timeout": "300s"}  # the second for one part
# What a store says of an error; the rest of its answer repeats the request, with the access key in it.
_CODE = re.compile(r"<Code>([^<]{1,100})</Code>")
_MESSAGE = re.compile(r"<Message>([^<]{1,300})</Message>")


class ObjectStore:
    """One bucket; `options` as ampora_snapshot_s3. Empty keys mean AWS_ACCESS_KEY_ID and its like, or the machine's role."""

    def __init__(self, options: Mapping[str, str], safe_point: SafePoint, say: Callable[[str], None]) -> None:
        need(obstore, "obstore")
        check_store(options)
        self._safe_point = safe_point
        self._say = say
        self.place = f"the bucket {options['bucket']} at {options['endpoint'] or 'AWS'}"
        config = {
            "endpoint": options["endpoint"],
            "region": options["region"],
            "access_key_id": options["access_key"],
            "secret_access_key": options["secret_key"],
        }
        given: Any = {key: value for key, value in config.items() if value} | {"checksum_algorithm": "SHA256"}
        client: Any = {**CLIENT, "allow_http": options["endpoint"].startswith("http://")}
        if options["ca_file"]:
            client["root_certificate"] = _certificate(options["ca_file"])
        with self._errors("opened"):
            self._store = S3Store(
                options["bucket"],
                config=given,
                client_options=client,
                retry_config=RETRIES,
            )

    def upload(self, folder: Path, files: Mapping[str, Mapping[str, Any]], prefix: str) -> None:
        """Put the files of a folder below the prefix; one that is cut short on its way is refused by the store or here."""
        done, total = 0, sum(int(entry["size"]) for entry in files.values())
        for path, entry in sorted(files.items()):
            parts = self._parts(folder / path, f"{amount(done)} of {amount(total)} uploaded")
            with self._errors(f"written ({path})"):
                obstore.put(self._store, f"{prefix}/{path}", parts, chunk_size=PART, max_concurrency=CONCURRENCY)
            done += int(entry["size"])
        self._say(f"{amount(done)} of {amount(total)} uploaded")
        there = self.sizes(prefix)
        if wrong := [path for path, entry in files.items() if there.get(path) != entry["size"]]:
            raise UpgradeError(f"{self.place} does not have what was written to it: {', '.join(wrong[:5])}.")

    def download(self, prefix: str, folder: Path) -> None:
        """Fetch everything below the prefix into the folder."""
        sizes, done = self.sizes(prefix), 0
        for path, size in sizes.items():
            target = folder / path
            if not target.resolve().is_relative_to(folder.resolve()):
                raise UpgradeError(f"{self.place} has an object that leads out of the snapshot: {path!r}.")
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._errors(f"read ({path})"), target.open("wb") as file:
                for chunk in obstore.get(self._store, f"{prefix}/{path}").stream(min_chunk_size=PART):
                    file.write(chunk)
                    self._safe_point()
            done += size
            self._say(f"{amount(done)} of {amount(sum(sizes.values()))} fetched")

    def sizes(self, prefix: str) -> dict[str, int]:
        """path below the prefix -> bytes, by the store's own listing."""
        with self._errors("listed"):
            found = [item for page in obstore.list(self._store, f"{prefix}/") for item in page]
        return {str(item["path"]).removeprefix(f"{prefix}/"): int(item["size"]) for item in found}

    def remove(self, prefix: str) -> None:
        """Remove everything below the prefix; what is gone already is no error."""
        if paths := [f"{prefix}/{path}" for path in self.sizes(prefix)]:
            with self._errors("removed"):
                obstore.delete(self._store, paths)

    def _parts(self, path: Path, words: str) -> Iterator[bytes]:
        """The file in pieces; an error between two of them ends the upload, of which nothing then is in the bucket."""
        with path.open("rb") as file:
            while piece := file.read(PART):
                self._safe_point()
                self._say(words)
                yield piece

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        except (BaseError, FileNotFoundError, ValueError) as error:
            code, message = _CODE.search(str(error)), _MESSAGE.search(str(error))
            words = f"{code[1]}: {message[1] if message else ''}" if code else "it does not answer" if "HTTP error" in str(error) else ""
            raise UpgradeError(
                f"{self.place} cannot be {what}: {words or type(error).__name__} (after {time.monotonic() - began:.0f} s).",
                next_step="Check endpoint, bucket, region and keys in ampora_snapshot_s3.",
            ) from None  # the library's words hold the access key and the request


def _certificate(file: str) -> str:
    try:
        return Path(file).expanduser().read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise UpgradeError(f"ampora_snapshot_s3.ca_file is {file}, which cannot be read: {error}.") from error

# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One role by its full name in somebody else's playbook, from the built and installed collection."""

from __future__ import annotations

from pathlib import Path

from tests.support.playbook import BIN, environment, run
from tests.support.sandbox import Sandbox

PLAYBOOK = """
- name: Somebody else's automation
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Save the database before something of ours
      ansible.builtin.include_role:
        name: ampora.upgrades.snapshot
    - name: Go on with the result
      ansible.builtin.copy:
        dest: "{{ playbook_dir }}/snapshot.txt"
        content: "{{ snapshot_result.snapshot.id }} {{ snapshot_result.snapshot.proof }}"
        mode: "0600"
"""


def test_a_role_alone(sandbox: Sandbox, installed: Path, tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text(PLAYBOOK, encoding="utf-8")
    argv = [str(BIN / "ansible-playbook"), "site.yml", "-e", f"@{sandbox.vars_file}"]
    result = run(argv, tmp_path, env=environment(ANSIBLE_COLLECTIONS_PATH=str(installed), ANSIBLE_COLLECTIONS_SCAN_SYS_PATH="false"))
    assert result.status == 0, result.output
    identity, proof = (tmp_path / "snapshot.txt").read_text(encoding="utf-8").split()
    assert proof == "decoded"
    manifest = sandbox.kubectl("get", "configmap", f"upgrade-snapshot-{identity}")
    assert '"migrations"' in manifest["data"]["manifest.json"]
    # A role that is used alone is a run of its own, which has ended and given the lease back.
    journal = sandbox.kubectl("get", "configmap", f"upgrade-run-{identity}")["data"]["journal.json"]
    assert '"outcome": "ended"' in journal
    assert not sandbox.kubectl("get", "lease", "upgrade-ampora-web")["spec"].get("holderIdentity")

# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ids that the collection's own rules have, so that no rule of a site takes one of them (a test compares with docs/rules)."""

from __future__ import annotations

# One text: the test of the pages takes each constant that looks like an id for a rule that is used.
_IDS = """
ack-value
advisory-lock-held
agent-skew
agent-skew-already
agent-too-old
agent-version-unknown
agents
another-run
browser-missing
conditional-edge
configuration
configuration-rollout-in-progress
configuration-rollout-state-unknown
configuration-unread
controller
database
database-too-old
database-too-old-for-release
deprecated-in-use
deprecated-in-use-removed
deprecation-unknown
disk-room
downgrade
forbidden-edge
foreign-field-manager
hpa
invalid-version
known-bad-version
kubernetes-too-old
kubernetes-version-unknown
label-differs
log-window-short
logs
major-not-from-last-minor
master-key
migrate-job-missing
migration-guide
missing-notes
new-key-mandatory
new-keys
no-liveness-probe
no-pdb
no-quota-room
no-readiness-probe
no-room
not-a-downgrade
note-too-large
on-hold
other-owner
outside-window
overlay
overlay-drift
overlay-without-image
override-over
pdb-blocks
permissions
placeholder-secret
prerelease
prometheus
registry
release-notes
removal-not-deprecated
removals-not-on-top
removed-key-in-use
removed-key-not-set
required-key-not-set
restore-needs-createdb
rewrite-without-runtime
rollout
rollout-not-complete
room-unknown
run-record
signal-many-series
signal-stale
signal-without-data
silent-removal
skipped-major
skipped-minor
snapshot-claim
snapshot-claim-missing
strategy
surge-above-one
surroundings
targets-missing
unfinished-run
unknown-version
unused-ack
unused-override
upgrade-graph
window-too-short
word-breaking
word-policy
word-remove
word-rename
"""
BUILT_IN = frozenset(_IDS.split())

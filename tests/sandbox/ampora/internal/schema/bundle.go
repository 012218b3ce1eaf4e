// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Package schema holds what a release knows about the database: its migrations and its columns.
package schema

import (
	"embed"
	"fmt"
	"slices"

	"golang.org/x/mod/semver"
)

//go:embed sql/*.sql
var scripts embed.FS

// Migration is one forward-only step. There is no way back, as in the product.
type Migration struct {
	ID    string
	Since string // the first release that bundles it
}

var releases = []Migration{
	{"20251103091200_Initial", "1.4.2"},
	{"20251201140500_Fleet", "1.4.2"},
	{"20260112083000_Configurations", "1.4.2"},
	{"20260209101500_Rollouts", "1.4.2"},
	{"20260601090000_ConfigurationContentJsonb", "1.5.0"},
	{"20260608113000_AgentLastFrame", "1.5.0"},
	{"20260914074500_UserFullName", "1.6.0"},
	{"20270118090000_RemoveLegacyHeartbeat", "2.0.0"},
	{"20270125101000_AuditDetails", "2.0.0"},
}

// extra belongs to no release: with it, a PATCH breaks the promise of its number.
var extra = Migration{ID: "20260420120000_AuditActorIndex"}

// AtLeast says whether a release is not older than another one. Both must be semantic versions.
func AtLeast(version, since string) bool {
	return semver.Compare("v"+version, "v"+since) >= 0
}

// ValidVersion tells a semantic version from a typing error in AMPORA_VERSION.
func ValidVersion(version string) bool {
	return semver.IsValid("v" + version)
}

// Bundled lists the migrations inside a release, in order.
func Bundled(version string, withExtra bool) []Migration {
	var bundle []Migration
	for _, migration := range releases {
		if AtLeast(version, migration.Since) {
			bundle = append(bundle, migration)
		}
	}
	if withExtra {
		bundle = append(bundle, extra)
	}
	return bundle
}

// Plan compares the bundle with the history: what is still to be applied, and what only a newer release knows.
func Plan(bundle []Migration, applied []string) (pending []Migration, unknown []string) {
	for _, migration := range bundle {
		if !slices.Contains(applied, migration.ID) {
			pending = append(pending, migration)
		}
	}
	for _, id := range applied {
		if !slices.ContainsFunc(bundle, func(m Migration) bool { return m.ID == id }) {
			unknown = append(unknown, id)
		}
	}
	return pending, unknown
}

// Script returns the SQL of a migration.
func (m Migration) Script() (string, error) {
	text, err := scripts.ReadFile("sql/" + m.ID + ".sql")
	if err != nil {
		return "", fmt.Errorf("migration %s is not bundled: %w", m.ID, err)
	}
	return string(text), nil
}

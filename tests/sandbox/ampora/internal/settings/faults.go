// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package settings

import (
	"slices"
	"strings"
	"time"
)

// Faults are the switches by which a test makes a release misbehave. None is a setting of the product.
type Faults struct {
	Migration      string        // AMPORA_DOUBLE_MIGRATION_FAULT: permission, exists, memory
	MigrationAt    string        // AMPORA_DOUBLE_MIGRATION_FAULT_AT: a migration's id
	SlowMigration  time.Duration // AMPORA_DOUBLE_SLOW_MIGRATION_SECONDS, for each migration
	ExtraMigration bool          // AMPORA_DOUBLE_EXTRA_MIGRATION: a PATCH that migrates
	NotReady       bool          // AMPORA_DOUBLE_NOT_READY
	CrashAfter     time.Duration // AMPORA_DOUBLE_CRASH_AFTER_SECONDS, 0 = never
	RefuseAgents   float64       // AMPORA_DOUBLE_REFUSE_AGENTS: a share from 0 to 1
	NoSession      float64       // AMPORA_DOUBLE_NO_SESSION_PER_SECOND
	FooterVersion  string        // AMPORA_DOUBLE_FOOTER_VERSION
	ConsoleError   string        // AMPORA_DOUBLE_CONSOLE_ERROR: a page, such as /fleet
	PageError      string        // AMPORA_DOUBLE_PAGE_ERROR: a page, such as /fleet
	LoginBroken    bool          // AMPORA_DOUBLE_LOGIN_BROKEN
}

// readFaults leaves every switch off when AMPORA_DOUBLE_FAULT_VERSIONS names other releases than this one: pods of the
// old and the new release share one ConfigMap, and a test wants only one of them to misbehave.
func readFaults(r *reader, version string) Faults {
	if only := r.text("AMPORA_DOUBLE_FAULT_VERSIONS", ""); only != "" && !slices.Contains(strings.Split(only, ","), version) {
		return Faults{}
	}
	return Faults{
		Migration:      r.text("AMPORA_DOUBLE_MIGRATION_FAULT", ""),
		MigrationAt:    r.text("AMPORA_DOUBLE_MIGRATION_FAULT_AT", ""),
		SlowMigration:  r.seconds("AMPORA_DOUBLE_SLOW_MIGRATION_SECONDS", 0),
		ExtraMigration: r.flag("AMPORA_DOUBLE_EXTRA_MIGRATION", false),
		NotReady:       r.flag("AMPORA_DOUBLE_NOT_READY", false),
		CrashAfter:     r.seconds("AMPORA_DOUBLE_CRASH_AFTER_SECONDS", 0),
		RefuseAgents:   r.float("AMPORA_DOUBLE_REFUSE_AGENTS"),
		NoSession:      r.float("AMPORA_DOUBLE_NO_SESSION_PER_SECOND"),
		FooterVersion:  r.text("AMPORA_DOUBLE_FOOTER_VERSION", ""),
		ConsoleError:   r.text("AMPORA_DOUBLE_CONSOLE_ERROR", ""),
		PageError:      r.text("AMPORA_DOUBLE_PAGE_ERROR", ""),
		LoginBroken:    r.flag("AMPORA_DOUBLE_LOGIN_BROKEN", false),
	}
}

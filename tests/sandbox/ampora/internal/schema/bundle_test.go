// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package schema

import (
	"slices"
	"testing"
)

func ids(migrations []Migration) []string {
	var out []string
	for _, m := range migrations {
		out = append(out, m.ID)
	}
	return out
}

func TestBundledCountsByRelease(t *testing.T) {
	want := map[string]int{"1.4.2": 4, "1.4.3": 4, "1.5.0": 6, "1.5.1": 6, "1.6.0": 7, "2.0.0": 9}
	for version, count := range want {
		if got := len(Bundled(version, false)); got != count {
			t.Errorf("%s bundles %d migrations, want %d", version, got, count)
		}
	}
}

func TestEveryMigrationHasAScript(t *testing.T) {
	for _, migration := range Bundled("2.0.0", true) {
		if _, err := migration.Script(); err != nil {
			t.Error(err)
		}
	}
}

func TestIdentifiersAreInOrder(t *testing.T) {
	if all := ids(Bundled("2.0.0", false)); !slices.IsSorted(all) {
		t.Errorf("not in order: %v", all)
	}
}

func TestPlan(t *testing.T) {
	old, current := Bundled("1.4.2", false), Bundled("1.5.0", false)
	pending, unknown := Plan(current, ids(old))
	if want := []string{"20260601090000_ConfigurationContentJsonb", "20260608113000_AgentLastFrame"}; !slices.Equal(ids(pending), want) {
		t.Errorf("pending %v, want %v", ids(pending), want)
	}
	if len(unknown) != 0 {
		t.Errorf("unknown %v, want none", unknown)
	}
	pending, unknown = Plan(old, ids(current))
	if len(pending) != 0 || len(unknown) != 2 {
		t.Errorf("an old binary on a newer schema: pending %v, unknown %v", pending, unknown)
	}
}

func TestExtraMigration(t *testing.T) {
	pending, _ := Plan(Bundled("1.4.3", true), ids(Bundled("1.4.2", false)))
	if len(pending) != 1 || pending[0].ID != extra.ID {
		t.Errorf("pending %v, want the extra one only", ids(pending))
	}
}

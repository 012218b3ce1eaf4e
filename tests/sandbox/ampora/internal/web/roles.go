// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package web

import "slices"

// ranks lists the roles, the lowest first; each may do what those before it may.
var ranks = []string{"Viewer", "Operator", "Admin"}

func atLeast(role, needed string) bool {
	return slices.Index(ranks, role) >= slices.Index(ranks, needed)
}

// highestRole reads the role claim, a string or a list; empty when it holds no role.
func highestRole(claim any) string {
	values, isList := claim.([]any)
	if !isList {
		values = []any{claim}
	}
	best := -1
	for _, value := range values {
		name, _ := value.(string)
		best = max(best, slices.Index(ranks, name))
	}
	if best < 0 {
		return ""
	}
	return ranks[best]
}

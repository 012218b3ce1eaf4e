// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package schema

import "fmt"

// Model is the set of columns that a release's queries name, like the entity model compiled into a binary.
// Nothing adapts at run time: on a schema of another release the queries fail in PostgreSQL, as the product's do.
type Model struct {
	LastSeen    string // agents
	Heartbeat   string // agents
	UserName    string // users
	AuditExtra  string // audit_events
	ContentSize string // configuration_versions, an expression
	ContentType string // configuration_versions
}

// ModelOf returns the columns that a release was compiled with.
func ModelOf(version string) Model {
	model := Model{
		LastSeen: "last_seen_utc", Heartbeat: "heartbeat_mode", UserName: "display_name",
		AuditExtra: "additional", ContentSize: "length(v.content)", ContentType: "text",
	}
	if AtLeast(version, "1.5.0") {
		model.LastSeen = "last_frame_utc"
		model.ContentSize = "length(jsonb_pretty(v.content))"
		model.ContentType = "jsonb"
	}
	if AtLeast(version, "1.6.0") {
		model.UserName = "full_name"
	}
	if AtLeast(version, "2.0.0") {
		model.Heartbeat = "'standard'::text"
		model.AuditExtra = "details"
	}
	return model
}

// Probes are statements that PostgreSQL can plan only when the schema has the model's columns; they read no row.
func (m Model) Probes() []string {
	return []string{
		fmt.Sprintf("SELECT %s, %s FROM agents LIMIT 0", m.LastSeen, m.Heartbeat),
		fmt.Sprintf("SELECT %s FROM configuration_versions v LIMIT 0", m.ContentSize),
		fmt.Sprintf("SELECT %s FROM users LIMIT 0", m.UserName),
		fmt.Sprintf("SELECT %s FROM audit_events LIMIT 0", m.AuditExtra),
	}
}

// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package seed

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"ampora.example/ampora/internal/fleet"
	"ampora.example/ampora/internal/pat"
)

// table is one COPY: how many rows, and what the n-th one holds.
type table struct {
	name    string
	columns []string
	rows    int
	row     func(n int) ([]any, error)
}

const configurations = 50

var (
	companies = []string{"acme", "globex", "initech", "umbrella", "hooli"}
	actions   = []string{"create", "update", "publish", "start", "pause", "resume", "label"}
	entities  = []string{"Configuration", "Agent", "Rollout", "Group"}
	states    = []string{"Completed", "Completed", "Failed", "Completed", "RolledBack", "Paused"}
)

func id(kind string, n int) uuid.UUID { return fleet.SeededUUID(fmt.Sprintf("ampora-%s-%d", kind, n)) }

func (f filler) tenant(n int) uuid.UUID { return id("tenant", n%f.tenants) }

func slug(n int) string {
	if n < len(companies) {
		return companies[n]
	}
	return fmt.Sprintf("tenant-%d", n)
}

func (f filler) tables() []table {
	return []table{
		{"tenants", []string{"id", "slug", "name", "created_at_utc"}, f.tenants, func(n int) ([]any, error) {
			return []any{id("tenant", n), slug(n), "Tenant " + slug(n), start}, nil
		}},
		{"users", []string{"id", "tenant_id", "subject", f.model.UserName, "role"}, 2, func(n int) ([]any, error) {
			return []any{id("user", n), f.tenant(0), []string{"alice", "bob"}[n], []string{"Alice", "Bob"}[n], []string{"Admin", "Operator"}[n]}, nil
		}},
		{"api_tokens", []string{"id", "tenant_id", "name", "role", "token_hash", "created_at_utc"}, 1, func(n int) ([]any, error) {
			return []any{id("token", n), f.tenant(0), "test-ground", "Admin", pat.Hash(Token), start}, nil
		}},
		{"agents", []string{"id", "tenant_id", "instance_uid", "name", "agent_type", "version", f.model.LastSeen, "created_at_utc"}, f.agents, f.agent},
		{"configurations", []string{"id", "tenant_id", "name", "description", "created_at_utc"}, configurations, func(n int) ([]any, error) {
			return []any{id("configuration", n), f.tenant(n), fmt.Sprintf("pipeline-%02d", n), "A collector pipeline", start}, nil
		}},
		{"configuration_versions", []string{"id", "configuration_id", "version", "content", "created_by", "created_at_utc"},
			f.configurationVersions, f.configurationVersion},
		{"rollouts", []string{"id", "tenant_id", "configuration_id", "name", "strategy", "state", "created_at_utc", "updated_at_utc"}, len(states), f.rollout},
		{"audit_events", []string{"id", "tenant_id", "timestamp", "actor", "actor_role", "entity_type", "entity_id", "action",
			"before", "after", "source_ip", "trace_id", f.model.AuditExtra}, f.audits, f.audit},
	}
}

func (f filler) agent(n int) ([]any, error) {
	return []any{id("agent-row", n), f.tenant(n), fleet.AgentUID(n), fmt.Sprintf("collector-%04d", n), "otelcol-contrib", "1.4.0", start, start}, nil
}

func (f filler) rollout(n int) ([]any, error) {
	at := start.Add(time.Duration(n) * 24 * time.Hour)
	return []any{id("rollout", n), f.tenant(n), id("configuration", n), fmt.Sprintf("wave-%d", n), "Percentage", states[n], at, at}, nil
}

// configurationVersion is JSON, which the release that promotes the column to JSONB has to parse.
func (f filler) configurationVersion(n int) ([]any, error) {
	content, err := json.Marshal(map[string]any{
		"receivers":  map[string]any{"otlp": map[string]any{"protocols": []string{"grpc", "http"}}},
		"processors": map[string]any{"batch": map[string]any{"timeout": fmt.Sprintf("%ds", n%30+1)}},
		"exporters":  map[string]any{"otlphttp": map[string]any{"endpoint": fmt.Sprintf("https://otel-%d.example", n)}},
		"padding":    f.padding(n),
	})
	at := start.Add(time.Duration(n) * time.Minute)
	return []any{id("configuration-version", n), id("configuration", n%configurations), n/configurations + 1, string(content), "alice", at}, err
}

// padding does not compress, or PostgreSQL would store gigabytes in no space.
func (f filler) padding(n int) string {
	raw := make([]byte, 600+f.mbyte*(1<<20)*3/4/f.configurationVersions)
	var seed [32]byte
	copy(seed[:], id("padding", n).String())
	_, _ = rand.NewChaCha8(seed).Read(raw)
	return base64.StdEncoding.EncodeToString(raw)
}

func (f filler) audit(n int) ([]any, error) {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	entity := entities[r.IntN(len(entities))]
	return []any{id("audit", n), f.tenant(n), start.Add(time.Duration(n) * time.Minute / 2), []string{"alice", "bob", "system"}[n%3], "Operator",
		entity, id(entity, r.IntN(500)).String(), actions[r.IntN(len(actions))], map[string]int{"revision": n}, map[string]int{"revision": n + 1},
		"10.0.0.1", fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64()), map[string]string{"source": "seed"}}, nil
}

// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Agent is a row of the Fleet.
type Agent struct {
	ID          string     `json:"id"`
	InstanceUID string     `json:"instanceUid"`
	Name        string     `json:"name"`
	Tenant      string     `json:"tenant"`
	AgentType   string     `json:"agentType"`
	Version     string     `json:"version"`
	Heartbeat   string     `json:"heartbeatMode"`
	LastSeenUTC *time.Time `json:"lastSeenUtc"`
	Connected   bool       `json:"connected"`
}

// Agents reads a page of the Fleet.
func (s *Store) Agents(ctx context.Context, page Page) (Listing[Agent], error) {
	return list[Agent](ctx, s, page, "SELECT count(*) FROM agents WHERE deleted_at_utc IS NULL", s.agentQuery("")+
		" ORDER BY a.name, a.id LIMIT $1 OFFSET $2")
}

func (s *Store) agentQuery(condition string) string {
	return fmt.Sprintf(`SELECT a.id::text, a.instance_uid::text, a.name, t.slug, a.agent_type, a.version, %s, a.%s,
		coalesce(o.instance IS NOT NULL AND o.expires_at_utc > now(), false)
		FROM agents a JOIN tenants t ON t.id = a.tenant_id LEFT JOIN agent_session_ownership o ON o.agent_id = a.id
		WHERE a.deleted_at_utc IS NULL %s`, s.model.Heartbeat, s.model.LastSeen, condition)
}

// Agent reads one agent by its id.
func (s *Store) Agent(ctx context.Context, id string) (Listing[Agent], error) {
	return list[Agent](ctx, s, Page{1, 1}, "SELECT 1", s.agentQuery("AND a.id::text = $3")+" LIMIT $1 OFFSET $2", id)
}

// Configuration is a row of the Configurations, with the size of its newest version.
type Configuration struct {
	ID            string    `json:"id"`
	Tenant        string    `json:"tenant"`
	Name          string    `json:"name"`
	Description   string    `json:"description"`
	LatestVersion int       `json:"latestVersion"`
	Size          int       `json:"size"`
	CreatedAtUTC  time.Time `json:"createdAtUtc"`
}

// Configurations reads a page of the Configurations.
func (s *Store) Configurations(ctx context.Context, page Page) (Listing[Configuration], error) {
	query := fmt.Sprintf(`SELECT c.id::text, t.slug, c.name, c.description, coalesce(n.version, 0), coalesce(n.size, 0), c.created_at_utc
		FROM configurations c JOIN tenants t ON t.id = c.tenant_id
		LEFT JOIN LATERAL (SELECT v.version, %s AS size FROM configuration_versions v
			WHERE v.configuration_id = c.id ORDER BY v.version DESC LIMIT 1) n ON true
		WHERE c.deleted_at_utc IS NULL ORDER BY c.name, c.id LIMIT $1 OFFSET $2`, s.model.ContentSize)
	return list[Configuration](ctx, s, page, "SELECT count(*) FROM configurations WHERE deleted_at_utc IS NULL", query)
}

// Rollout is a configuration rollout, which is not a rollout of the Deployment.
type Rollout struct {
	ID              string    `json:"id"`
	Tenant          string    `json:"tenant"`
	ConfigurationID string    `json:"configurationId"`
	Name            string    `json:"name"`
	Strategy        string    `json:"strategy"`
	State           string    `json:"state"`
	CreatedAtUTC    time.Time `json:"createdAtUtc"`
	UpdatedAtUTC    time.Time `json:"updatedAtUtc"`
}

const rolloutColumns = `SELECT r.id::text, t.slug, r.configuration_id::text, r.name, r.strategy, r.state, r.created_at_utc, r.updated_at_utc
	FROM rollouts r JOIN tenants t ON t.id = r.tenant_id`

// Rollouts reads a page of the configuration rollouts.
func (s *Store) Rollouts(ctx context.Context, page Page) (Listing[Rollout], error) {
	return list[Rollout](ctx, s, page, "SELECT count(*) FROM rollouts", rolloutColumns+" ORDER BY r.created_at_utc DESC, r.id LIMIT $1 OFFSET $2")
}

// AuditEvent is one recorded change of state.
type AuditEvent struct {
	ID         string          `json:"id"`
	Tenant     string          `json:"tenant"`
	Timestamp  time.Time       `json:"timestamp"`
	Actor      string          `json:"actor"`
	ActorRole  string          `json:"actorRole"`
	EntityType string          `json:"entityType"`
	EntityID   string          `json:"entityId"`
	Action     string          `json:"action"`
	Before     json.RawMessage `json:"before"`
	After      json.RawMessage `json:"after"`
	SourceIP   *string         `json:"sourceIp"`
	TraceID    *string         `json:"traceId"`
	Additional json.RawMessage `json:"additional"`
}

// AuditEvents reads a page of the audit log, the newest first.
func (s *Store) AuditEvents(ctx context.Context, page Page) (Listing[AuditEvent], error) {
	query := fmt.Sprintf(`SELECT e.id::text, t.slug, e.timestamp, e.actor, e.actor_role, e.entity_type, e.entity_id, e.action,
		e.before, e.after, e.source_ip, e.trace_id, e.%s
		FROM audit_events e JOIN tenants t ON t.id = e.tenant_id ORDER BY e.timestamp DESC, e.id LIMIT $1 OFFSET $2`, s.model.AuditExtra)
	return list[AuditEvent](ctx, s, page, "SELECT count(*) FROM audit_events", query)
}

// Summary is what the Dashboard shows.
type Summary struct {
	Tenants, Agents, Connected, Configurations, ActiveRollouts int
	Users                                                      []string
}

// Summary counts for the Dashboard.
func (s *Store) Summary(ctx context.Context) (Summary, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var out Summary
	query := fmt.Sprintf(`SELECT (SELECT count(*) FROM tenants), (SELECT count(%s) FROM agents),
		(SELECT count(*) FROM agent_session_ownership WHERE instance IS NOT NULL AND expires_at_utc > now()),
		(SELECT count(*) FROM configurations), (SELECT count(*) FROM rollouts WHERE state = 'InProgress'),
		(SELECT coalesce(array_agg(%s ORDER BY last_login_utc DESC), '{}') FROM users)`, "coalesce("+s.model.LastSeen+", now())", s.model.UserName)
	err := s.pool.QueryRow(ctx, query).Scan(&out.Tenants, &out.Agents, &out.Connected, &out.Configurations, &out.ActiveRollouts, &out.Users)
	return out, err
}

// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Actor is who makes a change, for the audit log.
type Actor struct {
	Subject, Role, SourceIP, TraceID string
}

// ErrNotFound and ErrState are what a caller can do something about.
var (
	ErrNotFound = errors.New("not found")
	ErrState    = errors.New("not possible in this state")
)

type change struct {
	tenantID, entityType, entityID, action string
	before, after                          any
}

// audited makes a change and its audit event in one transaction: neither exists without the other.
func (s *Store) audited(ctx context.Context, actor Actor, work func(pgx.Tx) (change, error)) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var made change
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var err error
		if made, err = work(tx); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, made)
	})
	return made.entityID, err
}

func (s *Store) record(ctx context.Context, tx pgx.Tx, actor Actor, c change) error {
	additional, _ := json.Marshal(map[string]string{"source": "api"})
	_, err := tx.Exec(ctx, fmt.Sprintf(`INSERT INTO audit_events
		(tenant_id, actor, actor_role, entity_type, entity_id, action, before, after, source_ip, trace_id, %s)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, nullif($9, ''), nullif($10, ''), $11)`, s.model.AuditExtra),
		c.tenantID, actor.Subject, actor.Role, c.entityType, c.entityID, c.action, c.before, c.after, actor.SourceIP, actor.TraceID, additional)
	return err
}

// NewConfiguration is the body of a POST to /api/configurations.
type NewConfiguration struct {
	Tenant      string          `json:"tenant"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Content     json.RawMessage `json:"content"`
}

// CreateConfiguration makes a configuration with its first version.
func (s *Store) CreateConfiguration(ctx context.Context, actor Actor, n NewConfiguration) (string, error) {
	return s.audited(ctx, actor, func(tx pgx.Tx) (change, error) {
		made := change{entityType: "Configuration", action: "create", after: n}
		err := tx.QueryRow(ctx, `INSERT INTO configurations (tenant_id, name, description)
			SELECT id, $2, $3 FROM tenants WHERE slug = $1 RETURNING id::text, tenant_id::text`, n.Tenant, n.Name, n.Description).
			Scan(&made.entityID, &made.tenantID)
		if err != nil {
			return made, notFound(err)
		}
		return made, s.insertVersion(ctx, tx, made.entityID, actor, n.Content)
	})
}

// AddVersion adds a version to a configuration.
func (s *Store) AddVersion(ctx context.Context, actor Actor, id string, content json.RawMessage) (string, error) {
	return s.audited(ctx, actor, func(tx pgx.Tx) (change, error) {
		made := change{entityType: "Configuration", entityID: id, action: "add-version", after: map[string]any{"content": content}}
		err := tx.QueryRow(ctx, "SELECT tenant_id::text FROM configurations WHERE id::text = $1 FOR UPDATE", id).Scan(&made.tenantID)
		if err != nil {
			return made, notFound(err)
		}
		return made, s.insertVersion(ctx, tx, id, actor, content)
	})
}

func (s *Store) insertVersion(ctx context.Context, tx pgx.Tx, id string, actor Actor, content json.RawMessage) error {
	_, err := tx.Exec(ctx, fmt.Sprintf(`INSERT INTO configuration_versions (configuration_id, version, content, created_by)
		SELECT $1::uuid, coalesce(max(version), 0) + 1, $2::%s, $3 FROM configuration_versions WHERE configuration_id = $1::uuid`,
		s.model.ContentType), id, string(content), actor.Subject)
	return err
}

// NewRollout is the body of a POST to /api/rollouts.
type NewRollout struct {
	ConfigurationID string `json:"configurationId"`
	Name            string `json:"name"`
	Strategy        string `json:"strategy"`
}

// CreateRollout makes a pending configuration rollout.
func (s *Store) CreateRollout(ctx context.Context, actor Actor, n NewRollout) (string, error) {
	return s.audited(ctx, actor, func(tx pgx.Tx) (change, error) {
		made := change{entityType: "Rollout", action: "create", after: n}
		err := tx.QueryRow(ctx, `INSERT INTO rollouts (tenant_id, configuration_id, name, strategy, state)
			SELECT tenant_id, id, $2, $3, 'Pending' FROM configurations WHERE id::text = $1 RETURNING id::text, tenant_id::text`,
			n.ConfigurationID, n.Name, n.Strategy).Scan(&made.entityID, &made.tenantID)
		return made, notFound(err)
	})
}

// moves says from which states each command may go, and where to.
var moves = map[string]struct {
	from []string
	to   string
}{
	"start":  {[]string{"Pending"}, "InProgress"},
	"pause":  {[]string{"InProgress"}, "Paused"},
	"resume": {[]string{"Paused"}, "InProgress"},
	"abort":  {[]string{"InProgress", "Paused"}, "Failed"},
}

// Moved is a change of state of a rollout, for the metrics.
type Moved struct{ Tenant, From, To string }

// MoveRollout starts, pauses, resumes or aborts a configuration rollout.
func (s *Store) MoveRollout(ctx context.Context, actor Actor, id, command string) (Moved, error) {
	move, known := moves[command]
	if !known {
		return Moved{}, ErrNotFound
	}
	moved := Moved{To: move.to}
	_, err := s.audited(ctx, actor, func(tx pgx.Tx) (change, error) {
		made := change{entityType: "Rollout", entityID: id, action: command}
		err := tx.QueryRow(ctx, `SELECT r.tenant_id::text, t.slug, r.state FROM rollouts r JOIN tenants t ON t.id = r.tenant_id
			WHERE r.id::text = $1 FOR UPDATE OF r`, id).Scan(&made.tenantID, &moved.Tenant, &moved.From)
		if err != nil {
			return made, notFound(err)
		}
		made.before, made.after = map[string]string{"state": moved.From}, map[string]string{"state": move.to}
		tag, err := tx.Exec(ctx, "UPDATE rollouts SET state = $2, updated_at_utc = now() WHERE id::text = $1 AND state = ANY ($3)", id, move.to, move.from)
		if err == nil && tag.RowsAffected() == 0 {
			err = fmt.Errorf("%w: the rollout is %s", ErrState, moved.From)
		}
		return made, err
	})
	return moved, err
}

// Rollout reads one configuration rollout.
func (s *Store) Rollout(ctx context.Context, id string) (Listing[Rollout], error) {
	return list[Rollout](ctx, s, Page{1, 1}, "SELECT 1", rolloutColumns+" WHERE r.id::text = $3 LIMIT $1 OFFSET $2", id)
}

func notFound(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

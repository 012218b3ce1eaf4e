// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Package fleet holds the agents' sessions: the WebSocket, who owns a session, and what is dispatched to it.
package fleet

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// AgentUID is the instance uid of the n-th agent of the test ground; the program that plays the agents makes the same ones.
func AgentUID(n int) uuid.UUID {
	return SeededUUID(fmt.Sprintf("ampora-agent-%d", n))
}

// SeededUUID makes the same version 4 UUID for the same name.
func SeededUUID(name string) uuid.UUID {
	sum := sha256.Sum256([]byte(name))
	id := uuid.UUID(sum[:16])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id
}

// Agent is what a session needs to know of an agent.
type Agent struct {
	ID       uuid.UUID
	TenantID uuid.UUID
	Tenant   string
}

// directory knows the agents without asking the database, for a migration may hold the lock on their table.
type directory struct {
	pool    *pgxpool.Pool
	mu      sync.RWMutex
	agents  map[uuid.UUID]Agent // by instance uid
	tenants map[uuid.UUID]string
	first   string // the slug of the tenant for agents that nobody enrolled
}

const directoryQuery = `SELECT t.id, t.slug, a.instance_uid, a.id FROM tenants t LEFT JOIN agents a ON a.tenant_id = t.id ORDER BY t.slug DESC`

func (d *directory) load(ctx context.Context) error {
	rows, err := d.pool.Query(ctx, directoryQuery)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.agents, d.tenants = map[uuid.UUID]Agent{}, map[uuid.UUID]string{}
	var tenantID uuid.UUID
	var slug string
	var uid, id *uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&tenantID, &slug, &uid, &id}, func() error {
		d.tenants[tenantID], d.first = slug, slug
		if uid != nil {
			d.agents[*uid] = Agent{ID: *id, TenantID: tenantID, Tenant: slug}
		}
		return nil
	})
	return err
}

func (d *directory) tenant(id uuid.UUID) string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.tenants[id]
}

func (d *directory) slugs() []string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var out []string
	for _, slug := range d.tenants {
		out = append(out, slug)
	}
	return out
}

// find enrols an agent that the database does not know; the product wants a bootstrap token for that.
func (d *directory) find(ctx context.Context, uid uuid.UUID) (Agent, error) {
	d.mu.RLock()
	agent, known := d.agents[uid]
	first := d.first
	d.mu.RUnlock()
	if known {
		return agent, nil
	}
	err := d.pool.QueryRow(ctx, `WITH home AS (SELECT id, slug FROM tenants WHERE slug = $2),
		made AS (INSERT INTO agents (tenant_id, instance_uid, name, agent_type, version)
			SELECT id, $1::uuid, 'agent-' || left($1::uuid::text, 8), 'otelcol', '' FROM home
			ON CONFLICT (instance_uid) DO UPDATE SET deleted_at_utc = NULL RETURNING id, tenant_id)
		SELECT made.id, made.tenant_id, t.slug FROM made JOIN tenants t ON t.id = made.tenant_id`, uid, first).
		Scan(&agent.ID, &agent.TenantID, &agent.Tenant)
	if err != nil {
		return agent, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.agents[uid] = agent
	return agent, nil
}

// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package fleet

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// acquire makes this instance the owner of an agent's session; the fencing token outdates every earlier owner.
func (h *Hub) acquire(ctx context.Context, s *session) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var token int64
	err := h.pool.QueryRow(ctx, `INSERT INTO agent_session_ownership AS o
		(agent_id, tenant_id, instance, fencing_token, acquired_at_utc, expires_at_utc)
		VALUES ($1, $2, $3, 1, now(), now() + make_interval(secs => $4))
		ON CONFLICT (agent_id) DO UPDATE SET instance = excluded.instance, fencing_token = o.fencing_token + 1,
			acquired_at_utc = now(), expires_at_utc = excluded.expires_at_utc, released_at_utc = NULL
		RETURNING fencing_token`, s.agent.ID, s.agent.TenantID, h.settings.Instance, h.settings.OwnershipTTL.Seconds()).Scan(&token)
	if err != nil {
		h.metrics.Acquires.WithLabelValues("failed").Inc()
		h.log.WithTenant(s.agent.Tenant).Error("Ampora.Fleet.SessionOwnership", "Ownership of agent {AgentId} could not be acquired", err, "AgentId", s.agent.ID)
		return
	}
	s.token.Store(token)
	h.metrics.Acquires.WithLabelValues("acquired").Inc()
}

// release gives the session up, unless a newer owner has it already.
func (h *Hub) release(s *session) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := h.pool.Exec(ctx, `UPDATE agent_session_ownership SET instance = NULL, released_at_utc = now()
		WHERE agent_id = $1 AND instance = $2 AND fencing_token = $3`, s.agent.ID, h.settings.Instance, s.token.Load())
	if err != nil {
		h.log.Error("Ampora.Fleet.SessionOwnership", "Ownership of agent {AgentId} could not be released", err, "AgentId", s.agent.ID)
	}
}

// renewLoop keeps the ownership of open sessions alive, and makes up for an acquisition that failed.
func (h *Hub) renewLoop(ctx context.Context) {
	every(ctx, h.settings.OwnershipTTL/3, func() {
		var owned []uuid.UUID
		for _, s := range h.all() {
			if s.token.Load() == 0 {
				h.acquire(ctx, s)
				continue
			}
			owned = append(owned, s.agent.ID)
		}
		_, err := h.pool.Exec(ctx, `UPDATE agent_session_ownership SET expires_at_utc = now() + make_interval(secs => $3)
			WHERE instance = $1 AND agent_id = ANY ($2)`, h.settings.Instance, owned, h.settings.OwnershipTTL.Seconds())
		if err != nil {
			h.log.Error("Ampora.Fleet.SessionOwnership", "Ownership of {Count} agents could not be renewed", err, "Count", len(owned))
		}
	})
}

// every runs work at an interval until the context ends.
func every(ctx context.Context, interval time.Duration, work func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			work()
		}
	}
}

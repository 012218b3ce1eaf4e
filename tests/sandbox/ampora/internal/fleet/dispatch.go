// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package fleet

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/open-telemetry/opamp-go/protobufs"
)

const channel = "ampora_dispatch"

// envelope is what the backplane carries to the instance that owns the session.
type envelope struct {
	Instance string    `json:"instance"`
	AgentID  uuid.UUID `json:"agentId"`
	TenantID uuid.UUID `json:"tenantId"`
	SentAt   time.Time `json:"sentAt"`
}

// The next agents in turn, of those with a session or with one that ended lately. An agent that was let go a moment ago
// is on its way to another instance, and is left alone. Locked rows are another instance's work.
const nextTargets = `UPDATE agent_session_ownership SET dispatched_at_utc = now() WHERE agent_id IN (
		SELECT agent_id FROM agent_session_ownership
		WHERE expires_at_utc > now() - interval '10 minutes'
			AND (instance IS NOT NULL OR released_at_utc < now() - interval '10 seconds')
			AND coalesce(dispatched_at_utc, '-infinity') < now() - interval '5 seconds'
		ORDER BY dispatched_at_utc NULLS FIRST LIMIT 20 FOR UPDATE SKIP LOCKED)
	RETURNING CASE WHEN expires_at_utc > now() THEN coalesce(instance, '') ELSE '' END, agent_id, tenant_id`

// dispatchLoop asks agents for their full state, in turn: the product's desired-state push without its content.
func (h *Hub) dispatchLoop(ctx context.Context) {
	every(ctx, time.Second, func() {
		query, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		rows, err := h.pool.Query(query, nextTargets)
		if err == nil {
			var target envelope
			_, err = pgx.ForEachRow(rows, []any{&target.Instance, &target.AgentID, &target.TenantID}, func() error {
				go h.dispatch(ctx, target)
				return nil
			})
		}
		if err != nil {
			h.log.Error("Ampora.Fleet.Dispatch", "Targets could not be read", err)
		}
	})
}

func (h *Hub) dispatch(ctx context.Context, target envelope) {
	tenant := h.directory.tenant(target.TenantID)
	switch {
	case target.Instance == h.settings.Instance:
		h.metrics.DispatchLocal.WithLabelValues(tenant).Inc()
		h.deliver(target)
	case target.Instance == "" || h.settings.Backplane == "InProcess":
		h.noSession(target)
	default:
		h.forward(ctx, target, tenant)
	}
}

func (h *Hub) forward(ctx context.Context, target envelope, tenant string) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	target.SentAt = time.Now()
	payload, err := json.Marshal(target)
	if err == nil {
		_, err = h.pool.Exec(ctx, "SELECT pg_notify($1, $2)", channel, string(payload))
	}
	if err != nil {
		h.log.Error("Ampora.Fleet.Dispatch", "Agent {AgentId} could not be reached over the backplane", err, "AgentId", target.AgentID)
		return
	}
	h.metrics.DispatchForward.WithLabelValues(tenant, target.Instance).Inc()
}

// deliver sends on the session, if it is still there.
func (h *Hub) deliver(target envelope) {
	for _, s := range h.all() {
		if s.agent.ID == target.AgentID {
			flags := uint64(protobufs.ServerToAgentFlags_ServerToAgentFlags_ReportFullState)
			_ = s.send(&protobufs.ServerToAgent{InstanceUid: s.uid[:], Flags: flags}) // a broken socket ends its own session
			return
		}
	}
	h.noSession(target)
}

func (h *Hub) noSession(target envelope) {
	tenant := h.directory.tenant(target.TenantID)
	h.metrics.NoSession.WithLabelValues(tenant).Inc()
	h.log.WithTenant(tenant).Warn("Ampora.Fleet.Dispatch", "Agent {AgentId} has no live session", "AgentId", target.AgentID)
}

// listenLoop consumes the backplane on a connection of its own, and reconnects for ever.
func (h *Hub) listenLoop(ctx context.Context) {
	if h.settings.Backplane == "InProcess" {
		return
	}
	for ctx.Err() == nil {
		if err := h.listen(ctx); err != nil && ctx.Err() == nil {
			h.log.Error("Ampora.Dispatch.PostgresBackplane", "The backplane's connection was lost", err)
			time.Sleep(time.Second)
		}
	}
}

func (h *Hub) listen(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, h.pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return err
	}
	for {
		notification, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		var target envelope
		if json.Unmarshal([]byte(notification.Payload), &target) != nil || target.Instance != h.settings.Instance {
			continue // another instance's, or a stranger's
		}
		h.metrics.EnvelopeAge.WithLabelValues(h.directory.tenant(target.TenantID)).Observe(time.Since(target.SentAt).Seconds())
		h.deliver(target)
	}
}

// faultLoop makes no_session grow by a switch, without touching any agent.
func (h *Hub) faultLoop(ctx context.Context) {
	if rate := h.settings.Faults.NoSession; rate > 0 {
		every(ctx, time.Second, func() { h.metrics.NoSession.WithLabelValues(h.directory.first).Add(rate) })
	}
}

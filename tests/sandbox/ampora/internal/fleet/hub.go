// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package fleet

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/open-telemetry/opamp-go/protobufs"

	"ampora.example/ampora/internal/logging"
	"ampora.example/ampora/internal/metrics"
	"ampora.example/ampora/internal/schema"
	"ampora.example/ampora/internal/settings"
)

// patience bounds what an agent's session waits for the database.
const patience = 5 * time.Second

// Hub holds this instance's sessions.
type Hub struct {
	settings  *settings.Settings
	pool      *pgxpool.Pool
	model     schema.Model
	metrics   *metrics.Metrics
	log       *logging.Logger
	directory *directory
	accepting atomic.Bool // false before the directory is read and while draining
	mu        sync.Mutex
	sessions  map[uuid.UUID]*session // by instance uid
	seen      map[uuid.UUID]string   // agents with a frame since the last flush, with the version they told
}

type session struct {
	uid   uuid.UUID
	agent Agent
	conn  *websocket.Conn
	write sync.Mutex
	token atomic.Int64 // the fencing token, 0 before the ownership is acquired
}

// NewHub makes a hub without sessions.
func NewHub(s *settings.Settings, pool *pgxpool.Pool, m *metrics.Metrics, log *logging.Logger) *Hub {
	h := &Hub{
		settings: s, pool: pool, model: schema.ModelOf(s.Version), metrics: m, log: log,
		directory: &directory{pool: pool}, sessions: map[uuid.UUID]*session{}, seen: map[uuid.UUID]string{},
	}
	m.RegisterSessions(s.Instance, h.Count)
	return h
}

// Open reads the directory and lets agents in; to be called once the schema fits.
func (h *Hub) Open(ctx context.Context) error {
	if err := h.directory.load(ctx); err != nil {
		return err
	}
	h.accepting.Store(true)
	return nil
}

// Run works in the background until the context ends.
func (h *Hub) Run(ctx context.Context) {
	for _, loop := range []func(context.Context){h.renewLoop, h.flushLoop, h.dispatchLoop, h.listenLoop, h.faultLoop} {
		go loop(ctx)
	}
}

// Count returns the sessions of each tenant, also of those without any.
func (h *Hub) Count() map[string]int {
	count := map[string]int{}
	for _, slug := range h.directory.slugs() {
		count[slug] = 0
	}
	for _, s := range h.all() {
		count[s.agent.Tenant]++
	}
	return count
}

func (h *Hub) all() []*session {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]*session, 0, len(h.sessions))
	for _, s := range h.sessions {
		out = append(out, s)
	}
	return out
}

func (h *Hub) add(s *session) {
	h.mu.Lock()
	older := h.sessions[s.uid]
	h.sessions[s.uid] = s
	h.mu.Unlock()
	if older != nil {
		older.close(websocket.CloseNormalClosure, "the agent has a newer session")
	}
}

func (h *Hub) remove(s *session) {
	h.mu.Lock()
	if h.sessions[s.uid] == s {
		delete(h.sessions, s.uid)
	}
	h.mu.Unlock()
	h.release(s)
}

// markSeen remembers a frame; an empty version keeps the one that was told before.
func (h *Hub) markSeen(agent uuid.UUID, version string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if version != "" || h.seen[agent] == "" {
		h.seen[agent] = version
	}
}

// flushLoop writes "last seen" once a second for all agents, not once a frame.
func (h *Hub) flushLoop(ctx context.Context) {
	every(ctx, time.Second, func() {
		h.mu.Lock()
		seen := h.seen
		h.seen = map[uuid.UUID]string{}
		h.mu.Unlock()
		if err := h.flush(ctx, seen); err != nil {
			h.log.Error("Ampora.Fleet.AgentStatus", "The status of {Count} agents could not be written", err, "Count", len(seen))
		}
	})
}

func (h *Hub) flush(ctx context.Context, seen map[uuid.UUID]string) error {
	if len(seen) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var ids []uuid.UUID
	var versions []string
	for id, version := range seen {
		ids, versions = append(ids, id), append(versions, version)
	}
	_, err := h.pool.Exec(ctx, `UPDATE agents a SET `+h.model.LastSeen+` = now(), version = coalesce(nullif(s.version, ''), a.version)
		FROM unnest($1::uuid[], $2::text[]) AS s (id, version) WHERE a.id = s.id`, ids, versions)
	return err
}

// Drain refuses new sessions and closes the open ones one by one, so that the agents do not come back all at once.
func (h *Hub) Drain(over time.Duration) {
	h.accepting.Store(false)
	open := h.all()
	h.log.Info("Ampora.OpAmp.Core.Drain", "Draining {Count} sessions", "Count", len(open))
	for _, s := range open {
		go s.close(websocket.CloseGoingAway, "the server is shutting down")
		time.Sleep(over / time.Duration(len(open)))
	}
	for deadline := time.Now().Add(2 * time.Second); len(h.all()) > 0 && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
}

// send is safe for concurrent use, which a WebSocket's writer is not.
func (s *session) send(message *protobufs.ServerToAgent) error {
	frame, err := encode(message)
	if err != nil {
		return err
	}
	s.write.Lock()
	defer s.write.Unlock()
	_ = s.conn.SetWriteDeadline(time.Now().Add(patience))
	return s.conn.WriteMessage(websocket.BinaryMessage, frame)
}

// close says why, and leaves the peer a second to answer; the reading side then removes the session.
func (s *session) close(code int, reason string) {
	deadline := time.Now().Add(time.Second)
	_ = s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), deadline)
	_ = s.conn.SetReadDeadline(deadline)
}

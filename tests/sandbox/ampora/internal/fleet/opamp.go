// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package fleet

import (
	"context"
	"encoding/binary"
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/open-telemetry/opamp-go/protobufs"
)

const category = "Ampora.OpAmp.Core.Session"

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }} // agents send no Origin

// ServeHTTP is /v1/opamp.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.accepting.Load() {
		http.Error(w, "the server is starting or shutting down", http.StatusServiceUnavailable)
		return
	}
	if !h.admitted(r) {
		h.metrics.FramesRejected.WithLabelValues("", "auth_failed").Inc()
		http.Error(w, "the agent is not admitted", http.StatusUnauthorized)
		return
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	defer func() { _ = conn.Close() }()
	conn.SetReadLimit(h.settings.MaxFrame)
	h.serve(r.Context(), conn)
}

// admitted is decided before the upgrade, so that a refused agent comes back with a growing delay. TLS ends at the reverse
// proxy, which hands on the agent's certificate.
func (h *Hub) admitted(r *http.Request) bool {
	if h.settings.RequireMTLS && r.Header.Get("X-Forwarded-Client-Cert") == "" {
		return false
	}
	uid, err := uuid.Parse(r.Header.Get("OpAMP-Instance-UID"))
	return err != nil || !chosen(uid, h.settings.Faults.RefuseAgents)
}

// serve reads frames until the socket closes; the first one says whose session it is.
func (h *Hub) serve(ctx context.Context, conn *websocket.Conn) {
	var s *session
	defer func() {
		if s != nil {
			h.remove(s)
		}
	}()
	for {
		message, err := h.read(conn, s)
		if err != nil {
			return
		}
		if s == nil {
			if s = h.open(ctx, conn, message); s == nil {
				return
			}
		}
		h.metrics.FramesReceived.WithLabelValues(s.agent.Tenant, kind(message)).Inc()
		if message.AgentDisconnect != nil {
			return
		}
		h.markSeen(s.agent.ID, version(message))
		if err := s.send(&protobufs.ServerToAgent{InstanceUid: message.InstanceUid, Capabilities: capabilities}); err != nil {
			return
		}
	}
}

const capabilities = uint64(protobufs.ServerCapabilities_ServerCapabilities_AcceptsStatus |
	protobufs.ServerCapabilities_ServerCapabilities_OffersRemoteConfig |
	protobufs.ServerCapabilities_ServerCapabilities_AcceptsEffectiveConfig)

func (h *Hub) read(conn *websocket.Conn, s *session) (*protobufs.AgentToServer, error) {
	tenant := ""
	if s != nil {
		tenant = s.agent.Tenant
	}
	_, frame, err := conn.ReadMessage()
	if err != nil {
		if errors.Is(err, websocket.ErrReadLimit) {
			h.metrics.FramesRejected.WithLabelValues(tenant, "oversize").Inc()
		}
		return nil, err
	}
	message, err := decode(frame)
	if err != nil {
		h.metrics.FramesRejected.WithLabelValues(tenant, "malformed").Inc()
	}
	return message, err
}

// open counts the session before its ownership is stored, for the socket is open whatever the database says.
func (h *Hub) open(ctx context.Context, conn *websocket.Conn, message *protobufs.AgentToServer) *session {
	s := &session{uid: uuid.UUID(message.InstanceUid), conn: conn}
	look, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	agent, err := h.directory.find(look, s.uid)
	if err != nil {
		h.log.Error(category, "Agent {InstanceUid} could not be enrolled", err, "InstanceUid", s.uid)
		s.close(websocket.CloseTryAgainLater, "the agent could not be enrolled")
		return nil
	}
	s.agent = agent
	h.add(s)
	h.acquire(ctx, s)
	return s
}

// chosen picks a stable share of the agents, so that a refused agent stays refused.
func chosen(uid uuid.UUID, share float64) bool {
	return float64(binary.BigEndian.Uint16(uid[:2])) < share*65536
}

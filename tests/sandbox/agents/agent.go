// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/open-telemetry/opamp-go/client"
	"github.com/open-telemetry/opamp-go/client/types"
	"github.com/open-telemetry/opamp-go/protobufs"
)

// agent is one session with the server; the library reconnects it with a growing delay, for ever.
type agent struct {
	number   int
	client   client.OpAMPClient
	link     atomic.Pointer[link]
	connects atomic.Int64
}

// instanceUID is the same as the double's seed makes.
func instanceUID(number int) [16]byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "ampora-agent-%d", number))
	uid := [16]byte(sum[:16])
	uid[6], uid[8] = uid[6]&0x0f|0x40, uid[8]&0x3f|0x80
	return uid
}

// newAgent must not run concurrently: the library copies the default dialer, and that is the only way to give it ours.
func newAgent(number int) *agent {
	a := &agent{number: number}
	websocket.DefaultDialer.NetDialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		connection, err := dial(ctx, network, address)
		if err != nil {
			return nil, err // a nil *link in the interface would not be nil
		}
		a.link.Store(connection)
		return connection, nil
	}
	a.client = client.NewWebSocket(nil)
	return a
}

func (a *agent) start(url, version string, heartbeat time.Duration) error {
	if err := a.describe(version); err != nil {
		return err
	}
	// Before the capabilities: the library refuses to promise a health that it does not have.
	if err := a.client.SetHealth(&protobufs.ComponentHealth{Healthy: true}); err != nil {
		return err
	}
	capabilities := protobufs.AgentCapabilities_AgentCapabilities_ReportsStatus |
		protobufs.AgentCapabilities_AgentCapabilities_ReportsHealth | protobufs.AgentCapabilities_AgentCapabilities_ReportsHeartbeat
	if err := a.client.SetCapabilities(&capabilities); err != nil {
		return err
	}
	uid := instanceUID(a.number)
	return a.client.Start(context.Background(), types.StartSettings{
		OpAMPServerURL:    url,
		InstanceUid:       types.InstanceUid(uid),
		Header:            http.Header{"Opamp-Instance-Uid": {uuid.UUID(uid).String()}},
		HeartbeatInterval: &heartbeat,
		Callbacks:         types.Callbacks{OnConnect: func(context.Context) { a.connected() }},
	})
}

func (a *agent) connected() {
	a.connects.Add(1)
	if connection := a.link.Load(); connection != nil {
		connection.up.Store(true)
	}
}

func (a *agent) up() bool {
	connection := a.link.Load()
	return connection != nil && connection.up.Load()
}

// describe tells the version; while connected the server learns it at once.
func (a *agent) describe(version string) error {
	attribute := func(key, value string) *protobufs.KeyValue {
		return &protobufs.KeyValue{Key: key, Value: &protobufs.AnyValue{Value: &protobufs.AnyValue_StringValue{StringValue: value}}}
	}
	return a.client.SetAgentDescription(&protobufs.AgentDescription{
		IdentifyingAttributes: []*protobufs.KeyValue{
			attribute("service.name", fmt.Sprintf("collector-%04d", a.number)),
			attribute("service.version", version),
		},
	})
}

func (a *agent) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = a.client.Stop(ctx) // an agent that does not stop in time is cut off with its process
}

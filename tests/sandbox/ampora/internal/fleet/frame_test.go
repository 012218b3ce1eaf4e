// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package fleet

import (
	"bytes"
	"testing"

	"github.com/open-telemetry/opamp-go/protobufs"
	"google.golang.org/protobuf/proto"
)

func frame(t *testing.T, message *protobufs.AgentToServer) []byte {
	t.Helper()
	body, err := proto.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte{0}, body...)
}

func TestDecode(t *testing.T) {
	uid := AgentUID(7)
	message, err := decode(frame(t, &protobufs.AgentToServer{InstanceUid: uid[:], AgentDescription: &protobufs.AgentDescription{
		IdentifyingAttributes: []*protobufs.KeyValue{{Key: "service.version", Value: &protobufs.AnyValue{
			Value: &protobufs.AnyValue_StringValue{StringValue: "1.4.0"}}}}}}))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(message.InstanceUid, uid[:]) || version(message) != "1.4.0" || kind(message) != "description" {
		t.Errorf("got %v", message)
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := frame(t, &protobufs.AgentToServer{InstanceUid: make([]byte, 16)})
	cases := map[string][]byte{
		"empty": {}, "other header": append([]byte{1}, good[1:]...), "no protobuf": {0, 0xff}, "short uid": {0},
	}
	for name, bad := range cases {
		if _, err := decode(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestAgentUIDIsStable(t *testing.T) {
	// The agents' program has the same test: the two must agree.
	if got := AgentUID(0).String(); got != "1a29ed8e-3ed4-4e6c-b685-0fb3625fb5ce" {
		t.Errorf("got %s", got)
	}
}

func TestRefusedShare(t *testing.T) {
	refused := 0
	for n := range 1000 {
		if chosen(AgentUID(n), 0.25) {
			refused++
		}
	}
	if refused < 200 || refused > 300 || chosen(AgentUID(1), 0) || !chosen(AgentUID(1), 1) {
		t.Errorf("%d of 1000 refused, want about 250", refused)
	}
}

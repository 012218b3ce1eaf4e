// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package fleet

import (
	"encoding/binary"
	"errors"

	"github.com/open-telemetry/opamp-go/protobufs"
	"google.golang.org/protobuf/proto"
)

var errMalformed = errors.New("not an OpAMP frame")

// decode reads the WebSocket form: a header, a variable-length zero, then the message.
func decode(frame []byte) (*protobufs.AgentToServer, error) {
	header, length := binary.Uvarint(frame)
	if length <= 0 || header != 0 {
		return nil, errMalformed
	}
	message := &protobufs.AgentToServer{}
	if err := proto.Unmarshal(frame[length:], message); err != nil || len(message.InstanceUid) != 16 {
		return nil, errMalformed
	}
	return message, nil
}

func encode(message *protobufs.ServerToAgent) ([]byte, error) {
	return proto.MarshalOptions{}.MarshalAppend([]byte{0}, message)
}

// kind names a frame for the metrics by the most telling part of it.
func kind(message *protobufs.AgentToServer) string {
	switch {
	case message.AgentDisconnect != nil:
		return "disconnect"
	case message.AgentDescription != nil:
		return "description"
	case message.RemoteConfigStatus != nil:
		return "remote_config_status"
	case message.EffectiveConfig != nil:
		return "effective_config"
	case message.Health != nil:
		return "health"
	default:
		return "heartbeat"
	}
}

// version is what the agent says of itself; empty when the frame says nothing.
func version(message *protobufs.AgentToServer) string {
	for _, attribute := range message.GetAgentDescription().GetIdentifyingAttributes() {
		if attribute.Key == "service.version" {
			return attribute.GetValue().GetStringValue()
		}
	}
	return ""
}

// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"context"
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

// link is one TCP connection of an agent. The client library tells when a session begins, not when it ends; its
// connection does.
type link struct {
	net.Conn
	up atomic.Bool
}

func (l *link) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if err != nil {
		l.up.Store(false)
	}
	return n, err
}

func (l *link) Close() error {
	l.up.Store(false)
	return l.Conn.Close()
}

// tcpUserTimeout is the Linux socket option of that name, in milliseconds.
const tcpUserTimeout = 0x12

// dial resolves and connects anew each time, and notices within seconds when a pod vanished without a word.
func dial(ctx context.Context, network, address string) (*link, error) {
	dialer := net.Dialer{
		Timeout:         5 * time.Second,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 2 * time.Second, Interval: time.Second, Count: 4},
		Control: func(_, _ string, raw syscall.RawConn) error {
			var failed error
			err := raw.Control(func(fd uintptr) {
				failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, 6000)
			})
			if err != nil {
				return err
			}
			return failed
		},
	}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &link{Conn: conn}, nil
}

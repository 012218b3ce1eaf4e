// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"sync"
	"time"
)

// fleet is all agents; its methods may be called concurrently.
type fleet struct {
	url       string
	heartbeat time.Duration
	mu        sync.Mutex
	version   string
	agents    []*agent
}

type status struct {
	Count      int    `json:"count"`
	Connected  int    `json:"connected"`
	Reconnects int64  `json:"reconnects"`
	Version    string `json:"version"`
}

func (f *fleet) status() status {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := status{Count: len(f.agents), Version: f.version}
	for _, a := range f.agents {
		if a.up() {
			out.Connected++
		}
		out.Reconnects += max(a.connects.Load()-1, 0)
	}
	return out
}

// resize starts the missing agents or stops the last ones.
func (f *fleet) resize(count int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.agents) < count {
		a := newAgent(len(f.agents))
		if err := a.start(f.url, f.version, f.heartbeat); err != nil {
			return err
		}
		f.agents = append(f.agents, a)
	}
	var stopping sync.WaitGroup
	for _, a := range f.agents[count:] {
		stopping.Go(a.stop)
	}
	stopping.Wait()
	f.agents = f.agents[:count]
	return nil
}

// setVersion says another version: of the first count agents, or, with 0, of all and of those to come.
func (f *fleet) setVersion(version string, count int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	some := f.agents[:min(count, len(f.agents))]
	if count == 0 {
		f.version, some = version, f.agents
	}
	for _, a := range some {
		if err := a.describe(version); err != nil {
			return err
		}
	}
	return nil
}

// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Command agents plays a fleet of OpenTelemetry collectors: many OpAMP sessions over WebSocket in one process.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

const most = 20000

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "agents:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("agents", flag.ContinueOnError)
	url := flags.String("url", "", "the server, ws://HOST:PORT/v1/opamp")
	count := flags.Int("count", 200, "number of agents")
	control := flags.String("control", "127.0.0.1:29093", "address of the control API")
	version := flags.String("version", "1.4.0", "the version that the agents tell")
	heartbeat := flags.Duration("heartbeat", 10*time.Second, "interval of the heartbeats")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *url == "" || flags.NArg() > 0 || *count < 0 || *count > most {
		return fmt.Errorf("--url is needed, and --count from 0 to %d", most)
	}
	all := &fleet{url: *url, version: *version, heartbeat: *heartbeat}
	if err := all.resize(*count); err != nil {
		return err
	}
	server := &http.Server{Addr: *control, Handler: routes(all), ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return all.resize(0)
	}
}

func routes(all *fleet) http.Handler {
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(all.status()) // a client that went away needs no answer
	}
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) { answer(w) })
	mux.HandleFunc("POST /count", func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.FormValue("n"))
		if err != nil || n < 0 || n > most {
			http.Error(w, fmt.Sprintf("n must be a number from 0 to %d", most), http.StatusBadRequest)
			return
		}
		if err := all.resize(n); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w)
	})
	mux.HandleFunc("POST /version", func(w http.ResponseWriter, r *http.Request) {
		version := r.FormValue("v")
		if version == "" {
			http.Error(w, "v must be a version", http.StatusBadRequest)
			return
		}
		n, err := strconv.Atoi(cmp.Or(r.FormValue("n"), "0"))
		if err != nil || n < 0 {
			http.Error(w, "n must be a number of agents, or 0 for all", http.StatusBadRequest)
			return
		}
		if err := all.setVersion(version, n); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w)
	})
	return mux
}

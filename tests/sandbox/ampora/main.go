// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Command ampora is a test double of Ampora: it does what an upgrade can see of the product, and errs as the product would.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"ampora.example/ampora/internal/logging"
	"ampora.example/ampora/internal/schema"
	"ampora.example/ampora/internal/seed"
	"ampora.example/ampora/internal/server"
	"ampora.example/ampora/internal/settings"
)

const usage = "usage: ampora serve | migrate | seed [--reset] [--tenants N] [--agents N] [--configuration-versions N] [--audit-events N] [--megabytes N]"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	log := logging.New(os.Stdout)
	err := run(ctx, os.Args[1:], log)
	stop()
	if err != nil {
		log.Critical("Ampora.Program", "The application ended: {Reason}", err, "Reason", err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, log *logging.Logger) error {
	s, err := settings.Load()
	if err != nil {
		return err
	}
	if !schema.ValidVersion(s.Version) {
		return fmt.Errorf("AMPORA_VERSION %q is not a semantic version", s.Version)
	}
	command := "serve"
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	switch {
	case command == "serve" && len(args) == 0:
		return server.Serve(ctx, s, log)
	case command == "migrate" && len(args) == 0:
		return server.Migrate(ctx, s, log)
	case command == "seed":
		return seed.Run(ctx, s, args, log)
	default:
		return fmt.Errorf("%s", usage)
	}
}

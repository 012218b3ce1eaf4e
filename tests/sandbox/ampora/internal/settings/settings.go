// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Package settings reads the configuration as a .NET host does: environment variables, with "__" for ":", in any case.
package settings

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Settings is what the process was started with; nothing is read again later.
type Settings struct {
	Version      string
	Instance     string
	Port         int
	AutoMigrate  bool
	MasterKey    string
	Backplane    string
	OwnershipTTL time.Duration
	MaxFrame     int64
	RequireMTLS  bool
	LegacyBeat   bool // OpAmp:LegacyHeartbeat, the deprecated key
	Oidc         Oidc
	Faults       Faults
	InOneTx      bool
	StrictReady  bool // readiness also turns red under a running binary when the schema moves on
	DrainDelay   time.Duration
	DrainTime    time.Duration
	ProductName  string // a tenant may rename the product in the tab title and the header
	LoginWall    string // what a tenant makes people read before they log in
	connection   string
}

// Oidc holds the login settings under their documented names.
type Oidc struct {
	Authority, ClientID, ClientSecret, RoleClaim, TenantClaim, CallbackPath, ClientAuthentication string
	UsePKCE                                                                                       bool
}

// Load reads the environment of this process.
func Load() (*Settings, error) {
	return load(os.Environ())
}

func load(environ []string) (*Settings, error) {
	r := newReader(environ)
	s := &Settings{
		Version:     r.text("AMPORA_VERSION", "1.4.2"),
		Instance:    r.text("AMPORA_INSTANCE", r.text("HOSTNAME", hostname())),
		Port:        r.number("ASPNETCORE_HTTP_PORTS", 8080),
		AutoMigrate: r.flag("AMPORA_AUTO_MIGRATE", false),
		MasterKey:   r.text("KeyProtection:MasterKey", ""),
		Backplane:   r.text("Dispatch:Backplane", "InProcess"),
		MaxFrame:    int64(r.number("OpAmp:MaxMessageBytes", 10485760)),
		RequireMTLS: r.flag("OpAmp:RequireMtls", true),
		LegacyBeat:  r.text("OpAmp:LegacyHeartbeat", "") != "",
		InOneTx:     r.flag("AMPORA_DOUBLE_MIGRATIONS_IN_ONE_TRANSACTION", false),
		ProductName: r.text("AMPORA_DOUBLE_PRODUCT_NAME", "Ampora"),
		LoginWall:   r.text("AMPORA_DOUBLE_LOGIN_WALL", ""),
		StrictReady: r.flag("AMPORA_DOUBLE_STRICT_READINESS", false),
		connection:  r.text("ConnectionStrings:Ampora", ""),
	}
	s.OwnershipTTL = r.seconds("Dispatch:OwnershipTtlSeconds", 60)
	s.DrainDelay = r.seconds("AMPORA_DOUBLE_DRAIN_DELAY_SECONDS", 2)
	s.DrainTime = r.seconds("AMPORA_DOUBLE_DRAIN_SECONDS", 3)
	s.Oidc = readOidc(r)
	s.Faults = readFaults(r, s.Version)
	return s, r.err
}

func readOidc(r *reader) Oidc {
	return Oidc{
		Authority:            r.text("Authentication:Oidc:Authority", ""),
		ClientID:             r.text("Authentication:Oidc:ClientId", ""),
		ClientSecret:         r.text("Authentication:Oidc:ClientSecret", ""),
		RoleClaim:            r.text("Authentication:Oidc:RoleClaim", "ampora:role"),
		TenantClaim:          r.text("Authentication:Oidc:TenantClaim", "tenant"),
		CallbackPath:         r.text("Authentication:Oidc:CallbackPath", "/signin-oidc"),
		ClientAuthentication: r.text("Authentication:Oidc:ClientAuthentication", "ClientSecretPost"),
		UsePKCE:              r.flag("Authentication:Oidc:UsePkce", true),
	}
}

// Database translates the connection string for the Go driver.
func (s *Settings) Database() (*pgxpool.Config, error) {
	if s.connection == "" {
		return nil, fmt.Errorf("ConnectionStrings:Ampora is not set")
	}
	pairs, err := ParseConnectionString(s.connection)
	if err != nil {
		return nil, err
	}
	text, err := pairs.Libpq()
	if err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(text)
	if err != nil {
		return nil, fmt.Errorf("ConnectionStrings:Ampora cannot be used; its value is not shown")
	}
	config.MaxConns = 8
	config.ConnConfig.ConnectTimeout = 3 * time.Second
	return config, nil
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "ampora-web"
	}
	return name
}

// reader keeps the first error, so that the settings read as a list.
type reader struct {
	values map[string]string
	err    error
}

func newReader(environ []string) *reader {
	r := &reader{values: map[string]string{}}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		r.values[normal(name)] = value
	}
	return r
}

func normal(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, "__", ":"))
}

func (r *reader) text(name, fallback string) string {
	if value := r.values[normal(name)]; value != "" {
		return value
	}
	return fallback
}

func (r *reader) flag(name string, fallback bool) bool {
	value, err := strconv.ParseBool(r.text(name, strconv.FormatBool(fallback)))
	r.fail(name, "a truth value (0, 1, true, false)", err)
	return value
}

func (r *reader) number(name string, fallback int) int {
	value, err := strconv.Atoi(r.text(name, strconv.Itoa(fallback)))
	r.fail(name, "a whole number", err)
	return value
}

func (r *reader) float(name string) float64 {
	value, err := strconv.ParseFloat(r.text(name, "0"), 64)
	r.fail(name, "a number", err)
	return value
}

func (r *reader) seconds(name string, fallback float64) time.Duration {
	value, err := strconv.ParseFloat(r.text(name, strconv.FormatFloat(fallback, 'f', -1, 64)), 64)
	r.fail(name, "a number of seconds", err)
	return time.Duration(value * float64(time.Second))
}

func (r *reader) fail(name, kind string, err error) {
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%s must be %s", name, kind)
	}
}

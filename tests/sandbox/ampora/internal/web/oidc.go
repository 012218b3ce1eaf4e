// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"ampora.example/ampora/internal/settings"
	"ampora.example/ampora/internal/store"
)

const stateCookie, sessionCookie = "ampora.oidc", "ampora.session"

// user is the content of the session cookie.
type user struct {
	Subject string    `json:"sub"`
	Name    string    `json:"name"`
	Role    string    `json:"role"`
	Expires time.Time `json:"exp"`
}

// attempt is the content of the state cookie, so that any instance can finish what another one began.
type attempt struct {
	State, Nonce, Verifier, ReturnTo string
}

// identity is the provider, discovered at the first login: it may be away when the instance starts.
type identity struct {
	settings settings.Oidc
	mu       sync.Mutex
	provider *oidc.Provider
}

func (i *identity) discover(ctx context.Context) (*oidc.Provider, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.provider != nil {
		return i.provider, nil
	}
	if i.settings.Authority == "" {
		return nil, errors.New("Authentication:Oidc:Authority is not set")
	}
	// The provider keeps the context for fetching keys later, so it must outlive this request.
	provider, err := oidc.NewProvider(context.WithoutCancel(ctx), i.settings.Authority)
	if err == nil {
		i.provider = provider
	}
	return provider, err
}

func (i *identity) client(provider *oidc.Provider, r *http.Request) *oauth2.Config {
	scheme := "http"
	if secure(r) {
		scheme = "https"
	}
	endpoint := provider.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInParams
	if i.settings.ClientAuthentication == "ClientSecretBasic" {
		endpoint.AuthStyle = oauth2.AuthStyleInHeader
	}
	return &oauth2.Config{
		ClientID: i.settings.ClientID, ClientSecret: i.settings.ClientSecret, Endpoint: endpoint,
		RedirectURL: scheme + "://" + r.Host + i.settings.CallbackPath, Scopes: []string{"openid", "profile", "email"},
	}
}

func (web *Web) login(w http.ResponseWriter, r *http.Request) {
	if web.settings.LoginWall != "" && r.URL.Query().Get("accepted") == "" {
		web.render(w, r, http.StatusOK, "wall", view{Title: "Before you log in", Data: web.settings.LoginWall})
		return
	}
	provider, err := web.identity.discover(r.Context())
	if err != nil {
		web.fail(w, r, "The identity provider cannot be reached", err)
		return
	}
	try := attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), ReturnTo: ownPath(r.URL.Query().Get("returnUrl"))}
	setCookie(w, r, stateCookie, web.states.seal(try), 10*time.Minute)
	options := []oauth2.AuthCodeOption{oidc.Nonce(try.Nonce)}
	if web.settings.Oidc.UsePKCE {
		options = append(options, oauth2.S256ChallengeOption(try.Verifier))
	}
	http.Redirect(w, r, web.identity.client(provider, r).AuthCodeURL(try.State, options...), http.StatusFound)
}

func (web *Web) callback(w http.ResponseWriter, r *http.Request) {
	if web.settings.Faults.LoginBroken {
		web.fail(w, r, "The login failed", errors.New("invalid_client: broken by a switch"))
		return
	}
	claims, returnTo, err := web.redeem(r)
	if err != nil {
		web.fail(w, r, "The login failed", err)
		return
	}
	login := store.Login{Subject: text(claims["sub"]), Name: text(claims["name"]),
		Role: highestRole(claims[web.settings.Oidc.RoleClaim]), Tenant: text(claims[web.settings.Oidc.TenantClaim])}
	if login.Role == "" || login.Tenant == "" {
		web.deny(w, r, "AccessDenied: the role or the tenant claim is missing")
		return
	}
	login.Role, err = web.store.RecordLogin(r.Context(), actorOf(r, login.Subject, login.Role), login)
	if errors.Is(err, store.ErrNotFound) {
		web.deny(w, r, "AccessDenied: the tenant is not known")
		return
	}
	if err != nil {
		web.fail(w, r, "The login could not be recorded", err)
		return
	}
	clearCookie(w, stateCookie)
	const life = 8 * time.Hour
	setCookie(w, r, sessionCookie, web.sessions.seal(user{login.Subject, login.Name, login.Role, time.Now().Add(life)}), life)
	http.Redirect(w, r, returnTo, http.StatusFound)
}

// redeem checks state, code, signature and nonce, and returns the claims of the ID token.
func (web *Web) redeem(r *http.Request) (claims map[string]any, returnTo string, err error) {
	var try attempt
	cookie, err := r.Cookie(stateCookie)
	if err != nil || web.states.open(cookie.Value, &try) != nil || try.State != r.URL.Query().Get("state") {
		return nil, "", errors.New("correlation failed: the state is not the one of this browser")
	}
	if problem := r.URL.Query().Get("error"); problem != "" {
		return nil, "", fmt.Errorf("the identity provider says %s: %s", problem, r.URL.Query().Get("error_description"))
	}
	provider, err := web.identity.discover(r.Context())
	if err != nil {
		return nil, "", err
	}
	var options []oauth2.AuthCodeOption
	if web.settings.Oidc.UsePKCE {
		options = append(options, oauth2.VerifierOption(try.Verifier))
	}
	tokens, err := web.identity.client(provider, r).Exchange(r.Context(), r.URL.Query().Get("code"), options...)
	if err != nil {
		return nil, "", err
	}
	raw, _ := tokens.Extra("id_token").(string)
	token, err := provider.Verifier(&oidc.Config{ClientID: web.settings.Oidc.ClientID}).Verify(r.Context(), raw)
	if err != nil {
		return nil, "", err
	}
	if token.Nonce != try.Nonce {
		return nil, "", errors.New("the nonce is not the one of this login")
	}
	return claims, try.ReturnTo, token.Claims(&claims)
}

func (web *Web) logout(w http.ResponseWriter, r *http.Request) {
	clearCookie(w, sessionCookie)
	http.Redirect(w, r, "/", http.StatusFound)
}

// current returns who is logged in; nil when nobody is.
func (web *Web) current(r *http.Request) *user {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	var who user
	if web.sessions.open(cookie.Value, &who) != nil || time.Now().After(who.Expires) {
		return nil
	}
	return &who
}

// ownPath keeps the login from redirecting to somewhere else.
func ownPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsRune(path, '\\') {
		return "/"
	}
	return path
}

func text(claim any) string {
	value, _ := claim.(string)
	return value
}

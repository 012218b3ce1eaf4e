// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"ampora.example/ampora/internal/pat"
	"ampora.example/ampora/internal/store"
)

const apiCategory = "Ampora.Web.Api"

// caller is who stands behind a token; its name is recorded in the audit log.
type caller struct{ name, role string }

// call is a request that was let in.
type call struct {
	*http.Request
	actor store.Actor
}

func (c call) page() store.Page {
	number := func(name string, fallback, most int) int {
		value, err := strconv.Atoi(c.URL.Query().Get(name))
		if err != nil {
			return fallback
		}
		return min(max(value, 1), most)
	}
	return store.Page{Number: number("page", 1, 1_000_000), Size: number("pageSize", 50, 500)}
}

// answer is what a handler returns: a status and a body, or an error.
type answer func(c call) (status int, body any, err error)

func (web *Web) apiRoutes(mux *http.ServeMux) {
	mux.Handle("/api/", web.api("Viewer", func(call) (int, any, error) { return 0, nil, store.ErrNotFound }))
	mux.Handle("GET /api/agents", web.api("Viewer", func(c call) (int, any, error) { return ok(web.store.Agents(c.Context(), c.page())) }))
	mux.Handle("GET /api/agents/{id}", web.api("Viewer", func(c call) (int, any, error) { return one(web.store.Agent(c.Context(), c.PathValue("id"))) }))
	mux.Handle("GET /api/configurations", web.api("Viewer", func(c call) (int, any, error) { return ok(web.store.Configurations(c.Context(), c.page())) }))
	mux.Handle("POST /api/configurations", web.api("Operator", web.createConfiguration))
	mux.Handle("POST /api/configurations/{id}/versions", web.api("Operator", web.addVersion))
	mux.Handle("GET /api/rollouts", web.api("Viewer", func(c call) (int, any, error) { return ok(web.store.Rollouts(c.Context(), c.page())) }))
	mux.Handle("GET /api/rollouts/{id}", web.api("Viewer", func(c call) (int, any, error) { return one(web.store.Rollout(c.Context(), c.PathValue("id"))) }))
	mux.Handle("POST /api/rollouts", web.api("Operator", web.createRollout))
	mux.Handle("POST /api/rollouts/{id}/{command}", web.api("Operator", web.moveRollout))
	mux.Handle("GET /api/audit/events", web.api("Viewer", func(c call) (int, any, error) { return ok(web.store.AuditEvents(c.Context(), c.page())) }))
}

func ok(body any, err error) (int, any, error) { return http.StatusOK, body, err }

func one[T any](listing store.Listing[T], err error) (int, any, error) {
	if err != nil {
		return 0, nil, err
	}
	if len(listing.Items) == 0 {
		return 0, nil, store.ErrNotFound
	}
	return http.StatusOK, listing.Items[0], nil
}

// api lets a token in, and turns what the handler returns into JSON.
func (web *Web) api(role string, handle answer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, err := web.authenticate(r)
		if err != nil {
			web.problem(w, r, err)
			return
		}
		if !atLeast(who.role, role) {
			web.problem(w, r, errForbidden)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 10<<20)
		status, body, err := handle(call{r, actorOf(r, who.name, who.role)})
		if err != nil {
			web.problem(w, r, err)
			return
		}
		respond(w, status, body)
	})
}

var (
	errUnauthorized = errors.New("a valid bearer token is needed")
	errForbidden    = errors.New("the token's role does not allow this")
	errBody         = errors.New("the body is not what this endpoint takes")
)

func (web *Web) authenticate(r *http.Request) (caller, error) {
	token, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !found || pat.Check(token) != nil {
		return caller{}, errUnauthorized
	}
	name, role, err := web.store.Token(r.Context(), pat.Hash(token))
	if errors.Is(err, store.ErrNotFound) {
		return caller{}, errUnauthorized
	}
	return caller{name, role}, err
}

// problem answers in the form of ASP.NET's problem details.
func (web *Web) problem(w http.ResponseWriter, r *http.Request, err error) {
	status, detail := http.StatusInternalServerError, "An error occurred while processing your request."
	for known, code := range map[error]int{
		errUnauthorized: 401, errForbidden: 403, errBody: 400, store.ErrNotFound: 404, store.ErrState: 409,
	} {
		if errors.Is(err, known) {
			status, detail = code, err.Error()
		}
	}
	if status == http.StatusInternalServerError {
		web.logger(r).Error(apiCategory, "{Method} {Path} failed", err, "Method", r.Method, "Path", r.URL.Path)
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.Header().Set("Content-Type", "application/problem+json")
	respond(w, status, map[string]any{"title": http.StatusText(status), "status": status, "detail": detail, "traceId": traceOf(r).id})
}

func respond(w http.ResponseWriter, status int, body any) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client went away; nobody is left to be told
}

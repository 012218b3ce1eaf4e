// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package web

import (
	"bytes"
	"context"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"ampora.example/ampora/internal/settings"
	"ampora.example/ampora/internal/store"
)

const pageCategory = "Ampora.Web.Pages"

// view is what every template gets.
type view struct {
	Title        string
	Path         string
	Version      string
	Product      string
	User         *user
	Data         any
	Error        string
	TraceID      string
	ConsoleError bool
	Deprecated   []settings.Deprecation
}

func parsePages() map[string]*template.Template {
	functions := template.FuncMap{
		"add": func(a, b int) int { return a + b },
		"when": func(t *time.Time) string {
			if t == nil {
				return "never"
			}
			return t.UTC().Format(time.RFC3339)
		},
	}
	pages := map[string]*template.Template{}
	for _, name := range []string{"landing", "wall", "dashboard", "fleet", "configurations", "settings", "error"} {
		pages[name] = template.Must(template.New("layout.html").Funcs(functions).ParseFS(templates, "templates/layout.html", "templates/"+name+".html"))
	}
	return pages
}

func (web *Web) pageRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /login", web.login)
	mux.HandleFunc("GET /logout", web.logout)
	mux.HandleFunc("GET "+web.settings.Oidc.CallbackPath, web.callback)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		if web.current(r) == nil {
			web.render(w, r, http.StatusOK, "landing", view{Title: "Welcome"})
			return
		}
		web.page("dashboard", "Dashboard", "Viewer", func(ctx context.Context, _ store.Page) (any, error) { return web.store.Summary(ctx) })(w, r)
	})
	mux.HandleFunc("GET /fleet", web.page("fleet", "Fleet", "Viewer", func(ctx context.Context, p store.Page) (any, error) {
		return web.store.Agents(ctx, p)
	}))
	mux.HandleFunc("GET /configurations", web.page("configurations", "Configurations", "Viewer", func(ctx context.Context, p store.Page) (any, error) {
		return web.store.Configurations(ctx, p)
	}))
	mux.HandleFunc("GET /settings", web.page("settings", "Settings", "Admin", func(ctx context.Context, _ store.Page) (any, error) {
		return web.store.Summary(ctx)
	}))
}

// page is a view of the database behind the login.
func (web *Web) page(name, title, role string, read func(context.Context, store.Page) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who := web.current(r)
		if who == nil {
			http.Redirect(w, r, "/login?returnUrl="+r.URL.Path, http.StatusFound)
			return
		}
		if !atLeast(who.Role, role) {
			web.deny(w, r, "AccessDenied: this page needs the role "+role)
			return
		}
		if web.settings.Faults.PageError == r.URL.Path {
			web.render(w, r, http.StatusInternalServerError, "error", view{Title: "Error", Error: "broken by a switch"})
			return
		}
		number, _ := strconv.Atoi(r.URL.Query().Get("page")) // anything else is the first page
		data, err := read(r.Context(), store.Page{Number: max(number, 1), Size: 50})
		if err != nil {
			web.fail(w, r, "The page {Title} could not be read", err, "Title", title)
			return
		}
		web.render(w, r, http.StatusOK, name, view{Title: title, Data: data})
	}
}

// render fills a buffer first, so that a failing template does not end as half a page with status 200.
func (web *Web) render(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	v.Path, v.User, v.Version, v.TraceID = r.URL.Path, web.current(r), web.footer(), traceOf(r).id
	v.Product = web.settings.ProductName
	v.ConsoleError = web.settings.Faults.ConsoleError == r.URL.Path
	if name == "settings" {
		v.Deprecated = web.settings.Deprecated()
		for _, use := range v.Deprecated {
			use.Warn(web.logger(r))
		}
	}
	var body bytes.Buffer
	if err := web.pages[name].Execute(&body, v); err != nil {
		web.logger(r).Error(pageCategory, "The template {Name} failed", err, "Name", name)
		http.Error(w, "An error occurred", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes())
}

func (web *Web) footer() string {
	if wrong := web.settings.Faults.FooterVersion; wrong != "" {
		return wrong
	}
	return web.settings.Version
}

// fail logs the cause and shows only that there is one.
func (web *Web) fail(w http.ResponseWriter, r *http.Request, template string, err error, properties ...any) {
	web.logger(r).Error(pageCategory, template, err, properties...)
	web.render(w, r, http.StatusInternalServerError, "error", view{Title: "Error", Error: "An error occurred while processing your request."})
}

func (web *Web) deny(w http.ResponseWriter, r *http.Request, reason string) {
	web.logger(r).Warn(pageCategory, "Access denied: {Reason}", "Reason", reason)
	web.render(w, r, http.StatusForbidden, "error", view{Title: "Access denied", Error: reason})
}

// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Package store holds every query that a running instance makes, with the columns of its release.
package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"ampora.example/ampora/internal/schema"
)

// Store is the database as one release sees it.
type Store struct {
	pool  *pgxpool.Pool
	model schema.Model
}

// New wraps a pool.
func New(pool *pgxpool.Pool, model schema.Model) *Store {
	return &Store{pool: pool, model: model}
}

// Page is a slice of a list; Number starts at 1.
type Page struct {
	Number, Size int
}

func (p Page) offset() int { return (p.Number - 1) * p.Size }

// Listing is one page of rows with the number of all rows.
type Listing[T any] struct {
	Items    []T `json:"items"`
	Page     int `json:"page"`
	PageSize int `json:"pageSize"`
	Total    int `json:"total"`
}

// patience bounds a query, for a migration may hold a table's lock for long.
const patience = 5 * time.Second

func list[T any](ctx context.Context, s *Store, page Page, count, query string, args ...any) (Listing[T], error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	listing := Listing[T]{Page: page.Number, PageSize: page.Size}
	if err := s.pool.QueryRow(ctx, count).Scan(&listing.Total); err != nil {
		return listing, err
	}
	rows, err := s.pool.Query(ctx, query, append([]any{page.Size, page.offset()}, args...)...)
	if err != nil {
		return listing, err
	}
	listing.Items, err = pgx.CollectRows(rows, pgx.RowToStructByPos[T])
	if listing.Items == nil {
		listing.Items = []T{} // an empty list in JSON, not null
	}
	return listing, err
}

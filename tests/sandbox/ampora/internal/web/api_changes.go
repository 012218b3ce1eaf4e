// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package web

import (
	"encoding/json"
	"net/http"

	"ampora.example/ampora/internal/store"
)

func decode(c call, into any) error {
	if json.NewDecoder(c.Body).Decode(into) != nil {
		return errBody
	}
	return nil
}

func created(id string, err error) (int, any, error) {
	return http.StatusCreated, map[string]string{"id": id}, err
}

func (web *Web) createConfiguration(c call) (int, any, error) {
	var body store.NewConfiguration
	if err := decode(c, &body); err != nil {
		return 0, nil, err
	}
	if body.Name == "" || body.Tenant == "" || len(body.Content) == 0 {
		return 0, nil, errBody
	}
	return created(web.store.CreateConfiguration(c.Context(), c.actor, body))
}

func (web *Web) addVersion(c call) (int, any, error) {
	var body struct {
		Content json.RawMessage `json:"content"`
	}
	if err := decode(c, &body); err != nil {
		return 0, nil, err
	}
	if len(body.Content) == 0 {
		return 0, nil, errBody
	}
	return created(web.store.AddVersion(c.Context(), c.actor, c.PathValue("id"), body.Content))
}

func (web *Web) createRollout(c call) (int, any, error) {
	var body store.NewRollout
	if err := decode(c, &body); err != nil {
		return 0, nil, err
	}
	if body.Name == "" || body.ConfigurationID == "" {
		return 0, nil, errBody
	}
	if body.Strategy == "" {
		body.Strategy = "Percentage"
	}
	return created(web.store.CreateRollout(c.Context(), c.actor, body))
}

func (web *Web) moveRollout(c call) (int, any, error) {
	moved, err := web.store.MoveRollout(c.Context(), c.actor, c.PathValue("id"), c.PathValue("command"))
	if err != nil {
		return 0, nil, err
	}
	web.metrics.Transitions.WithLabelValues(moved.Tenant, moved.From, moved.To).Inc()
	web.log.WithTenant(moved.Tenant).Info("Ampora.Fleet.Rollouts.RolloutService", "Rollout {RolloutId} entered state {State}",
		"RolloutId", c.PathValue("id"), "State", moved.To)
	return one(web.store.Rollout(c.Context(), c.PathValue("id")))
}

// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
)

// signer makes cookies that every instance accepts, for the key comes from the master key.
type signer struct{ key []byte }

var errCookie = errors.New("the cookie is not valid")

func (s signer) seal(value any) string {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err) // only our own plain structs are sealed
	}
	text := base64.RawURLEncoding.EncodeToString(body)
	return text + "." + s.mac(text)
}

func (s signer) open(cookie string, into any) error {
	text, mac, _ := strings.Cut(cookie, ".")
	if !hmac.Equal([]byte(mac), []byte(s.mac(text))) {
		return errCookie
	}
	body, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return errCookie
	}
	return json.Unmarshal(body, into)
}

func (s signer) mac(text string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// setCookie leaves Secure to the scheme that the browser sees: the test ground speaks plain http.
func setCookie(w http.ResponseWriter, r *http.Request, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life.Seconds()), HttpOnly: true, Secure: secure(r), SameSite: http.SameSiteLaxMode,
	})
}

func clearCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{Name: name, Path: "/", MaxAge: -1})
}

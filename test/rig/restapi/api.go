// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package restapi

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// api has the records.
type api struct {
	file string

	mu      sync.Mutex
	records []record
	// tokens by their end.
	tokens map[string]time.Time
}

// record of the API: one of the documents with what the API adds.
type record struct {
	ID      string          `json:"id"`
	Created time.Time       `json:"created"`
	Body    json.RawMessage `json:"body"`
}

func (a *api) load() error {
	raw, err := os.ReadFile(a.file)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	for line := range bytes.Lines(raw) {
		var r record
		if json.Unmarshal(line, &r) != nil {
			break // It was being written when the process was killed, so its write was never confirmed.
		}
		a.records = append(a.records, r)
	}
	return nil
}

// write adds the lines of a request. They are answered when they are on the disk.
func (a *api) write(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for line := range bytes.Lines(body) {
		line = bytes.TrimSpace(line)
		n := record{ID: fmt.Sprintf("rec_%08d", len(a.records)+1), Created: time.Now().UTC(), Body: line}
		var fields map[string]any
		if json.Unmarshal(line, &fields) == nil {
			fields["id"], fields["created"], fields["updated_at"] = n.ID, n.Created.Unix(), n.Created.Format(time.RFC3339)
			n.Body, err = json.Marshal(fields)
		} else {
			n.Body, err = json.Marshal(string(line))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		a.records = append(a.records, n)
	}
	if err := a.save(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (a *api) save() error {
	f, err := os.OpenFile(a.file, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it is synced
	e := json.NewEncoder(f)
	for i := range a.records {
		if err := e.Encode(&a.records[i]); err != nil {
			return err
		}
	}
	return f.Sync()
}

// all returns the records, oldest first.
func (a *api) all() []record {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.records[:len(a.records):len(a.records)]
}

func (a *api) routes() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("POST /rig/records", a.write)
	m.HandleFunc("POST /rig/revoke", func(w http.ResponseWriter, _ *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		clear(a.tokens)
		w.WriteHeader(http.StatusNoContent)
	})
	m.HandleFunc("POST /oauth/token", a.token)
	m.HandleFunc("GET /v1/events", a.keyed(a.stripe))
	m.HandleFunc("GET /api/v2/incremental/tickets/cursor", a.tokened(a.zendesk))
	m.HandleFunc("GET /repos/shop/orders/issues", a.keyed(a.github))
	m.HandleFunc("GET /api/2.0/export", a.keyed(a.export))
	m.HandleFunc("GET /odata/orders", a.keyed(a.odata))
	m.HandleFunc("POST /search", a.keyed(a.search))
	return m
}

// keyed lets requests with the key pass: as a bearer token, as the user of Basic authentication (Stripe, Mixpanel), or in the query.
func (a *api) keyed(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if r.Header.Get("Authorization") != "Bearer "+Key && user != Key && password != Key && r.URL.Query().Get("api_key") != Key {
			http.Error(w, `{"error":"invalid key"}`, http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

// tokened lets requests with a valid token pass, and those of a user with the key, as Zendesk does.
func (a *api) tokened(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		end := a.tokens[r.Header.Get("Authorization")]
		a.mu.Unlock()
		user, key, _ := r.BasicAuth()
		if !time.Now().Before(end) && (key != Key || !strings.HasSuffix(user, "/token")) {
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

// token is the token endpoint of RFC 6749, sections 4.4, 5.1 and 5.2, with client authentication by Basic (2.3.1).
func (a *api) token(w http.ResponseWriter, r *http.Request) {
	id, secret, ok := r.BasicAuth()
	refuse := func(status int, code string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": code})
	}
	switch {
	case !ok || id != "journeyman" || secret != ClientSecret:
		w.Header().Set("WWW-Authenticate", "Basic")
		refuse(http.StatusUnauthorized, "invalid_client")
	case r.PostFormValue("grant_type") != "client_credentials":
		refuse(http.StatusBadRequest, "unsupported_grant_type")
	case r.PostFormValue("scope") != "read":
		refuse(http.StatusBadRequest, "invalid_scope")
	default:
		token := rand.Text()
		a.mu.Lock()
		a.tokens["Bearer "+token] = time.Now().Add(time.Hour)
		a.mu.Unlock()
		w.Header().Set("Cache-Control", "no-store")
		reply(w, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 3600})
	}
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

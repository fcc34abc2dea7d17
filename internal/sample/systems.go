// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// system is how the system behind a source of config/samples sends several documents in one request.
type system struct {
	path, contentType string
	// envelope is the field that the list of documents is in; none sends the list itself.
	envelope string
	// sign proves with the source's key who sends.
	sign func(r *http.Request, body []byte, key string, now time.Time)
}

var systems = map[string]system{
	"web":       {path: "/v1/batch", contentType: "application/json", envelope: "batch", sign: writeKey},
	"crm-email": {path: "/", contentType: "application/cloudevents-batch+json", sign: bearer},
	"tills":     {path: "/", contentType: "application/json", sign: signedBody},
	"support":   {path: "/", contentType: "application/json", sign: bearer},
	"surveys":   {path: "/", contentType: "application/json", sign: signedTime},
}

// Sources that the file is sent to, by name.
func Sources() []string { return slices.Sorted(maps.Keys(systems)) }

// body of a request.
func (s system) body(documents []json.RawMessage) ([]byte, error) {
	if s.envelope == "" {
		return json.Marshal(documents)
	}
	return json.Marshal(map[string]any{s.envelope: documents})
}

// request for the documents of a body. Signatures cover the time, so each try makes its own.
func (s system) request(ctx context.Context, to Endpoint, body []byte, now time.Time) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL+s.path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", s.contentType)
	s.sign(r, body, to.Key, now)
	return r, nil
}

func writeKey(r *http.Request, _ []byte, key string, _ time.Time) { r.SetBasicAuth(key, "") }

func bearer(r *http.Request, _ []byte, key string, _ time.Time) {
	r.Header.Set("Authorization", "Bearer "+key)
}

func signedBody(r *http.Request, body []byte, key string, _ time.Time) {
	r.Header.Set("X-Till-Signature", "sha256="+mac(key, body))
}

func signedTime(r *http.Request, body []byte, key string, now time.Time) {
	stamp := fmt.Sprint(now.Unix())
	r.Header.Set("X-Survey-Signature", "t="+stamp+",v1="+mac(key, []byte(stamp+"."), body))
}

func mac(key string, parts ...[]byte) string {
	h := hmac.New(sha256.New, []byte(key))
	for _, p := range parts {
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

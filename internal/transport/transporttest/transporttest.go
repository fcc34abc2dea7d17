// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package transporttest is the conformance suite that every transport passes.
package transporttest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Now is the time of receipt in the suite.
var Now = time.Date(2026, 11, 21, 10, 15, 10, 0, time.UTC)

// Message is a request that the transport accepts.
type Message struct {
	Path   string
	Header http.Header
	Body   string
}

// Suite describes the transport under test.
type Suite struct {
	Kind transport.Kind
	Spec v1alpha1.TouchpointSourceSpec
	// Sign creates a message with the documents, authenticated by the secret.
	Sign func(secret string, documents ...string) Message
	// Documents are two documents with different ids, and the first one again with its fields in another order.
	Documents [2]string
	Reordered string
	// Batches is set if one request can contain several documents.
	Batches bool
	// ByContentType is set if the content type says what the body is. SDKs of the other protocols send JSON under many content types.
	ByContentType bool
	// Reads is set if a GET request with everything in its query is one way to send.
	Reads bool
}

// Run runs the suite.
func (s Suite) Run(t *testing.T) {
	t.Run("takes a document", s.takes)
	t.Run("gives the same id again", s.sameID)
	t.Run("keeps ids through batching", s.batching)
	t.Run("keeps the bad from spoiling the good", s.badInBatch)
	t.Run("refuses other senders", s.refuses)
	t.Run("refuses all without a secret", s.noSecret)
	t.Run("takes old and new secret while rotating", s.rotation)
	t.Run("authenticates nobody again in a preview", s.recorded)
	t.Run("refuses bad bodies", s.badBodies)
	t.Run("answers other methods", s.methods)
	t.Run("looks at content types only where they count", s.contentTypes)
}

const secret = "s3cret-of-the-suite"

// New creates the transport with the secrets.
func (s Suite) New(t testing.TB, secrets ...string) transport.Transport {
	t.Helper()
	tr, err := s.Kind.New(transport.Settings{Spec: &s.Spec, Secrets: secrets})
	require.NoError(t, err)
	return tr
}

// Request converts a message to the input of a transport.
func Request(method string, m Message) *transport.Request {
	u := &url.URL{Path: m.Path}
	if path, query, ok := strings.Cut(m.Path, "?"); ok {
		u = &url.URL{Path: path, RawQuery: query}
	}
	r := httptest.NewRequestWithContext(context.Background(), method, u.String(), nil)
	r.Header = m.Header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	return &transport.Request{
		Method: method, Path: u.Path, Header: r.Header, Query: u.Query(), RawQuery: u.RawQuery, ReceivedAt: Now,
		Body: func() ([]byte, *reject.Rejection) { return []byte(m.Body), nil },
	}
}

func (s Suite) decode(t *testing.T, m Message, secrets ...string) (transport.Decoded, *reject.Rejection) {
	t.Helper()
	return s.New(t, secrets...).Decode(Request(http.MethodPost, m))
}

func (s Suite) ids(t *testing.T, m Message) []string {
	t.Helper()
	d, rejection := s.decode(t, m, secret)
	require.Nil(t, rejection)
	var out []string
	for _, c := range d.Candidates {
		out = append(out, ID(t, &c))
	}
	return out
}

// ID returns the id of a candidate: the sender's, or the hash of its content.
func ID(t *testing.T, c *transport.Candidate) string {
	t.Helper()
	require.Nil(t, c.Rejection)
	if c.ID != "" {
		return c.ID
	}
	id, rejection := c.ContentID()
	require.Nil(t, rejection)
	require.NotEmpty(t, id)
	return id
}

func (s Suite) takes(t *testing.T) {
	d, rejection := s.decode(t, s.Sign(secret, s.Documents[0]), secret)
	require.Nil(t, rejection)
	require.Len(t, d.Candidates, 1)
	body, err := d.Candidates[0].Body()
	require.NoError(t, err)
	require.IsType(t, map[string]any{}, body, "rules see an object")
	require.NotContains(t, body, secret)
	tr := s.New(t, secret)
	require.GreaterOrEqual(t, tr.Accepted(), 200)
	require.Less(t, tr.Accepted(), 300)
}

func (s Suite) sameID(t *testing.T) {
	first := s.ids(t, s.Sign(secret, s.Documents[0]))
	require.Equal(t, first, s.ids(t, s.Sign(secret, s.Documents[0])))
	require.Equal(t, first, s.ids(t, s.Sign(secret, s.Reordered)))
	require.NotEqual(t, first, s.ids(t, s.Sign(secret, s.Documents[1])))
}

func (s Suite) batching(t *testing.T) {
	if !s.Batches {
		return
	}
	a, b := s.ids(t, s.Sign(secret, s.Documents[0])), s.ids(t, s.Sign(secret, s.Documents[1]))
	require.Equal(t, append(a, b...), s.ids(t, s.Sign(secret, s.Documents[0], s.Documents[1])))
	require.Equal(t, append(b, a...), s.ids(t, s.Sign(secret, s.Documents[1], s.Reordered)))
	many := make([]string, transport.MaxEvents+1)
	for i := range many {
		many[i] = `{}`
	}
	_, rejection := s.decode(t, s.Sign(secret, many...), secret)
	require.NotNil(t, rejection)
	require.Equal(t, reject.TooManyEvents, rejection.Reason)
}

func (s Suite) badInBatch(t *testing.T) {
	if !s.Batches {
		return
	}
	d, rejection := s.decode(t, s.Sign(secret, `7`, s.Documents[0], `"x"`, `null`, `[]`), secret)
	require.Nil(t, rejection)
	require.Len(t, d.Candidates, 5)
	for i, c := range d.Candidates {
		require.Equal(t, i != 1, c.Rejection != nil, "document %d", i)
	}
}

func (s Suite) refuses(t *testing.T) {
	for _, wrong := range []string{"another", "", secret + "x", secret[1:]} {
		d, rejection := s.decode(t, s.Sign(wrong, s.Documents[0]), secret)
		require.NotNil(t, rejection, "shown %q", wrong)
		require.Equal(t, http.StatusUnauthorized, rejection.Status())
		require.Empty(t, d.Candidates)
		require.NotContains(t, rejection.Error(), secret)
	}
	m := s.Sign(secret, s.Documents[0])
	all := len(m.Header)
	m.Header.Del("Authorization")
	for k := range m.Header {
		if strings.Contains(strings.ToLower(k), "sign") {
			m.Header.Del(k)
		}
	}
	if len(m.Header) == all {
		return // The key is in the body, and was left out above.
	}
	_, rejection := s.decode(t, m, secret)
	require.NotNil(t, rejection)
	require.Equal(t, http.StatusUnauthorized, rejection.Status())
}

func (s Suite) noSecret(t *testing.T) {
	for _, shown := range []string{secret, ""} {
		_, rejection := s.decode(t, s.Sign(shown, s.Documents[0]))
		require.NotNil(t, rejection, "an empty secret never means that anybody may send")
		require.Equal(t, reject.SecretMissing, rejection.Reason)
		require.Equal(t, http.StatusServiceUnavailable, rejection.Status())
	}
}

func (s Suite) rotation(t *testing.T) {
	for _, shown := range []string{"new", "old"} {
		_, rejection := s.decode(t, s.Sign(shown, s.Documents[0]), "new", "old")
		require.Nil(t, rejection, "%v", rejection)
	}
	_, rejection := s.decode(t, s.Sign("older", s.Documents[0]), "new", "old")
	require.NotNil(t, rejection)
}

func (s Suite) recorded(t *testing.T) {
	tr, err := s.Kind.New(transport.Settings{Spec: &s.Spec, Recorded: true})
	require.NoError(t, err)
	m := s.Sign("", s.Documents[0])
	d, rejection := tr.Decode(Request(http.MethodPost, m))
	require.Nil(t, rejection)
	require.Len(t, d.Candidates, 1)
	require.Equal(t, s.ids(t, s.Sign(secret, s.Documents[0])), []string{ID(t, &d.Candidates[0])})
	if s.Kind.Message == nil {
		return
	}
	document, err := value.Decode([]byte(s.Documents[0]))
	require.NoError(t, err)
	path, media, ok := s.Kind.Message(document.(map[string]any))
	require.True(t, ok)
	require.Equal(t, m.Path, path)
	require.Equal(t, m.Header.Get("Content-Type"), media)
	_, _, ok = s.Kind.Message(map[string]any{"Bezeichnung": "row of a table"})
	require.False(t, ok)
}

func (s Suite) badBodies(t *testing.T) {
	deep := strings.Repeat(`{"a":`, transport.MaxDepth+1) + "1" + strings.Repeat("}", transport.MaxDepth+1)
	for name, body := range map[string]string{
		"empty": "", "no JSON": "{", "text": "hello", "two": `{"a":1}{"b":2}`, "bad UTF-8": "{\"a\":\"\xff\xfe\"}", "deep": deep, "number": "7",
	} {
		d, rejection := s.decode(t, s.Sign(secret, body), secret)
		if rejection == nil && len(d.Candidates) == 1 {
			rejection = d.Candidates[0].Rejection
		}
		require.NotNil(t, rejection, name)
		require.Equal(t, http.StatusBadRequest, rejection.Status(), "%s: %v", name, rejection)
	}
}

func (s Suite) methods(t *testing.T) {
	m := s.Sign(secret, s.Documents[0])
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, "FROB"} {
		if s.Reads && method == http.MethodGet {
			continue
		}
		d, rejection := s.New(t, secret).Decode(Request(method, m))
		require.Nil(t, rejection)
		require.NotNil(t, d.Reply, method)
		require.Equal(t, http.StatusMethodNotAllowed, d.Reply.Status)
		require.Contains(t, d.Reply.Header.Get("Allow"), "POST")
		require.Empty(t, d.Candidates)
	}
}

func (s Suite) contentTypes(t *testing.T) {
	want := s.ids(t, s.Sign(secret, s.Documents[0]))
	for _, media := range []string{"application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=utf-16"} {
		m := s.Sign(secret, s.Documents[0])
		m.Header.Set("Content-Type", media)
		if !s.ByContentType {
			require.Equal(t, want, s.ids(t, m), media)
			continue
		}
		_, rejection := s.decode(t, m, secret)
		require.NotNil(t, rejection, media)
		require.Equal(t, reject.UnsupportedMediaType, rejection.Reason)
		require.Equal(t, http.StatusUnsupportedMediaType, rejection.Status())
	}
}

// CheckCandidates evaluates the candidates of an arbitrary request, and fails if an event has JSON that is not valid. It is for fuzz targets.
func CheckCandidates(t testing.TB, sent []byte, list []transport.Candidate) {
	t.Helper()
	for _, c := range list {
		if c.Rejection != nil || c.Withheld {
			continue
		}
		if c.HasTime && c.Time <= 0 {
			t.Fatalf("%q has no time", sent)
		}
		_, _ = c.ContentID()
		_, _ = c.Body()
		e, rejection := c.BuiltIn()
		if rejection != nil || e == nil {
			continue
		}
		if e.Name == "" {
			t.Fatalf("%q has no name", sent)
		}
		for _, raw := range []json.RawMessage{e.Properties, e.Traits, e.Items, e.Groups} {
			if raw != nil && !json.Valid(raw) {
				t.Fatalf("%q gave %q", sent, raw)
			}
		}
	}
}

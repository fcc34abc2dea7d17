// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package snowplow implements the protocol of Snowplow's trackers: payloads by POST, and single events as parameters of an image. Its events and the
// entities of its e-commerce plugin have a defined meaning, so no mapping rules are needed; if there are rules, they are applied first.
package snowplow

import (
	"net/http"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// Kind is the entry in the registry.
var Kind = transport.Kind{
	Name: "snowplow",
	New: func(s transport.Settings) (transport.Transport, error) {
		t := &adapter{recorded: s.Recorded, keys: s.Secrets}
		if spec := s.Spec.Transport.Snowplow; spec != nil {
			t.open, t.postPaths = spec.Unauthenticated != nil, spec.PostPaths
		}
		return t, nil
	},
}

const (
	postPath = "/com.snowplowanalytics.snowplow/tp2"
	getPath  = "/i"
	methods  = "GET, POST, OPTIONS"
)

type adapter struct {
	// open is set if there is no key; recorded if the key of a request was checked when it was received.
	open, recorded bool
	keys           []string
	postPaths      []v1alpha1.SnowplowPath
}

// Accepted implements transport.Transport.
func (t *adapter) Accepted() int { return http.StatusOK }

// Headers implements transport.Transport. Trackers send cookies with each request unless they are configured not to.
func (t *adapter) Headers(request http.Header) http.Header {
	return transport.CORSWithCookies(request, methods)
}

// Decode implements transport.Transport.
func (t *adapter) Decode(r *transport.Request) (transport.Decoded, *reject.Rejection) {
	method, key, known := t.route(r.Path)
	switch {
	case !known:
		return transport.Decoded{Reply: transport.NotFound("unknown path; use POST " + postPath + " or GET " + getPath)}, nil
	case r.Method == http.MethodOptions:
		return transport.Decoded{Reply: &transport.Reply{Status: http.StatusOK}}, nil
	case r.Method != method:
		return transport.Decoded{Reply: transport.MethodNotAllowed(method + ", OPTIONS")}, nil
	}
	if rejection := t.refuse(r, key); rejection != nil {
		return transport.Decoded{}, rejection
	}
	s := sender{receivedAt: r.ReceivedAt, networkUserID: networkUserID(r.Header)}
	var out transport.Decoded
	var rejection *reject.Rejection
	if method == http.MethodGet {
		out, rejection = s.single(r)
	} else {
		out, rejection = s.batch(r)
	}
	out.Answer = answer(method)
	return out, rejection
}

// route returns the method of a path, and the key if the path starts with one.
func (t *adapter) route(path string) (method, key string, known bool) {
	if method, known = t.methodOf(path); known || t.open && !t.recorded {
		return method, "", known
	}
	key, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	method, known = t.methodOf("/" + rest)
	return method, key, known
}

func (t *adapter) methodOf(path string) (method string, known bool) {
	switch {
	case path == getPath:
		return http.MethodGet, true
	case path == postPath, slices.Contains(t.postPaths, v1alpha1.SnowplowPath(path)):
		return http.MethodPost, true
	}
	return "", false
}

// refuse authenticates the sender by the key in the path, or by a bearer token. The protocol has no authentication of its own.
func (t *adapter) refuse(r *transport.Request, key string) *reject.Rejection {
	switch {
	case t.open || t.recorded:
		return nil
	case len(t.keys) == 0:
		return transport.NoSecret("key of the trackers")
	case key != "":
		if !transport.Matches(t.keys, key) {
			return wrongKey
		}
		return nil
	}
	return transport.Bearer(r, t.keys, false)
}

var wrongKey = reject.New(reject.BadToken, "path", "the key in the path is wrong")

// answer returns the response of the collector: an image, or a word. Refusals keep the usual body, which says what is wrong.
func answer(method string) func(*transport.Result) *transport.Reply {
	return func(r *transport.Result) *transport.Reply {
		switch {
		case r.Status != http.StatusOK:
			return nil
		case method == http.MethodGet:
			return transport.Pixel()
		}
		return &transport.Reply{Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/plain; charset=UTF-8"}}, Body: []byte("ok")}
	}
}

// networkUserID returns the id of the browser in the collector's cookie, which a collector on the same domain has set. No cookie is set here: a response
// to an event does not show whether the customer allows it. A tracker that asks for anonymity gets it.
func networkUserID(h http.Header) string {
	if h.Get("SP-Anonymous") != "" {
		return ""
	}
	r := http.Request{Header: h}
	c, err := r.Cookie("sp")
	if err != nil {
		return ""
	}
	return c.Value
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package transport is the contract between ingestion and the ways in which events arrive. A transport is one folder below: it recognises the sender and
// takes a request apart into candidates; mapping by rules, privacy, limits on fields and storing are the same for all.
package transport

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Limits on JSON documents and batches, the same for all transports.
const (
	// MaxEvents of one request.
	MaxEvents = 5000
	// MaxDepth of a JSON document.
	MaxDepth = 32
	// MaxTokens of a JSON document: its values and names, counted by their separators.
	MaxTokens = 500_000
)

// Request is what a transport sees of an HTTP request.
type Request struct {
	// Method, Header and Query of the request. Path is relative to the source: "/v1/track" under whatever prefix.
	Method string
	Path   string
	Header http.Header
	Query  url.Values
	// RawQuery as it was sent.
	RawQuery string
	// Body reads the body once and decompresses it; a second call gives the same. It keeps to the limits on bytes.
	Body func() ([]byte, *reject.Rejection)
	// ReceivedAt is the time of receipt.
	ReceivedAt time.Time
}

// Reply answers a request that carries no events, such as a handshake.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// Candidate is one document of a request: something that may become events.
type Candidate struct {
	// ID is what the sender calls the document: it is the same when the document is sent again, in another batch or at another time.
	// It is empty when the sender gave none.
	ID string
	// Scope is what the sender tells its ids apart in, such as the source of a CloudEvent; empty when all of a source are unique.
	Scope string
	// ContentID gives the hash of what the sender said in the document, without what differs between deliveries. It may be called once.
	ContentID func() (string, *reject.Rejection)
	// Time in microseconds and TimeSource are used where mapping rules say nothing. HasTime is false where the document says nothing about its time:
	// then it is that of receipt.
	Time       int64
	TimeSource event.TimeSource
	HasTime    bool
	// Uncorrected says that the sender told when it sent the document, but that this cannot correct its clock.
	Uncorrected bool
	// Body decodes the document for mapping rules.
	Body func() (any, error)
	// BuiltIn gives the event by the transport's own mapping, for what no rule wants, without id and time; nil when
	// the transport has no mapping of its own. It is called once at most.
	BuiltIn func() (*event.Event, *reject.Rejection)
	// Rejection says that the document is bad; the other fields are empty then.
	Rejection *reject.Rejection
}

// Decoded is what a transport made of a request: candidates, or a reply.
type Decoded struct {
	Candidates []Candidate
	Reply      *Reply
}

// Transport serves one way in. It is safe for concurrent use.
type Transport interface {
	// Decode recognises the sender and takes the request apart. A rejection concerns the whole request.
	Decode(r *Request) (Decoded, *reject.Rejection)
	// Accepted is the status of a request of which at least one event was kept.
	Accepted() int
	// Headers go with every answer; nil for none.
	Headers() http.Header
}

// Settings are what a transport is made from.
type Settings struct {
	// Spec of the source.
	Spec *v1alpha1.TouchpointSourceSpec
	// Secrets are the lines of the user's Secret; empty when it is missing.
	Secrets []string
}

// Kind is an entry of the registry.
type Kind struct {
	// Name of the transport, as v1alpha1.Transport.Chosen gives it.
	Name string
	// New makes the transport; an error says what is wrong with the settings.
	New func(s Settings) (Transport, error)
}

// Document returns the documents of a body: a JSON array is a batch, an object a single one. Nothing is decoded further. The limits on
// depth, values and events hold.
func Document(body []byte) ([][]byte, *reject.Rejection) {
	if r := CheckJSON(body); r != nil {
		return nil, r
	}
	trimmed := trimSpace(body)
	if len(trimmed) == 0 || trimmed[0] != '{' && trimmed[0] != '[' {
		return nil, reject.New(reject.BadJSON, "", "the body must be a JSON object or a list of objects")
	}
	if !json.Valid(trimmed) {
		return nil, NotJSON("")
	}
	if trimmed[0] == '{' {
		return [][]byte{trimmed}, nil
	}
	return Elements(trimmed)
}

// Elements of a list that is valid JSON; too many are refused.
func Elements(raw []byte) ([][]byte, *reject.Rejection) {
	var out [][]byte
	for e := range value.Elements(raw) {
		if len(out) == MaxEvents {
			return nil, TooMany()
		}
		out = append(out, e)
	}
	return out, nil
}

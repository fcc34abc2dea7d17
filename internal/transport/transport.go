// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package transport is the contract between ingestion and the ways in which events arrive. Each transport is a subfolder. It authenticates the sender
// and splits a request into candidates. Mapping by rules, privacy, limits on fields and storing are the same for all.
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
	// MaxEvents is the number of events of one request.
	MaxEvents = 5000
	// MaxDepth is the nesting depth of a JSON document.
	MaxDepth = 32
	// MaxTokens is the size of a JSON document: the number of its values and names, counted by their separators.
	MaxTokens = 500_000
)

// Request is the part of an HTTP request that a transport uses.
type Request struct {
	// Method, Header and Query of the request. Path is relative to the source: "/v1/track" for any prefix.
	Method string
	Path   string
	Header http.Header
	Query  url.Values
	// RawQuery as it was sent.
	RawQuery string
	// Body reads the body once and decompresses it; further calls return the same. It enforces the limits on bytes.
	Body func() ([]byte, *reject.Rejection)
	// Reserve waits for the memory to decode the body and a document that was encoded in it or in the query, so that their size does not show it. It can
	// be nil.
	Reserve func(document []byte) *reject.Rejection
	// Length of the body as it was sent, in bytes; -1 if the sender did not announce it.
	Length int64
	// ReceivedAt is the time of receipt.
	ReceivedAt time.Time
}

// Reply is the response to a request without events, such as a handshake.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// Candidate is one document of a request, which can become events.
type Candidate struct {
	// ID is the sender's id of the document. It is the same when the document is sent again, in another batch or at another time. It is empty if the
	// sender sent none.
	ID string
	// Scope is the namespace of the sender's ids, such as the source of a CloudEvent; empty if all ids of a source are unique.
	Scope string
	// Within names what the sender's id is unique within, such as a device: two devices can have the same id. It can contain identifiers of people, so the
	// id of the event is then a hash of both; see eventid.Within. It is empty if all ids of a scope are unique.
	Within []string
	// Place identifies a document that was fetched at its source, such as a partition and an offset. It is the id if the sender sent none, or a
	// placeholder. It is empty if the source has no such place.
	Place string
	// ContentID returns the hash of the sender's content of the document, without what differs between deliveries. It can be called once.
	ContentID func() (string, *reject.Rejection)
	// Time in microseconds and TimeSource are used if mapping rules set no time. HasTime is false if the document has no time; the time of receipt is used then.
	Time       int64
	TimeSource event.TimeSource
	HasTime    bool
	// Where names the place of the document for the message of a refusal, such as a file and a line, so that people find it; nil if the message has it
	// already, or there is none. It contains nothing of the document.
	Where func() string
	// Record is set for a record of a file: if one of its events is refused, all are, so that the record can be corrected and read again. An event without a
	// time of its own is refused, because the time of receipt says nothing about when it happened.
	Record bool
	// Uncorrected is set if the sender sent a time of sending that cannot correct its clock.
	Uncorrected bool
	// Body decodes the document for mapping rules.
	Body func() (any, error)
	// Headers of the document itself, by lower-case name, if it has any: those of a message of a broker. Nil means those of the request.
	Headers map[string]string
	// Message returns what mapping rules see as message: where a document that was fetched comes from, such as topic, partition, offset and key. It can
	// be nil.
	Message func() map[string]any
	// BuiltIn returns the event of the transport's built-in mapping, for a document that no rule matches, without id and time; nil if the transport has
	// none. A nil event means that the document is technical, such as a heartbeat: it is dropped and counted. It is called at most once.
	BuiltIn func() (*event.Event, *reject.Rejection)
	// Rejection is set if the document is invalid. The other fields are empty then.
	Rejection *reject.Rejection
	// Withheld is set if the customer did not allow the sender to use the document for analytics. It is dropped and counted, and no rule sees it.
	Withheld bool
}

// Decoded is a decoded request: candidates, or a reply.
type Decoded struct {
	Candidates []Candidate
	Reply      *Reply
	// Answer returns the response to the request if its protocol defines one; a nil function, or a nil reply, is the usual response. It is also called if
	// the request is refused. It must not hold the body.
	Answer func(*Result) *Reply
	// RefusedStatus is the status of a request whose documents are refused although its sender is authenticated; 0 for that of the reason.
	RefusedStatus int
}

// Result is what became of a request. As JSON, it is the usual response.
type Result struct {
	// Status of the usual response. A reply to a request that failed cannot be a success.
	Status int `json:"-"`
	// Success is what SDKs of Segment check: nothing has to be sent again.
	Success bool `json:"success"`
	// Accepted events, which are durable; Dropped documents, which are left out on purpose.
	Accepted int   `json:"accepted"`
	Dropped  int64 `json:"dropped,omitempty"`
	// Rejected documents: the first of RejectedCount. Reasons counts all of them if some are not listed.
	Rejected      []Refusal        `json:"rejected,omitempty"`
	RejectedCount int64            `json:"rejectedCount,omitempty"`
	Reasons       map[string]int64 `json:"reasons,omitempty"`
	// Error, Reason and Field if the whole request was refused.
	Error  string `json:"error,omitempty"`
	Reason string `json:"reason,omitempty"`
	Field  string `json:"field,omitempty"`
}

// Refusal is one refused document of a request.
type Refusal struct {
	// Index of the document in the request; 0 for a single one.
	Index int `json:"index"`
	*reject.Rejection
}

// Transport decodes requests. It is safe for concurrent use.
type Transport interface {
	// Decode authenticates the sender and splits the request. A rejection concerns the whole request.
	Decode(r *Request) (Decoded, *reject.Rejection)
	// Accepted returns the status of a request of which at least one event was stored.
	Accepted() int
	// Headers returns the headers of every response to a request with these headers; nil for none.
	Headers(request http.Header) http.Header
}

// Settings of a transport.
type Settings struct {
	// Spec of the source.
	Spec *v1alpha1.TouchpointSourceSpec
	// Secrets are the lines of the user's Secret; empty if it is missing.
	Secrets []string
	// ChallengeTokens are the lines of the second key of the Secret, with which a sender tests the endpoint; see v1alpha1.ChallengeHandshake.
	ChallengeTokens []string
	// Recorded is set for the requests of a preview: their sender was authenticated when they were received, and is not authenticated again.
	Recorded bool
}

// Kind is an entry of the registry.
type Kind struct {
	// Name of the transport, as returned by v1alpha1.Transport.Chosen.
	Name string
	// New creates the transport. It returns an error if the settings are invalid.
	New func(s Settings) (Transport, error)
	// Message returns where a recorded document is sent, and its media type, if it has the form of this transport's messages. It is nil if they have no
	// form of their own.
	Message func(document map[string]any) (path, mediaType string, ok bool)
}

// Document returns the documents of a body: a JSON array is a batch, an object is a single document. It decodes nothing else, and enforces the limits
// on depth, values and events.
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

// Elements returns the elements of a list that is valid JSON, and refuses too many.
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

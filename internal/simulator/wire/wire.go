// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package wire encodes the events of a simulated world in the format of each system: Segment's tracking API for the site, CloudEvents for the
// e-mails, signed webhooks for tills and surveys, a webhook with a token for the support chat. The other formats of an omnichannel world are in
// systems.
package wire

import (
	"net/http"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// Endpoint is the endpoint of a source.
type Endpoint struct {
	// URL without a path.
	URL string `json:"url"`
	// Secret for signing, or as a token.
	Secret string `json:"-"`
}

// Request is one HTTP request of a sender. It can be encoded several times, because senders sign and timestamp each attempt.
type Request struct {
	Source world.Source
	// Path below the endpoint.
	Path string
	// At is the time of sending in the world.
	At time.Time
	// Good is the number of events that have to be accepted, Bad the number that have to be refused, by reason.
	Good int
	Bad  map[string]int
	// Dropped is the number of documents that a mapping rule drops on purpose.
	Dropped int
	// Subject is that of a message for a broker; empty for a request.
	Subject string
	// Tolerated requests get a success although their documents are refused, because their senders do not stand anything else.
	Tolerated bool
	// StatusOnly requests get PostHog's answer, which has no counts unless something is refused.
	StatusOnly bool
	// Write returns body and headers for an attempt at the given real time.
	Write func(now time.Time, secret string) ([]byte, http.Header, error)
}

const jsonType = "application/json"

// Stamp formats times as all sources do: whole milliseconds, UTC.
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

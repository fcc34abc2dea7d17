// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package wire writes the events of a simulated world the way each system sends them: Segment's tracking API for the
// site, CloudEvents for the e-mails, signed webhooks for tills and surveys, a webhook with a token for the support chat.
package wire

import (
	"net/http"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// Endpoint of a source.
type Endpoint struct {
	// URL without a path.
	URL string `json:"url"`
	// Secret for signing or as a token.
	Secret string `json:"-"`
}

// Request is one HTTP request of a sender. It can be written several times: senders sign and stamp each try again.
type Request struct {
	Source world.Source
	// Path below the endpoint.
	Path string
	// At is the world's time of sending.
	At time.Time
	// Good is the number of events that have to be accepted, Bad the number that have to be refused, by reason.
	Good int
	Bad  map[string]int
	// Dropped documents are thrown away on purpose by a mapping rule.
	Dropped int
	// Write gives body and headers for a try at the given real time.
	Write func(now time.Time, secret string) ([]byte, http.Header, error)
}

const jsonType = "application/json"

// Stamp is how all sources write times: whole milliseconds, UTC.
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

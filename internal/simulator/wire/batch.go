// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"net/http"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// Batch is one good request with events of one source, at least one. Those of the tills are of one till.
func Batch(source world.Source, events []*world.Event) *Request {
	r := &Request{Source: source, Path: "/", Good: len(events), At: events[len(events)-1].SentAt()}
	if source != world.Web {
		r.Write = writer(source, events, false)
		return r
	}
	r.Path = "/v1/batch"
	r.Write = func(now time.Time, secret string) ([]byte, http.Header, error) {
		messages := make([]any, len(events))
		for i, e := range events {
			messages[i] = MessageOf(e, now, "")
		}
		return WriteSegment(messages, secret)
	}
	return r
}

// writer writes the documents of every source but the site.
func writer(source world.Source, events []*world.Event, binary bool) func(now time.Time, secret string) ([]byte, http.Header, error) {
	return func(now time.Time, secret string) ([]byte, http.Header, error) {
		switch source {
		case world.CRM:
			return writeCloudEvents(events, binary, secret)
		case world.Tills:
			return writeTill(tillOf(events), secret)
		case world.Support:
			return writeSupport(oneOrAll(events, chatOf), secret)
		default:
			return writeSurvey(oneOrAll(events, answerOf), secret, now)
		}
	}
}

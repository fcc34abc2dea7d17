// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"net/http"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// writer encodes the documents of every source except the site.
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

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"encoding/json"
	"time"

	"github.com/journeyman-dev/journeyman/internal/ingest/eventid"
	"github.com/journeyman-dev/journeyman/internal/transport/clock"
)

// insertID returns the id of the event that a sample of Mixpanel identifies by its insert id, or an empty text for any other sample. Insert ids are unique
// within a person and a day there, so the id here is made of all of these. All samples have a person and a time.
func insertID(s *Sample, id string) string {
	var list []struct {
		Event      string
		Properties struct {
			Time     json.RawMessage
			Distinct string `json:"distinct_id"`
			Insert   string `json:"$insert_id"`
		}
	}
	if s.Request == nil || id == "" || json.Unmarshal([]byte(s.Request.Body), &list) != nil {
		return ""
	}
	for _, e := range list {
		p := e.Properties
		if at, err := clock.Epoch(p.Time); err == nil && p.Insert == id {
			return eventid.Within(id, []string{e.Event, p.Distinct, time.UnixMicro(at).UTC().Format(time.DateOnly)})
		}
	}
	return ""
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"encoding/json"
	"time"

	"github.com/journeyman-dev/journeyman/internal/ingest/eventid"
	"github.com/journeyman-dev/journeyman/internal/transport/clock"
)

// insertID returns the id of the event that a sample of Mixpanel or Amplitude identifies by its insert id, or an empty text. Insert ids are unique within
// a person and a day there, or within a device, so the id here is made of all of these.
func insertID(s *Sample, id string) string {
	if s.Request == nil {
		return ""
	}
	type mixpanel struct {
		Event      string
		Properties struct {
			Time     json.RawMessage
			Distinct string `json:"distinct_id"`
			Insert   string `json:"$insert_id"`
		}
	}
	var list []mixpanel
	if json.Unmarshal([]byte(s.Request.Body), &list) == nil {
		for _, e := range list {
			if p := e.Properties; p.Insert == id && id != "" {
				us, err := clock.Epoch(p.Time)
				if err != nil {
					return ""
				}
				return eventid.Within(id, []string{e.Event, p.Distinct, time.UnixMicro(us).UTC().Format(time.DateOnly)})
			}
		}
	}
	var upload struct {
		Events []struct {
			Insert string `json:"insert_id"`
			Device string `json:"device_id"`
			User   string `json:"user_id"`
		}
	}
	if json.Unmarshal([]byte(s.Request.Body), &upload) == nil {
		for _, e := range upload.Events {
			switch {
			case e.Insert != id || id == "":
			case e.Device == "":
				return eventid.Within(id, []string{"user", e.User})
			default:
				return eventid.Within(id, []string{"device", e.Device})
			}
		}
	}
	return ""
}

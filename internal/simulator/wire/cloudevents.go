// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"net/http"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// cloudEvent is a CloudEvent in structured form.
type cloudEvent struct {
	SpecVersion     string    `json:"specversion"`
	ID              string    `json:"id"`
	Source          string    `json:"source"`
	Type            string    `json:"type"`
	Time            string    `json:"time"`
	DataContentType string    `json:"datacontenttype"`
	Data            emailData `json:"data"`
}

type emailData struct {
	Email    string `json:"email"`
	Campaign any    `json:"campaign,omitempty"`
	Customer string `json:"customer,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Segment  string `json:"segment,omitempty"`
}

// mailer is the source attribute of all e-mail events.
const mailer = "//crm.example/mailer"

var emailTypes = map[string]string{
	"Email Delivered":    "com.example.crm.email.delivered",
	"Email Opened":       "com.example.crm.email.opened",
	"Email Link Clicked": "com.example.crm.email.clicked",
	"Account Updated":    "com.example.crm.account.updated",
}

func cloudEventOf(e *world.Event) cloudEvent {
	return cloudEvent{
		SpecVersion: "1.0", ID: e.ID, Source: mailer, Type: emailTypes[e.Name], Time: Stamp(e.Time), DataContentType: jsonType,
		Data: emailData{
			Email: e.Identities.Email, Campaign: properties(e)["campaign"],
			Customer: e.Identities.CustomerID, Phone: e.Identities.Phone, Segment: e.Segment,
		},
	}
}

// writeCloudEvents writes one event in the binary or the structured mode, several as a batch.
func writeCloudEvents(events []*world.Event, binary bool, token string) ([]byte, http.Header, error) {
	header := http.Header{"Authorization": {"Bearer " + token}}
	if len(events) > 1 {
		batch := make([]cloudEvent, len(events))
		for i, e := range events {
			batch[i] = cloudEventOf(e)
		}
		header.Set("Content-Type", "application/cloudevents-batch+json")
		body, err := json.Marshal(batch)
		return body, header, err
	}
	c := cloudEventOf(events[0])
	if !binary {
		header.Set("Content-Type", "application/cloudevents+json")
		body, err := json.Marshal(c)
		return body, header, err
	}
	header.Set("Content-Type", jsonType)
	for name, v := range map[string]string{"specversion": c.SpecVersion, "id": c.ID, "source": c.Source, "type": c.Type, "time": c.Time} {
		header.Set("Ce-"+name, v)
	}
	body, err := json.Marshal(c.Data)
	return body, header, err
}

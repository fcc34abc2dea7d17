// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package systems

import (
	"cmp"
	"crypto/sha1" //nolint:gosec // Intercom signs with HMAC-SHA-1 and nothing stronger
	"encoding/hex"
	"net/http"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// IntercomTopics are the topics of a conversation, by the name of the event.
var IntercomTopics = map[string]string{
	"Live Chat Conversation Started": "conversation.user.created",
	"Live Chat Conversation Ended":   "conversation.admin.closed",
	"Live Chat Message Received":     "conversation.admin.replied",
}

type intercomNotification struct {
	Type      string       `json:"type"`
	AppID     string       `json:"app_id"`
	ID        string       `json:"id"`
	Topic     string       `json:"topic"`
	Data      intercomData `json:"data"`
	Attempts  int          `json:"delivery_attempts"`
	FirstSent int64        `json:"first_sent_at"`
	CreatedAt int64        `json:"created_at"`
}

type intercomData struct {
	Type string       `json:"type"`
	Item intercomItem `json:"item"`
}

type intercomItem struct {
	Type      string           `json:"type"`
	ID        string           `json:"id"`
	CreatedAt int64            `json:"created_at"`
	Source    intercomSource   `json:"source"`
	Contacts  intercomContacts `json:"contacts"`
	Title     any              `json:"title"`
}

type intercomSource struct {
	Type   string         `json:"type"`
	Author intercomAuthor `json:"author"`
}

type intercomAuthor struct {
	Type  string `json:"type"`
	ID    string `json:"id"`
	Email string `json:"email"`
}

type intercomContacts struct {
	Type     string            `json:"type"`
	Contacts []intercomContact `json:"contacts"`
}

type intercomContact struct {
	Type       string  `json:"type"`
	ID         string  `json:"id"`
	ExternalID *string `json:"external_id"`
}

// Intercom returns the notification of a conversation with a topic.
func Intercom(e *world.Event, topic, secret string) ([]byte, http.Header, error) {
	contact := intercomContact{Type: "contact", ID: hexID(cmp.Or(e.Identities.Email, e.Identities.CustomerID))}
	if account := cmp.Or(e.Identities.CustomerID, e.Placeholder); account != "" {
		contact.ExternalID = &account
	}
	at := e.Time.Unix()
	body, header, err := post(intercomNotification{
		Type: "notification_event", AppID: "omni", ID: "notif_" + uuid(e.ID), Topic: topic, Attempts: 1, FirstSent: at, CreatedAt: at,
		Data: intercomData{Type: "notification_event_data", Item: intercomItem{
			Type: "conversation", ID: hexID(e.ID), CreatedAt: at, Title: property(e, "topic"),
			Source:   intercomSource{Type: "conversation", Author: intercomAuthor{Type: "user", ID: contact.ID, Email: e.Identities.Email}},
			Contacts: intercomContacts{Type: "contact.list", Contacts: []intercomContact{contact}},
		}},
	})
	header.Set("X-Hub-Signature", "sha1="+hex.EncodeToString(sign(sha1.New, secret, body)))
	return body, header, err
}

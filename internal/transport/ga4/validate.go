// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ga4

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"

	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Limits of the protocol. Requests beyond them are accepted if they are within the limits of ingestion; validation reports them.
const (
	maxEvents = 25
	maxParams = 25
	// maxMessages is the number of messages of a validation.
	maxMessages = 100
)

// message is what is wrong with a request, in the form of Google's validation server.
type message struct {
	FieldPath      string `json:"fieldPath"`
	Description    string `json:"description"`
	ValidationCode string `json:"validationCode"`
}

// Codes of messages.
const (
	invalid  = "VALUE_INVALID"
	required = "VALUE_REQUIRED"
	badName  = "NAME_INVALID"
	reserved = "NAME_RESERVED"
	tooMany  = "EXCEEDED_MAX_ENTITIES"
)

var nameForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,39}$`)

// reservedNames are the names of events that only Google's own tags may send.
var reservedNames = map[string]bool{
	"ad_activeview": true, "ad_click": true, "ad_exposure": true, "ad_query": true, "ad_reward": true, "adunit_exposure": true,
	"app_clear_data": true, "app_exception": true, "app_install": true, "app_remove": true, "app_store_refund": true, "app_update": true,
	"app_upgrade": true, "dynamic_link_app_open": true, "dynamic_link_app_update": true, "dynamic_link_first_open": true, "error": true,
	"firebase_campaign": true, "firebase_in_app_message_action": true, "firebase_in_app_message_dismiss": true,
	"firebase_in_app_message_impression": true, "first_open": true, "first_visit": true, "in_app_purchase": true, "notification_dismiss": true,
	"notification_foreground": true, "notification_open": true, "notification_receive": true, "os_update": true, "session_start": true,
	"session_start_with_rollout": true, "user_engagement": true,
}

// validation is the response of the validation server. It describes what is wrong, and stores nothing.
func (p *payload) validation() *transport.Reply {
	messages := p.check()
	if len(messages) > maxMessages {
		messages = messages[:maxMessages]
	}
	body, err := json.Marshal(map[string]any{"validationMessages": messages})
	if err != nil {
		return &transport.Reply{Status: http.StatusInternalServerError}
	}
	return &transport.Reply{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
}

// check returns a list that is empty rather than nil, because the response has a list in any case.
func (p *payload) check() []message {
	out := []message{}
	if p.clientID == "" && p.appInstanceID == "" {
		out = append(out, message{"client_id", "Measurement requires a client_id, or an app_instance_id.", required})
	}
	decoded, rejection := p.decode()
	if rejection != nil {
		return append(out, message{rejection.Field, rejection.Message, required})
	}
	if n := len(decoded.Candidates); n > maxEvents {
		out = append(out, message{"events", fmt.Sprintf("The request has %d events; Google accepts at most %d.", n, maxEvents), tooMany})
	}
	i := 0
	for raw := range value.Elements(p.events) {
		if len(out) >= maxMessages {
			break
		}
		out = append(out, p.checkEvent(i, raw, &decoded.Candidates[i])...)
		i++
	}
	return out
}

func (p *payload) checkEvent(i int, raw []byte, c *transport.Candidate) (out []message) {
	path, at := fmt.Sprintf("events[%d]", i), fmt.Sprintf("Event at index: [%d] ", i)
	add := func(field, text, code string) { out = append(out, message{path + field, at + text, code}) }
	if c.Rejection != nil {
		add("", c.Rejection.Example(), invalid)
		return out
	}
	h := p.hit(raw)
	switch {
	case h.name == "":
		add(".name", "has no name.", required)
	case reservedNames[h.name]:
		add(".name", "has a name that is reserved.", reserved)
	case !nameForm.MatchString(h.name):
		add(".name", "has an invalid name. Names start with a letter, and have at most 40 letters, digits and underscores.", badName)
	}
	params := 0
	for name := range value.Fields(h.params) {
		params++
		if !nameForm.Match(name) {
			add(".params", "has a parameter with an invalid name.", badName)
		}
	}
	if params > maxParams {
		add(".params", fmt.Sprintf("has more than %d parameters.", maxParams), tooMany)
	}
	if h.name != "" && c.BuiltIn != nil {
		if _, rejection := c.BuiltIn(); rejection != nil {
			add("."+rejection.Field, rejection.Message, invalid)
		}
	}
	return out
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mixpanel

import (
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport/sdk"
	"github.com/journeyman-dev/journeyman/internal/transport/semantic"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// devicePrefix marks the distinct_id of a device, in projects with Simplified ID Merge.
const devicePrefix = "$device:"

// joins are the events that only state ids.
var joins = map[string]event.Kind{"$identify": event.Identify, "$create_alias": event.Alias, "$merge": event.Alias}

// pageView is the event of a page, by the SDK for browsers.
const pageView = "$mp_web_page_view"

// meaning returns the event with Mixpanel's built-in meaning, or nil if it is technical: its name is one of Mixpanel's own, such as $mp_click and
// $session_start.
func (m *message) meaning() (*event.Event, *reject.Rejection) {
	kind, join := joins[m.event]
	e := &event.Event{Name: m.event, Kind: kind}
	switch {
	case m.event == "":
		return nil, reject.New(reject.MissingEventName, "event", "an event needs a name")
	case join:
		m.join(e)
		return e, nil
	case m.event == pageView:
		e.Name = sdk.PageViewed
	case m.event[0] == '$':
		return nil, nil
	}
	e.Initiator = semantic.InitiatorOf(e.Name)
	m.people(e)
	own := sdk.Properties(m.properties, property)
	if value.Kind(own) != '{' {
		return e, nil
	}
	return e, semantic.Describe(e, own, "properties", nil)
}

// join adds the ids that the event joins.
func (m *message) join(e *event.Event) {
	e.Name, e.Initiator = sdk.IdentitiesMerged, event.Machine
	if e.Kind == event.Identify {
		e.Name = sdk.Identified
	}
	sdk.Identity(e, sdk.Customer, m.identifiedID)
	m.distinct(e, m.alias)
	sdk.Identity(e, sdk.Anonymous, strings.TrimPrefix(m.anonymousID, devicePrefix))
	for id := range value.Elements(m.merged) {
		m.distinct(e, value.RawText(id))
	}
	m.people(e)
}

// people adds the ids of the person, and the identities among the properties that Mixpanel defines.
func (m *message) people(e *event.Event) {
	sdk.Identity(e, sdk.Customer, m.userID)
	sdk.Identity(e, sdk.Anonymous, m.deviceID)
	m.distinct(e, m.distinctID)
	for k, v := range value.Fields(m.properties) {
		if typ := identityOf[string(k)]; typ != "" {
			sdk.Identity(e, typ, value.RawText(v))
		}
	}
}

// distinct adds a distinct_id: that of a device, or of a customer. An event that names its customer has no other one.
func (m *message) distinct(e *event.Event, id string) {
	device, isDevice := strings.CutPrefix(id, devicePrefix)
	switch {
	case isDevice, id == m.deviceID, id == m.anonymousID, m.userID != "" && id != m.userID:
		sdk.Identity(e, sdk.Anonymous, device)
	default:
		sdk.Identity(e, sdk.Customer, id)
	}
}

// identityOf maps properties of events and persons to identities.
var identityOf = map[string]string{"$email": "email", "$phone": "phone"}

// properties are the names here of the properties that Mixpanel defines. Others with a dollar sign, or with mp_, are about the browser, and left out.
var properties = map[string]string{
	"$current_url": "url", "current_url_path": "path", "current_page_title": "title", "$referrer": "referrer",
	"current_url_search": "", "current_url_protocol": "", "current_domain": "", "current_page_url": "url",
}

func property(name string) (string, bool) {
	if to := sdk.Campaign[name]; to != "" {
		return to, true
	}
	if to, known := properties[name]; known {
		return to, true
	}
	switch name {
	case "token", "time", "distinct_id", "alias":
		return "", true
	}
	return "", strings.HasPrefix(name, "$") || strings.HasPrefix(name, "mp_")
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package posthog

import (
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport/sdk"
	"github.com/journeyman-dev/journeyman/internal/transport/semantic"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// call is what an event of PostHog means here.
type call struct {
	name      string
	kind      event.Kind
	initiator event.Initiator
}

// calls are the events whose names PostHog defines. All others whose name starts with a dollar sign, such as $autocapture, $pageleave and
// $feature_flag_called, are about the page or the SDK, and no touchpoints.
var calls = map[string]call{
	"$pageview":          {name: sdk.PageViewed},
	"$screen":            {name: sdk.ScreenViewed},
	"$identify":          {sdk.Identified, event.Identify, event.Machine},
	"$set":               {sdk.Identified, event.Identify, event.Machine},
	"$groupidentify":     {sdk.GroupJoined, event.Identify, event.Machine},
	"$create_alias":      {sdk.IdentitiesMerged, event.Alias, event.Machine},
	"$merge_dangerously": {sdk.IdentitiesMerged, event.Alias, event.Machine},
	"survey sent":        {name: semantic.SurveyResponded},
	"survey shown":       {name: "survey shown", initiator: event.Brand},
}

// meaning returns the event with PostHog's built-in meaning, or nil if it is technical.
func (m *message) meaning() (*event.Event, *reject.Rejection) {
	c, known := calls[m.event]
	switch {
	case m.event == "":
		return nil, reject.New(reject.MissingEventName, "event", "an event needs a name")
	case !known && m.event[0] == '$', m.event == "$groupidentify" && m.ofGroup(), m.partial:
		return nil, nil
	case !known:
		c = call{name: m.event, initiator: semantic.InitiatorOf(m.event)}
	}
	e := &event.Event{Name: c.name, Kind: c.kind, Initiator: c.initiator}
	m.people(e)
	switch {
	case e.Kind == event.Alias:
		m.aliasOf(e)
	case c.name == sdk.GroupJoined:
		m.group(e)
	case e.Kind == event.Identify:
		return e, nil
	}
	properties := sdk.Properties(m.properties, property)
	if c.name == semantic.SurveyResponded {
		properties = answered(m.properties, properties)
	}
	if value.Kind(properties) != '{' {
		return e, nil
	}
	return e, semantic.Describe(e, properties, "properties", nil)
}

// ofGroup reports whether the event only describes a group. Servers invent a distinct_id for it, which is no person.
func (m *message) ofGroup() bool {
	return m.distinctID == "$"+m.groupType+"_"+m.groupKey || m.distinctID == "groups_setup_id"
}

func (m *message) group(e *event.Event) {
	if m.groupType == "" || m.groupKey == "" {
		return
	}
	if raw, err := value.Encode(map[string]string{m.groupType: m.groupKey}); err == nil {
		e.Groups = raw
	}
}

// properties are the names here of the properties that PostHog defines. Others with a dollar sign are about the browser, and left out.
var properties = map[string]string{
	"$current_url": "url", "$pathname": "path", "$referrer": "referrer", "$screen_name": "screen",
	"$survey_id": "survey_id", "$survey_name": "survey_name",
	"$group_type": "group_type", "$group_key": "group_key",
}

func property(name string) (string, bool) {
	if to := sdk.Campaign[name]; to != "" {
		return to, true
	}
	switch name {
	case "token", "distinct_id", "alias", "api_key":
		return "", true
	}
	if strings.HasPrefix(name, "$") {
		return properties[name], true
	}
	return name, false
}

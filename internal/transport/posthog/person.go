// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package posthog

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/transport/sdk"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// cookieless is the distinct_id of all visitors of a site without cookies, until PostHog's servers replace it. It is nobody.
const cookieless = "$posthog_cookieless"

// person is what the properties of an event say about the person.
type person struct {
	distinctID, deviceID, anonymousID, alias, sessionID, groupType, groupKey string
	// anonymous is set if the SDK says that the person has not logged in.
	anonymous bool
	bot       bool
	// partial is set for an answer to a survey that is not completed. The SDK sends all answers again with the next one.
	partial bool

	set, setOnce, groups []byte
}

func personOf(properties []byte) person {
	var p person
	for k, v := range value.Fields(properties) {
		switch string(k) {
		case "distinct_id":
			p.distinctID = value.RawText(v)
		case "$device_id":
			p.deviceID = value.RawText(v)
		case "$anon_distinct_id":
			p.anonymousID = value.RawText(v)
		case "alias":
			p.alias = value.RawText(v)
		case "$session_id":
			p.sessionID = value.RawText(v)
		case "$is_identified":
			p.anonymous = value.Kind(v) == 'f'
		case "$browser_type":
			p.bot = value.RawText(v) == "bot"
		case "$survey_completed":
			p.partial = value.Kind(v) == 'f'
		default:
			p.nested(string(k), v)
		}
	}
	return p
}

func (p *person) nested(name string, v []byte) {
	switch name {
	case "$set":
		p.set = v
	case "$set_once":
		p.setOnce = v
	case "$groups":
		p.groups = v
	case "$group_type":
		p.groupType = value.RawText(v)
	case "$group_key":
		p.groupKey = value.RawText(v)
	}
}

// isAnonymous reports whether the distinct_id is that of a visitor: before they log in, SDKs send the id of the device, or say so.
func (m *message) isAnonymous() bool {
	return m.anonymous || m.distinctID != "" && m.distinctID == m.deviceID
}

// people adds the identities and traits of the person.
func (m *message) people(e *event.Event) {
	if m.distinctID != cookieless {
		typ := sdk.Customer
		if m.isAnonymous() {
			typ = sdk.Anonymous
		}
		sdk.Identity(e, typ, m.distinctID)
	}
	if m.deviceID != cookieless {
		sdk.Identity(e, sdk.Anonymous, m.deviceID)
	}
	sdk.Identity(e, sdk.Anonymous, m.anonymousID)
	sdk.Person(e, trait, m.set, m.person.set, m.setOnce, m.person.setOnce)
	sdk.Groups(e, m.groups)
	e.SessionID = m.sessionID
	if m.bot {
		e.Flags |= event.FlagBot
	}
}

// aliasOf adds the other id of an alias. Before a visitor logs in, it is that of the customer whom they become; otherwise that of the visitor whom the
// customer was.
func (m *message) aliasOf(e *event.Event) {
	typ := sdk.Anonymous
	if m.isAnonymous() || m.event == "$merge_dangerously" {
		typ = sdk.Customer
	}
	sdk.Identity(e, typ, m.alias)
}

// trait leaves out the properties of a person that PostHog derives, such as $initial_referrer.
func trait(name string) (string, bool) { return "", name != "" && name[0] == '$' }

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mixpanel

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport/sdk"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// profile returns the event of an update of a person, or nil if it sets nothing: counting up, appending to a list, and deleting have no counterpart
// among traits.
func profile(raw []byte) (*event.Event, *reject.Rejection) {
	set, once := value.Lookup(raw, "$set"), value.Lookup(raw, "$set_once")
	if value.Kind(set) != '{' && value.Kind(once) != '{' {
		return nil, nil
	}
	e := &event.Event{Name: sdk.Identified, Kind: event.Identify, Initiator: event.Machine}
	m := message{
		distinctID: value.RawText(value.Lookup(raw, "$distinct_id")),
		deviceID:   value.RawText(value.Lookup(raw, "$device_id")), userID: value.RawText(value.Lookup(raw, "$user_id")),
	}
	m.people(e)
	sdk.Person(e, trait, set, once)
	return e, nil
}

// traits are the names here of the properties of a person that Mixpanel shows in its own fields.
var traits = map[string]string{
	"$email": "email", "$phone": "phone", "$name": "name", "$first_name": "first_name", "$last_name": "last_name", "$created": "created_at",
	"$avatar": "avatar",
}

func trait(name string) (string, bool) { return traits[name], name != "" && name[0] == '$' }

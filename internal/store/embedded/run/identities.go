// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package run

import (
	"encoding/json"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// identitiesJSON returns the identities in the form of a scan.
func identitiesJSON(packed string) string {
	list := []event.Identity{}
	err := event.EachIdentity(packed, func(typ, value string) { list = append(list, event.Identity{Type: typ, Value: value}) })
	if err == nil {
		var b []byte
		if b, err = json.Marshal(list); err == nil {
			return string(b)
		}
	}
	panic(err) // event.PackIdentities encoded it, in memory.
}

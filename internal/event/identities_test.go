// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package event_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// FuzzPackedIdentities: any text gives an error, or identities that are no longer than the text, and that are the same after they are packed again.
func FuzzPackedIdentities(f *testing.F) {
	whole := event.PackIdentities([]event.Identity{{Type: "email", Value: strings.Repeat("long", 50)}, {Type: "", Value: ""}, {Type: "a", Value: "é"}})
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(strings.Repeat("\xff", 12))
	f.Add("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01a")
	f.Fuzz(func(t *testing.T, packed string) {
		var list []event.Identity
		size := 0
		err := event.EachIdentity(packed, func(typ, value string) {
			list = append(list, event.Identity{Type: typ, Value: value})
			size += len(typ) + len(value) + 2
		})
		require.LessOrEqual(t, size, len(packed), "texts and their lengths")
		if err != nil {
			return
		}
		again := event.PackIdentities(list)
		require.LessOrEqual(t, len(again), len(packed), "lengths have the fewest bytes")
		var same []event.Identity
		require.NoError(t, event.EachIdentity(again, func(typ, value string) { same = append(same, event.Identity{Type: typ, Value: value}) }))
		require.Equal(t, list, same)
	})
}

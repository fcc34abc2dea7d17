// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package notice

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/preview/input"
	"github.com/journeyman-dev/journeyman/internal/preview/previewtest"
)

func newWatch(t *testing.T) *Watch {
	t.Helper()
	in, err := input.Complete(previewtest.Load(t, previewtest.Manifests))
	require.NoError(t, err)
	return NewWatch(in)
}

// looked returns an event that a touchpoint matches. ids are pairs of type and value.
func looked(ids ...string) *event.Event {
	e := &event.Event{Name: "Looked"}
	for i := 0; i < len(ids); i += 2 {
		e.Identities = append(e.Identities, event.Identity{Type: ids[i], Value: ids[i+1]})
	}
	return e
}

// An identifier that is not a known placeholder, but that many customers have, is reported.
func TestIdentifierOfManyCustomers(t *testing.T) {
	said := func(n int) string {
		w := newWatch(t)
		for i := range n {
			w.Saw(looked("customerId", "Kunde 0", "deviceId", fmt.Sprint("d", i)))
			w.Saw(looked("email", "clerk@shop.example", "deviceId", fmt.Sprint("e", i)))
			w.Saw(looked("customerId", fmt.Sprint("c", i), "deviceId", "f"))
		}
		return strings.Join(w.Notes(), "\n")
	}
	require.NotContains(t, said(49), "occurs with")
	require.Contains(t, said(50), `customerId "Kunde 0" occurs with at least 50 different values of deviceId: if many people share it, add it to spec.identity.placeholders`)
	require.Contains(t, said(50), "one email occurs with at least 50 different values of deviceId", "addresses are not shown")
	require.Equal(t, 2, strings.Count(said(50), "occurs with"), "a device that many customers use is a hub, and no customer")
}

// A type of identity with numbers both with and without .0 is reported, because it has one customer twice.
func TestNumbersThatEndInPointZero(t *testing.T) {
	said := func(ids ...string) string {
		w := newWatch(t)
		for _, id := range ids {
			w.Saw(looked("customerId", id))
		}
		return strings.Join(w.Notes(), "\n")
	}
	require.Contains(t, said("12345.0", "12345", "678"), "customerId is a number that ends in .0 in 1 event, and a whole number in 2 events")
	require.NotContains(t, said("12345.0", "678.0"), "ends in .0")
	require.NotContains(t, said("12345", "a.0", "1.50"), "ends in .0")
}

// At most five such identifiers are named. The others are counted.
func TestManyIdentifiersOfManyCustomers(t *testing.T) {
	w := newWatch(t)
	for c := range maxCrowds + 2 {
		for i := range crowd {
			w.Saw(looked("customerId", fmt.Sprint("till ", c), "deviceId", fmt.Sprint(c, "-", i)))
		}
	}
	said := strings.Join(w.Notes(), "\n")
	require.Equal(t, maxCrowds, strings.Count(said, "occurs with"))
	require.Contains(t, said, "2 more identifiers occur with as many others")
}

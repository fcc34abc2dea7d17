// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package eventid_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/eventid"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

func content() (string, *reject.Rejection) { return "sha256:c", nil }

// Events with a placeholder as id are not duplicates of each other. They are treated like events without an id.
func TestPlaceholdersAreNoEventIDs(t *testing.T) {
	r := eventid.Request{Words: privacy.NewPlaceholders([]string{"not-assigned"})}
	set := func(scope, given string, e *event.Event, place int) eventid.How {
		d := r.Document(&transport.Candidate{Scope: scope, ID: given, ContentID: content})
		how, rejection := d.Set(e, place)
		require.Nil(t, rejection)
		return how
	}
	for _, word := range []string{
		"undefined", "null", "NULL", "0", "[object Object]", "NaN", "00000000-0000-0000-0000-000000000000", "#N/A", `\N`, "None", "nil", "-", "{}", "-1",
		"{{message_id}}", " undefined ", "Not-Assigned",
	} {
		e := event.Event{}
		require.Equal(t, eventid.How{From: eventid.FromContent, Word: true}, set("", word, &e, -1), word)
		require.Contains(t, e.ID, "sha256:c", word)

		ruled := event.Event{ID: word + "#3"}
		require.True(t, set("", "", &ruled, 3).Word, "a rule gave it")
		require.Contains(t, ruled.ID, "sha256:c", word)

		late := event.Event{TimeSource: event.TimeFromReceipt}
		require.Equal(t, eventid.How{From: eventid.FromReceipt, Word: true, Received: true}, set("shop", word, &late, -1), word)
		require.Contains(t, late.ID, "receipt:")
	}
	for _, id := range []string{"1", "007", "a", "undefined-1", "00000000-0000-0000-0000-000000000001", "9"} {
		e := event.Event{}
		require.Equal(t, eventid.How{From: eventid.FromSender}, set("", id, &e, -1), id)
		require.Equal(t, id, e.ID)
		scoped := event.Event{}
		set("/shop", id, &scoped, 2)
		require.Equal(t, "/shop|"+id+"#2", scoped.ID)
		ruled := event.Event{ID: "mine"}
		require.Equal(t, eventid.How{From: eventid.FromRule}, set("/shop", "null", &ruled, -1), "the rule's id counts, whatever the sender's is")
		require.Equal(t, "mine", ruled.ID)
	}
}

// A document that was fetched has a place, which is better than its content: that can be the same.
func TestThePlaceOfADocument(t *testing.T) {
	r := eventid.Request{Words: privacy.NewPlaceholders(nil)}
	for given, want := range map[string]string{"": "topic:7", "undefined": "topic:7", "a": "/shop|a"} {
		d := r.Document(&transport.Candidate{Scope: "/shop", ID: given, Place: "topic:7", ContentID: content})
		e := event.Event{TimeSource: event.TimeFromReceipt}
		how, rejection := d.Set(&e, -1)
		require.Nil(t, rejection)
		require.Equal(t, eventid.How{From: eventid.FromSender, Word: given == "undefined"}, how)
		require.Equal(t, want, e.ID)
	}
}

// The same id within two devices is two events. Which parts differ must not matter, nor where one part ends.
func TestIDsWithinSomething(t *testing.T) {
	r := eventid.Request{Words: privacy.NewPlaceholders(nil)}
	set := func(id string, within ...string) string {
		e := event.Event{}
		d := r.Document(&transport.Candidate{ID: id, Within: within, ContentID: content})
		_, rejection := d.Set(&e, -1)
		require.Nil(t, rejection)
		return e.ID
	}
	require.Equal(t, set("1", "device-a", "day"), set("1", "device-a", "day"))
	require.Equal(t, eventid.Within("1", []string{"device-a"}), set("1", "device-a"))
	seen := map[string]bool{}
	for _, parts := range [][]string{{"1", "device-a"}, {"1", "device-b"}, {"2", "device-a"}, {"1d", "evice-a"}, {"1", "device-a", ""}, {"1", "", "device-a"}} {
		id := set(parts[0], parts[1:]...)
		require.False(t, seen[id], parts)
		require.NotContains(t, id, "device", "an identifier of a person is in no id")
		seen[id] = true
	}
	require.Contains(t, set("undefined", "device-a"), "sha256:c", "a placeholder is no id, whatever it is within")
}

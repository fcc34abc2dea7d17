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
)

func content() (string, *reject.Rejection) { return "sha256:c", nil }

// Events with a placeholder as id are not duplicates of each other. They are treated like events without an id.
func TestPlaceholdersAreNoEventIDs(t *testing.T) {
	r := eventid.Request{Words: privacy.NewPlaceholders([]string{"not-assigned"})}
	set := func(scope, given string, e *event.Event, place int) eventid.How {
		d := r.Document(scope, given, content)
		how, rejection := d.Set(e, place)
		require.Nil(t, rejection)
		return how
	}
	for _, word := range []string{
		"undefined", "null", "NULL", "0", "[object Object]", "NaN", "00000000-0000-0000-0000-000000000000", "#N/A", `\N`, "None", "nil", "-", "{}", "-1",
		"{{message_id}}", " undefined ", "Not-Assigned",
	} {
		e := event.Event{}
		require.Equal(t, eventid.How{Word: true}, set("", word, &e, -1), word)
		require.Contains(t, e.ID, "sha256:c", word)

		ruled := event.Event{ID: word + "#3"}
		require.True(t, set("", "", &ruled, 3).Word, "a rule gave it")
		require.Contains(t, ruled.ID, "sha256:c", word)

		late := event.Event{TimeSource: event.TimeFromReceipt}
		require.Equal(t, eventid.How{Word: true, Received: true}, set("shop", word, &late, -1), word)
		require.Contains(t, late.ID, "receipt:")
	}
	for _, id := range []string{"1", "007", "a", "undefined-1", "00000000-0000-0000-0000-000000000001", "9"} {
		e := event.Event{}
		require.Zero(t, set("", id, &e, -1), id)
		require.Equal(t, id, e.ID)
		scoped := event.Event{}
		set("/shop", id, &scoped, 2)
		require.Equal(t, "/shop|"+id+"#2", scoped.ID)
		ruled := event.Event{ID: "mine"}
		require.Zero(t, set("/shop", "null", &ruled, -1), "the rule's id counts, whatever the sender's is")
		require.Equal(t, "mine", ruled.ID)
	}
}

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

// A word for nothing in the place of an id makes no two events one: they are known as if they had none.
func TestWordsForNothingAreNoIDs(t *testing.T) {
	r := eventid.Request{Words: privacy.NewPlaceholders([]string{"not-assigned"})}
	for _, word := range []string{
		"undefined", "null", "NULL", "0", "[object Object]", "NaN", "00000000-0000-0000-0000-000000000000", "#N/A", `\N`, "None", "nil", "-", "{}", "-1",
		"{{message_id}}", " undefined ", "Not-Assigned",
	} {
		e := event.Event{}
		how, rejection := r.Document("", word, content).Set(&e, -1)
		require.Nil(t, rejection)
		require.Equal(t, eventid.How{Word: true}, how, word)
		require.Contains(t, e.ID, "sha256:c", word)

		ruled := event.Event{ID: word + "#3"}
		how, _ = r.Document("", "", content).Set(&ruled, 3)
		require.True(t, how.Word, "a rule gave it")
		require.Contains(t, ruled.ID, "sha256:c", word)

		late := event.Event{TimeSource: event.TimeFromReceipt}
		how, _ = r.Document("shop", word, content).Set(&late, -1)
		require.Equal(t, eventid.How{Word: true, Received: true}, how, word)
		require.Contains(t, late.ID, "receipt:")
	}
	for _, id := range []string{"1", "007", "a", "undefined-1", "00000000-0000-0000-0000-000000000001", "9"} {
		e := event.Event{}
		how, _ := r.Document("", id, content).Set(&e, -1)
		require.Zero(t, how, id)
		require.Equal(t, id, e.ID)
		scoped := event.Event{}
		_, _ = r.Document("/shop", id, content).Set(&scoped, 2)
		require.Equal(t, "/shop|"+id+"#2", scoped.ID)
		ruled := event.Event{ID: "mine"}
		how, _ = r.Document("/shop", "null", content).Set(&ruled, -1)
		require.Zero(t, how, "the rule's id counts, whatever the sender's is")
		require.Equal(t, "mine", ruled.ID)
	}
}

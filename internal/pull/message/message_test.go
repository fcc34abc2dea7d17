// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package message_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pull/message"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

func candidates(t *testing.T, format v1alpha1.MessageFormat, m message.Message) []transport.Candidate {
	t.Helper()
	d, err := message.New(message.Options{Spec: &v1alpha1.TouchpointSourceSpec{}, Format: format, MaxDocument: 100})
	require.NoError(t, err)
	return d.Candidates(&m)
}

// content is the id of a candidate without an id of the publisher.
func content(t *testing.T, m message.Message) string {
	t.Helper()
	id, rejection := candidates(t, v1alpha1.MessagesJSON, m)[0].ContentID()
	require.Nil(t, rejection)
	return id
}

func TestIDs(t *testing.T) {
	one, two := []byte(`{"a":1}`), []byte(`[{"a":1},{"a":2}]`)
	at := time.UnixMilli(1795256097000)
	require.Equal(t, "m-1", candidates(t, v1alpha1.MessagesJSON, message.Message{Body: one, ID: "m-1"})[0].ID)
	list := candidates(t, v1alpha1.MessagesJSON, message.Message{Body: two, ID: "m-1", Place: "p-1"})
	require.Equal(t, []string{"m-1.0", "m-1.1"}, []string{list[0].ID, list[1].ID})
	require.Equal(t, []string{"p-1.0", "p-1.1"}, []string{list[0].Place, list[1].Place})
	own := candidates(t, v1alpha1.MessagesSegment, message.Message{Body: []byte(`{"event":"a","userId":"u","messageId":"own"}`), ID: "m-1"})
	require.Equal(t, "own", own[0].ID)

	require.Equal(t, content(t, message.Message{Body: one, Time: at}), content(t, message.Message{Body: []byte(`{ "a": 1 }`), Time: at}), "delivered again")
	require.NotEqual(t, content(t, message.Message{Body: one, Time: at}), content(t, message.Message{Body: one, Time: at.Add(time.Second)}))
	require.NotEqual(t, content(t, message.Message{Body: one, Time: at}), content(t, message.Message{Body: one}))
}

func TestRefused(t *testing.T) {
	for reason, m := range map[string]message.Message{
		reject.BodyTooLarge: {Body: make([]byte, 101)}, reject.BadJSON: {Body: []byte("{")},
	} {
		list := candidates(t, v1alpha1.MessagesJSON, m)
		require.Len(t, list, 1)
		require.Equal(t, reason, list[0].Rejection.Reason)
	}
	list := candidates(t, v1alpha1.MessagesJSON, message.Message{Body: []byte(`{}`), Size: 101})
	require.Equal(t, reject.BodyTooLarge, list[0].Rejection.Reason, "with headers")
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

const hashingStore = `
---
apiVersion: journeyman.dev/v1alpha1
kind: EventStore
metadata: {name: default}
spec:
  backend: {embedded: {storage: {size: 1Gi}}}
  privacy: {hash: [email, customerId], pepperSecretRef: {name: pepper}}
`

// A preview removes identifiers from names like a pod, with the policy of the store. It shows identifiers only in lists of customers.
func TestPreviewShowsNamesWithoutIdentifiers(t *testing.T) {
	rows := "event,time,customerId,price\njane@example.com called,2026-05-01T10:00:00Z,880011,3\nbob@example.com called,2026-05-01T10:00:00Z,880012,3\n" +
		"Ticket of 880011,2026-05-01T11:00:00Z,880011,1\nLooked,2026-05-01T12:00:00Z,880011,3\nLooked,+49 151 12345678,880011,3\n"
	for text, want := range map[string]string{manifests: "Ticket of 880011", manifests + hashingStore: "Ticket of [customerId]"} {
		p, err := open(t, text, write(t, "events.csv", rows))
		require.NoError(t, err)
		objects, err := p.Objects(context.Background())
		require.NoError(t, err)
		require.Equal(t, []v1alpha1.EventCount{{Event: "[email] called", Count: 2}, {Event: want, Count: 1}},
			objects[0].Status.(*v1alpha1.JourneyMapStatus).Coverage.TopUnmatched)
		said := strings.Join(p.Filled.Lines(), "\n")
		require.Contains(t, said, `"[phone]"`)
		require.NotContains(t, said, "12345678")
	}
}

// A note reports a touchpoint that waits for an event name with an address, because no event has it.
func TestNoteOnNamesThatNoEventHas(t *testing.T) {
	p, err := open(t, strings.Replace(manifests, "event: Order Completed", `event: "Mail to shop@example.com"`, 1),
		write(t, "events.csv", "event,time,customerId,price\nMail to shop@example.com,2026-05-01T10:00:00Z,ann,3\n"))
	require.NoError(t, err)
	require.Contains(t, strings.Join(p.Filled.Lines(), "\n"), `Use "Mail to [email]"`)
}

// A file without a header has the first customer in the place of the column names.
func TestColumnsThatArePeople(t *testing.T) {
	_, err := open(t, manifests, write(t, "events.csv", "jane@example.com,2026-05-01T10:00:00Z,Looked\nbob@example.com,2026-05-01T10:00:00Z,Looked\n"))
	require.Error(t, err)
	require.NotContains(t, err.Error(), "jane")
}

// Names of columns and fields are printed without escape sequences.
func TestNamesArePrintedWithoutEscapes(t *testing.T) {
	_, err := openFiles(t, manifests, write(t, "a.csv", "\x1b[31mevt,time,customerId\nLooked,2026-05-01T10:00:00Z,a\n"))
	require.ErrorContains(t, err, "columns are \ufffd[31mevt")
	p, err := openFiles(t, manifests, write(t, "a.json", `{"event":"Looked","time":"2026-05-01T10:00:00Z","customerId":"a"}`+"\n"+`{"event":"Looked","\u001b[31mfoo":1,"customerId":"a"}`+"\n"))
	require.NoError(t, err)
	require.Contains(t, strings.Join(p.Filled.Lines(), "\n"), "\ufffd[31mfoo")
	require.NotContains(t, strings.Join(p.Filled.Lines(), "\n"), "\x1b")
}

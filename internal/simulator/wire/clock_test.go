// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/segment"
	"github.com/journeyman-dev/journeyman/internal/transport/transporttest"
)

// Decodes the events of the web site like ingestion. Whatever the clock of the device is, the decoded time is the one that the world uses. A
// difference between sender and receiver shows here before whole worlds are compared.
func TestClocksAreDecodedCorrectly(t *testing.T) {
	const secret = "write-key"
	tr, err := segment.Kind.New(transport.Settings{Spec: &v1alpha1.TouchpointSourceSpec{}, Secrets: []string{secret}})
	require.NoError(t, err)
	params := world.Defaults(transporttest.Now)
	params.Persons = 1500
	w, err := world.New(params)
	require.NoError(t, err)

	var corrected, uncorrected int
	for _, e := range w.Events() {
		if e.Source != world.Web {
			continue
		}
		body, header, err := wire.WriteSegment([]any{wire.MessageOf(&e, transporttest.Now, "")}, secret)
		require.NoError(t, err)
		d, rejection := tr.Decode(transporttest.Request(http.MethodPost, transporttest.Message{Path: "/v1/batch", Body: string(body), Header: header}))
		require.Nil(t, rejection)
		require.Len(t, d.Candidates, 1)
		c := d.Candidates[0]
		require.Nil(t, c.Rejection, string(body))
		require.Equal(t, e.Time.UnixMicro(), c.Time, "skew %v, replayed %v: %s", e.Skew, e.Replayed, body)
		require.Equal(t, e.Skewed, c.TimeSource == event.TimeFromSent)
		if e.Skew != 0 {
			corrected++
		}
		if c.Uncorrected {
			require.True(t, e.Replayed)
			uncorrected++
		}
	}
	require.Greater(t, corrected, 100)
	require.Greater(t, uncorrected, 10)

	p := wire.NewPlanner(w, 0, func(*wire.Request) {})
	events := w.Events()
	for i := range events {
		p.Add(&events[i])
	}
	p.Flush()
	sent := p.Sent[world.Web]
	require.GreaterOrEqual(t, int(sent.Uncorrected+sent.UncorrectedUnsure), uncorrected, "what is compared with the status of the source")
	require.LessOrEqual(t, int(sent.Uncorrected), uncorrected+uncorrected/5, "a few are sent twice")
}

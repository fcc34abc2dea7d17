// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/pull/message"
)

// A partition is taken and given back while its batch waits for the store, so it is fetched again from before the batch. What comes again is skipped, and
// the cursor is not set back.
func TestAPartitionThatIsGivenBackWhileItsBatchIsHeld(t *testing.T) {
	p := partition{"orders", 0}
	client, err := kgo.NewClient(kgo.SeedBrokers("127.0.0.1:1"))
	require.NoError(t, err)
	t.Cleanup(client.Close)
	fresh := func() *position { return &position{cursor: encode("id", 5), stored: 5, next: 5} }
	decoder, err := message.New(message.Options{MaxDocument: 1 << 20})
	require.NoError(t, err)
	r := &reader{
		Settings: pull.Settings{Now: time.Now, MaxDocument: 1 << 20}, spec: &v1alpha1.KafkaTransport{}, decode: decoder, client: client,
		topics: map[string]string{"orders": "id"}, at: map[partition]*position{p: fresh()},
	}
	record := func(offset int64) *kgo.Record {
		return &kgo.Record{Topic: "orders", Offset: offset, Value: []byte("{}")}
	}
	r.waiting = []*kgo.Record{record(5), record(6), record(7)}
	held, some := r.batch()
	require.True(t, some)
	r.at[p] = fresh()
	require.NoError(t, held.Settle(t.Context(), nil))

	r.waiting = []*kgo.Record{record(5), record(6)}
	_, some = r.batch()
	require.False(t, some, "both are stored")
	r.waiting = []*kgo.Record{record(7), record(8)}
	next, some := r.batch()
	require.True(t, some)
	require.Equal(t, "id:8", string(next.Moves[0].Expected))
	require.Equal(t, "id:9", string(next.Moves[0].Next))
	require.Len(t, next.Candidates, 1)
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Positions of topics that are no longer read are removed when the store has no room for others, and only as many as needed.
func TestRoomForPositions(t *testing.T) {
	b := newBroker(t, 3)
	former := func(n int) store.Cursors {
		var c store.Cursors
		for i := range n {
			c = append(c, store.Cursor{Partition: fmt.Sprintf("former/%04d", i), Position: []byte("id:1")})
		}
		return c
	}
	for cursors, removed := range map[int]int{2: 0, store.MaxPartitions - 3: 0, store.MaxPartitions - 1: 2, store.MaxPartitions: 3} {
		b.cursors = former(cursors)
		r, err := b.open(t)
		require.NoError(t, err)
		after := b.cursors
		for range len(r.first) {
			batch, err := r.Read(t.Context())
			require.NoError(t, err)
			_, err = after.Check(batch.Moves)
			require.NoError(t, err)
			after = after.After(batch.Moves, 1)
		}
		require.Len(t, after, cursors-removed+3)
		for n := range int32(3) {
			require.NotNil(t, after.Position(partition{"orders", n}.String()))
		}
	}
}

func TestTooManyPartitions(t *testing.T) {
	b := newBroker(t, store.MaxPartitions)
	_, err := b.open(t)
	require.NoError(t, err)
	client, err := kgo.NewClient(kgo.SeedBrokers(b.ListenAddrs()...))
	require.NoError(t, err)
	defer client.Close()
	_, err = kadm.NewClient(client).CreateTopic(t.Context(), 1, 1, nil, "more")
	require.NoError(t, err)
	b.spec.Transport.Kafka.Topics = append(b.spec.Transport.Kafka.Topics, "more")
	_, err = b.open(t)
	reason, message := pull.ReasonOf(err)
	require.Equal(t, pull.Misconfigured, reason)
	require.Contains(t, message, "the topics have 1025 partitions, and a source reads at most 1024")
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package broker_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/simulator/broker"
	"github.com/journeyman-dev/journeyman/test/rig/nats"
)

// Drained waits until a consumer has acknowledged all messages, and never returns while nobody reads.
func TestDrained(t *testing.T) {
	server := nats.Start(t, "")
	b, err := broker.Connect(t.Context(), server.Address)
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Drained(t.Context()), "there are no messages")
	for range 3 {
		require.NoError(t, b.Publish(t.Context(), "tills.berlin-mitte", []byte(`{"kind":"heartbeat"}`)))
	}
	unread := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		return b.Drained(ctx)
	}
	require.ErrorIs(t, unread(), context.DeadlineExceeded, "nobody reads")

	c, err := server.JetStream(t).CreateConsumer(t.Context(), broker.Stream, jetstream.ConsumerConfig{Durable: "source", AckPolicy: jetstream.AckExplicitPolicy})
	require.NoError(t, err)
	messages, err := c.Fetch(3)
	require.NoError(t, err)
	var read []jetstream.Msg
	for m := range messages.Messages() {
		read = append(read, m)
	}
	require.Len(t, read, 3)
	require.ErrorIs(t, unread(), context.DeadlineExceeded, "read, and not acknowledged")
	for _, m := range read {
		require.NoError(t, m.DoubleAck(t.Context()))
	}
	require.NoError(t, b.Drained(t.Context()))

	again, err := broker.Connect(t.Context(), server.Address)
	require.NoError(t, err, "the stream is there")
	again.Close()
	_, err = broker.Connect(t.Context(), "127.0.0.1:1")
	require.ErrorContains(t, err, "127.0.0.1:1")
}

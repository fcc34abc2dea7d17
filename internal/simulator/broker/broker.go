// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package broker publishes the messages of simulated tills to NATS JetStream.
package broker

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Stream of the tills, and its subjects. The sample source of the tills reads it.
const (
	Stream   = "TILLS"
	subjects = "tills.>"
)

// Broker is a connection to a server with the stream. It is safe for concurrent use.
type Broker struct {
	connection *nats.Conn
	js         jetstream.JetStream
}

// Connect connects to a server, and creates the stream if it is not there.
func Connect(ctx context.Context, address string) (*Broker, error) {
	c, err := nats.Connect("nats://"+address, nats.Name("simulator"), nats.MaxReconnects(-1), nats.Timeout(10*time.Second))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	js, err := jetstream.New(c)
	if err == nil {
		_, err = js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: Stream, Subjects: []string{subjects}, Storage: jetstream.FileStorage})
	}
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("%s: the stream %s: %w", address, Stream, err)
	}
	return &Broker{connection: c, js: js}, nil
}

// Close closes the connection.
func (b *Broker) Close() { b.connection.Close() }

// Publish returns when the server has stored the message.
func (b *Broker) Publish(ctx context.Context, subject string, body []byte) error {
	_, err := b.js.Publish(ctx, subject, body, jetstream.WithRetryAttempts(10), jetstream.WithRetryWait(time.Second))
	return err
}

// drainedWithin is how long Drained waits.
const drainedWithin = 5 * time.Minute

// Drained returns when each consumer of the stream has acknowledged all messages. A source acknowledges what it has stored. It is an error if nobody
// reads the stream.
func (b *Broker) Drained(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, drainedWithin, fmt.Errorf("the messages of %s were not read within %v", Stream, drainedWithin))
	defer cancel()
	for {
		waiting, err := b.waiting(ctx)
		if err != nil || waiting == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// waiting returns the number of messages that a consumer has not acknowledged, the largest of all consumers.
func (b *Broker) waiting(ctx context.Context) (uint64, error) {
	s, err := b.js.Stream(ctx, Stream)
	if err != nil {
		return 0, err
	}
	most := s.CachedInfo().State.Msgs
	consumers := s.ListConsumers(ctx)
	n := 0
	for c := range consumers.Info() {
		left := c.NumPending + uint64(max(0, c.NumAckPending))
		if n++; n == 1 || left > most {
			most = left
		}
	}
	return most, consumers.Err()
}

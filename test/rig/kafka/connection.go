// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Connection is a client of brokers, for tests.
type Connection struct {
	Addresses []string
	Client    *kgo.Client
	Admin     *kadm.Client
}

// Connect creates the client.
func (c *Connection) Connect(t testing.TB) {
	t.Helper()
	var err error
	c.Client, err = kgo.NewClient(kgo.SeedBrokers(c.Addresses...), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.MetadataMinAge(50*time.Millisecond))
	require.NoError(t, err)
	c.Admin = kadm.NewClient(c.Client)
	t.Cleanup(c.Client.Close)
}

// Create creates a topic.
func (c *Connection) Create(t testing.TB, topic string, partitions int32) {
	t.Helper()
	_, err := c.Admin.CreateTopic(t.Context(), partitions, 1, nil, topic)
	require.NoError(t, err)
}

// Write writes values to a topic, in turn to its partitions.
func (c *Connection) Write(t testing.TB, topic string, partitions int, values ...string) {
	t.Helper()
	records := make([]*kgo.Record, len(values))
	for i, v := range values {
		records[i] = &kgo.Record{Topic: topic, Partition: int32(i % partitions), Key: []byte("k"), Value: []byte(v)}
	}
	require.NoError(t, c.Client.ProduceSync(t.Context(), records...).FirstErr())
}

// WriteTo writes values to one partition, which can have been added a moment ago.
func (c *Connection) WriteTo(t testing.TB, topic string, partition int32, values ...string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(c.Addresses...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	require.NoError(t, err)
	defer client.Close()
	for _, v := range values {
		require.NoError(t, client.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Partition: partition, Value: []byte(v)}).FirstErr())
	}
}

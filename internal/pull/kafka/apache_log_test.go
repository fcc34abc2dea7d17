// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/test/rig/kafka/apache"
)

// Only committed messages are read. Markers of transactions are no messages, and no lag.
func transactions(t *testing.T, c *apache.Cluster) {
	s := newTopic(t, c, 3, nil)
	producer, err := kgo.NewClient(kgo.SeedBrokers(s.Addresses...), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.TransactionalID(s.name))
	require.NoError(t, err)
	t.Cleanup(producer.Close)
	begin := func(documents ...string) {
		require.NoError(t, producer.BeginTransaction())
		for i, d := range documents {
			require.NoError(t, producer.ProduceSync(t.Context(), &kgo.Record{Topic: s.name, Partition: int32(i % 2), Value: []byte(d)}).FirstErr())
		}
	}
	end := func(how kgo.TransactionEndTry) { require.NoError(t, producer.EndTransaction(t.Context(), how)) }

	p := pulltest.NewPod(t, s)
	stop := p.Run()
	n := 0
	for round := range 12 {
		begin(pulltest.Documents(5000+10*round, 5010+10*round)...)
		end(kgo.TryAbort)
		s.Write(t, pulltest.Documents(n, n+3)...)
		begin(pulltest.Documents(n+3, n+10)...)
		end(kgo.TryCommit)
		n += 10
		if round%4 == 0 {
			stop()
			stop = p.Run()
		}
	}
	begin(pulltest.Documents(6000, 6010)...)
	end(kgo.TryAbort)
	p.Await(n)
	s.caughtUp(t, p)
	p.Check(n, true)

	// What follows an open transaction waits in its partitions, and only there.
	begin(pulltest.Documents(n, n+10)...)
	s.Write(t, pulltest.Documents(n+10, n+40)...)
	p.Await(n + 10)
	s.readerIsCaughtUp(t, p)
	p.Check(n+10, true)
	end(kgo.TryCommit)
	p.Await(n + 40)
	s.caughtUp(t, p)
	p.Check(n+40, true)
}

// Offsets that compaction has removed are no loss: each key has a later value.
func compaction(t *testing.T, c *apache.Cluster) {
	s := newTopic(t, c, 1, map[string]string{
		"cleanup.policy": "compact", "segment.ms": "60000", "min.cleanable.dirty.ratio": "0.01", "delete.retention.ms": "0",
	})
	write := func(age time.Duration, key string, keys int, documents ...string) {
		var records []*kgo.Record
		for i, d := range documents {
			r := &kgo.Record{Key: fmt.Appendf(nil, "%s-%d", key, i%keys), Timestamp: time.Now().Add(-age)}
			if d != "" {
				r.Value = []byte(d)
			}
			records = append(records, r)
		}
		s.send(t, records...)
	}
	p := pulltest.NewPod(t, s)
	stop := p.Run()
	write(4*time.Hour, "k", 10, pulltest.Documents(0, 30)...)
	p.Await(30)
	stop()
	write(3*time.Hour, "k", 10, pulltest.Documents(30, 60)...)
	write(2*time.Hour, "k", 5, make([]string, 5)...)
	write(time.Hour, "z", 5, pulltest.Documents(60, 65)...)
	write(0, "y", 1, pulltest.Documents(65, 66)...)
	require.Eventually(t, func() bool {
		left := 0
		for _, r := range s.all(t, 0) {
			if r.Value != nil {
				left++
			}
		}
		return left == 11
	}, waitFor, 100*time.Millisecond, "values are left of 5 keys, and of those after the tombstones")
	p.Run()
	p.Await(41)
	s.caughtUp(t, p)
	p.Check(41, true)
	require.Empty(t, p.Source().Counters.Rejected, "nothing counts as missed")
}

// all reads a partition from its beginning with a client that has nothing to do with the reader.
func (s *topicOf) all(t *testing.T, partition int32) (out []*kgo.Record) {
	t.Helper()
	ends, err := s.Admin.ListEndOffsets(t.Context(), s.name)
	require.NoError(t, err)
	end, _ := ends.Lookup(s.name, partition)
	client, err := kgo.NewClient(kgo.SeedBrokers(s.Addresses...), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{
		s.name: {partition: kgo.NewOffset().AtStart()},
	}))
	require.NoError(t, err)
	defer client.Close()
	for len(out) == 0 || out[len(out)-1].Offset < end.Offset-1 {
		fetches := client.PollFetches(t.Context())
		require.NoError(t, fetches.Err())
		out = append(out, fetches.Records()...)
	}
	return out
}

// Kafka's own producer compresses.
func compression(t *testing.T, c *apache.Cluster) {
	s := newTopic(t, c, 1, nil)
	p := pulltest.NewPod(t, s)
	p.Run()
	n := 0
	for _, codec := range []string{"gzip", "snappy", "lz4", "zstd"} {
		c.Produce(t, s.name, []string{"--compression-codec", codec}, pulltest.Documents(n, n+50)...)
		n += 50
	}
	p.Await(n)
	s.caughtUp(t, p)
	p.Check(n, true)
	codecs := map[uint8]int{}
	for _, r := range s.all(t, 0) {
		codecs[r.Attrs.CompressionType()]++
	}
	require.Equal(t, map[uint8]int{1: 50, 2: 50, 3: 50, 4: 50}, codecs, "each codec was used")
}

// The time of a message is that of its producer, or that of the brokers, as the topic says.
func timestamps(t *testing.T, c *apache.Cluster) {
	began, sent := time.Now().Truncate(time.Millisecond), time.Date(2026, 11, 21, 10, 14, 57, 0, time.UTC)
	for kind, isRight := range map[string]func(at time.Time) bool{
		"CreateTime":    sent.Equal,
		"LogAppendTime": func(at time.Time) bool { return !at.Before(began) && !at.After(time.Now()) },
	} {
		s := newTopic(t, c, 1, map[string]string{"message.timestamp.type": kind, "retention.ms": "-1"})
		p := pulltest.NewPod(t, s)
		rules := pulltest.Rules()
		rules[0].Event.Time = "message.timestamp"
		p.Config.Source.Mapping = append(rules, v1alpha1.MappingRule{Event: &v1alpha1.EventMapping{
			Name: `"Without a time of the rule"`, Identities: map[string]v1alpha1.CELExpression{"customerId": `"d-" + string(body.n)`},
		}})
		s.send(t, &kgo.Record{Value: []byte(pulltest.Documents(0, 1)[0]), Timestamp: sent})
		p.Run()
		p.Await(1)
		for _, e := range p.Store.Events() {
			require.True(t, isRight(time.UnixMicro(e.Time)), "%s: %s of %s", kind, e.Name, time.UnixMicro(e.Time))
		}
	}
}

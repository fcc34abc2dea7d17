// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// broker is one whose answers tests change, with the topic orders of some partitions, and the store's cursors.
type broker struct {
	*kfake.Cluster
	spec    v1alpha1.TouchpointSourceSpec
	cursors store.Cursors
	dial    pull.Dialer
}

func newBroker(t *testing.T, partitions int32) *broker {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(partitions, "orders"))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	b := &broker{Cluster: cluster, dial: new(net.Dialer).DialContext}
	b.spec.Transport.Kafka = &v1alpha1.KafkaTransport{
		Brokers: []v1alpha1.BrokerAddress{v1alpha1.BrokerAddress(cluster.ListenAddrs()[0])}, Topics: []v1alpha1.KafkaTopic{"orders"},
	}
	return b
}

// write writes documents to a partition.
func (b *broker) write(t *testing.T, partition int32, documents int, opts ...kgo.Opt) {
	t.Helper()
	c, err := kgo.NewClient(append(opts, kgo.SeedBrokers(b.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	require.NoError(t, err)
	defer c.Close()
	for range documents {
		require.NoError(t, c.ProduceSync(t.Context(), &kgo.Record{Topic: "orders", Partition: partition, Value: []byte(`{"a":1}`)}).FirstErr())
	}
}

func (b *broker) open(t *testing.T) (*reader, error) {
	t.Helper()
	r, err := open(t.Context(), pull.Settings{
		Spec: &b.spec, Namespace: "shop", Name: "till", MaxDocument: 1 << 20, Now: time.Now, Log: slog.New(slog.DiscardHandler), Dial: b.dial,
		Cursors: func(context.Context) (store.Cursors, error) { return b.cursors, nil },
	})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = r.Close() })
	return r.(*reader), nil
}

// refuse makes the broker refuse to say offsets that are asked for with a timestamp (-2: the oldest, -1: the end).
func (b *broker) refuse(timestamp int64) {
	b.ControlKey(int16(kmsg.ListOffsets), func(request kmsg.Request) (kmsg.Response, error, bool) {
		b.KeepControl()
		asked := request.(*kmsg.ListOffsetsRequest)
		if asked.Topics[0].Partitions[0].Timestamp != timestamp {
			return nil, nil, false
		}
		answer := asked.ResponseKind().(*kmsg.ListOffsetsResponse)
		for _, topic := range asked.Topics {
			t := kmsg.NewListOffsetsResponseTopic()
			t.Topic = topic.Topic
			for _, p := range topic.Partitions {
				refused := kmsg.NewListOffsetsResponseTopicPartition()
				refused.Partition, refused.ErrorCode, refused.Offset = p.Partition, kerr.OffsetNotAvailable.Code, -1
				t.Partitions = append(t.Partitions, refused)
			}
			answer.Topics = append(answer.Topics, t)
		}
		return answer, nil, true
	})
}

// A new leader that does not know its offsets yet must not set a position: the source would be stuck, or skip what it has not read.
func TestOffsetsThatTheBrokersDoNotKnow(t *testing.T) {
	since := metav1.NewTime(time.UnixMilli(1_700_000_000_000))
	for name, c := range map[string]struct {
		timestamp int64
		startTime *metav1.Time
		read      bool
	}{
		"the end of a partition that was read":    {timestamp: -1, read: true},
		"the oldest of a partition that was read": {timestamp: -2, read: true},
		"the oldest of a new one":                 {timestamp: -2},
		"the first at a time":                     {timestamp: since.UnixMilli(), startTime: &since},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBroker(t, 1)
			b.write(t, 0, 2)
			b.spec.Transport.Kafka.StartTime = c.startTime
			r, err := b.open(t)
			require.NoError(t, err)
			if c.read {
				b.cursors = store.Cursors{{Partition: "orders/0", Position: encode(r.topics["orders"], 2)}}
			}
			b.refuse(c.timestamp)
			_, err = b.open(t)
			require.ErrorContains(t, err, fmt.Sprintf("the offsets of partition orders/0: %s", kerr.OffsetNotAvailable.Message))
		})
	}
}

// The messages of one partition that come together with the error of another are read before the error.
func TestMessagesBeforeTheErrorOfAnotherPartition(t *testing.T) {
	b := newBroker(t, 2)
	b.write(t, 0, 3)
	r, err := b.open(t)
	require.NoError(t, err)
	for _, m := range r.first[0].Moves {
		b.cursors = append(b.cursors, store.Cursor{Partition: m.Partition, Position: m.Next})
	}
	r.first = nil
	b.cursors[1].Position = encode(r.topics["orders"], 7) // It has no such message.
	require.NoError(t, r.join())
	read := 0
	for {
		batch, err := r.Read(t.Context())
		if err != nil {
			require.ErrorContains(t, err, "partition orders/1")
			break
		}
		read += len(batch.Candidates)
		require.NoError(t, batch.Settle(t.Context(), nil))
	}
	require.Equal(t, 3, read)
}

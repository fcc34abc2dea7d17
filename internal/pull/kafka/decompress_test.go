// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

// message writes a message whose value has some zeros, without a key.
func message(w io.Writer, offset, value int64) error {
	head := binary.AppendVarint([]byte{0, 0}, offset)
	head = binary.AppendVarint(append(head, 1), value)
	if _, err := w.Write(append(binary.AppendVarint(nil, int64(len(head))+value+1), head...)); err != nil {
		return err
	}
	// The last zero is the number of headers.
	for left, zeros := value+1, make([]byte, min(value+1, 1<<20)); left > 0; left -= int64(len(zeros)) {
		if _, err := w.Write(zeros[:min(left, int64(len(zeros)))]); err != nil {
			return err
		}
	}
	return nil
}

// bomb produces one batch of messages to partition 0, compressed by zstd, and returns its size. No producer would send it, but a broker accepts it.
func (s system) bomb(t *testing.T, messages int, value int64) int {
	t.Helper()
	var records bytes.Buffer
	z, err := zstd.NewWriter(&records, zstd.WithEncoderConcurrency(1))
	require.NoError(t, err)
	for i := range messages {
		require.NoError(t, message(z, int64(i), value))
	}
	require.NoError(t, z.Close())
	now := time.Now().UnixMilli()
	batch := kmsg.RecordBatch{
		PartitionLeaderEpoch: -1, Magic: 2, Attributes: 4, LastOffsetDelta: int32(messages - 1), FirstTimestamp: now, MaxTimestamp: now,
		ProducerID: -1, ProducerEpoch: -1, FirstSequence: -1, NumRecords: int32(messages), Records: records.Bytes(),
	}
	batch.Length = int32(len(batch.AppendTo(nil)) - 12)
	batch.CRC = int32(crc32.Checksum(batch.AppendTo(nil)[21:], crc32.MakeTable(crc32.Castagnoli)))
	partition := kmsg.NewProduceRequestTopicPartition()
	partition.Records = batch.AppendTo(nil)
	into := kmsg.NewProduceRequestTopic()
	into.Topic, into.Partitions = topic, []kmsg.ProduceRequestTopicPartition{partition}
	request := kmsg.NewPtrProduceRequest()
	request.Acks, request.TimeoutMillis, request.Topics = -1, 10_000, []kmsg.ProduceRequestTopic{into}
	c, err := kgo.NewClient(kgo.SeedBrokers(s.Address), kgo.MaxVersions(kversion.V2_8_0()))
	require.NoError(t, err)
	defer c.Close()
	response, err := request.RequestWith(t.Context(), c)
	require.NoError(t, err)
	require.NoError(t, kerr.ErrorForCode(response.Topics[0].Partitions[0].ErrorCode))
	return len(partition.Records)
}

// peak returns the most that the heap of this process has at a time, until the test ends. The limit is about that of a pod.
func peak(t *testing.T) *atomic.Uint64 {
	t.Helper()
	before := debug.SetMemoryLimit(400 << 20)
	var most atomic.Uint64
	ended, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		for {
			metrics.Read(sample)
			most.Store(max(most.Load(), sample[0].Value.Uint64()))
			select {
			case <-ended:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	t.Cleanup(func() {
		close(ended)
		<-stopped
		debug.SetMemoryLimit(before)
	})
	return &most
}

// Whoever may write to a topic cannot stop a source with a batch that becomes gigabytes: it is skipped, and counts as missed.
func TestABatchThatInflates(t *testing.T) {
	for name, c := range map[string]struct {
		messages int
		value    int64
	}{
		"to one large message": {1, 1500 << 20},
		"to many messages":     {140_000, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			p := pulltest.NewPod(t, s)
			s.WriteTo(t, topic, 0, pulltest.Documents(0, 3)...)
			require.Less(t, s.bomb(t, c.messages, c.value), 1<<20, "brokers refuse larger batches")
			most := peak(t)
			s.WriteTo(t, topic, 0, pulltest.Documents(3, 6)...)
			p.Run()
			p.Await(6)
			awaitMissed(t, p, int64(c.messages))
			require.Contains(t, p.Source().Counters.Rejected[reject.Missed].Example, "partition 0 of topic shop.events: the messages with offsets 3 to ")
			require.Contains(t, p.Runner.State().LastGap, "are one batch of a producer that needs more than 32 MiB after decompression")
			require.Less(t, most.Load(), uint64(400<<20))
			s.WriteTo(t, topic, 0, pulltest.Documents(6, 9)...)
			p.Await(9)
			p.Check(9, true)
			require.Empty(t, p.Runner.State().Failures)
			require.Eventually(t, func() bool { return lag(p) == 0 }, waitFor, tick)
		})
	}
}

// Many batches that are small enough by themselves are not decompressed at once. Their messages are read, and refused as too large.
func TestManyBatchesThatInflate(t *testing.T) {
	s := start(t)
	p := pulltest.NewPod(t, s)
	const batches = 25
	for range batches {
		s.bomb(t, 1, 30<<20)
	}
	most := peak(t)
	s.WriteTo(t, topic, 0, pulltest.Documents(0, 3)...)
	p.Run()
	p.Await(3)
	require.Eventually(t, func() bool { return p.Source().Counters.Rejected[reject.BodyTooLarge].Count == batches }, waitFor, tick)
	require.Less(t, most.Load(), uint64(500<<20))
	require.Empty(t, p.Runner.State().Failures)
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package kafka reads topics of Apache Kafka. The position of record is the cursor in the store, which moves in the append of the messages. The pods
// join a consumer group only to divide the partitions; its offsets follow, for tools that show lag.
package kafka

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/pull/message"
)

// Kind is the entry in the registry.
var Kind = pull.Kind{Name: "kafka", Open: open}

const (
	// patience limits the requests about topics and offsets.
	patience = 10 * time.Second
	// lookEvery is the interval at which topics and their ends are looked at again.
	lookEvery = 5 * time.Second
	// leaveWithin limits leaving the group.
	leaveWithin = 3 * time.Second
)

// reader is one membership in the consumer group.
type reader struct {
	pull.Settings
	spec   *v1alpha1.KafkaTransport
	decode *message.Decoder
	admin  *kadm.Client
	// inflate limits the memory for messages that are compressed.
	inflate *decompressor
	// first are the batches that come before all messages: positions of partitions that were never read, and gaps.
	first []pull.Batch
	// client joins the group with the first read after that.
	client *kgo.Client
	// topics are the ids of the topics by name.
	topics map[string]string
	// waiting are messages that were polled and did not fit into the last batch.
	waiting []*kgo.Record
	// oversized are batches of messages that are too large to decompress.
	oversized []*kgo.ErrDecompressTooLarge
	// failed is the error that ends the reader after the messages that wait.
	failed error

	mu sync.Mutex
	// at is the position of each partition that this reader owns.
	at         map[partition]*position
	lookedAt   time.Time
	caughtUpAt time.Time
}

// partition of a topic.
type partition struct {
	topic  string
	number int32
}

// String is the name of the partition's cursor.
func (p partition) String() string { return fmt.Sprintf("%s/%d", p.topic, p.number) }

// open proves that the topics can be read, and finds out where to begin.
func open(ctx context.Context, s pull.Settings) (pull.Reader, error) {
	r := &reader{Settings: s, spec: s.Spec.Transport.Kafka, at: map[partition]*position{}}
	var err error
	if r.decode, err = message.New(message.Options{
		Spec: s.Spec, Format: r.spec.Format, Attributes: "ce_", Literal: true, MaxDocument: s.MaxDocument,
	}); err != nil {
		return nil, err
	}
	client, err := r.connect(kgo.MaxDecompressBatchBytes(maxInflated))
	if err != nil {
		return nil, err
	}
	r.admin, r.inflate = kadm.NewClient(client), newDecompressor(client)
	if r.first, err = r.plan(ctx); err != nil {
		client.Close()
		return nil, explained(err)
	}
	return r, nil
}

// group is the name of the consumer group.
func (r *reader) group() string {
	if g := r.spec.ConsumerGroup; g != "" {
		return g
	}
	return "journeyman." + r.Namespace + "." + r.Name
}

// join joins the group.
func (r *reader) join() error {
	topics := make([]string, len(r.spec.Topics))
	for i, t := range r.spec.Topics {
		topics[i] = string(t)
	}
	opts := []kgo.Opt{
		kgo.ConsumeTopics(topics...), kgo.ConsumerGroup(r.group()), kgo.DisableAutoCommit(), kgo.SessionTimeout(30 * time.Second),
		kgo.BlockRebalanceOnPoll(), kgo.AdjustFetchOffsetsFn(r.assigned), kgo.OnPartitionsRevoked(r.revoked), kgo.OnPartitionsLost(r.revoked),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.FetchMaxBytes(pull.MaxBytes), kgo.FetchMaxPartitionBytes(1 << 20), kgo.MaxConcurrentFetches(2),
		kgo.WithDecompressor(r.inflate), kgo.WithHooks(r.inflate),
	}
	if r.Pod != "" {
		// A process that is restarted continues at once: it does not wait until the group has forgotten the one before.
		opts = append(opts, kgo.InstanceID(r.Pod))
	}
	var err error
	r.client, err = r.connect(opts...)
	return err
}

// Close implements pull.Reader. A static member has to leave by name.
func (r *reader) Close() error {
	var err error
	if r.client != nil {
		ctx, cancel := context.WithTimeout(context.Background(), leaveWithin)
		defer cancel()
		r.client.CloseAllowingRebalance()
		if r.Pod == "" {
			r.admin.Close()
			return nil
		}
		_, err = r.admin.LeaveGroup(ctx, kadm.LeaveGroup(r.group()).InstanceIDs(r.Pod))
	}
	r.admin.Close()
	return err
}

// Progress implements pull.Observed.
func (r *reader) Progress() pull.Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	return pull.Progress{Partitions: len(r.at), CaughtUpAt: r.caughtUpAt, Lag: r.lag()}
}

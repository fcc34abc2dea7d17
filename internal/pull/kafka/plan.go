// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// offsets of all partitions of the topics: of the oldest message, after the newest one, and where to begin in partitions that were never read.
type offsets struct{ oldest, end, begin kadm.ListedOffsets }

// plan compares the positions in the store with the topics. It returns the batches that set positions of partitions that were never read, and skip what
// no longer exists, loudly; none if there is nothing to set.
func (r *reader) plan(ctx context.Context) ([]pull.Batch, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	details, err := r.look(ctx)
	if err != nil {
		return nil, err
	}
	cursors, err := r.Cursors(ctx)
	if err != nil {
		return nil, err
	}
	o, err := r.offsets(ctx)
	if err != nil {
		return nil, err
	}
	b := pull.Batch{}
	r.topics = map[string]string{}
	for name := range details {
		t := details[name]
		r.topics[name] = idOf(&t)
		read := false
		for n := range t.Partitions {
			read = read || cursors.Position(partition{name, n}.String()) != nil
		}
		for _, n := range t.Partitions.Numbers() {
			if err := r.set(&b, partition{name, n}, cursors, o, read); err != nil {
				return nil, err
			}
		}
	}
	room, err := makeRoom(details, cursors, &b)
	if err != nil {
		return nil, err
	}
	var out []pull.Batch
	for _, b := range []pull.Batch{room, b} {
		if len(b.Moves) > 0 {
			out = append(out, b)
		}
	}
	return out, nil
}

// makeRoom returns a batch that removes positions if the new ones of b do not fit next to those in the store: of topics that are no longer read, and of
// partitions that are gone. Others of them stay, so that a topic that is read again continues.
func makeRoom(details kadm.TopicDetails, cursors store.Cursors, b *pull.Batch) (room pull.Batch, err error) {
	present := map[string]bool{}
	for name := range details {
		for n := range details[name].Partitions {
			present[partition{name, n}.String()] = true
		}
	}
	if len(present) > store.MaxPartitions {
		return room, &pull.Error{Reason: pull.Misconfigured, Message: fmt.Sprintf(
			"the topics have %d partitions, and a source reads at most %d: divide spec.transport.kafka.topics between several sources",
			len(present), store.MaxPartitions)}
	}
	total := len(cursors)
	for _, m := range b.Moves {
		if m.Expected == nil {
			total++
		}
	}
	for i := range cursors {
		if c := &cursors[i]; total > store.MaxPartitions && !present[c.Partition] {
			room.Moves = append(room.Moves, store.Move{Partition: c.Partition, Expected: c.Position})
			total--
		}
	}
	return room, nil
}

// set adds a move to the batch if the position of a partition has to be set. read reports whether another partition of the topic was ever read.
func (r *reader) set(b *pull.Batch, p partition, cursors store.Cursors, o *offsets, read bool) error {
	oldest, err := lookUp(o.oldest, p)
	if err != nil {
		return err
	}
	end, err := lookUp(o.end, p)
	if err != nil {
		return err
	}
	topicID, cursor := r.topics[p.topic], cursors.Position(p.String())
	move := store.Move{Partition: p.String(), Expected: cursor}
	if cursor == nil {
		at := oldest
		if o.begin != nil && !read {
			if at, err = lookUp(o.begin, p); err != nil {
				return err
			}
		}
		move.Next = encode(topicID, at)
		b.Moves = append(b.Moves, move)
		return nil
	}
	id, offset, ok := decodePosition(cursor)
	next, gap := oldest, pull.Gap{Count: 1}
	switch {
	case !ok:
		return &pull.Error{Reason: pull.Misconfigured, Message: fmt.Sprintf("the position of partition %s in the store is not one of Kafka", p)}
	case id != topicID:
		gap.Message = fmt.Sprintf("topic %s was deleted and created again: the former one was read up to offset %d of partition %d; what it had after that is lost",
			p.topic, offset, p.number)
	case offset < oldest:
		gap.Count = oldest - offset
		gap.Message = fmt.Sprintf("partition %d of topic %s: the brokers removed offsets %d to %d before they were read", p.number, p.topic, offset, oldest-1)
	case offset > end:
		next = end
		gap.Message = fmt.Sprintf("partition %d of topic %s ends at offset %d, but was read up to %d: the brokers lost messages that are stored, and maybe others",
			p.number, p.topic, end, offset)
	default:
		return nil
	}
	b.Gaps = append(b.Gaps, gap)
	move.Next = encode(topicID, next)
	b.Moves = append(b.Moves, move)
	return nil
}

// lookUp returns the offset of a partition. A broker that does not know it, such as one that became the leader a moment ago, answers with an error and
// the offset -1, which must not become a position.
func lookUp(listed kadm.ListedOffsets, p partition) (int64, error) {
	o, ok := listed.Lookup(p.topic, p.number)
	switch {
	case !ok:
		return 0, fmt.Errorf("the brokers do not say the offsets of partition %s", p)
	case o.Err != nil:
		return 0, fmt.Errorf("the offsets of partition %s: %w", p, o.Err)
	case o.Offset < 0:
		return 0, fmt.Errorf("the brokers answer with the offset %d for partition %s", o.Offset, p)
	}
	return o.Offset, nil
}

// look returns the topics, all of which have to exist.
func (r *reader) look(ctx context.Context) (kadm.TopicDetails, error) {
	// The ids are compared, so they must not come from the client's cache. It is passed over if permissions are asked for.
	details, err := r.admin.ListTopics(kadm.WithAuthorizedOps(ctx), r.names()...)
	if err != nil {
		return nil, err
	}
	for _, name := range r.names() {
		t, ok := details[name]
		switch {
		case !ok || errors.Is(t.Err, kerr.UnknownTopicOrPartition):
			return nil, &pull.Error{Reason: pull.NotFound, Message: "topic " + name + " does not exist: create it, or correct spec.transport.kafka.topics"}
		case t.Err != nil:
			return nil, fmt.Errorf("topic %s: %w", name, t.Err)
		}
	}
	return details, nil
}

func (r *reader) names() []string {
	out := make([]string, len(r.spec.Topics))
	for i, t := range r.spec.Topics {
		out[i] = string(t)
	}
	return out
}

func (r *reader) offsets(ctx context.Context) (*offsets, error) {
	var o offsets
	var err error
	if o.oldest, err = r.admin.ListStartOffsets(ctx, r.names()...); err != nil {
		return nil, err
	}
	if o.end, err = r.admin.ListEndOffsets(ctx, r.names()...); err != nil {
		return nil, err
	}
	switch {
	case r.spec.StartTime != nil:
		o.begin, err = r.admin.ListOffsetsAfterMilli(ctx, r.spec.StartTime.UnixMilli(), r.names()...)
	case r.spec.Start == v1alpha1.KafkaLatest:
		o.begin = o.end
	}
	return &o, err
}

// assigned is called with the offsets of the group when partitions are assigned, and replaces them by those of the store. They are read again: another
// pod may have moved them until now.
func (r *reader) assigned(ctx context.Context, group map[string]map[int32]kgo.Offset) (map[string]map[int32]kgo.Offset, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cursors, err := r.Cursors(ctx)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for topic, partitions := range group {
		for n := range partitions {
			p := partition{topic, n}
			at := &position{cursor: cursors.Position(p.String())}
			id, offset, ok := decodePosition(at.cursor)
			if at.cursor == nil { // A partition that was added to the topic is read from its beginning.
				id, ok = r.topics[topic], true
			}
			if !ok || id != r.topics[topic] {
				return nil, fmt.Errorf("%w: partition %s", errChanged, p)
			}
			at.stored, at.next, at.end = offset, offset, max(offset, at.end)
			r.at[p] = at
			partitions[n] = kgo.NewOffset().At(offset)
		}
	}
	r.lookedAt = r.lookedAt.Add(-lookEvery)
	return group, nil
}

// revoked forgets partitions. Nothing of them is in progress: a rebalance waits until the batch in hand is settled, or held.
func (r *reader) revoked(_ context.Context, _ *kgo.Client, lost map[string][]int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for topic, numbers := range lost {
		for _, n := range numbers {
			delete(r.at, partition{topic, n})
		}
	}
}

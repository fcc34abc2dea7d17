// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

var (
	// errChanged ends a reader whose topics have changed: the next one compares them with the positions.
	errChanged = errors.New("a topic was deleted and created again")
	// errRevoked drops a batch whose partition another pod reads now.
	errRevoked = errors.New("another pod reads a partition of the batch now")
)

// Read implements pull.Reader.
func (r *reader) Read(ctx context.Context) (pull.Batch, error) {
	if r.first != nil {
		b := *r.first
		r.first = nil
		return b, nil
	}
	if r.client == nil {
		if err := r.join(); err != nil {
			return pull.Batch{}, err
		}
	}
	for {
		if len(r.waiting) == 0 {
			err := r.failed
			if err == nil {
				err = r.poll(ctx)
			}
			if err != nil {
				return pull.Batch{}, explained(err)
			}
		}
		if b, some := r.batch(); some {
			return b, nil
		}
	}
}

// poll fetches messages, and looks at the topics from time to time. An error of one partition ends the reader after the messages of the others that came
// with it.
func (r *reader) poll(ctx context.Context) error {
	r.client.AllowRebalance()
	if r.due() {
		if err := r.compare(ctx); err != nil {
			return err
		}
	}
	within, cancel := context.WithTimeout(ctx, lookEvery)
	defer cancel()
	fetches := r.client.PollRecords(within, pull.MaxRows)
	if err := ctx.Err(); err != nil {
		return err
	}
	fetches.EachError(func(topic string, n int32, err error) {
		if r.failed == nil && !errors.Is(err, context.DeadlineExceeded) {
			r.failed = fmt.Errorf("partition %s: %w", partition{topic, n}, err)
		}
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	fetches.EachPartition(func(f kgo.FetchTopicPartition) {
		if at := r.at[partition{f.Topic, f.Partition}]; at != nil && f.LastStableOffset >= 0 && f.Err == nil {
			at.end, at.known = max(at.end, f.LastStableOffset), true
		}
		r.waiting = append(r.waiting, f.Records...)
	})
	return nil
}

func (r *reader) due() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.Now().Sub(r.lookedAt) >= lookEvery
}

// compare looks whether the topics are still the same, and how far they are.
func (r *reader) compare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	details, err := r.look(ctx)
	if err != nil {
		return err
	}
	for name := range details {
		if t := details[name]; idOf(&t) != r.topics[name] {
			return fmt.Errorf("%w: %s", errChanged, name)
		}
	}
	ends, err := r.admin.ListCommittedOffsets(ctx, r.names()...)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lookedAt = r.Now()
	for p, at := range r.at {
		end, err := lookUp(ends, p)
		if at.known = err == nil; at.known {
			at.end = end
		}
	}
	r.caughtUp()
	return nil
}

// caughtUp notes the time if nothing is left to read. The caller holds the lock.
func (r *reader) caughtUp() {
	if lag := r.lag(); lag != nil && *lag == 0 {
		r.caughtUpAt = r.Now()
	}
}

// lag returns the number of messages that are not stored yet; nil as long as the end of a partition is unknown, or no partition is known. The caller holds
// the lock.
func (r *reader) lag() *int64 {
	if len(r.at) == 0 {
		return nil
	}
	lag := int64(0)
	for _, at := range r.at {
		if !at.known {
			return nil
		}
		lag += max(0, at.end-at.stored)
	}
	return &lag
}

// batch returns a batch of the messages that wait, and false if all of them are of partitions that were revoked.
func (r *reader) batch() (pull.Batch, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var b pull.Batch
	moves, taken := map[partition]int{}, 0
	for _, m := range r.waiting {
		if len(b.Candidates) >= pull.MaxRows || b.Bytes >= pull.MaxBytes {
			break
		}
		taken++
		p := partition{m.Topic, m.Partition}
		at := r.at[p]
		if at == nil || m.Offset < at.next {
			continue
		}
		i, ok := moves[p]
		if !ok {
			i = len(b.Moves)
			moves[p] = i
			b.Moves = append(b.Moves, store.Move{Partition: p.String(), Expected: at.cursor})
		}
		at.next = m.Offset + 1
		b.Moves[i].Next = encode(r.topics[m.Topic], at.next)
		if m.Attrs.IsControl() {
			continue
		}
		for _, c := range r.candidates(m) {
			b.Candidates, b.Partitions = append(b.Candidates, c), append(b.Partitions, i)
		}
		b.Bytes += int64(len(m.Value) + len(m.Key))
	}
	r.waiting = slices.Clone(r.waiting[taken:])
	if len(b.Moves) == 0 {
		return b, false
	}
	b.Hold = func(context.Context) error { return r.hold(moves) }
	b.Settle = func(_ context.Context, stored error) error {
		if stored == nil {
			r.settle(moves, b.Moves)
		}
		return nil
	}
	return b, true
}

// hold lets the group divide its partitions again while the batch waits for the store: it would otherwise exclude this member after a while.
func (r *reader) hold(moves map[partition]int) error {
	r.client.AllowRebalance()
	r.mu.Lock()
	defer r.mu.Unlock()
	for p := range moves {
		if r.at[p] == nil {
			return &pull.Error{Reason: pull.Replaced, Message: "another pod reads a partition of the batch now", Cause: errRevoked}
		}
	}
	return nil
}

// settle continues after a batch that was stored, and commits its offsets to the group. They are only shown, so nothing depends on the result.
func (r *reader) settle(moves map[partition]int, stored []store.Move) {
	offsets := map[string]map[int32]kgo.EpochOffset{}
	r.mu.Lock()
	for p, i := range moves {
		at := r.at[p]
		if at == nil {
			continue
		}
		at.cursor = stored[i].Next
		_, at.stored, _ = decodePosition(at.cursor)
		// The partition can have been taken and given back while the batch was held: it is then fetched from before the batch, and would set the cursor back.
		at.next = max(at.next, at.stored)
		if offsets[p.topic] == nil {
			offsets[p.topic] = map[int32]kgo.EpochOffset{}
		}
		offsets[p.topic][p.number] = kgo.EpochOffset{Epoch: -1, Offset: at.stored}
	}
	r.caughtUp()
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	r.client.CommitOffsets(ctx, offsets, func(*kgo.Client, *kmsg.OffsetCommitRequest, *kmsg.OffsetCommitResponse, error) { cancel() })
}

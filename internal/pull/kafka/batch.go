// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka

import (
	"context"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// batch returns a batch of the messages that wait, and false if all of them are of partitions that were revoked.
func (r *reader) batch() (pull.Batch, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := building{reader: r, moves: map[partition]int{}}
	skipped := b.skip(r.oversized)
	r.oversized = nil
	taken := 0
	for _, m := range r.waiting {
		if len(b.Candidates) >= pull.MaxRows || b.Bytes >= pull.MaxBytes {
			break
		}
		taken++
		b.add(m)
	}
	r.waiting = slices.Clone(r.waiting[taken:])
	if len(b.Moves) == 0 {
		return b.Batch, false
	}
	b.Hold = func(ctx context.Context) error { return r.hold(ctx, b.moves) }
	b.Settle = func(_ context.Context, stored error) error {
		if stored == nil {
			r.settle(b.moves, b.Moves)
			r.client.SetOffsets(skipped)
		}
		return nil
	}
	return b.Batch, true
}

// building is a batch that is being filled. moves are the indices of the moves by partition.
type building struct {
	pull.Batch
	*reader
	moves map[partition]int
}

// move moves the cursor of a partition to an offset, with the batch.
func (b *building) move(p partition, at *position, next int64) int {
	i, ok := b.moves[p]
	if !ok {
		i = len(b.Moves)
		b.moves[p] = i
		b.Moves = append(b.Moves, store.Move{Partition: p.String(), Expected: at.cursor})
	}
	at.next = next
	b.Moves[i].Next = encode(b.topics[p.topic], next)
	return i
}

// add adds a message, unless its partition was revoked or it was read before.
func (b *building) add(m *kgo.Record) {
	p := partition{m.Topic, m.Partition}
	at := b.at[p]
	if at == nil || m.Offset < at.next {
		return
	}
	i := b.move(p, at, m.Offset+1)
	if m.Attrs.IsControl() {
		return
	}
	for _, c := range b.candidates(m) {
		b.Candidates, b.Partitions = append(b.Candidates, c), append(b.Partitions, i)
	}
	b.Bytes += size(m)
}

// skip adds gaps for the batches of producers that are too large, and returns where the client has to continue after them.
func (b *building) skip(list []*kgo.ErrDecompressTooLarge) map[string]map[int32]kgo.EpochOffset {
	next := map[string]map[int32]kgo.EpochOffset{}
	for _, e := range list {
		p := partition{e.Topic, e.Partition}
		at := b.at[p]
		if at == nil || e.NextOffset <= at.next {
			continue
		}
		b.Gaps = append(b.Gaps, pull.Gap{Count: e.NextOffset - at.next, Message: fmt.Sprintf(
			"partition %d of topic %s: the messages with offsets %d to %d are one batch of a producer that needs more than %d MiB after decompression; "+
				"they were skipped: limit the batches of producers", p.number, p.topic, at.next, e.NextOffset-1, maxInflated>>20)})
		b.move(p, at, e.NextOffset)
		if next[p.topic] == nil {
			next[p.topic] = map[int32]kgo.EpochOffset{}
		}
		next[p.topic][p.number] = kgo.EpochOffset{Epoch: e.Epoch, Offset: e.NextOffset}
	}
	return next
}

// hold lets the group divide its partitions again while the batch waits for the store: it would otherwise exclude this member after a while. The lag
// is looked at, too.
func (r *reader) hold(ctx context.Context, moves map[partition]int) error {
	r.client.AllowRebalance()
	if r.due() {
		if err := r.compare(ctx); err != nil {
			r.Log.Debug("the lag is not known while a batch waits", "error", err)
		}
	}
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

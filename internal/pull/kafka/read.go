// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/journeyman-dev/journeyman/internal/pull"
)

var (
	// errChanged ends a reader whose topics have changed: the next one compares them with the positions.
	errChanged = errors.New("a topic was deleted and created again")
	// errRevoked drops a batch whose partition another pod reads now.
	errRevoked = errors.New("another pod reads a partition of the batch now")
)

// Read implements pull.Reader.
func (r *reader) Read(ctx context.Context) (pull.Batch, error) {
	if len(r.first) > 0 {
		b := r.first[0]
		r.first = r.first[1:]
		return b, nil
	}
	if r.client == nil {
		if err := r.join(); err != nil {
			return pull.Batch{}, err
		}
	}
	for {
		if len(r.waiting)+len(r.oversized) == 0 {
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
	wait := lookEvery
	if r.Progress().Lag == nil {
		wait = time.Second // The partitions are assigned soon.
	}
	within, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	fetches := r.client.PollRecords(within, pull.MaxRows)
	if err := ctx.Err(); err != nil {
		return err
	}
	fetches.EachError(func(topic string, n int32, err error) {
		var oversized *kgo.ErrDecompressTooLarge
		switch {
		case errors.As(err, &oversized):
			r.oversized = append(r.oversized, oversized)
		case r.failed == nil && !errors.Is(err, errLater) && !errors.Is(err, context.DeadlineExceeded):
			r.failed = fmt.Errorf("partition %s: %w", partition{topic, n}, err)
		}
	})
	r.take(fetches)
	if r.due() {
		if err := r.compare(ctx); err != nil {
			// The client can have met a topic that was created again since the plan: its messages would be stored as those of the former one.
			r.waiting, r.oversized = nil, nil
			return err
		}
	}
	return nil
}

// take adds the messages that were polled to those that wait.
func (r *reader) take(fetches kgo.Fetches) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fetches.EachPartition(func(f kgo.FetchTopicPartition) {
		if at := r.at[partition{f.Topic, f.Partition}]; at != nil && f.LastStableOffset >= 0 && f.Err == nil {
			at.end, at.known = max(at.end, f.LastStableOffset), true
		}
		r.waiting = append(r.waiting, f.Records...)
	})
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

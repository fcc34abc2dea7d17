// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package puller_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/ingest/puller"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// bad is a reader whose functions tests set.
type bad struct {
	read func(ctx context.Context) (pull.Batch, error)
	open func()
}

func (b *bad) Read(ctx context.Context) (pull.Batch, error) { return b.read(ctx) }
func (b *bad) Close() error                                 { return nil }

func (p *pod) useBad(b *bad) {
	p.Helper()
	p.kind = pull.Kind{Name: "bad", Open: func(context.Context, pull.Settings) (pull.Reader, error) {
		if b.open != nil {
			b.open()
		}
		return b, nil
	}}
	p.run()
}

// longestWithout returns the longest time without a problem, and the problem at the end.
func (p *pod) longestWithout(during time.Duration) (longest time.Duration, last *puller.Problem) {
	const step = time.Second
	without := time.Duration(0)
	for range during / step {
		time.Sleep(step)
		synctest.Wait()
		if last = p.runner.State().Problem; last != nil {
			without = 0
			continue
		}
		without += step
		longest = max(longest, without)
	}
	return longest, last
}

// A source can be opened, and not be read: that it opens again and again must not hide it.
func TestAReaderThatOnlyOpensStaysAProblem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		opened := 0
		began := time.Now()
		p.useBad(&bad{open: func() { opened++ }, read: func(context.Context) (pull.Batch, error) {
			time.Sleep(5 * time.Second)
			return pull.Batch{}, &pull.Error{Reason: pull.Unauthorized, Message: "may not fetch"}
		}})
		longest, problem := p.longestWithout(10 * time.Minute)
		require.Less(t, longest, 6*time.Second, "before the first failure, and never again")
		require.NotNil(t, problem)
		require.WithinDuration(t, began, problem.Since, 10*time.Second)
		require.Less(t, opened, 40, "pauses grow")
	})
}

// An acknowledgement that always fails, such as one without the permission, delivers for ever.
func TestABatchThatIsNeverSettledIsAProblem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		began := time.Now()
		p.useBad(&bad{read: func(context.Context) (pull.Batch, error) {
			return pull.Batch{
				Candidates: []transport.Candidate{candidate("a", 0, "A")},
				Settle:     func(context.Context, error) error { return errors.New("may not acknowledge") },
			}, nil
		}})
		longest, problem := p.longestWithout(10 * time.Minute)
		require.Less(t, longest, 2*time.Second)
		require.NotNil(t, problem)
		require.WithinDuration(t, began, problem.Since, 10*time.Second)
	})
}

// A quiet source is healthy again some time after it opened, although there is nothing to read.
func TestAQuietSourceRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		failed := false
		p.useBad(&bad{read: func(ctx context.Context) (pull.Batch, error) {
			if !failed {
				failed = true
				return pull.Batch{}, errors.New("away")
			}
			<-ctx.Done()
			return pull.Batch{}, ctx.Err()
		}})
		require.NotNil(t, p.runner.State().Problem)
		time.Sleep(2 * time.Minute)
		require.Nil(t, p.runner.State().Problem)
		require.True(t, p.runner.State().Reading)
	})
}

// A panic is a failure of this source with a status, not a pod that restarts for ever.
func TestAReaderThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		p.useBad(&bad{read: func(context.Context) (pull.Batch, error) { panic("the document of a customer") }})
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		problem := p.runner.State().Problem
		require.NotNil(t, problem)
		require.Equal(t, pull.Failed, problem.Reason)
		require.NotContains(t, problem.Message, "customer")
	})
}

// A document whose decoder panics is poison: it counts, and does not stop the source.
func TestADocumentThatPanicsIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		read := false
		p.useBad(&bad{read: func(ctx context.Context) (pull.Batch, error) {
			if read {
				<-ctx.Done()
				return pull.Batch{}, ctx.Err()
			}
			read = true
			evil := candidate("a", 1, "B")
			evil.Body = func() (any, error) { panic("the document of a customer") }
			return pull.Batch{Candidates: []transport.Candidate{candidate("a", 0, "A"), evil, candidate("a", 2, "C")}}, nil
		}})
		require.Equal(t, []string{"Aha", "Cha"}, p.names())
		refused := p.source().Counters.Rejected[reject.MappingError]
		require.EqualValues(t, 1, refused.Count)
		require.NotContains(t, refused.Example, "customer")
		require.EqualValues(t, 2, p.source().Counters.Accepted)
	})
}

// A reader that was replaced, and has nothing to read since, is no outage.
func TestAReaderThatWasReplacedAndIsQuietRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		p.ledger.atOnce = 1
		p.run()
		_, err := p.store.Append(t.Context(), store.Batch{Source: "till", Moves: []store.Move{{Partition: "a", Next: []byte("2")}}})
		require.NoError(t, err)
		p.ledger.add("a", "A", "B")
		synctest.Wait()
		require.Equal(t, pull.Replaced, p.runner.State().Problem.Reason)
		time.Sleep(2 * time.Minute)
		require.Nil(t, p.runner.State().Problem)
	})
}

// A gap of a batch that is delivered again counts once.
func TestAGapCountsWhenItIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		p.store.set(func(store.Batch) error { return store.ErrCursorMoved })
		stored := false
		p.useBad(&bad{read: func(ctx context.Context) (pull.Batch, error) {
			if stored {
				<-ctx.Done()
				return pull.Batch{}, ctx.Err()
			}
			return pull.Batch{Gaps: []pull.Gap{{Count: 7, Message: "7 documents were removed"}}, Settle: func(_ context.Context, err error) error {
				stored = err == nil
				return nil
			}}, nil
		}})
		time.Sleep(time.Minute)
		p.store.set(nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.EqualValues(t, 7, p.runner.State().Missed)
		require.EqualValues(t, 7, p.source().Counters.Rejected[reject.Missed].Count)
	})
}

// One partition cannot be read, and another one has documents each time: the error lasts from when it began until a minute after it last occurred.
func TestAProblemOfOnePartitionLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		var repaired atomic.Bool
		began, n, given := time.Now(), 0, false
		p.useBad(&bad{open: func() { given = false }, read: func(ctx context.Context) (pull.Batch, error) {
			switch {
			case !given:
				given = true
				n++
				return pull.Batch{Candidates: []transport.Candidate{candidate("a", n, "A")}}, nil
			case !repaired.Load():
				return pull.Batch{}, &pull.Error{Reason: pull.Failed, Message: "partition b cannot be read"}
			}
			<-ctx.Done()
			return pull.Batch{}, ctx.Err()
		}})
		time.Sleep(5 * time.Second)
		longest, problem := p.longestWithout(10 * time.Minute)
		require.Zero(t, longest)
		require.NotNil(t, problem)
		require.WithinDuration(t, began, problem.Since, 10*time.Second)
		require.Greater(t, p.source().Counters.Accepted, int64(10), "the other partition is read")
		repaired.Store(true)
		time.Sleep(2 * time.Minute)
		require.Nil(t, p.runner.State().Problem)
	})
}

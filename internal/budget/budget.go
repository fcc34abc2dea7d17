// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package budget limits the memory that requests use in a process: bodies as they are read, values while they are decoded, and
// what was made of them until it is stored. Nothing is reserved for what a sender only announces. Small requests have a part of their own,
// so that large ones, or those of an attacker, leave room for them.
package budget

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// DefaultTotal is assumed where the runtime knows no limit: 85 % of 512 MiB.
const DefaultTotal int64 = 435 << 20

const (
	// SmallBytes of what a request holds come from the part for small requests; what is beyond them comes from the other part.
	SmallBytes = 128 << 10
	// maxWait is how long decoding waits for its turn.
	maxWait = 5 * time.Second
)

var (
	// ErrFull says that all requests together hold as much as they may: the same request may succeed a little later.
	ErrFull = errors.New("the requests in progress need too much memory")
	// ErrTooLarge says that the request alone would take more than the process can spare, now and later.
	ErrTooLarge = errors.New("the request becomes larger by decoding than the memory allows")
)

// Budget is shared by all requests of a process. It is safe for concurrent use.
type Budget struct {
	small, large         pool
	smallTurns, bigTurns turns
}

// givenLimit is what GOMEMLIMIT says, from before Total sets a limit of its own.
var givenLimit = sync.OnceValue(func() int64 { return debug.SetMemoryLimit(-1) })

// Total returns the bytes of memory that the process may take: what was asked for, else what GOMEMLIMIT says, else DefaultTotal. The
// runtime is told to collect garbage at runtimeParts of it whatever that costs: what requests may hold is less, and beyond its limit the runtime
// does not count the program itself, and takes more while a collection is in progress. Calling it again changes nothing.
func Total(asked int64) int64 {
	limit := givenLimit()
	total := asked
	switch {
	case asked <= 0 && limit != math.MaxInt64:
		total = limit
	case asked <= 0:
		total = DefaultTotal
	}
	debug.SetMemoryLimit(min(total/allParts*runtimeParts, limit))
	return total
}

const runtimeParts, allParts = 4, 5

// New shares total bytes out: an eighth for small requests, a fifth for large ones, a sixteenth and a fifth for decoding. The rest is for
// what waits for the store, connections and the runtime.
func New(total int64) *Budget {
	return &Budget{
		small: pool{max: total / 8}, large: pool{max: total / 5},
		smallTurns: newTurns(total / 16), bigTurns: newTurns(total / 5),
	}
}

// Held returns the bytes that requests hold now, and those that decoding may take now.
func (b *Budget) Held() (bytes, decoding int64) {
	return b.small.used.Load() + b.large.used.Load(), b.smallTurns.used.Load() + b.bigTurns.used.Load()
}

// MaxDecode is the greatest weight that Decode ever grants.
func (b *Budget) MaxDecode() int64 { return b.bigTurns.max }

// Share starts what one request holds. It has to be released, and serves one goroutine.
func (b *Budget) Share() *Share { return &Share{budget: b} }

// Share is what one request holds.
type Share struct {
	budget       *Budget
	small, large int64
	decoding     int64
	turn         *turns
}

// Hold adds n bytes. With ErrFull they are not held, but what was held before is until Release.
func (s *Share) Hold(n int64) error {
	inSmall := min(n, SmallBytes-s.small)
	if inSmall > 0 {
		if !s.budget.small.take(inSmall) {
			return ErrFull
		}
		s.small += inSmall
		n -= inSmall
	}
	if n > 0 {
		if !s.budget.large.take(n) {
			return ErrFull
		}
		s.large += n
	}
	return nil
}

// Decode waits until weight bytes may be taken by decoding, in the order of those who wait. The turn ends with Decoded, or with Release.
func (s *Share) Decode(ctx context.Context, weight int64) error {
	s.Decoded()
	t := &s.budget.smallTurns
	if weight > min(SmallBytes*8, t.max) {
		t = &s.budget.bigTurns
	}
	if weight > t.max {
		return fmt.Errorf("%w: %d MiB of at most %d MiB", ErrTooLarge, weight>>20, t.max>>20)
	}
	if err := t.begin(ctx, weight); err != nil {
		return err
	}
	s.turn, s.decoding = t, weight
	return nil
}

// Decoded ends the turn, if there is one.
func (s *Share) Decoded() {
	if s.turn != nil {
		s.turn.end(s.decoding)
		s.turn, s.decoding = nil, 0
	}
}

// Release returns everything back. It may be called again.
func (s *Share) Release() {
	s.Decoded()
	s.budget.small.used.Add(-s.small)
	s.budget.large.used.Add(-s.large)
	s.small, s.large = 0, 0
}

// pool is an amount that is taken at once or not at all.
type pool struct {
	max  int64
	used atomic.Int64
}

func (p *pool) take(n int64) bool {
	if p.used.Add(n) > p.max {
		p.used.Add(-n)
		return false
	}
	return true
}

// turns is an amount that is waited for.
type turns struct {
	max     int64
	used    atomic.Int64
	waiting *semaphore.Weighted
}

func newTurns(n int64) turns { return turns{max: n, waiting: semaphore.NewWeighted(n)} }

func (t *turns) begin(ctx context.Context, n int64) error {
	if !t.waiting.TryAcquire(n) {
		ctx, cancel := context.WithTimeout(ctx, maxWait)
		defer cancel()
		if err := t.waiting.Acquire(ctx, n); err != nil {
			return ErrFull
		}
	}
	t.used.Add(n)
	return nil
}

func (t *turns) end(n int64) {
	t.used.Add(-n)
	t.waiting.Release(n)
}

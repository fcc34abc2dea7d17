// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package budget limits the memory that the requests of a process use: bodies as they are read, values while they are decoded, and their results
// until they are stored. Nothing is reserved for data that a sender only announces. Small requests have a separate part, so that large ones, or those
// of an attacker, leave room for them.
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

// DefaultTotal is used if the runtime has no limit: 85 % of 512 MiB.
const DefaultTotal int64 = 435 << 20

const (
	// SmallBytes is the size up to which a request uses the part for small requests. What is beyond uses the other part.
	SmallBytes = 128 << 10
	// maxWait is how long decoding waits for its turn.
	maxWait = 5 * time.Second
)

var (
	// ErrFull means that all requests together use as much as they can: the same request can succeed a little later.
	ErrFull = errors.New("the requests in progress need too much memory")
	// ErrTooLarge means that the request alone needs more than the process can ever provide.
	ErrTooLarge = errors.New("the request becomes larger by decoding than the memory allows")
)

// Budget is shared by all requests of a process. It is safe for concurrent use.
type Budget struct {
	small, large         pool
	smallTurns, bigTurns turns
}

// givenLimit is GOMEMLIMIT, before Total sets a limit.
var givenLimit = sync.OnceValue(func() int64 { return debug.SetMemoryLimit(-1) })

// Total returns the memory of the process in bytes: asked, or GOMEMLIMIT, or DefaultTotal. It sets the runtime's limit to runtimeParts of it, at any
// cost in garbage collections: requests can use less than that, and beyond its limit the runtime does not count the program itself, and uses more
// during a collection. Further calls change nothing.
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

// New divides total bytes: an eighth for small requests, a fifth for large ones, a sixteenth and a fifth for decoding. The rest is for events that
// wait for the store, connections and the runtime.
func New(total int64) *Budget {
	return &Budget{
		small: pool{max: total / 8}, large: pool{max: total / 5},
		smallTurns: newTurns(total / 16), bigTurns: newTurns(total / 5),
	}
}

// Held returns the bytes that requests currently use, and those that decoding can use.
func (b *Budget) Held() (bytes, decoding int64) {
	return b.small.used.Load() + b.large.used.Load(), b.smallTurns.used.Load() + b.bigTurns.used.Load()
}

// MaxHeld returns the bytes that large requests can use together.
func (b *Budget) MaxHeld() int64 { return b.large.max }

// MaxDecode returns the largest weight that Decode ever grants.
func (b *Budget) MaxDecode() int64 { return b.bigTurns.max }

// Share returns the share of one request. Release it after use. It must not be used by several goroutines at once.
func (b *Budget) Share() *Share { return &Share{budget: b} }

// Share is the memory of one request.
type Share struct {
	budget       *Budget
	small, large int64
	decoding     int64
	turn         *turns
	// paused is the weight of a turn that Pause ended.
	paused int64
}

// Hold adds n bytes. If it returns ErrFull, they are not added; what was added before is kept until Release.
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

// Decode waits until decoding can use weight bytes, in order of arrival. The turn ends with Decoded, or with Release.
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

// Free gives back n bytes of those that are held.
func (s *Share) Free(n int64) {
	inLarge := min(n, s.large)
	s.budget.large.used.Add(-inLarge)
	s.large -= inLarge
	inSmall := min(n-inLarge, s.small)
	s.budget.small.used.Add(-inSmall)
	s.small -= inSmall
}

// Pause ends the turn while its request waits for another system. What is decoded stays in memory, so it is held meanwhile. If there is no room to hold
// it, the turn continues.
func (s *Share) Pause() {
	if s.turn == nil || s.Hold(s.decoding) != nil {
		return
	}
	s.paused = s.decoding
	s.Decoded()
}

// Resume waits for a turn like the one that Pause ended, if it did.
func (s *Share) Resume(ctx context.Context) error {
	weight := s.paused
	if weight == 0 {
		return nil
	}
	s.paused = 0
	s.Free(weight)
	return s.Decode(ctx, weight)
}

// Release releases everything. It can be called again.
func (s *Share) Release() {
	s.Decoded()
	s.budget.small.used.Add(-s.small)
	s.budget.large.used.Add(-s.large)
	s.small, s.large, s.paused = 0, 0, 0
}

// pool is an amount that is granted at once or not at all.
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

// turns is an amount that callers wait for.
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

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package send

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// Run sends a whole world.
type Run struct {
	Sender *Sender
	World  *world.World
	// Delivery numbers the deliveries of a world: each puts the events into different batches.
	Delivery uint64
	// Workers is the number of concurrent senders.
	Workers int
	// Rate limits the events per second of all sources together; 0 means no limit.
	Rate int
	// Live waits for requests of the future until their time comes; otherwise they are left out.
	Live bool
	// Now is the real clock, and Wait waits; nil means a real wait.
	Now  func() time.Time
	Wait func(context.Context, time.Duration) error
	// Progress is called at intervals with what was sent so far.
	Progress func(Summary)
	// Every is the interval between two calls of Progress.
	Every time.Duration
}

// Summary of a run.
type Summary struct {
	// Sent is what was planned and acknowledged, by source. Retries are included in Requests.
	Sent     wire.Tally `json:"sent,omitempty"`
	Events   int64      `json:"events"`
	Requests int64      `json:"requests"`
	Retries  int64      `json:"retries"`
	// NotYet is the number of requests that were left out because their time has not come.
	NotYet  int64   `json:"notYet,omitempty"`
	Seconds float64 `json:"seconds"`
}

// Do sends everything, or stops at the first error.
func (r *Run) Do(ctx context.Context) (Summary, error) {
	began := r.Now()
	var done, events, retries atomic.Int64
	state := func() Summary {
		return Summary{Events: events.Load(), Requests: done.Load(), Retries: retries.Load(), Seconds: r.Now().Sub(began).Seconds()}
	}
	stop := r.tell(state)
	defer stop()
	outer := ctx
	g, ctx := errgroup.WithContext(ctx)
	queue := make(chan *wire.Request, 4*r.Workers)
	for range r.Workers {
		g.Go(func() error {
			for q := range queue {
				result, err := r.Sender.Deliver(ctx, q)
				if err != nil {
					return err
				}
				done.Add(1)
				events.Add(int64(q.Good))
				retries.Add(int64(result.Tries - 1))
			}
			return nil
		})
	}
	requests, sent := Plan(r.World, r.Delivery, began)
	var notYet int64
	g.Go(func() error {
		defer close(queue)
		var err error
		notYet, err = r.feed(ctx, requests, queue)
		return err
	})
	err := g.Wait()
	if err == nil {
		err = r.Sender.Settle(outer)
	}
	s := state()
	s.NotYet = notYet
	if notYet == 0 {
		s.Sent = sent
	}
	return s, err
}

// feed passes the requests to the workers: in order, at the rate, and those of the future when their time comes.
func (r *Run) feed(ctx context.Context, requests []*wire.Request, queue chan<- *wire.Request) (notYet int64, err error) {
	limit := rate.NewLimiter(rate.Inf, 1)
	if r.Rate > 0 {
		limit = rate.NewLimiter(rate.Limit(r.Rate), max(r.Rate, 200))
	}
	for i, q := range requests {
		if ahead := q.At.Sub(r.Now()); ahead > 0 {
			if !r.Live {
				return int64(len(requests) - i), nil
			}
			if err := r.wait(ctx, ahead); err != nil {
				return 0, err
			}
		}
		if err := limit.WaitN(ctx, max(q.Good, 1)); err != nil {
			return 0, err
		}
		select {
		case queue <- q:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return 0, nil
}

func (r *Run) wait(ctx context.Context, d time.Duration) error {
	if r.Wait != nil {
		return r.Wait(ctx, d)
	}
	return sleep(ctx, d)
}

// tell reports progress until the returned function is called.
func (r *Run) tell(state func() Summary) func() {
	if r.Progress == nil || r.Every <= 0 {
		return func() {}
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(r.Every)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				r.Progress(state())
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
	}
}

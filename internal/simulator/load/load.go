// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package load sends the site's events of a simulated world to a source at a given rate, and measures how long acknowledgements take. It reports its own
// CPU time separately, because that is not part of the measurement.
package load

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// Options of a load.
type Options struct {
	// URL of the source.
	URL string
	// Encode writes the requests. Workers call it concurrently.
	Encode Encoder
	// World is the world whose events are sent.
	World *world.World
	// Batch is the number of events of a request; 1 sends them one by one.
	Batch int
	// Workers is the number of concurrent senders.
	Workers int
	// Rate is the number of events per second; 0 sends as fast as possible.
	Rate int
	// Events and Duration end the load, whichever comes first; 0 means no limit.
	Events   int64
	Duration time.Duration
	Client   *http.Client
}

// Encoder encodes events as one request.
type Encoder func(batch []*world.Event) (Request, error)

// Request is a POST.
type Request struct {
	Path   string
	Header http.Header
	Body   []byte
}

// Result of a load.
type Result struct {
	// Acknowledged events, and acknowledged Requests.
	Acknowledged int64 `json:"acknowledged"`
	Requests     int64 `json:"requests"`
	// Bytes of the bodies of acknowledged requests.
	Bytes int64 `json:"bytes"`
	// Refused counts requests by status. Their responses asked to retry later, and they were not sent again.
	Refused map[int]int64 `json:"refused,omitempty"`
	// Errors counts requests without a response.
	Errors  int64   `json:"errors"`
	Seconds float64 `json:"seconds"`
	// Rate is the number of acknowledged events per second.
	Rate float64 `json:"rate"`
	// Quantiles of the time to the acknowledgement, in milliseconds.
	P50  float64 `json:"p50ms"`
	P99  float64 `json:"p99ms"`
	P999 float64 `json:"p999ms"`
	Max  float64 `json:"maxms"`
	// OwnCPU is the CPU time of this program, in seconds.
	OwnCPU float64 `json:"ownCPUSeconds"`
}

// worker has its own counters, so that workers do not wait for each other.
type worker struct {
	o       *Options
	acks    []time.Duration
	events  int64
	bytes   int64
	refused map[int]int64
	errors  int64
}

// Run sends until the load ends.
func Run(ctx context.Context, o Options) (Result, error) {
	if o.Batch < 1 || o.Workers < 1 {
		return Result{}, errors.New("batch and workers must be at least 1")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if o.Duration > 0 {
		timer := time.AfterFunc(o.Duration, cancel)
		defer timer.Stop()
	}
	cpu, began := ownCPU(), time.Now()
	batches := make(chan []*world.Event, 2*o.Workers)
	workers := make([]worker, o.Workers)
	var g errgroup.Group
	g.Go(func() error {
		defer close(batches)
		feed(ctx, &o, batches)
		return nil
	})
	for i := range workers {
		workers[i] = worker{o: &o, refused: map[int]int64{}}
		g.Go(func() error {
			for batch := range batches {
				if err := workers[i].send(batch); err != nil {
					cancel()
					return err
				}
			}
			return nil
		})
	}
	err := g.Wait()
	return sum(workers, time.Since(began), ownCPU()-cpu), err
}

// feed draws households until the load ends. It completes requests that were started, so that the numbers are consistent.
func feed(ctx context.Context, o *Options, batches chan<- []*world.Event) {
	limit := rate.NewLimiter(rate.Inf, 1)
	if o.Rate > 0 {
		limit = rate.NewLimiter(rate.Limit(o.Rate), max(o.Rate/10, o.Batch))
	}
	var batch []*world.Event
	var given int64
	for h := range o.World.Households() {
		for _, e := range o.World.Household(h) {
			if e.Source != world.Web {
				continue
			}
			if batch = append(batch, &e); len(batch) < o.Batch {
				continue
			}
			if limit.WaitN(ctx, len(batch)) != nil {
				return
			}
			select {
			case batches <- batch:
			case <-ctx.Done():
				return
			}
			if given += int64(len(batch)); o.Events > 0 && given >= o.Events {
				return
			}
			batch = nil
		}
	}
}

func (w *worker) send(batch []*world.Event) error {
	request, err := w.o.Encode(batch)
	if err != nil {
		return err
	}
	// The context of the load does not cancel requests: those that were started are completed, so that the numbers are consistent.
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, strings.TrimSuffix(w.o.URL, "/")+request.Path, bytes.NewReader(request.Body))
	if err != nil {
		return err
	}
	maps.Copy(req.Header, request.Header)
	began := time.Now()
	status, failure := answer(w.o.Client, req)
	if failure != nil {
		// It is counted, and the load continues.
		w.errors++
	} else {
		w.take(status, time.Since(began), len(batch), len(request.Body))
	}
	return nil
}

// answer sends a request and returns the status of a complete response.
func answer(c *http.Client, req *http.Request) (int, error) {
	response, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, errors.Join(err, response.Body.Close())
}

func (w *worker) take(status int, ack time.Duration, events, bytes int) {
	if status < 200 || status > 299 {
		w.refused[status]++
		return
	}
	w.acks = append(w.acks, ack)
	w.events += int64(events)
	w.bytes += int64(bytes)
}

// Segment returns an encoder for the tracking API of Segment: single events, or batches with the time of sending.
func Segment(secret string) Encoder {
	return func(batch []*world.Event) (Request, error) {
		if len(batch) == 1 {
			m := wire.MessageOf(batch[0], time.Now(), "")
			body, header, err := wire.WriteMessage(m, secret)
			return Request{Path: "/v1/" + m.Type, Header: header, Body: body}, err
		}
		messages := make([]any, len(batch))
		for i, e := range batch {
			messages[i] = wire.MessageOf(e, time.Now(), "")
		}
		body, header, err := wire.WriteSegment(messages, secret)
		return Request{Path: "/v1/batch", Header: header, Body: body}, err
	}
}

func sum(workers []worker, took time.Duration, cpu time.Duration) Result {
	r := Result{Refused: map[int]int64{}, Seconds: took.Seconds(), OwnCPU: cpu.Seconds()}
	var acks []time.Duration
	for i := range workers {
		w := &workers[i]
		r.Acknowledged += w.events
		r.Bytes += w.bytes
		r.Errors += w.errors
		for status, n := range w.refused {
			r.Refused[status] += n
		}
		acks = append(acks, w.acks...)
	}
	slices.Sort(acks)
	r.Requests = int64(len(acks))
	r.Rate = float64(r.Acknowledged) / max(r.Seconds, 1e-9)
	r.P50, r.P99, r.P999, r.Max = quantile(acks, 0.5), quantile(acks, 0.99), quantile(acks, 0.999), quantile(acks, 1)
	return r
}

// quantile returns a quantile in milliseconds, by nearest rank.
func quantile(sorted []time.Duration, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	i := min(len(sorted)-1, int(q*float64(len(sorted))))
	return float64(sorted[i].Microseconds()) / 1000
}

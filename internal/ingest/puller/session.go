// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package puller

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"golang.org/x/time/rate"

	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// errReopen ends a session whose reader no longer fits the snapshot. It is no failure.
var errReopen = errors.New("the settings of the source have changed")

// session is the life of one reader.
type session struct {
	*Runner
	// opened is the snapshot that the reader was opened with.
	opened  *pipeline.Snapshot
	reader  pull.Reader
	limiter *rate.Limiter
	stored  bool
}

// session opens a reader and reads until ctx ends, the reader no longer fits, or an error. stored reports whether it has stored a batch.
func (r *Runner) session(ctx context.Context, opened *pipeline.Snapshot) (stored bool, err error) {
	s := &session{Runner: r, opened: opened, limiter: rate.NewLimiter(rate.Inf, pull.MaxRows)}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go s.watch(ctx, cancel)
	err = s.guarded(func() (err error) {
		s.reader, err = opened.Puller.Open(ctx, s.settings())
		return err
	})
	if err == nil {
		r.opens(s.reader)
		err = s.guarded(func() error { return s.read(ctx) })
		r.closes()
		if closed := s.guarded(s.reader.Close); closed != nil {
			r.o.Log.Warn("the reader was not closed in order", "error", closed)
		}
	}
	if ctx.Err() != nil || errors.Is(err, errReopen) {
		err = nil // It follows from the end of the session.
	}
	return s.stored, err
}

// guarded calls f. A panic becomes an error of the source: a pod that restarted for ever could not report why. Its value can contain documents, so only
// its type is logged.
func (s *session) guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.o.Log.Error("reading caused a panic", "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			err = &pull.Error{Reason: pull.Failed, Message: "reading ends with an internal error of this program; report it, with the log of the pod"}
		}
	}()
	return f()
}

// watch cancels the session when the reader no longer fits.
func (s *session) watch(ctx context.Context, cancel context.CancelCauseFunc) {
	for {
		current, changed := s.snapshot()
		if !current.ReadsLike(s.opened) {
			cancel(errReopen)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
	}
}

func (s *session) settings() pull.Settings {
	c, appender := s.opened.Config, s.opened.Appender
	return pull.Settings{
		Spec: &c.Source, Namespace: c.Namespace, Name: c.Name, UID: c.UID, Pod: s.o.Pod, Files: s.opened.Files, MaxDocument: s.opened.MaxBody,
		Now: s.o.Now, Log: s.o.Log, Dial: s.opened.Dial,
		Cursors: func(ctx context.Context) (store.Cursors, error) { return appender.Cursors(ctx, c.Name) },
	}
}

// read reads, stores and settles batches, one after the other.
func (s *session) read(ctx context.Context) error {
	for ctx.Err() == nil {
		b, err := s.reader.Read(ctx)
		if err != nil {
			return err
		}
		err = context.Cause(ctx)
		if err == nil {
			s.batchRead(&b)
			if err = s.store(ctx, &b); err == nil {
				s.missed(b.Gaps)
			}
		}
		if b.Settle != nil {
			// A broker should learn what became of the batch although this process ends.
			within, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.o.AppendTimeout)
			settled := b.Settle(within, err)
			cancel()
			if err == nil {
				err = settled
			}
		}
		if err != nil {
			return err
		}
		s.stored = true
		s.settled()
	}
	return nil
}

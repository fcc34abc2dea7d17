// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package load receives loads: many events that become visible at once. It writes them to temporary files. The compactor commits them.
package load

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/dedup"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// Admission is the part of the writer that decides about events when they arrive.
type Admission interface {
	// Cleanse returns a copy of the events of persons who were not erased, without identities of others who were, and their indexes.
	Cleanse(events []event.Event) (kept []event.Event, indexes []int32)
}

// Loads are the loads that are being received or committed. It is safe for concurrent use.
type Loads struct {
	volume    *volume.Volume
	files     *rewrite.Files
	admission Admission
	clock     func() time.Time

	mu   sync.Mutex
	list []*Load
	// left have ended, but some of their files could not be removed.
	left []*Load
}

// New returns no loads.
func New(v *volume.Volume, f *rewrite.Files, a Admission, clock func() time.Time) *Loads {
	return &Loads{volume: v, files: f, admission: a, clock: clock}
}

// Load is a load that was begun.
type Load struct {
	Request store.LoadRequest
	// Stage has the events, Keys their keys, and Erased is the number of events of erased persons. They belong to whoever holds the load.
	Stage  *rewrite.Stage
	Keys   *dedup.Arrivals
	Erased int64

	// holder recognises the secret. Request has none.
	holder store.LoadHolder
	// mu is held while a part is added, and during the commit.
	mu sync.Mutex
	// stateMu guards the rest.
	stateMu sync.Mutex
	state   store.LoadState
	last    time.Time
	// ended is set once the files are removed.
	ended bool
	// done is closed when the commit has ended; nil before it begins.
	done chan struct{}
	err  error
}

// State returns the progress.
func (l *Load) State() store.LoadState {
	l.stateMu.Lock()
	defer l.stateMu.Unlock()
	return l.state
}

// Progress sets the number of events in their final files.
func (l *Load) Progress(sorted int64) { l.change(func() { l.state.Sorted = sorted }) }

func (l *Load) change(f func()) {
	l.stateMu.Lock()
	defer l.stateMu.Unlock()
	f()
}

// Begin begins a load, or returns the one with its ID.
func (s *Loads) Begin(r store.LoadRequest) (store.LoadState, error) {
	s.Expire()
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.find(r.ID); l != nil {
		state := l.State()
		return state, cmp.Or(l.holder.Permit(r.Ref()), r.Same(&state))
	}
	if len(s.list) >= store.MaxLoads {
		return store.LoadState{}, store.TooManyLoads()
	}
	if err := errors.Join(s.volume.Healthy(), s.volume.Room()); err != nil {
		return store.LoadState{}, err
	}
	holder := r.Holder()
	r.Secret = ""
	l := &Load{Request: r, holder: holder, Stage: s.files.Stage(), Keys: dedup.NewArrivals(s.volume), last: s.clock(), state: r.State()}
	s.list = append(s.list, l)
	return l.state, nil
}

// find returns a load, or nil. The caller holds the lock.
func (s *Loads) find(id string) *Load {
	for _, l := range s.list {
		if l.Request.ID == id {
			return l
		}
	}
	return nil
}

// Find returns a load, or nil.
func (s *Loads) Find(id string) *Load {
	s.Expire()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(id)
}

// Part adds a part to a load. After an error of the disk, the load has ended.
func (s *Loads) Part(ref store.LoadRef, part int64, events []event.Event) (store.LoadState, error) {
	l := s.Find(ref.ID)
	if l == nil {
		return store.LoadState{}, store.LoadGone(ref.ID)
	}
	if err := l.holder.Permit(ref); err != nil {
		return store.LoadState{}, err
	}
	if state := l.State(); state.Step != store.LoadReceiving {
		_, err := state.CheckPart(part, events)
		return state, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	state := l.State()
	if l.ended {
		return state, store.LoadGone(ref.ID)
	}
	if known, err := state.CheckPart(part, events); known || err != nil {
		return state, err
	}
	if err := errors.Join(s.volume.Healthy(), s.volume.RoomFor(s.bytes())); err != nil {
		return state, err
	}
	if err := s.add(l, state.Events, events); err != nil {
		return state, volume.WriteError(errors.Join(err, s.drop(l)))
	}
	l.change(func() {
		l.state.Next++
		l.state.Events += int64(len(events))
		l.state.Bytes, l.last = l.Stage.Bytes+l.Keys.Bytes, s.clock()
	})
	return l.State(), nil
}

// bytes returns the size of all loads on the volume. Their commits need as much again: parts stop when there is no room for that, while appends continue.
func (s *Loads) bytes() (n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.list {
		n += l.State().Bytes
	}
	return n
}

// add adds events, the first of which is number from of the load.
func (s *Loads) add(l *Load, from int64, events []event.Event) error {
	kept, indexes := s.admission.Cleanse(events)
	l.Erased += int64(len(events) - len(kept))
	for i := range kept {
		e := &kept[i]
		store.LoadReceipt(e)
		indexes[i] += int32(from)
		if err := l.Keys.Add(e.Key(), indexes[i], e.Time); err != nil {
			return err
		}
	}
	return l.Stage.Add(kept, indexes)
}

// drop ends a load whose lock the caller holds, and removes its files.
func (s *Loads) drop(l *Load) error {
	s.mu.Lock()
	s.list = slices.DeleteFunc(s.list, func(o *Load) bool { return o == l })
	s.mu.Unlock()
	if l.ended {
		return nil
	}
	l.ended = true
	err := errors.Join(l.Stage.Close(), l.Keys.Close())
	if err != nil {
		s.mu.Lock()
		s.left = append(s.left, l)
		s.mu.Unlock()
	}
	return err
}

// removeLeft removes the files that could not be removed when their loads ended.
func (s *Loads) removeLeft() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	s.left = slices.DeleteFunc(s.left, func(l *Load) bool {
		leftErr := errors.Join(l.Stage.Close(), l.Keys.Close())
		err = errors.Join(err, leftErr)
		return leftErr == nil
	})
	return err
}

// End drops a load that is not being committed.
func (s *Loads) End(ref store.LoadRef) error {
	l := s.Find(ref.ID)
	if l == nil || l.State().Step != store.LoadReceiving {
		return nil
	}
	if err := l.holder.Permit(ref); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return s.drop(l)
}

// Expire drops the loads that have waited too long for a part.
func (s *Loads) Expire() {
	s.mu.Lock()
	list := slices.Clone(s.list)
	s.mu.Unlock()
	for _, l := range list {
		l.stateMu.Lock()
		idle := l.done == nil && s.clock().Sub(l.last) > store.LoadIdle
		l.stateMu.Unlock()
		if idle && l.mu.TryLock() {
			_ = s.drop(l) // What cannot be removed now is removed with the next erasure, or when the store is opened.
			l.mu.Unlock()
		}
	}
}

// EndHolders drops the loads that have events of the anchors, or their identities, and those whose files cannot be read: they could have some. Parts that
// arrive later are checked when they arrive. A load that is being committed is not: the commit waits for the caller, and finds it dropped. After an error,
// files that could have events of the anchors are left; a further call removes them.
func (s *Loads) EndHolders(ctx context.Context, anchors []event.Anchor) (ended []string, err error) {
	err = s.removeLeft()
	s.mu.Lock()
	list := slices.Clone(s.list)
	s.mu.Unlock()
	for _, l := range list {
		l.mu.Lock()
		holds, findErr := false, error(nil)
		if !l.ended {
			holds, findErr = l.Stage.Holds(ctx, anchors)
		}
		if ctx.Err() == nil && (holds || findErr != nil) {
			ended, findErr = append(ended, l.Request.ID), s.drop(l)
		}
		l.mu.Unlock()
		err = errors.Join(err, findErr)
	}
	return ended, err
}

// Close drops all loads, after those that are being committed.
func (s *Loads) Close() error {
	s.mu.Lock()
	list := slices.Clone(s.list)
	s.mu.Unlock()
	var err error
	for _, l := range list {
		l.stateMu.Lock()
		done := l.done
		l.stateMu.Unlock()
		if done != nil {
			<-done
		}
		l.mu.Lock()
		err = errors.Join(err, s.drop(l))
		l.mu.Unlock()
	}
	return err
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
)

const (
	// ofSession is the number of events of a session. A person has three sessions.
	ofSession, ofPerson = 8, 24
	sessionDays         = 150
)

var sessionsBegin = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)

// fillSessions creates a store of sessions, unless it exists, and returns the folder of its rig. It opens the store in this process, without the
// protocol. Nine tenths of the time are in merged files. In the last tenth, three of four visitors log in.
func (b *bench) fillSessions(ctx context.Context, events int64) (string, error) {
	dir := filepath.Join(b.options.Dir, fmt.Sprintf("sessions-%d", events))
	done := filepath.Join(dir, "done")
	if _, err := os.Stat(done); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	var now atomic.Int64
	s, err := embedded.Open(embedded.Options{
		Dir: filepath.Join(dir, "data"), Clock: func() time.Time { return time.UnixMicro(now.Load()) }, CompactEvery: time.Hour,
		SegmentBytes: 192 << 20, MaxUnflushedBytes: 384 << 20, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return "", err
	}
	err = appendSessions(ctx, s, &now, events)
	if err = errors.Join(err, s.Close()); err != nil {
		return "", err
	}
	return dir, os.WriteFile(done, nil, 0o600)
}

func appendSessions(ctx context.Context, s *embedded.Store, now *atomic.Int64, events int64) error {
	count := events / ofSession
	people := max(events/ofPerson, 1)
	loggedIn := count * 9 / 10
	var list []event.Event
	for n := range count {
		if n == loggedIn {
			if err := s.MergeAll(ctx); err != nil {
				return err
			}
		}
		at := sessionsBegin.UnixMicro() + n*(sessionDays*24*3600*event.MicroUnits/count)
		list = appendSession(list, n, at, people, n >= loggedIn)
		if len(list) < fillBatch && n < count-1 {
			continue
		}
		now.Store(at)
		if err := appendAll(ctx, s, store.Batch{Source: "shop", Events: list}); err != nil {
			return err
		}
		list = nil
	}
	return s.Compact(ctx)
}

// appendSession appends the events of a visit to a shop. One event in twenty has no session.
func appendSession(list []event.Event, n, at, people int64, loggedIn bool) []event.Event {
	who := int64(hashOf(n, 1) % uint64(people))
	session := "01J" + strconv.FormatUint(hashOf(n, 2), 36)
	for i := range int64(ofSession) {
		h := hashOf(n*ofSession+i, 3)
		e := event.Event{
			ID: strconv.FormatUint(h, 36), Source: "shop", Channel: []string{"web", "mobile"}[who%2], Name: "Event Number " + strconv.Itoa(int(h%20)),
			Time: at + i*40*event.MicroUnits, ReceivedAt: at + i*40*event.MicroUnits + event.MicroUnits, SessionID: session,
			Identities: []event.Identity{{Type: "anonymousId", Value: "a-" + strconv.FormatInt(who, 36)}},
			Properties: fmt.Appendf(nil, `{"url":"https://shop.example/p/%d","price":%d}`, h>>16%5000, h>>32%20000),
		}
		if h>>48%20 == 0 {
			e.SessionID = ""
		}
		if loggedIn && who%4 > 0 {
			e.Identities = append(e.Identities, event.Identity{Type: "customerId", Value: "c-" + strconv.FormatInt(who, 36)})
		}
		list = append(list, e)
	}
	return list
}

func hashOf(n int64, seed uint64) uint64 { return xxh3.HashStringSeed(strconv.FormatInt(n, 10), seed) }

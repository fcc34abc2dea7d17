// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/files/export"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/ingest/importer"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/preset"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
	"github.com/journeyman-dev/journeyman/internal/store/storetest"
)

// shelf is a source with a store of its own, into which files are imported.
type shelf struct {
	dir      string
	snapshot *pipeline.Snapshot
	settings *v1alpha1.FilesTransport
	store    store.Store
	now      time.Time
	// events that were appended first, by id, in that order.
	events []event.Event
	ids    map[string]bool
}

func newShelf(e *Export) (*shelf, error) {
	spec, paths, err := exportSource(e)
	if err != nil {
		return nil, err
	}
	s := &shelf{settings: spec.Transport.Files, now: e.Now, ids: map[string]bool{}}
	if s.dir, err = os.MkdirTemp("", "channels"); err != nil {
		return nil, err
	}
	if s.store, err = embedded.Open(embedded.Options{
		Dir: filepath.Join(s.dir, "store"), Identity: identity.NewPolicy(nil), Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	s.snapshot, err = pipeline.Build(&podconfig.Ingest{
		Version: podconfig.Version, Namespace: "shop", Name: e.System, UID: "u-1", Generation: 1, Store: podconfig.Store{URL: "https://store:8443"},
		Source: *spec, RulePaths: paths,
	}, pipeline.Secrets{}, s)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *shelf) close() error { return errors.Join(s.store.Close(), os.RemoveAll(s.dir)) }

// Append implements store.Appender.
func (s *shelf) Append(ctx context.Context, b store.Batch) (store.Appended, error) {
	done, err := s.store.Append(ctx, b)
	if err != nil {
		return done, err
	}
	for i := range b.Events {
		if !s.ids[b.Events[i].ID] {
			s.ids[b.Events[i].ID] = true
			s.events = append(s.events, b.Events[i])
		}
	}
	return done, nil
}

// Cursors implements store.Appender.
func (s *shelf) Cursors(ctx context.Context, source string) (store.Cursors, error) {
	return s.store.Cursors(ctx, source)
}

// errCrash is a crash in the middle of an import.
var errCrash = errors.New("crash")

// add imports a file from a position. It crashes after a number of records if that is not 0.
func (s *shelf) add(ctx context.Context, path string, after, crash int64) (*importer.Result, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close() //nolint:errcheck // nothing is written
	i, err := importer.New(importer.Options{
		Snapshot: s.snapshot, File: filepath.Base(path), Import: filepath.Base(path), Now: func() time.Time { return s.now },
	})
	if err != nil {
		return nil, err
	}
	n := int64(0)
	err = export.Read(in, s.settings, func(r *export.Record) error {
		if r.Position <= after {
			return nil
		}
		if n++; n == crash {
			return errors.Join(i.Flush(ctx), errCrash)
		}
		_, err := i.Add(ctx, r, 0)
		return err
	}, func(string) {})
	if err != nil && !errors.Is(err, errCrash) {
		return i.Result(), fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return i.Result(), errors.Join(i.Flush(ctx), err)
}

// stored returns the events, if a scan of the store has as many.
func (s *shelf) stored(ctx context.Context) ([]event.Event, error) {
	rows, _, err := storetest.Collect(ctx, s.store, store.ScanRequest{})
	if err == nil && len(rows) != len(s.events) {
		err = fmt.Errorf("%d events with an id of their own were appended, and a scan of the store returns %d", len(s.events), len(rows))
	}
	return s.events, err
}

// RunExport imports the files of a sample, compares what is stored, and imports them again in other forms. The differences are empty if all is as
// expected.
func RunExport(ctx context.Context, e *Export) (differences []string, err error) {
	s, err := newShelf(e)
	if !e.Valid {
		if err == nil {
			return []string{"the files are not refused as a whole"}, s.close()
		}
		var wrong *preset.Error
		if !errors.As(err, &wrong) {
			return nil, err
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	d := &differ{}
	var log []string
	matched := make([]bool, len(e.Expect))
	for n := range e.Imports {
		lines, err := s.imports(ctx, d, e, n, matched)
		if err != nil {
			return d.found, err
		}
		log = append(log, lines...)
	}
	if len(d.found) > 0 {
		return append(d.found, log...), nil
	}
	return d.found, s.again(ctx, d, e)
}

// imports runs an import of the sample.
func (s *shelf) imports(ctx context.Context, d *differ, e *Export, n int, matched []bool) (log []string, err error) {
	before := len(s.events)
	got := importer.Result{}
	for _, name := range e.Imports[n].Files {
		r, err := s.add(ctx, filepath.Join(e.Dir, name), 0, 0)
		if err != nil {
			return nil, err
		}
		got.Known, got.Refused, got.Dropped = got.Known+r.Known, got.Refused+r.Refused, got.Dropped+r.Dropped
		for _, x := range r.Refusals {
			log = append(log, fmt.Sprintf("  (%s, %s: refused: %s: %s)", name, x.Where, x.Reason, x.Message))
		}
	}
	events, err := s.stored(ctx)
	if err != nil {
		return log, err
	}
	extra := s.compare(d, e, events[before:], matched)
	at, want := fmt.Sprintf("import %d", n), e.Imports[n]
	d.want(at+", stored", want.Stored, int64(len(events)-before)-extra)
	optional, layout := e.tolerance(n)
	if got.Known < want.Known-optional {
		d.want(at+", known", want.Known, got.Known)
	}
	if got.Refused < want.Refused || got.Refused > want.Refused+layout {
		d.want(at+", refused", want.Refused, got.Refused)
	}
	if got.Dropped < want.Dropped {
		d.want(at+", dropped", want.Dropped, got.Dropped)
	}
	return log, nil
}

// tolerance returns how many optional events an import can have, and how many rows of the layout can be refused. Records of optional events that are left
// out count as dropped.
func (e *Export) tolerance(n int) (optional, layout int64) {
	for i := range e.Expect {
		if e.Expect[i].Optional {
			optional++
		}
	}
	for i := range e.Skip {
		k := &e.Skip[i]
		if k.Kind == "layout" && strings.Contains(k.Why, "refused") && strings.Contains(strings.Join(e.Imports[n].Files, " "), k.At.File) {
			layout++
		}
	}
	return optional, layout
}

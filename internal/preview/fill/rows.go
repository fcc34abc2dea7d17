// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package fill

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/files"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/ingest/eventid"
	"github.com/journeyman-dev/journeyman/internal/plain"
	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// filling is one file that is being stored.
type filling struct {
	*Filler
	path   string
	reader *plain.Reader
	// table is set if the rows are not documents.
	table    bool
	ordinals files.Ordinals
	// err is set if the previous rows could not be remembered.
	err error
}

// ruled reports whether rules can create events from the rows of a file.
func (g *filling) ruled() bool {
	if g.chosen && !g.reader.HasSource() {
		return g.mapped(g.fallback)
	}
	return slices.ContainsFunc(g.known, g.mapped)
}

// File stores the rows of one file.
func (f *Filler) File(ctx context.Context, file File) error {
	path, undo, err := f.choose(file.Name)
	defer undo()
	if err != nil {
		return err
	}
	text := file.Text(f.text)
	if source, settings, err := f.exports(); err != nil || settings != nil {
		if err == nil {
			err = f.exported(ctx, path, &text, source, settings)
		}
		return err
	}
	in, err := files.Open(path, files.Options{Whole: f.mapped(f.fallback), Encoding: text.Encoding})
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // it was only read
	g := filling{Filler: f, path: path, table: in.Columns != nil, reader: plain.NewReader(plain.Options{
		Columns: in.Columns, Commas: in.Commas, Event: text.Event, Dates: text.Dates, Zone: text.Zone,
	})}
	if !g.ruled() {
		if err := g.reader.Missing(); err != nil {
			return fmt.Errorf("%s: %s", printable(path), printable(err.Error()))
		}
	}
	if err := in.Each(func(r files.Row) error { return g.row(ctx, &r) }); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, name := range slices.Sorted(maps.Keys(f.pending)) {
		if err := f.flush(ctx, name); err != nil {
			return err
		}
	}
	for _, note := range slices.Concat(in.Notes(), g.reader.Notes(), f.strangers()) {
		f.out.Notes = append(f.out.Notes, filepath.Base(path)+": "+mask.Name(note))
	}
	return nil
}

// refused counts and reports a refused row. The following rows are still read.
func (g *filling) refused(where string, rejection *reject.Rejection) bool {
	if rejection != nil {
		g.out.refuse(where, rejection)
	}
	return rejection != nil
}

func (g *filling) row(ctx context.Context, r *files.Row) error {
	g.out.counting(1)
	where := fmt.Sprintf("%s:%d", g.path, r.Line)
	if g.refused(where, r.Bad) {
		return nil
	}
	name, rejection := g.sourceOf(r.Values, g.reader.Source(r.Values))
	if g.refused(where, rejection) {
		return nil
	}
	g.out.countingFor(name, 1)
	source, err := g.source(name)
	if err != nil {
		return err
	}
	if !g.mapped(name) && g.reader.NoEvent(r.Values) {
		return nil
	}
	content, rejection := transport.ContentID(r.Values)
	if g.refused(where, rejection) {
		return nil
	}
	mapped := g.mapRow(source, name, r.Values, content)
	if g.err != nil {
		return g.err
	}
	return g.take(ctx, where, name, &mapped)
}

// mapRow converts a row to events: a message of the source's transport, a document for its rules, or a row in the plain form, which is identified by
// its interpreted content. content represents the values of the row.
func (g *filling) mapRow(source *ingest.Offline, name string, row map[string]any, content string) ingest.Mapped {
	var understood *event.Event
	known := func() (string, *reject.Rejection) {
		if understood != nil {
			return eventid.Content(understood)
		}
		return content, nil
	}
	if !g.table {
		if message := source.Message(row); message != nil {
			return source.Request(message, g.ordinal(known))
		}
	}
	document, header := any(row), http.Header(nil)
	if g.mapped(name) {
		document, header = unwrap(row)
	}
	return source.Map(document, g.ordinal(known), header, func() (*event.Event, *reject.Rejection) {
		var rejection *reject.Rejection
		understood, rejection = g.reader.Event(row, "")
		return understood, rejection
	})
}

// ordinal returns the id of a row without one: by its content, and its position among equal rows. It is called only for such rows, so that nothing
// has to be remembered for others.
func (g *filling) ordinal(content func() (string, *reject.Rejection)) func() (string, *reject.Rejection) {
	id := ""
	return func() (string, *reject.Rejection) {
		if id != "" {
			return id, nil
		}
		text, rejection := content()
		if rejection == nil {
			id, g.err = g.ordinals.Of(text)
		}
		return id, rejection
	}
}

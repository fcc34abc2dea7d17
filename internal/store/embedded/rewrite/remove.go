// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/parquet"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
)

// columnGeneration is the column with the generation of the mapping.
const columnGeneration = "mappingGeneration"

// choosing are the columns that select the events to remove, stating those that keys and identity table read.
var (
	choosing = []block.Want{
		{Name: store.ColumnSource, Kind: block.Text}, {Name: store.ColumnTime, Kind: block.Long}, {Name: store.ColumnSeq, Kind: block.Long},
		{Name: columnGeneration, Kind: block.Long},
	}
	stating = []block.Want{
		{Name: "id", Kind: block.Text}, {Name: store.ColumnIdentities, Kind: block.Text}, {Name: store.ColumnKind, Kind: block.Byte},
		{Name: store.ColumnFlags, Kind: block.Byte},
	}
)

// May reports whether a file can contain such events, by its bounds.
func (d *Dropped) May(m *part.Meta) bool {
	return d.Selection.Within(m.MinTime, m.MaxTime, m.MinSeq, m.MaxSeq)
}

// has reports whether a row is one of the events, given the columns of choosing.
func (d *Dropped) has(c []block.Column, row int) bool {
	return c[0].Dict[c[0].Codes[row]] == d.Source && d.Selection.Has(c[1].Longs[row], c[2].Longs[row], c[3].Longs[row])
}

// any reports whether a block contains such events.
func (d *Dropped) any(b *block.Block) bool {
	if !slices.Contains(b.Columns[0].Dict, d.Source) {
		return false
	}
	for row := range b.Rows {
		if d.has(b.Columns, row) {
			return true
		}
	}
	return false
}

// Stated is an event with the fields that the keys and the identity table need. It is valid until the next call.
type Stated struct {
	event.Event
	// Dropped is set if it is to be removed.
	Dropped bool
}

// EachDropped calls f for the events of a file that are to be removed. It returns an error for a damaged file.
func (f *Files) EachDropped(ctx context.Context, p *part.Part, d *Dropped, each func(*Stated) error) error {
	return f.each(ctx, p, d, d.any, func(e *Stated) error {
		if !e.Dropped {
			return nil
		}
		return each(e)
	})
}

// Each calls f for all events of a file.
func (f *Files) Each(ctx context.Context, p *part.Part, d *Dropped, each func(*Stated) error) error {
	return f.each(ctx, p, d, func(*block.Block) bool { return true }, each)
}

func (f *Files) each(ctx context.Context, p *part.Part, d *Dropped, choose func(*block.Block) bool, each func(*Stated) error) error {
	if err := p.Verify(); err != nil {
		return err
	}
	var e Stated
	err := p.EachChosen(choosing, choose, stating, func(b *block.Block, rest []block.Column) error {
		for row := range b.Rows {
			if err := e.read(d, b.Columns, rest, row); err != nil {
				return err
			}
			if err := each(&e); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	return nil
}

// EachOf calls f for all events of a run.
func EachOf(r *run.Run, d *Dropped, each func(*Stated) error) error {
	reader, err := run.NewReader(r, slices.Concat(choosing, stating))
	if err != nil {
		return err
	}
	var e Stated
	for i := range r.Blocks() {
		b, err := reader.Read(i)
		if err != nil {
			return err
		}
		for row := range b.Rows {
			if err := e.read(d, b.Columns, b.Columns[len(choosing):], row); err != nil {
				return err
			}
			if err := each(&e); err != nil {
				return err
			}
		}
	}
	return nil
}

// read reads an event from the columns of choosing and of stating.
func (e *Stated) read(d *Dropped, c, rest []block.Column, row int) error {
	e.Source, e.Time = c[0].Dict[c[0].Codes[row]], c[1].Longs[row]
	e.ID, e.Kind, e.Flags = rest[0].Dict[rest[0].Codes[row]], event.Kind(rest[2].Bytes[row]), event.Flags(rest[3].Bytes[row])
	e.Dropped = d.has(c, row)
	e.Identities = e.Identities[:0]
	return event.EachIdentity(rest[1].Dict[rest[1].Codes[row]], func(typ, value string) {
		e.Identities = append(e.Identities, event.Identity{Type: typ, Value: value})
	})
}

// dropping leaves out the selected rows of a source, or all others.
type dropping struct {
	rows.Source
	query   *rows.Query
	dropped *Dropped
	only    bool
	block   *block.Block
	rows    []int32
	columns [4]block.Column
}

var choosingPlaces = func() (places [4]int) {
	for i, w := range choosing {
		places[i] = slices.IndexFunc(parquet.Wants, func(x block.Want) bool { return x.Name == w.Name })
	}
	return places
}()

func (s *dropping) Next() (*block.Block, error) {
	b, err := s.Source.Next()
	if s.block = b; err != nil || b == nil {
		return nil, err
	}
	for i, place := range choosingPlaces {
		s.columns[i] = b.Columns[place]
	}
	s.rows = s.rows[:0]
	for row := range b.Rows {
		if s.dropped.has(s.columns[:], row) == s.only {
			s.rows = append(s.rows, int32(row))
		}
	}
	b.Keep(s.rows)
	return b, nil
}

// Place reads the columns of the block, because the source counts the rows before any was left out.
func (s *dropping) Place(row int) (int64, int32) { return s.query.SortedPlace(s.block, row) }

// HasDropped searches files for events that are removed, and returns the first one that has any. It only uses arrow-go's reader, which is independent
// of the reader that rewrote the files.
func (f *Files) HasDropped(ctx context.Context, parts []*part.Part, d *Dropped) (*part.Part, error) {
	columns := []string{store.ColumnSource, store.ColumnTime, store.ColumnSeq, columnGeneration}
	for _, p := range parts {
		// arrow-go's reader panics on some damage, in its own goroutines.
		if err := p.Verify(); err != nil {
			return nil, err
		}
		has, err := f.decode(ctx, p, columns, func(r arrow.RecordBatch) (bool, error) { return d.inRecord(r, p.Commit) })
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		if has {
			return p, nil
		}
	}
	return nil, nil
}

// inRecord searches a record with source, time, seq and generation, whatever their order. commit is the seq of all rows, or 0 if the column has it.
func (d *Dropped) inRecord(record arrow.RecordBatch, commit int64) (bool, error) {
	var numbers [3]*array.Int64
	for i, name := range []string{store.ColumnTime, store.ColumnSeq, columnGeneration} {
		places := record.Schema().FieldIndices(name)
		if len(places) != 1 {
			return false, fmt.Errorf("it has no column %s", name)
		}
		var ok bool
		if numbers[i], ok = record.Column(places[0]).(*array.Int64); !ok {
			return false, fmt.Errorf("column %s is %s", name, record.Column(places[0]).DataType())
		}
	}
	places := record.Schema().FieldIndices(store.ColumnSource)
	if len(places) != 1 {
		return false, fmt.Errorf("it has no column %s", store.ColumnSource)
	}
	sources, ok := record.Column(places[0]).(*array.String)
	if !ok {
		return false, fmt.Errorf("column %s is %s", store.ColumnSource, record.Column(places[0]).DataType())
	}
	for i := range int(record.NumRows()) {
		if sources.Value(i) == d.Source && d.Selection.Has(numbers[0].Value(i), cmp.Or(commit, numbers[1].Value(i)), numbers[2].Value(i)) {
			return true, nil
		}
	}
	return false, nil
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// progressEvery is the interval of log lines about the progress of a long scan.
const progressEvery = 10 * time.Second

// Scanned is the result of a scan.
type Scanned struct {
	Snapshot store.Snapshot
	Stats    store.ScanStats
}

// runScan passes the rows of a scan to an engine and closes it.
func runScan(ctx context.Context, s store.Scanner, r store.ScanRequest, into *engine.Engine, log *slog.Logger) (out Scanned, err error) {
	scan, err := s.Scan(ctx, r)
	if err != nil {
		return out, fmt.Errorf("scan: %w", err)
	}
	defer func() { err = errors.Join(err, scan.Close()) }()
	out.Snapshot = scan.Snapshot()
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	var reader rows
	for {
		batch, err := scan.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out, fmt.Errorf("scan: %w", err)
		}
		if err := reader.read(batch); err != nil {
			return out, err
		}
		reader.feed(into)
		select {
		case <-ticker.C:
			log.Info("scanning", "events", into.Counts().Rows)
		case <-ctx.Done():
			return out, fmt.Errorf("scan: %w", context.Cause(ctx))
		default:
		}
	}
	out.Stats = scan.Stats()
	for i := range out.Stats.Tallies {
		tally := &out.Stats.Tallies[i]
		if len(tally.Rows) != len(into.TallySpans()) || len(tally.Late) != len(tally.Rows) {
			return out, errors.New("scan: the store counted different spans from those requested")
		}
		into.AddTally(tally)
	}
	if err := into.Close(); err != nil {
		return out, fmt.Errorf("scan: the response of the store is invalid: %w", err)
	}
	return out, nil
}

// rows reads batches of a scan. Columns that were not requested are nil and read as empty.
type rows struct {
	n                          int
	persons                    persons
	time, seq, receivedAt      *array.Int64
	amount, score, scale       *array.Int64
	index                      *array.Int32
	kind, initiator, flags     *array.Uint8
	class                      classes
	source, channel, name      texts
	traits, groups, properties *array.String
	session, order, unit       *array.String
	currency, surveyKind       texts
	// given counts the rows. It is the position of rows that have none.
	given int64
}

// read reads a batch.
func (r *rows) read(batch arrow.RecordBatch) error {
	r.n = int(batch.NumRows())
	for i, f := range batch.Schema().Fields() {
		if !r.set(f.Name, batch.Column(i)) {
			return fmt.Errorf("scan: column %q has the type %s", f.Name, f.Type)
		}
	}
	if r.n > 0 && (!r.persons.there() || r.time == nil || !r.name.there() && r.class.codes == nil || (r.seq == nil) != (r.index == nil)) {
		return errors.New("scan: the store left out columns that were requested")
	}
	return r.class.read()
}

// set sets a column. It returns false if the column has the wrong type. It ignores columns that were not requested.
func (r *rows) set(name string, column arrow.Array) bool {
	few := map[string]*texts{
		store.ColumnSource: &r.source, store.ColumnChannel: &r.channel, store.ColumnEvent: &r.name,
		store.ColumnCurrency: &r.currency, store.ColumnSurveyKind: &r.surveyKind, store.ColumnClass: &r.class.texts,
	}
	many := map[string]**array.String{
		store.ColumnTraits: &r.traits, store.ColumnGroups: &r.groups, store.ColumnProperties: &r.properties,
		store.ColumnSessionID: &r.session, store.ColumnOrderID: &r.order, store.ColumnUnit: &r.unit,
	}
	longs := map[string]**array.Int64{
		store.ColumnTime: &r.time, store.ColumnSeq: &r.seq, store.ColumnReceivedAt: &r.receivedAt,
		store.ColumnAmount: &r.amount, store.ColumnScore: &r.score, store.ColumnScale: &r.scale,
	}
	bytes := map[string]**array.Uint8{
		store.ColumnKind: &r.kind, store.ColumnInitiator: &r.initiator, store.ColumnFlags: &r.flags,
	}
	switch {
	case few[name] != nil:
		return few[name].set(column)
	case many[name] != nil:
		return assign(many[name], column)
	case longs[name] != nil:
		return assign(longs[name], column)
	case bytes[name] != nil:
		return assign(bytes[name], column)
	case name == store.ColumnPerson:
		return r.persons.set(column)
	case name == store.ColumnIndex:
		return assign(&r.index, column)
	}
	return true
}

func assign[T arrow.Array](target *T, column arrow.Array) bool {
	typed, ok := column.(T)
	*target = typed
	return ok
}

func (r *rows) feed(into *engine.Engine) {
	if r.class.codes != nil && r.seq == nil && !r.wide() {
		r.feedRuns(into)
		return
	}
	into.NewCodes(max(r.name.codesEnd(), r.class.codesEnd()), max(r.channel.codesEnd(), r.class.codesEnd()))
	var row journey.Row
	run := 0
	for i := range r.n {
		row.Person = r.persons.at(i, &run)
		row.Time = r.time.Value(i)
		r.place(i, &row)
		if r.class.codes != nil {
			r.class.at(i, &row)
		} else {
			r.readClass(i, &row)
		}
		if r.wide() {
			r.readWide(i, &row)
		}
		into.Add(&row)
	}
}

// feedRuns passes rows that only have person, time and class.
func (r *rows) feedRuns(into *engine.Engine) {
	into.NewClasses(r.class.list)
	times, codes, run := r.time.Int64Values(), r.class.codes, 0
	for i := 0; i < r.n; {
		person := r.persons.at(i, &run)
		end := r.persons.runEnd(i, run, r.n)
		into.AddRun(person, times[i:end], codes[i:end])
		i = end
	}
	r.given += int64(r.n)
}

// place fills in the row's position, or its number if the store returns no position.
func (r *rows) place(i int, row *journey.Row) {
	r.given++
	row.Seq, row.Index = r.given, 0
	if r.seq != nil {
		row.Seq, row.Index = r.seq.Value(i), r.index.Value(i)
	}
}

// readClass reads the columns that a class replaces.
func (r *rows) readClass(i int, row *journey.Row) {
	row.Name, row.NameCode = r.name.at(i)
	row.Channel, row.ChannelCode = r.channel.at(i)
	row.Source, _ = r.source.at(i)
	row.Kind, row.Initiator = event.Kind(byteAt(r.kind, i)), event.Initiator(byteAt(r.initiator, i))
	row.Flags = event.Flags(byteAt(r.flags, i))
	if row.ReceivedAt = row.Time; r.receivedAt != nil {
		row.ReceivedAt = r.receivedAt.Value(i)
	}
}

// wide reports whether there are columns that most plans do not need.
func (r *rows) wide() bool {
	return r.unit != nil || r.traits != nil || r.groups != nil || r.properties != nil || r.session != nil || r.order != nil || r.amount != nil ||
		r.score != nil || r.scale != nil || r.currency.there() || r.surveyKind.there()
}

func (r *rows) readWide(i int, row *journey.Row) {
	row.Traits, row.Groups, row.Properties = textAt(r.traits, i), textAt(r.groups, i), textAt(r.properties, i)
	row.SessionID, row.OrderID, row.Unit = textAt(r.session, i), textAt(r.order, i), textAt(r.unit, i)
	row.Amount, row.Score, row.Scale = longAt(r.amount, i), longAt(r.score, i), longAt(r.scale, i)
	row.Currency, _ = r.currency.at(i)
	row.SurveyKind, _ = r.surveyKind.at(i)
}

func textAt(column *array.String, i int) string {
	if column == nil {
		return ""
	}
	return column.Value(i)
}

func longAt(column *array.Int64, i int) int64 {
	if column == nil {
		return 0
	}
	return column.Value(i)
}

func byteAt(column *array.Uint8, i int) uint8 {
	if column == nil {
		return 0
	}
	return column.Value(i)
}

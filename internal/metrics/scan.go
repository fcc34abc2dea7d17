// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

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
	"github.com/journeyman-dev/journeyman/internal/store"
)

// progressEvery is the time between two lines about the progress of a long scan.
const progressEvery = 10 * time.Second

// scanned is what a scan tells of itself.
type scanned struct {
	snapshot store.Snapshot
	stats    store.ScanStats
}

// runScan feeds an engine with the rows of a scan and closes it.
func runScan(ctx context.Context, s store.Scanner, r store.ScanRequest, engine *journey.Engine, log *slog.Logger) (out scanned, err error) {
	scan, err := s.Scan(ctx, r)
	if err != nil {
		return out, fmt.Errorf("scan: %w", err)
	}
	defer func() { err = errors.Join(err, scan.Close()) }()
	out.snapshot = scan.Snapshot()
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	for {
		batch, err := scan.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out, fmt.Errorf("scan: %w", err)
		}
		rows, err := newRows(batch)
		if err != nil {
			return out, err
		}
		rows.feed(engine)
		select {
		case <-ticker.C:
			log.Info("scanning", "events", engine.Counts().Rows)
		case <-ctx.Done():
			return out, fmt.Errorf("scan: %w", context.Cause(ctx))
		default:
		}
	}
	if err := engine.Close(); err != nil {
		return out, fmt.Errorf("scan: the store broke its promise: %w", err)
	}
	out.stats = scan.Stats()
	return out, nil
}

// rows reads a batch of a scan. Columns that were not asked for are nil and read as empty.
type rows struct {
	n                          int
	person                     *array.Uint64
	time, seq, receivedAt      *array.Int64
	amount, score, scale       *array.Int64
	index                      *array.Int32
	kind, initiator, flags     *array.Uint8
	source, channel, name      *array.String
	traits, groups, properties *array.String
	session, order             *array.String
	currency, surveyKind, unit *array.String
}

func newRows(batch arrow.RecordBatch) (*rows, error) {
	r := &rows{n: int(batch.NumRows())}
	for i, f := range batch.Schema().Fields() {
		if !r.set(f.Name, batch.Column(i)) {
			return nil, fmt.Errorf("scan: column %q has the type %s", f.Name, f.Type)
		}
	}
	if r.n > 0 && (r.person == nil || r.time == nil || r.seq == nil || r.index == nil || r.name == nil) {
		return nil, errors.New("scan: the store left out columns that were asked for")
	}
	return r, nil
}

// set takes a column; false when it has the wrong type. Columns that nobody asked for are passed over.
func (r *rows) set(name string, column arrow.Array) bool {
	texts := map[string]**array.String{
		store.ColumnSource: &r.source, store.ColumnChannel: &r.channel, store.ColumnEvent: &r.name,
		store.ColumnTraits: &r.traits, store.ColumnGroups: &r.groups, store.ColumnProperties: &r.properties,
		store.ColumnSessionID: &r.session, store.ColumnOrderID: &r.order,
		store.ColumnUnit: &r.unit, store.ColumnCurrency: &r.currency, store.ColumnSurveyKind: &r.surveyKind,
	}
	longs := map[string]**array.Int64{
		store.ColumnTime: &r.time, store.ColumnSeq: &r.seq, store.ColumnReceivedAt: &r.receivedAt,
		store.ColumnAmount: &r.amount, store.ColumnScore: &r.score, store.ColumnScale: &r.scale,
	}
	bytes := map[string]**array.Uint8{
		store.ColumnKind: &r.kind, store.ColumnInitiator: &r.initiator, store.ColumnFlags: &r.flags,
	}
	switch {
	case texts[name] != nil:
		return assign(texts[name], column)
	case longs[name] != nil:
		return assign(longs[name], column)
	case bytes[name] != nil:
		return assign(bytes[name], column)
	case name == store.ColumnPerson:
		return assign(&r.person, column)
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

func (r *rows) feed(engine *journey.Engine) {
	var row journey.Row
	for i := range r.n {
		row = journey.Row{
			Person: r.person.Value(i), Unit: textAt(r.unit, i), Time: r.time.Value(i), Seq: r.seq.Value(i), Index: r.index.Value(i),
			Source: textAt(r.source, i), Channel: textAt(r.channel, i), Name: r.name.Value(i),
			Kind: event.Kind(byteAt(r.kind, i)), Initiator: event.Initiator(byteAt(r.initiator, i)),
			Flags: event.Flags(byteAt(r.flags, i)), ReceivedAt: longAt(r.receivedAt, i),
			Traits: textAt(r.traits, i), Groups: textAt(r.groups, i), Properties: textAt(r.properties, i),
			SessionID: textAt(r.session, i), OrderID: textAt(r.order, i),
			Amount: longAt(r.amount, i), Currency: textAt(r.currency, i),
			SurveyKind: textAt(r.surveyKind, i), Score: longAt(r.score, i), Scale: longAt(r.scale, i),
		}
		engine.Add(&row)
	}
}

func textAt(column *array.String, i int) string {
	if column == nil || column.IsNull(i) {
		return ""
	}
	return column.Value(i)
}

func longAt(column *array.Int64, i int) int64 {
	if column == nil || column.IsNull(i) {
		return 0
	}
	return column.Value(i)
}

func byteAt(column *array.Uint8, i int) uint8 {
	if column == nil || column.IsNull(i) {
		return 0
	}
	return column.Value(i)
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"context"
	"crypto/sha256"
	db "database/sql"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/pull/message"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Read implements pull.Reader.
func (r *reader) Read(ctx context.Context) (pull.Batch, error) {
	for {
		b, err := r.step(ctx)
		if err != nil {
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			return pull.Batch{}, r.explained(err)
		}
		if len(b.Candidates)+len(b.Moves) > 0 {
			return b, nil
		}
	}
}

// step begins a round, or reads the next page of one. Its batch is empty if there is nothing new.
func (r *reader) step(ctx context.Context) (pull.Batch, error) {
	if r.at.Through == "" {
		return r.round(ctx)
	}
	var p page
	began := r.Now()
	err := r.transaction(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = r.fetch(ctx, tx, r.rows)
		return err
	})
	if err != nil {
		return pull.Batch{}, err
	}
	b, ids := r.batch(&p)
	lag, err := r.lag(ctx, &p)
	if err != nil {
		return pull.Batch{}, err
	}
	if p.last {
		r.at = r.at.ended()
		r.known, r.met = r.met, newWindow()
	}
	if len(b.Candidates) == 0 {
		r.reached(lag, began)
		return pull.Batch{}, nil
	}
	if lag != nil {
		waiting := *lag + int64(len(b.Candidates))
		r.reached(&waiting, began)
	}
	into := r.met
	if p.last {
		into = r.known
	}
	return r.moved(b, func() {
		for _, id := range ids {
			into.add(id)
		}
		r.reached(lag, began)
	})
}

// round waits until it is time, and begins a round.
func (r *reader) round(ctx context.Context) (pull.Batch, error) {
	if err := pull.Sleep(ctx, r.pollAt.Sub(r.Now())); err != nil {
		return pull.Batch{}, err
	}
	began := r.Now()
	r.pollAt = began.Add(r.spec.PollEvery.Or(10 * time.Second))
	unplaced := r.at.Unplaced
	var through, next string
	err := r.transaction(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if err := r.describe(ctx, tx); err != nil {
			return err
		}
		through, next, err = r.newest(ctx, tx)
		return err
	})
	if err == nil && !began.Before(r.lookAt) {
		unplaced, err = r.look(ctx)
	}
	if err != nil {
		return pull.Batch{}, err
	}
	if r.table.version.kind != r.at.Kind {
		_, err := decodePosition([]byte(`{"kind":"`+string(r.at.Kind)+`"}`), r.table.version.kind)
		return pull.Batch{}, err
	}
	more := unplaced - r.at.Unplaced
	r.at.Unplaced = unplaced
	if r.stored == nil && r.spec.Start == v1alpha1.SQLNew {
		r.at.Floor, r.at.From = through, next
		return r.moved(pull.Batch{}, nil)
	}
	if r.at.Through, r.at.Next = through, next; through == "" {
		r.reached(new(int64), began)
	}
	if more > 0 {
		return r.moved(refused(more), nil)
	}
	return pull.Batch{}, nil
}

// look counts the rows that have no place in the order. There is seldom an index for that, so the server reads the whole table: not often if that takes
// long, and if it takes too long, the others are read all the same.
func (r *reader) look(ctx context.Context) (n int64, err error) {
	began := r.Now()
	err = r.transaction(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = r.count(ctx, tx, &statement{}, r.unplaced())
		return err
	})
	r.lookAt = r.pause(began)
	if errors.Is(r.explained(err), errSlow) {
		return r.at.Unplaced, nil
	}
	return n, err
}

// pause returns when to count again what was counted since a time, so that counting takes a hundredth of the time at most.
func (r *reader) pause(began time.Time) time.Time {
	now := r.Now()
	return now.Add(max(lookEvery, 100*now.Sub(began)))
}

// refused is a batch of rows that have no place in the order.
func refused(n int64) (b pull.Batch) {
	rejection := reject.New(reject.BadRow, "spec.transport.sql", "rows have NULL in versionColumn or keyColumns, or a key of more than "+
		strconv.Itoa(mostKeyBytes)+" bytes: they have no place in the order; correct them, or leave them out by a query")
	for range min(n, pull.MaxRows) {
		b.Candidates = append(b.Candidates, transport.Candidate{Rejection: rejection})
	}
	return b
}

// moved completes a batch by the move to the present position. stored is called when it is durable.
func (r *reader) moved(b pull.Batch, stored func()) (pull.Batch, error) {
	r.at.Batch++
	next, err := r.at.encode()
	if err != nil {
		return pull.Batch{}, err
	}
	b.Moves = []store.Move{{Partition: r.partition, Expected: r.stored, Next: next}}
	b.Settle = func(_ context.Context, err error) error {
		if err == nil { // Otherwise, the reader ends.
			r.stored = next
			if stored != nil {
				stored()
			}
		}
		return nil
	}
	return b, nil
}

// reached notes the lag after what was stored, at a time.
func (r *reader) reached(lag *int64, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress.Lag = lag
	if lag != nil && *lag == 0 {
		r.progress.CaughtUpAt = at
	}
}

// lag counts the rows after a page, about once a minute. In between, and if there are very many, it is unknown.
func (r *reader) lag(ctx context.Context, p *page) (*int64, error) {
	if p.last {
		return new(int64), nil
	}
	now := r.Now()
	r.mu.Lock()
	lag := r.progress.Lag
	r.mu.Unlock()
	if now.Before(r.countedAt) {
		if lag == nil {
			return nil, nil
		}
		left := max(0, *lag-int64(len(p.rows)))
		return &left, nil
	}
	var n int64
	err := r.transaction(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		q := &statement{}
		after := r.at
		after.Through = ""
		n, err = r.count(ctx, tx, q, strings.Join(append(r.rest(q, &after), r.placed()...), " AND "))
		return err
	})
	r.countedAt = r.pause(now)
	if errors.Is(r.explained(err), errSlow) {
		return nil, nil // Rows can be read although they cannot be counted.
	}
	if err != nil || n > mostCounted {
		return nil, err
	}
	return &n, nil
}

// batch returns the rows of a page that are not known, and their ids, and moves the position after the page.
func (r *reader) batch(p *page) (b pull.Batch, ids []rowID) {
	var former rowID
	var computed int64
	for i := range p.rows {
		one := &p.rows[i]
		b.Bytes += int64(len(one.document))
		computed += one.bytes
		id := r.identify(one)
		switch {
		case r.known.has(id) || r.met.has(id): // Equal rows among them were counted in the round before.
			r.met.add(id)
		case i > 0 && id == former:
			b.Candidates = append(b.Candidates, transport.Candidate{Rejection: reject.New(reject.BadRow, "spec.transport.sql.keyColumns",
				"several rows have the same version and key: add the columns that tell them apart")})
		default:
			ids = append(ids, id)
			b.Candidates = append(b.Candidates, r.candidates(one, id)...)
		}
		former = id
	}
	if n := len(p.rows); n > 0 {
		r.at = r.at.past(p.rows[n-1].place)
		// About as many rows as fit into a batch. The server computes documents that are too large, too.
		r.rows = int(min(pull.MaxRows, max(10, 2*pull.MaxBytes*int64(n)/max(1, computed))))
	}
	return b, ids
}

// identify returns the id of a row in its version.
func (r *reader) identify(one *row) (id rowID) {
	h := sha256.New()
	for _, text := range append([]string{r.partition}, one.place...) {
		h.Write(strconv.AppendInt(nil, int64(len(text)), 10))
		h.Write([]byte{':'})
		h.Write([]byte(text))
	}
	copy(id[:], h.Sum(nil))
	return id
}

// candidates of a row: one.
func (r *reader) candidates(one *row, id rowID) []transport.Candidate {
	if one.document == nil {
		return []transport.Candidate{{Rejection: r.decode.TooLarge()}}
	}
	m := &message.Message{
		Body: r.located(one.document), Place: "sql:" + base64.RawURLEncoding.EncodeToString(id[:]),
		Where: func() map[string]any {
			key := make([]any, len(one.place)-1)
			for i, text := range one.place[1:] {
				key[i] = message.Text(text)
			}
			return map[string]any{"table": r.spec.Table, "version": one.place[0], "key": key}
		},
	}
	if r.table.version.kind == times {
		m.Time = r.timeOf(one.place[0])
	}
	return r.decode.Candidates(m)
}

// timeOf returns the time of a version; zero if it is none that an event can have.
func (r *reader) timeOf(version string) time.Time {
	t, err := value.ReadTime(version)
	if err != nil {
		return time.Time{}
	}
	zone, err := value.Zone(r.zone())
	if err != nil {
		return time.Time{}
	}
	at, _, err := t.In(zone)
	if err != nil {
		return time.Time{}
	}
	return at
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sql reads the rows of a table, a view or a query of a database, in the order of a version and a key. The store keeps the position.
//
// A row becomes visible when its transaction commits, which can be after rows with later versions were read. So reading has rounds: one reads all
// versions up to the highest that was visible at its beginning, and the next one begins by the overlap before that. A row with the version v that becomes
// visible less than the overlap after the time at which v was the highest version is read by the first round that begins after it is visible: the
// round before that began earlier, so its highest version is less than v plus the overlap. Rows that are read again are known by their ids.
package sql

import (
	"context"
	db "database/sql"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/pull/message"
)

// Kind is the entry in the registry.
var Kind = pull.Kind{Name: "sql", Check: check, Open: open}

const (
	// patience is added to the timeout of a statement, which the server enforces.
	patience = 5 * time.Second
	// lookEvery is the interval at which rows that cannot be read, and the lag, are counted.
	lookEvery = time.Minute
	// mostCounted is the number of rows that are counted for that.
	mostCounted = 100_000
	// mostKeyBytes is the size of a row's key as text. The store limits that of a position.
	mostKeyBytes = 300
	// firstRows is the number of rows of the first page, which says how large rows are.
	firstRows = 500
)

// reader is one connection.
type reader struct {
	pull.Settings
	spec   *v1alpha1.SQLTransport
	decode *message.Decoder
	engine engine
	db     *db.DB
	table  table
	// partition is the name of the cursor, and stored its position in the store; nil if there is none.
	partition string
	stored    []byte
	// at is the position after what was read.
	at position
	// known are rows of the last round, and met those of this one.
	known, met *window
	// rows is the limit of the next page.
	rows int
	// pollAt is when the next round begins, and lookAt when rows that cannot be read are counted again.
	pollAt, lookAt time.Time
	// countedAt is when the lag is counted again.
	countedAt time.Time

	mu       sync.Mutex
	progress pull.Progress
}

// open connects, finds the columns, and proves that the rows can be read in order.
func open(ctx context.Context, s pull.Settings) (pull.Reader, error) {
	r := &reader{Settings: s, spec: s.Spec.Transport.SQL, known: newWindow(), met: newWindow(), rows: firstRows}
	r.engine = engines[r.spec.Engine]
	r.progress.Partitions = 1
	var err error
	if r.decode, err = message.New(message.Options{Spec: s.Spec, Format: v1alpha1.MessagesJSON, MaxDocument: s.MaxDocument}); err != nil {
		return nil, err
	}
	r.partition = partitionOf(r.spec)
	if r.db, err = r.engine.open(r); err != nil {
		return nil, err
	}
	r.db.SetMaxOpenConns(1)
	if err := r.begin(ctx); err != nil {
		_ = r.db.Close()
		return nil, r.explained(err)
	}
	return r, nil
}

// begin finds the columns and the position.
func (r *reader) begin(ctx context.Context) error {
	if err := r.transaction(ctx, func(ctx context.Context, tx *db.Tx) error { return r.describe(ctx, tx) }); err != nil {
		return err
	}
	cursors, err := r.Cursors(ctx)
	if err != nil {
		return err
	}
	r.stored = cursors.Position(r.partition)
	r.at, err = decodePosition(r.stored, r.table.version.kind)
	if err != nil {
		return err
	}
	return r.transaction(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := r.fetch(ctx, tx, 1)
		return err
	})
}

// transaction runs f in a transaction that can only read, and whose statements end after the timeout.
func (r *reader) transaction(ctx context.Context, f func(ctx context.Context, tx *db.Tx) error) error {
	timeout := r.spec.StatementTimeout.Or(30 * time.Second)
	ctx, cancel := context.WithTimeout(ctx, timeout+patience)
	defer cancel()
	tx, err := r.db.BeginTx(ctx, &db.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // It has written nothing.
	if err := r.engine.prepare(ctx, tx, timeout); err != nil {
		return err
	}
	return f(ctx, tx)
}

// partitionOf is the name of the cursor. Another version or key makes another order, which is read from its beginning.
func partitionOf(s *v1alpha1.SQLTransport) string {
	what := s.Table
	if what == "" {
		what = "query"
	}
	keys := make([]string, len(s.KeyColumns))
	for i, k := range s.KeyColumns {
		keys[i] = string(k)
	}
	return fmt.Sprintf("%s/%s/%s/%s", s.Database, what, s.VersionColumn, strings.Join(keys, ","))
}

// check implements pull.Kind.
func check(spec *v1alpha1.TouchpointSourceSpec) error {
	s := spec.Transport.SQL
	if _, ok := engines[s.Engine]; !ok {
		return fmt.Errorf("spec.transport.sql.engine: %q is not known to this version", s.Engine)
	}
	if _, err := time.LoadLocation(s.TimeZone); err != nil {
		return fmt.Errorf("spec.transport.sql.timeZone: %q is not a time zone: use a name such as Europe/Berlin", s.TimeZone)
	}
	return nil
}

// Close implements pull.Reader.
func (r *reader) Close() error { return r.db.Close() }

// Progress implements pull.Observed.
func (r *reader) Progress() pull.Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.progress
}

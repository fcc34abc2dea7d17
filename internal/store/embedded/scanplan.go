// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/duck"
)

// prepare makes the tables that all ranges of the scan share:
//
//	people  anchors whose person has another number
//	fresh   rows that do not stand where their person is: the log's tail, and rows of files whose anchors belong to another
//	        person now than when the file was written
//	movers  the anchors of the latter
//	wanted  the persons to give, when the request names events that they must have
func (sc *scan) prepare() error {
	conn, err := sc.store.db.Connect()
	if err != nil {
		return err
	}
	sc.conn = conn
	sc.columns = sc.neededColumns()
	if err := peopleTable(sc.ctx, conn, sc.snapshot.view); err != nil {
		return err
	}
	files := sc.usefulFiles()
	if err := sc.store.verify(files); err != nil {
		return err
	}
	moved, err := sc.findMovers(files)
	if err != nil {
		return err
	}
	if err := sc.makeFresh(moved); err != nil {
		return err
	}
	if err := sc.makeWanted(files); err != nil {
		return err
	}
	if sc.request.By != "" {
		return sc.prepareUnits(files, moved)
	}
	rows := rowsOf(sc.snapshot.chunks)
	for _, f := range files {
		rows += f.Rows
		sc.stats.Bytes += f.Bytes
	}
	rows /= int64(max(sc.request.Shards, 1))
	sc.ranges = personRanges(int(rows/sc.store.options.PartitionRows) + 1)
	names := fieldNames(sc.schema)
	sc.query = func(r personRange) string {
		return fmt.Sprintf("SELECT %s FROM (%s)%s %s", quoteNames(names), sc.allRows(files, moved, r), sc.onlyWanted(), sortOrder)
	}
	return nil
}

// neededColumns are the asked ones and those that order, place and filter rows.
func (sc *scan) neededColumns() []string {
	names := without(fieldNames(sc.schema), store.ColumnUnit)
	for _, name := range []string{"anchor", store.ColumnSource, store.ColumnEvent, sc.unit.Column} {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func fieldNames(schema *arrow.Schema) []string {
	names := make([]string, 0, schema.NumFields())
	for _, f := range schema.Fields() {
		names = append(names, f.Name)
	}
	return names
}

func without(names []string, gone string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == gone })
}

// usefulFiles are the ones that may have rows for the request.
func (sc *scan) usefulFiles() []fileMeta {
	return slices.DeleteFunc(slices.Clone(sc.snapshot.files), func(f fileMeta) bool {
		return f.MaxTime < sc.request.From || sc.request.To != 0 && f.MinTime >= sc.request.To || f.MinSeq > sc.snapshot.Seq
	})
}

// filter is the request's condition on rows, without the shard, which needs the person.
func (sc *scan) filter() string {
	terms := []string{"TRUE"}
	if sc.request.From != 0 {
		terms = append(terms, fmt.Sprintf(`"time" >= %d`, sc.request.From))
	}
	if sc.request.To != 0 {
		terms = append(terms, fmt.Sprintf(`"time" < %d`, sc.request.To))
	}
	if len(sc.request.Sources) > 0 {
		terms = append(terms, "source IN ("+duck.QuoteAll(sc.request.Sources)+")")
	}
	terms = append(terms, fmt.Sprintf("seq <= %d", sc.snapshot.Seq))
	return strings.Join(terms, " AND ")
}

func (sc *scan) shard() string {
	if sc.request.Shards <= 1 || sc.request.By != "" {
		return "TRUE"
	}
	return fmt.Sprintf("person %% %d = %d", sc.request.Shards, sc.request.Shard)
}

// findMovers makes the table movers and gives the files that have such rows. Which files have none at a version of the
// identity table is remembered.
func (sc *scan) findMovers(files []fileMeta) ([]fileMeta, error) {
	if err := sc.conn.Exec(sc.ctx, "CREATE TEMP TABLE movers (anchor UBIGINT)"); err != nil {
		return nil, err
	}
	version := sc.snapshot.IdentityVersion
	var moved []fileMeta
	for _, f := range files {
		if sc.store.isClean(f.Name, version) {
			continue
		}
		before, err := rowOf(sc.ctx, sc.conn, "SELECT count(*) FROM movers")
		if err != nil {
			return nil, err
		}
		err = sc.conn.Exec(sc.ctx, fmt.Sprintf(`INSERT INTO movers SELECT DISTINCT r.anchor FROM %s r LEFT JOIN people p ON p.anchor = r.anchor
			WHERE r.person <> coalesce(p.person, r.anchor)`, sc.store.readParquet([]fileMeta{f})))
		if err != nil {
			return nil, err
		}
		after, err := rowOf(sc.ctx, sc.conn, "SELECT count(*) FROM movers")
		if err != nil {
			return nil, err
		}
		if after[0] > before[0] {
			moved = append(moved, f)
		} else {
			sc.store.setClean(f.Name, version)
		}
	}
	return moved, nil
}

// makeFresh makes the table of rows that have to be put into their places.
func (sc *scan) makeFresh(moved []fileMeta) error {
	records, schema := withPersons(sc.snapshot.chunks, sc.snapshot.view, sc.columns)
	if err := tableOf(sc.ctx, sc.conn, "fresh", records, schema); err != nil {
		return err
	}
	if len(moved) == 0 {
		return nil
	}
	names := "r." + strings.ReplaceAll(quoteNames(without(sc.columns, "person")), ", ", ", r.")
	return sc.conn.Exec(sc.ctx, fmt.Sprintf(`INSERT INTO fresh BY NAME SELECT coalesce(p.person, r.anchor) AS person, %s FROM %s r
		LEFT JOIN people p ON p.anchor = r.anchor WHERE r.anchor IN (FROM movers)`, names, sc.store.readParquet(moved)))
}

// allRows selects what the request asks for of a range of persons, from files and fresh rows.
func (sc *scan) allRows(files, moved []fileMeta, r personRange) string {
	between := fmt.Sprintf("person BETWEEN %d AND %d AND %s", r.from, r.to, sc.shard())
	names := quoteNames(sc.columns)
	parts := []string{fmt.Sprintf("SELECT %s FROM fresh WHERE %s AND %s", names, between, sc.filter())}
	inRange := slices.DeleteFunc(slices.Clone(files), func(f fileMeta) bool { return f.MaxPerson < r.from || f.MinPerson > r.to })
	still := withoutFiles(slices.Clone(inRange), moved)
	if len(still) > 0 {
		parts = append(parts, fmt.Sprintf("SELECT %s FROM %s WHERE %s AND %s", names, sc.store.readParquet(still), between, sc.filter()))
	}
	if rest := withoutFiles(inRange, still); len(rest) > 0 {
		parts = append(parts, fmt.Sprintf("SELECT %s FROM %s WHERE %s AND %s AND anchor NOT IN (SELECT anchor FROM movers)",
			names, sc.store.readParquet(rest), between, sc.filter()))
	}
	return strings.Join(parts, " UNION ALL ")
}

// makeWanted finds the persons that have one of the events that the request names.
func (sc *scan) makeWanted(files []fileMeta) error {
	if len(sc.request.PersonsWith) == 0 || sc.request.By != "" {
		return nil
	}
	all := sc.allRows(files, files, personRange{0, ^uint64(0)})
	return sc.conn.Exec(sc.ctx, fmt.Sprintf("CREATE TEMP TABLE wanted AS SELECT DISTINCT person FROM (%s) WHERE event IN (%s)",
		all, duck.QuoteAll(sc.request.PersonsWith)))
}

func (sc *scan) onlyWanted() string {
	if len(sc.request.PersonsWith) == 0 {
		return ""
	}
	return " WHERE person IN (SELECT person FROM wanted)"
}

// isClean tells whether every row of the file stands at its person, at that version of the identity table.
func (s *Store) isClean(name string, version int64) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.clean[name] == version
}

func (s *Store) setClean(name string, version int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clean[name] = version
}

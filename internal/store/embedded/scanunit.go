// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/duck"
)

// everybody is the range of all persons: a unit may have events of any of them, so there is but one range to sort.
var everybody = personRange{0, ^uint64(0)}

// prepareUnits makes the query of a scan that goes by a unit. The engine sorts all rows at once, on disk where they do not fit into memory.
func (sc *scan) prepareUnits(files, moved []fileMeta) error {
	for _, f := range files {
		sc.stats.Bytes += f.Bytes
	}
	rows := fmt.Sprintf("(SELECT *, %s AS unit FROM (%s))", unitText(sc.unit), sc.allRows(files, moved, everybody))
	if sc.request.Shard == 0 {
		// Rows without a unit belong to no shard; the first one counts them.
		missing, err := rowOf(sc.ctx, sc.conn, "SELECT count(*) FROM "+rows+" WHERE unit IS NULL")
		if err != nil {
			return err
		}
		sc.stats.WithoutUnit = missing[0]
	}
	where := "unit IS NOT NULL"
	if sc.request.Shards > 1 {
		where += fmt.Sprintf(" AND hash(unit) %% %d = %d", sc.request.Shards, sc.request.Shard)
	}
	sc.ranges = []personRange{everybody}
	sc.query = func(personRange) string {
		return fmt.Sprintf(`SELECT %s FROM %s WHERE %s ORDER BY unit, "time", seq, "index"`, quoteNames(fieldNames(sc.schema)), rows, where)
	}
	return nil
}

// unitText is the SQL of a unit's text, null when there is none.
func unitText(k store.UnitKey) string {
	column := fmt.Sprintf(`nullif("%s", '')`, k.Column)
	if len(k.Paths) == 0 {
		return column
	}
	values := make([]string, len(k.Paths))
	for i, path := range k.Paths {
		json := duck.Quote(`$."` + strings.Join(path, `"."`) + `"`)
		values[i] = fmt.Sprintf(`CASE WHEN json_type(%[1]s, %[2]s) NOT IN ('OBJECT', 'ARRAY', 'NULL') THEN nullif(json_extract_string(%[1]s, %[2]s), '') END`, column, json)
	}
	return "coalesce(" + strings.Join(values, ", ") + ")"
}

// unitNumbers gives the units of a scan numbers, in their order.
type unitNumbers struct {
	last  string
	count uint64
}

// number puts the units' numbers into the place of the persons. The batch is released.
func (u *unitNumbers) number(batch arrow.RecordBatch) arrow.RecordBatch {
	defer batch.Release()
	units := batch.Column(int(batch.NumCols()) - 1).(*array.String)
	numbers := array.NewUint64Builder(memory.DefaultAllocator)
	defer numbers.Release()
	numbers.Reserve(units.Len())
	for i := range units.Len() {
		if unit := units.Value(i); u.count == 0 || unit != u.last {
			u.last = strings.Clone(unit)
			u.count++
		}
		numbers.UnsafeAppend(u.count)
	}
	column := numbers.NewArray()
	defer column.Release()
	columns := append([]arrow.Array{column}, batch.Columns()[1:]...)
	return array.NewRecordBatch(batch.Schema(), columns, batch.NumRows())
}

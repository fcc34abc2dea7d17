// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package eraseplan

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// The memory of a batch is reused for the next one, so the plan must not keep references to it.
func TestPlanDoesNotKeepABatch(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: store.ColumnPerson, Type: arrow.PrimitiveTypes.Uint64}, {Name: store.ColumnSource, Type: arrow.BinaryTypes.String},
		{Name: store.ColumnIdentities, Type: arrow.BinaryTypes.String},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for _, source := range []string{"web", "tills", "web"} {
		b.Field(0).(*array.Uint64Builder).Append(7)
		b.Field(1).(*array.StringBuilder).Append(source)
		b.Field(2).(*array.StringBuilder).Append(`[{"type":"customerId","value":"ann"}]`)
	}
	batch := b.NewRecordBatch()
	ann := event.Identity{Type: "customerId", Value: "ann"}
	p := &Plan{}
	p.Anchors, p.BySource = map[event.Anchor]bool{ann.Anchor(): true}, map[string]int64{}
	values := map[event.Anchor]event.Identity{}
	require.NoError(t, p.count(batch, map[uint64]bool{7: true}, values))
	for column := 1; column <= 2; column++ {
		text := batch.Column(column).Data().Buffers()[2].Bytes()
		for i := range text {
			text[i] = 'x'
		}
	}
	require.Equal(t, map[string]int64{"web": 2, "tills": 1}, p.BySource)
	require.Equal(t, map[event.Anchor]event.Identity{ann.Anchor(): ann}, values)
	require.EqualValues(t, 3, p.Events)
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// identitiesColumn is the one column that is a list.
const identitiesColumn = "identities"

// Has tells whether a file has a column that can be read.
func (l *Layout) Has(name string) bool {
	if name == identitiesColumn {
		_, err := l.identityLeaves()
		return err == nil
	}
	_, ok := l.columns[name]
	return ok
}

// identityLeaves gives the places of the types and of the values of identities. What lies between the list and them is named by the writer.
func (l *Layout) identityLeaves() (leaves [2]int, err error) {
	found := 0
	for path, i := range l.columns {
		if !strings.HasPrefix(path, identitiesColumn+".") {
			continue
		}
		switch path[strings.LastIndexByte(path, '.')+1:] {
		case "type":
			leaves[0] = i
			found++
		case "value":
			leaves[1] = i
			found++
		}
	}
	if found != 2 {
		return leaves, fmt.Errorf("sorted file: it has no column %s", identitiesColumn)
	}
	return leaves, nil
}

// leaf is one part of a list column: a text for each entry that is there.
type leaf struct {
	texts    []parquet.ByteArray
	def, rep []int16
	most     int16
}

// identities reads the lists of a group as JSON, one text a row.
func (r *Reader) identities(group int, c *block.Column) error {
	places, err := r.layout.identityLeaves()
	if err != nil {
		return err
	}
	var leaves [2]leaf
	for i, place := range places {
		if leaves[i], err = r.leaf(group, place); err != nil {
			return fmt.Errorf("column %s: %w", identitiesColumn, err)
		}
	}
	types, values := leaves[0], leaves[1]
	if len(types.rep) != len(values.rep) || len(types.texts) != len(values.texts) {
		return errPage
	}
	c.Codes, c.Dict = c.Codes[:0], c.Dict[:0]
	list, at := []event.Identity{}, 0
	for i := range types.rep {
		if types.def[i] == types.most {
			if at == len(types.texts) {
				return errPage
			}
			list = append(list, event.Identity{Type: string(types.texts[at]), Value: string(values.texts[at])})
			at++
		}
		if i+1 < len(types.rep) && types.rep[i+1] > 0 {
			continue
		}
		text, err := json.Marshal(list)
		if err != nil {
			return err
		}
		c.Codes, c.Dict = append(c.Codes, uint32(len(c.Dict))), append(c.Dict, string(text))
		list = list[:0]
	}
	if len(c.Codes) != r.layout.Groups[group].Rows {
		return errPage
	}
	return nil
}

// leaf reads a part of a list column as a whole.
func (r *Reader) leaf(group, place int) (out leaf, err error) {
	rows := r.file.RowGroup(group)
	chunk, err := rows.MetaData().ColumnChunk(place)
	if err != nil {
		return out, err
	}
	r.Bytes += chunk.TotalCompressedSize()
	chunkReader, err := rows.Column(place)
	if err != nil {
		return out, err
	}
	column, ok := chunkReader.(*file.ByteArrayColumnChunkReader)
	if !ok {
		return out, errPage
	}
	n := chunk.NumValues()
	out = leaf{
		texts: make([]parquet.ByteArray, n), def: make([]int16, n), rep: make([]int16, n), most: column.Descriptor().MaxDefinitionLevel(),
	}
	entries, texts := int64(0), 0
	for entries < n && column.HasNext() {
		read, values, err := column.ReadBatch(n-entries, out.texts[texts:], out.def[entries:], out.rep[entries:])
		if err != nil {
			return out, err
		}
		entries, texts = entries+read, texts+values
	}
	if entries != n {
		return out, errPage
	}
	out.texts = out.texts[:texts]
	return out, column.Err()
}

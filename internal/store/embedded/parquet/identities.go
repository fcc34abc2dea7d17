// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// identitiesColumn is the only column that is a list.
const identitiesColumn = "identities"

// Has reports whether a file has a readable column with that name.
func (l *Layout) Has(name string) bool {
	if name == identitiesColumn {
		_, err := l.identityLeaves()
		return err == nil
	}
	_, ok := l.columns[name]
	return ok
}

// identityLeaves returns the indexes of the types and of the values of identities. The names between the list and them depend on the writer.
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
		return leaves, fmt.Errorf("sorted file: no column %s", identitiesColumn)
	}
	return leaves, nil
}

// leaf is one part of a list column: a text for each existing entry.
type leaf struct {
	texts    []parquet.ByteArray
	def, rep []int16
	most     int16
}

// identities reads the lists of a group, one text per row: as JSON, or packed.
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
	if r.Packed {
		err = packedLists(&types, &values, c)
	} else {
		err = jsonLists(&types, &values, c)
	}
	if err == nil && len(c.Codes) != r.layout.Groups[group].Rows {
		err = errPage
	}
	return err
}

// each calls f for the entries of all lists, with the index of the text; -1 for an empty list. last is set for the last entry of a list.
func (l *leaf) each(f func(at int, last bool) error) error {
	at := 0
	for i := range l.rep {
		last, place := i+1 == len(l.rep) || l.rep[i+1] == 0, -1
		if l.def[i] == l.most {
			if at == len(l.texts) {
				return errPage
			}
			place = at
			at++
		}
		if err := f(place, last); err != nil {
			return err
		}
	}
	return nil
}

// jsonLists returns lists as JSON.
func jsonLists(types, values *leaf, c *block.Column) error {
	list := []event.Identity{}
	return types.each(func(at int, last bool) error {
		if at >= 0 {
			list = append(list, event.Identity{Type: string(types.texts[at]), Value: string(values.texts[at])})
		}
		if !last {
			return nil
		}
		text, err := json.Marshal(list)
		c.Codes, c.Dict = append(c.Codes, uint32(len(c.Dict))), append(c.Dict, string(text))
		list = list[:0]
		return err
	})
}

// packedLists returns lists in the form of event.PackIdentities. All of them share one allocation.
func packedLists(types, values *leaf, c *block.Column) error {
	size := 0
	for i := range types.texts {
		size += len(types.texts[i]) + len(values.texts[i]) + 2*binary.MaxVarintLen32
	}
	all := make([]byte, 0, size)
	from := 0
	return types.each(func(at int, last bool) error {
		if at >= 0 {
			all = event.AppendIdentity(all, types.texts[at], values.texts[at])
		}
		if last {
			c.Codes, c.Dict = append(c.Codes, uint32(len(c.Dict))), append(c.Dict, textOf(all[from:]))
			from = len(all)
		}
		return nil
	})
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
	// An I/O error also ends the column early, and is returned unchanged.
	if err := column.Err(); err != nil {
		return out, err
	}
	if entries != n {
		return out, errPage
	}
	out.texts = out.texts[:texts]
	return out, nil
}

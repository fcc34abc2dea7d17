// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package run

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// Reader unpacks blocks of a run. It must not be used by several goroutines at once.
type Reader struct {
	run    *Run
	wants  []int
	rows   block.Block
	packer *packer
	// Convert, if set, converts the texts of a column with many distinct ones, by the name of the column.
	Convert map[string]func(string) string
	// Bytes unpacked so far, as stored in memory.
	Bytes int64
}

// NewReader returns a reader of the wanted columns, whose kinds must be those of the run.
func NewReader(r *Run, wants []block.Want) (*Reader, error) {
	out := &Reader{run: r, packer: &packer{}, rows: block.Block{Columns: make([]block.Column, len(wants))}}
	for i, w := range wants {
		at := r.column(w.Name)
		if at < 0 || r.columns[at].Kind != w.Kind {
			return nil, fmt.Errorf("run: there is no column %s of this kind", w.Name)
		}
		out.wants = append(out.wants, at)
		out.rows.Columns[i].Kind = w.Kind
	}
	return out, nil
}

// Read returns a block's persons and wanted columns. They are valid until the next call.
func (r *Reader) Read(n int) (*block.Block, error) {
	from, b := &r.run.chunks[n], &r.rows
	b.Rows = from.rows
	b.Persons.Values = append(b.Persons.Values[:0], from.persons.Values...)
	b.Persons.Ends = append(b.Persons.Ends[:0], from.persons.Ends...)
	r.Bytes += int64(12 * len(from.persons.Values))
	for i, at := range r.wants {
		if err := r.read(from, at, &b.Columns[i]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Column unpacks one more column of a block, into memory of the caller.
func (r *Reader) Column(n int, name string, into *block.Column) error {
	at := r.run.column(name)
	if at < 0 {
		return fmt.Errorf("run: there is no column %s", name)
	}
	into.Kind = r.run.columns[at].Kind
	return r.read(&r.run.chunks[n], at, into)
}

func (r *Reader) read(from *chunk, at int, into *block.Column) error {
	c := r.run.columns[at]
	r.Bytes += int64(len(from.numbers[at].data) + len(from.texts[at].packed))
	switch {
	case c.Kind == block.Long && from.numbers[at].n == 0:
		into.Longs = from.anchorLongs(into.Longs[:0])
	case c.Kind == block.Long:
		into.Longs = unpack(into.Longs[:0], &from.numbers[at])
	case c.Kind == block.Int:
		into.Ints = unpack(into.Ints[:0], &from.numbers[at])
	case c.Kind == block.Byte:
		into.Bytes = unpack(into.Bytes[:0], &from.numbers[at])
	case c.Few:
		into.Codes = unpack(into.Codes[:0], &from.numbers[at])
		if len(into.Dict) != len(r.run.dicts[at]) {
			into.Dict, into.Owner = r.run.dicts[at], nil
		}
	default:
		return r.readMany(c.Name, &from.texts[at], into)
	}
	return nil
}

// anchorLongs returns the anchors, which are the only column of numbers that is stored as runs.
func (b *chunk) anchorLongs(out []int64) []int64 {
	runs := b.anchors
	if runs == nil {
		runs = &b.persons
	}
	at := int32(0)
	for i, v := range runs.Values {
		for ; at < runs.Ends[i]; at++ {
			out = append(out, int64(v))
		}
	}
	return out
}

func (r *Reader) readMany(name string, from *texts, into *block.Column) (err error) {
	into.Owner = nil
	if into.Dict, err = r.packer.unpack(into.Dict[:0], from); err != nil {
		return err
	}
	convert := r.Convert[name]
	into.Codes = into.Codes[:0]
	for i := range into.Dict {
		into.Codes = append(into.Codes, uint32(i))
		if convert != nil {
			into.Dict[i] = convert(into.Dict[i])
		}
	}
	return nil
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"encoding/binary"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// column reads one column of a group.
func (r *Reader) column(group int, w block.Want, c *block.Column) error {
	rows := r.layout.Groups[group].Rows
	c.Kind = w.Kind
	if w.Name == identitiesColumn {
		return r.identities(group, c)
	}
	if w.Name == store.ColumnClass {
		return r.classColumn(group, c)
	}
	if w.Name == store.ColumnSeq && r.Commit != 0 {
		c.Longs = repeat(grown(c.Longs[:0], rows), r.Commit, rows)
		return nil
	}
	switch w.Kind {
	case block.Long:
		return r.longColumn(group, w.Name, c, rows)
	case block.Text:
		return r.textColumn(group, w.Name, c, rows)
	default:
		return r.smallColumn(group, w, c, rows)
	}
}

func (r *Reader) longColumn(group int, name string, c *block.Column, rows int) error {
	c.Longs = grown(c.Longs[:0], rows)
	r.longs = r.longs[:0]
	return r.pages(group, name, func(data []byte, n int) error {
		values, err := longsOf(data, n)
		r.longs = append(r.longs[:0], values...)
		return err
	}, func(p page) error {
		if !p.dictionary {
			values, err := longsOf(p.data, p.n)
			c.Longs = append(c.Longs, values...)
			return err
		}
		var err error
		if r.ints, err = codes(grown(r.ints[:0], p.n), p.data, p.n, len(r.longs)); err != nil {
			return err
		}
		for _, v := range r.ints {
			c.Longs = append(c.Longs, r.longs[v])
		}
		return nil
	})
}

// smallColumn reads numbers that Parquet stores in four bytes.
func (r *Reader) smallColumn(group int, w block.Want, c *block.Column, rows int) error {
	c.Ints, c.Bytes = c.Ints[:0], c.Bytes[:0]
	put := func(v int32) { c.Ints = append(c.Ints, v) }
	if w.Kind == block.Byte {
		c.Bytes = grown(c.Bytes, rows)
		put = func(v int32) { c.Bytes = append(c.Bytes, uint8(v)) }
	} else {
		c.Ints = grown(c.Ints, rows)
	}
	var dictionary []int32
	return r.pages(group, w.Name, func(data []byte, n int) error {
		if n < 0 || len(data) < 4*n {
			return errPage
		}
		for i := range n {
			dictionary = append(dictionary, int32(binary.LittleEndian.Uint32(data[4*i:])))
		}
		return nil
	}, func(p page) error {
		if p.dictionary {
			return r.smallPage(p, w.Kind, dictionary, c)
		}
		if len(p.data) < 4*p.n {
			return errPage
		}
		for i := range p.n {
			put(int32(binary.LittleEndian.Uint32(p.data[4*i:])))
		}
		return nil
	})
}

// smallPage reads dictionary indexes, with runs, which most of these columns consist of, at once.
func (r *Reader) smallPage(p page, kind block.Kind, dictionary []int32, c *block.Column) error {
	x, err := newIndexes(p.data, p.n)
	if err != nil {
		return err
	}
	for x.left > 0 {
		value, run, packed, count, err := x.next()
		if err != nil {
			return err
		}
		if run > 0 {
			if int(value) >= len(dictionary) {
				return errPage
			}
			if kind == block.Byte {
				c.Bytes = repeat(c.Bytes, uint8(dictionary[value]), run)
			} else {
				c.Ints = repeat(c.Ints, dictionary[value], run)
			}
			continue
		}
		r.ints = unpack(grown(r.ints[:0], count), packed, x.width, count)
		for _, v := range r.ints {
			if int(v) >= len(dictionary) {
				return errPage
			}
			if kind == block.Byte {
				c.Bytes = append(c.Bytes, uint8(dictionary[v]))
			} else {
				c.Ints = append(c.Ints, dictionary[v])
			}
		}
	}
	return nil
}

func repeat[T any](out []T, value T, n int) []T {
	from := len(out)
	out = out[:from+n]
	for i := range out[from:] {
		out[from+i] = value
	}
	return out
}

// textColumn reads texts as codes.
func (r *Reader) textColumn(group int, name string, c *block.Column, rows int) error {
	c.Codes, c.Dict, c.Owner = grown(c.Codes[:0], rows), c.Dict[:0], nil
	return r.pages(group, name, func(data []byte, n int) error {
		var err error
		c.Dict, err = texts(c.Dict, data, n)
		return err
	}, func(p page) error {
		var err error
		if p.dictionary {
			c.Codes, err = codes(c.Codes, p.data, p.n, len(c.Dict))
			return err
		}
		first := len(c.Dict)
		if c.Dict, err = texts(c.Dict, p.data, p.n); err != nil {
			return err
		}
		for i := range p.n {
			c.Codes = append(c.Codes, uint32(first+i))
		}
		return nil
	})
}

// texts appends n texts in plain encoding, which share one copy of the page.
func texts(out []string, data []byte, n int) ([]string, error) {
	all := string(data)
	at := 0
	for range n {
		if at+4 > len(all) {
			return out, errPage
		}
		size := int(binary.LittleEndian.Uint32(data[at:]))
		at += 4
		if size < 0 || at+size > len(all) {
			return out, errPage
		}
		out = append(out, all[at:at+size])
		at += size
	}
	return out, nil
}

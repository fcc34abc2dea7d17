// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"encoding/binary"
	"errors"
)

var (
	errPage = errors.New("sorted file: a page is corrupt")
	errNull = errors.New("sorted file: a column has nulls")
)

// indexes reads dictionary indexes: Parquet's hybrid of runs and bit-packed groups of eight, after a byte with their width.
type indexes struct {
	data  []byte
	width uint
	left  int
}

func newIndexes(data []byte, n int) (indexes, error) {
	if n == 0 {
		return indexes{}, nil
	}
	if len(data) == 0 || data[0] > 32 {
		return indexes{}, errPage
	}
	return indexes{data: data[1:], width: uint(data[0]), left: n}, nil
}

// next returns a run of a value, or count packed values with their bytes.
func (x *indexes) next() (value uint32, run int, packed []byte, count int, err error) {
	head, size := binary.Uvarint(x.data)
	if size <= 0 {
		return 0, 0, nil, 0, errPage
	}
	x.data = x.data[size:]
	if head&1 == 1 {
		groups := int(min(head>>1, 1<<28))
		bytes := min(groups*int(x.width), len(x.data))
		count = min(groups*8, x.left)
		if count*int(x.width) > bytes*8 {
			return 0, 0, nil, 0, errPage
		}
		packed = x.data[:bytes]
		x.data = x.data[bytes:]
		x.left -= count
		return 0, 0, packed, count, nil
	}
	bytes := int(x.width+7) / 8
	if head>>1 == 0 || len(x.data) < bytes {
		return 0, 0, nil, 0, errPage
	}
	for i := range bytes {
		value |= uint32(x.data[i]) << (8 * i)
	}
	x.data = x.data[bytes:]
	run = int(min(head>>1, uint64(x.left)))
	x.left -= run
	return value, run, nil, 0, nil
}

// unpack appends the values of bit-packed bytes.
func unpack(out []uint32, packed []byte, width uint, count int) []uint32 {
	from := len(out)
	out = out[:from+count]
	to := out[from:]
	mask := uint64(1)<<width - 1
	bit, i := uint(0), 0
	if width <= 8 {
		i = unpackSmall(to, packed, width, mask)
		bit = uint(i) * width
	}
	for ; i < count && int(bit>>3)+8 <= len(packed); i++ {
		to[i] = uint32(binary.LittleEndian.Uint64(packed[bit>>3:]) >> (bit & 7) & mask)
		bit += width
	}
	for ; i < count; i++ {
		var last [8]byte
		copy(last[:], packed[bit>>3:])
		to[i] = uint32(binary.LittleEndian.Uint64(last[:]) >> (bit & 7) & mask)
		bit += width
	}
	return out
}

// unpackSmall unpacks groups of eight values of at most eight bits, each group from one number, and returns the number of values.
func unpackSmall(to []uint32, packed []byte, width uint, mask uint64) int {
	i := 0
	for at := 0; i+8 <= len(to) && at+8 <= len(packed); at += int(width) {
		v, group := binary.LittleEndian.Uint64(packed[at:]), to[i:i+8:i+8]
		group[0] = uint32(v & mask)
		group[1] = uint32(v >> width & mask)
		group[2] = uint32(v >> (2 * width) & mask)
		group[3] = uint32(v >> (3 * width) & mask)
		group[4] = uint32(v >> (4 * width) & mask)
		group[5] = uint32(v >> (5 * width) & mask)
		group[6] = uint32(v >> (6 * width) & mask)
		group[7] = uint32(v >> (7 * width) & mask)
		i += 8
	}
	return i
}

// codes appends n indexes below limit.
func codes(out []uint32, data []byte, n int, limit int) ([]uint32, error) {
	x, err := newIndexes(data, n)
	if err != nil {
		return out, err
	}
	for x.left > 0 {
		value, run, packed, count, err := x.next()
		if err != nil {
			return out, err
		}
		from := len(out)
		if run > 0 {
			out = out[:from+run]
			fill(out[from:], value)
			if int(value) >= limit {
				return out, errPage
			}
			continue
		}
		out = unpack(out, packed, x.width, count)
		// A mask of the width keeps the values below a power of two. Only values beyond the dictionary are damage.
		if 1<<x.width > limit {
			for _, v := range out[from:] {
				if int(v) >= limit {
					return out, errPage
				}
			}
		}
	}
	return out, nil
}

func fill(out []uint32, value uint32) {
	for i := range out {
		out[i] = value
	}
}

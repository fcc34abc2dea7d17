// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package run

import (
	"encoding/binary"
	"slices"
)

// numbers stores integers as their distance from the smallest, in a unit that divides all distances, with as few bytes each as the largest needs.
// Times of whole seconds or milliseconds fit into four bytes, seqs of consecutive commits into one or two, and constants into none.
type numbers struct {
	base int64
	unit uint64
	// width of each in bytes: 0, 1, 2, 4 or 8.
	width uint8
	n     int32
	data  []byte
}

// units to try, the largest first; microseconds if the numbers are times
var units = []uint64{1_000_000, 1000}

func packNumbers[T int64 | int32 | uint8 | uint32](values []T) numbers {
	p := numbers{unit: 1, n: int32(len(values))}
	if len(values) == 0 {
		return p
	}
	low, high := values[0], values[0]
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	p.base = int64(low)
	// The distance can exceed int64, but never uint64.
	most := uint64(int64(high)) - uint64(p.base)
	if most >= 1<<16 {
		p.unit = unitOf(values, p.base)
	}
	most /= p.unit
	switch {
	case most == 0:
		return p
	case most < 1<<8:
		p.width = 1
	case most < 1<<16:
		p.width = 2
	case most < 1<<32:
		p.width = 4
	default:
		p.width = 8
	}
	p.data = make([]byte, 0, len(values)*int(p.width))
	for _, v := range values {
		p.data = appendWidth(p.data, (uint64(int64(v))-uint64(p.base))/p.unit, p.width)
	}
	return p
}

// unitOf returns the largest unit that divides all distances.
func unitOf[T int64 | int32 | uint8 | uint32](values []T, base int64) uint64 {
	for _, unit := range units {
		if !slices.ContainsFunc(values, func(v T) bool { return (uint64(int64(v))-uint64(base))%unit != 0 }) {
			return unit
		}
	}
	return 1
}

func appendWidth(b []byte, v uint64, width uint8) []byte {
	switch width {
	case 1:
		return append(b, byte(v))
	case 2:
		return binary.LittleEndian.AppendUint16(b, uint16(v))
	case 4:
		return binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return binary.LittleEndian.AppendUint64(b, v)
}

// unpack appends the numbers.
func unpack[T int64 | int32 | uint8 | uint32](out []T, p *numbers) []T {
	out = slices.Grow(out, int(p.n))
	from := len(out)
	out = out[:from+int(p.n)]
	to, base, unit := out[from:], p.base, int64(p.unit)
	switch p.width {
	case 0:
		for i := range to {
			to[i] = T(base)
		}
	case 1:
		for i := range to {
			to[i] = T(base + int64(p.data[i])*unit)
		}
	case 2:
		for i := range to {
			to[i] = T(base + int64(binary.LittleEndian.Uint16(p.data[2*i:]))*unit)
		}
	case 4:
		for i := range to {
			to[i] = T(base + int64(binary.LittleEndian.Uint32(p.data[4*i:]))*unit)
		}
	default:
		for i := range to {
			to[i] = T(base + int64(binary.LittleEndian.Uint64(p.data[8*i:]))*unit)
		}
	}
	return out
}

func (p *numbers) bytes() int { return cap(p.data) }

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package dedup

import (
	"math/bits"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// bloom is a split-block Bloom filter of keys, which are already uniform hashes. It needs one cache line per look-up, and has 8 bits set and 12 bits
// of space per key. The false positive rate is about one in 200.
type bloom struct {
	blocks [][8]uint32
}

const bloomBitsPerKey = 12

func newBloom(keys int) *bloom {
	return &bloom{blocks: make([][8]uint32, max(1, (keys*bloomBitsPerKey+255)/256))}
}

// salts map the low half of a key to one bit in each word of a block. They are the odd constants of the Parquet format.
var salts = [8]uint32{0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31}

func (f *bloom) block(k event.Key) *[8]uint32 {
	i, _ := bits.Mul64(k.Hi, uint64(len(f.blocks)))
	return &f.blocks[i]
}

func (f *bloom) add(k event.Key) {
	b := f.block(k)
	for i, s := range salts {
		b[i] |= 1 << (uint32(k.Lo) * s >> 27)
	}
}

// may reports whether the key was probably added; false is certain.
func (f *bloom) may(k event.Key) bool {
	b := f.block(k)
	for i, s := range salts {
		if b[i]&(1<<(uint32(k.Lo)*s>>27)) == 0 {
			return false
		}
	}
	return true
}

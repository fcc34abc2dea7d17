// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"encoding/binary"
	"fmt"
)

// holds numbers the combinations of values that are held constant within one person, from 1.
type holds struct {
	numbers map[string]uint32
	text    []byte
}

// CompileHold parses the keys whose values an attempt holds constant.
func CompileHold(keys []string) ([]Key, error) {
	var out []Key
	for i, text := range keys {
		k, err := ParseKey(text)
		if err != nil {
			return nil, fmt.Errorf("spec.progression.holdConstant[%d]: %w", i, err)
		}
		out = append(out, k)
	}
	return out, nil
}

func (h *holds) reset() { clear(h.numbers) }

// of returns the number of an event's combination of values, or 0 if one of them is missing.
func (h *holds) of(keys []Key, v *Values) uint32 {
	h.text = h.text[:0]
	for _, k := range keys {
		value, ok := v.Get(k)
		if !ok {
			return 0
		}
		// The length before each value distinguishes "a", "bc" from "ab", "c".
		h.text = binary.AppendUvarint(h.text, uint64(len(value)))
		h.text = append(h.text, value...)
	}
	if n, ok := h.numbers[string(h.text)]; ok {
		return n
	}
	if h.numbers == nil {
		h.numbers = map[string]uint32{}
	}
	n := uint32(len(h.numbers) + 1)
	h.numbers[string(h.text)] = n
	return n
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package run

import (
	"encoding/binary"
	"errors"

	"github.com/klauspost/compress/s2"
)

// texts stores nearly unique texts: their lengths and then all of them, compressed together, or plain. If all texts are empty, it stores nothing.
type texts struct {
	packed []byte
	asIs   bool
	size   int
	n      int32
}

var errTexts = errors.New("run: texts are corrupt")

// packer compresses texts. It must not be used by several goroutines at once.
type packer struct {
	plain []byte
	out   []byte
}

func (p *packer) pack(values []string, asIs bool) texts {
	out := texts{n: int32(len(values)), asIs: asIs}
	p.plain = p.plain[:0]
	empty := true
	for _, v := range values {
		p.plain = binary.AppendUvarint(p.plain, uint64(len(v)))
		empty = empty && v == ""
	}
	if empty {
		return out
	}
	for _, v := range values {
		p.plain = append(p.plain, v...)
	}
	out.size = len(p.plain)
	if asIs {
		out.packed = append(make([]byte, 0, len(p.plain)), p.plain...)
		return out
	}
	if need := s2.MaxEncodedLen(len(p.plain)); cap(p.out) < need {
		p.out = make([]byte, need)
	}
	packed := s2.Encode(p.out[:cap(p.out)], p.plain)
	out.packed = append(make([]byte, 0, len(packed)), packed...)
	return out
}

// unpack appends the texts, which share one allocation.
func (p *packer) unpack(out []string, t *texts) ([]string, error) {
	if t.packed == nil {
		for range t.n {
			out = append(out, "")
		}
		return out, nil
	}
	plain := t.packed
	if !t.asIs {
		if cap(p.plain) < t.size {
			p.plain = make([]byte, t.size)
		}
		if n, err := s2.DecodedLen(t.packed); err != nil || n != t.size {
			return out, errTexts
		}
		var err error
		if plain, err = s2.Decode(p.plain[:t.size], t.packed); err != nil {
			return out, errTexts
		}
	}
	if len(plain) != t.size {
		return out, errTexts
	}
	at := 0
	lengths := plain
	for range t.n {
		_, n := binary.Uvarint(lengths[at:])
		if n <= 0 {
			return out, errTexts
		}
		at += n
	}
	all := string(plain[at:])
	for range t.n {
		size, n := binary.Uvarint(lengths)
		lengths = lengths[n:]
		if size > uint64(len(all)) {
			return out, errTexts
		}
		out = append(out, all[:size])
		all = all[size:]
	}
	return out, nil
}

func (t *texts) bytes() int { return cap(t.packed) }

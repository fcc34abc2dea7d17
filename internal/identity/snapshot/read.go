// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// Reader returns the content of a snapshot: identifiers, links and pairs, in this order, and as many as the head states.
type Reader struct {
	Head
	b []byte
}

// Open checks the frame and the checksum. An error is a FormatError, or wraps ErrCorrupt.
func Open(b []byte) (*Reader, error) {
	r, err := open(b)
	var format *FormatError
	switch {
	case errors.As(err, &format):
		return nil, err
	case err != nil:
		return nil, Corrupt(err)
	}
	return r, nil
}

// Corrupt wraps an error in ErrCorrupt.
func Corrupt(err error) error { return fmt.Errorf("%w: %w", ErrCorrupt, err) }

func open(b []byte) (*Reader, error) {
	if len(b) < len(magic)+4+sumBytes || !bytes.HasPrefix(b, []byte(magic[:name])) {
		return nil, errors.New("no snapshot starts here")
	}
	b, sum := b[:len(b)-sumBytes], binary.LittleEndian.Uint64(b[len(b)-sumBytes:])
	if xxh3.Hash(b) != sum {
		return nil, errors.New("checksum differs")
	}
	if found := int64(b[name]); found != Format {
		return nil, &FormatError{Found: found, Supported: Format}
	}
	b = b[len(magic):]
	n := int(binary.LittleEndian.Uint32(b))
	if b = b[4:]; n > len(b) {
		return nil, errors.New("head is truncated")
	}
	r := &Reader{b: b[n:]}
	if err := json.Unmarshal(b[:n], &r.Head); err != nil {
		return nil, err
	}
	if r.Nodes < 0 || r.Links < 0 || r.Apart < 0 || len(r.b) != r.body() {
		return nil, errors.New("length differs from the head")
	}
	return r, nil
}

// Node returns the next identifier.
func (r *Reader) Node() (Node, error) {
	le := binary.LittleEndian
	n := Node{Anchor: event.Anchor(le.Uint64(r.b)), Type: le.Uint16(r.b[8:]), Flags: r.b[10]}
	r.b = r.b[nodeBytes:]
	if int(n.Type) >= len(r.Types) {
		return n, Corrupt(errors.New("type out of range"))
	}
	return n, nil
}

// Link returns the next link.
func (r *Reader) Link() (Link, error) {
	le := binary.LittleEndian
	l := Link{
		Strong: le.Uint32(r.b), Weak: le.Uint32(r.b[4:]), Source: le.Uint32(r.b[8:]), Alias: r.b[12] != 0,
		Time: int64(le.Uint64(r.b[13:])), Key: event.Key{Hi: le.Uint64(r.b[21:]), Lo: le.Uint64(r.b[29:])},
	}
	r.b = r.b[linkBytes:]
	if !r.has(l.Strong) || !r.has(l.Weak) || int(l.Source) >= len(r.Sources) {
		return l, Corrupt(errors.New("link out of range"))
	}
	return l, nil
}

// Pair returns the next pair that is kept apart.
func (r *Reader) Pair() (Pair, error) {
	le := binary.LittleEndian
	p := Pair{A: le.Uint32(r.b), B: le.Uint32(r.b[4:]), By: le.Uint32(r.b[8:])}
	r.b = r.b[pairBytes:]
	if !r.has(p.A) || !r.has(p.B) || p.By != NoReason && !r.has(p.By) {
		return p, Corrupt(errors.New("pair out of range"))
	}
	return p, nil
}

func (r *Reader) has(place uint32) bool { return int(place) < r.Nodes }

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// magic begins a snapshot; its last byte is the version of the format. After it come the length of the head, the head as
// JSON, the identifiers, the links, the pairs that are kept apart, and the XXH3 sum of all before it.
const magic = "JMIDENT\x02"

const (
	nodeBytes = 8 + 2 + 1
	edgeBytes = 4 + 4 + 4 + 1 + 8 + 8 + 8
	pairBytes = 4 + 4 + 4
	sumBytes  = 8
)

// ErrCorrupt says that a snapshot is not whole.
var ErrCorrupt = errors.New("identity snapshot is corrupt")

// head of a snapshot. Persons are not written: they are computed from identifiers and links.
type head struct {
	Seq      int64          `json:"seq"`
	Version  int64          `json:"version"`
	MaxLinks map[string]int `json:"maxLinks"`
	Types    []string       `json:"types"`
	Sources  []Source       `json:"sources"`
	Nodes    int            `json:"nodes"`
	// Edges counts what sources state: of one pair there may be several.
	Edges int `json:"edges"`
	Apart int `json:"apart,omitempty"`
}

// Snapshot writes the table, without its earlier versions, with a checksum.
func (t *Table) Snapshot(w io.Writer) error {
	b, err := t.encode()
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

func (t *Table) encode() ([]byte, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	apart := t.pairsApart()
	edges := len(t.pairs)
	for _, list := range t.more {
		edges += len(list) - 1
	}
	h, err := json.Marshal(head{
		Seq: t.history.seq, Version: t.history.version, MaxLinks: t.policy.MaxLinks, Types: t.types.names, Sources: t.sources,
		Nodes: len(t.index), Edges: edges, Apart: len(apart),
	})
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	b := make([]byte, 0, len(magic)+4+len(h)+len(t.index)*nodeBytes+edges*edgeBytes+len(apart)*pairBytes+sumBytes)
	b = append(le.AppendUint32(append(b, magic...), uint32(len(h))), h...)
	place := make([]uint32, len(t.nodes))
	kept := uint32(0)
	for i := range t.nodes {
		if n := &t.nodes[i]; n.flags&flagGone == 0 {
			place[i] = kept
			kept++
			b = append(le.AppendUint16(le.AppendUint64(b, uint64(n.anchor)), n.typ), n.flags&flagsPinned)
		}
	}
	for i := range t.edges {
		if e := &t.edges[i]; !e.gone {
			for _, o := range t.originsOf(int32(i)) {
				b = le.AppendUint32(le.AppendUint32(le.AppendUint32(b, place[e.strong]), place[e.weak]), o.source)
				b = le.AppendUint64(le.AppendUint64(le.AppendUint64(append(b, bit(o.alias)), uint64(o.time)), o.key.Hi), o.key.Lo)
			}
		}
	}
	b = t.appendApart(b, apart, place)
	return le.AppendUint64(b, xxh3.Hash(b)), nil
}

func (t *Table) appendApart(b []byte, pairs []Pair, place []uint32) []byte {
	le := binary.LittleEndian
	for _, p := range pairs {
		x, y, by, _ := t.indexes(p)
		reason := noReason
		if by != none {
			reason = place[by]
		}
		b = le.AppendUint32(le.AppendUint32(le.AppendUint32(b, place[x]), place[y]), reason)
	}
	return b
}

// noReason stands for the identifier because of which a pair is kept apart, when it was erased.
const noReason = ^uint32(0)

func bit(v bool) byte {
	if v {
		return 1
	}
	return 0
}

// Restore reads a snapshot. The table has the policy that it was written with. Error: one that wraps ErrCorrupt.
func Restore(r io.Reader) (*Table, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	h, body, err := open(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	t := New(Policy{MaxLinks: h.MaxLinks})
	t.nodes, t.edges = make([]node, 0, h.Nodes), make([]edge, 0, h.Edges)
	t.index, t.pairs = make(map[event.Anchor]int32, h.Nodes), make(map[uint64]int32, h.Edges)
	for _, name := range h.Types {
		t.types.of(name)
	}
	for _, source := range h.Sources {
		t.sourceAt(source)
	}
	if err := t.decode(h, body); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	t.before = nil
	t.recomputeAll()
	t.settleAll()
	t.before = map[int32]event.Anchor{}
	t.history = history{seq: h.Seq, version: h.Version, floorSeq: h.Seq, floorVersion: h.Version}
	return t, nil
}

// open checks the frame and gives the head and the bytes of identifiers and links.
func open(b []byte) (h head, body []byte, err error) {
	if len(b) < len(magic)+4+sumBytes || !bytes.HasPrefix(b, []byte(magic)) {
		return h, nil, errors.New("no snapshot of a known format")
	}
	b, sum := b[:len(b)-sumBytes], binary.LittleEndian.Uint64(b[len(b)-sumBytes:])
	if xxh3.Hash(b) != sum {
		return h, nil, errors.New("checksum differs")
	}
	b = b[len(magic):]
	n := int(binary.LittleEndian.Uint32(b))
	if b = b[4:]; n > len(b) {
		return h, nil, errors.New("head is cut")
	}
	if err := json.Unmarshal(b[:n], &h); err != nil {
		return h, nil, err
	}
	if h.Nodes < 0 || h.Edges < 0 || h.Apart < 0 || len(b)-n != h.Nodes*nodeBytes+h.Edges*edgeBytes+h.Apart*pairBytes {
		return h, nil, errors.New("length differs from the head")
	}
	return h, b[n:], nil
}

func (t *Table) decode(h head, b []byte) error {
	le := binary.LittleEndian
	for range h.Nodes {
		typ := int(le.Uint16(b[8:]))
		if typ >= len(h.Types) {
			return errors.New("type out of range")
		}
		i := t.nodeAt(Node{Anchor: event.Anchor(le.Uint64(b)), Type: h.Types[typ]})
		t.nodes[i].flags = b[10] & flagsPinned
		b = b[nodeBytes:]
	}
	for range h.Edges {
		s, w, source := le.Uint32(b), le.Uint32(b[4:]), le.Uint32(b[8:])
		if int(s) >= len(t.nodes) || int(w) >= len(t.nodes) || int(source) >= len(t.sources) {
			return errors.New("link out of range")
		}
		o := origin{source: source, alias: b[12] != 0, time: int64(le.Uint64(b[13:])), key: event.Key{Hi: le.Uint64(b[21:]), Lo: le.Uint64(b[29:])}}
		id, known := t.pairs[pairOf(int32(s), int32(w))]
		if !known {
			id, _ = t.link(int32(s), int32(w), source, &Edge{Time: o.time, Key: o.key})
		}
		public := t.edges[id].public
		t.state(id, o)
		if public && !t.edges[id].public {
			t.publicEdges--
		}
		b = b[edgeBytes:]
	}
	return t.decodeApart(h, b)
}

func (t *Table) decodeApart(h head, b []byte) error {
	le, known := binary.LittleEndian, uint32(len(t.nodes))
	for range h.Apart {
		x, y, by := le.Uint32(b), le.Uint32(b[4:]), le.Uint32(b[8:])
		if x >= known || y >= known || by >= known && by != noReason {
			return errors.New("pair out of range")
		}
		reason := none
		if by != noReason {
			reason = int32(by)
		}
		t.bind(int32(x), int32(y), reason)
		b = b[pairBytes:]
	}
	return nil
}

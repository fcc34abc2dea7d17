// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import (
	"encoding/binary"
	"encoding/json"

	"github.com/zeebo/xxh3"
)

// Writer makes a snapshot in memory. Add as many identifiers, links and pairs as the head states, in this order.
type Writer struct{ b []byte }

// NewWriter starts a snapshot.
func NewWriter(h *Head) (*Writer, error) {
	head, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, len(magic)+4+len(head)+h.body()+sumBytes)
	b = binary.LittleEndian.AppendUint32(append(b, magic...), uint32(len(head)))
	return &Writer{b: append(b, head...)}, nil
}

// body is the number of bytes between the head and the checksum.
func (h *Head) body() int { return h.Nodes*nodeBytes + h.Links*linkBytes + h.Apart*pairBytes }

// Node adds an identifier.
func (w *Writer) Node(n Node) {
	le := binary.LittleEndian
	w.b = append(le.AppendUint16(le.AppendUint64(w.b, uint64(n.Anchor)), n.Type), n.Flags)
}

// Link adds a link.
func (w *Writer) Link(l Link) {
	le := binary.LittleEndian
	b := le.AppendUint32(le.AppendUint32(le.AppendUint32(w.b, l.Strong), l.Weak), l.Source)
	w.b = le.AppendUint64(le.AppendUint64(le.AppendUint64(append(b, bit(l.Alias)), uint64(l.Time)), l.Key.Hi), l.Key.Lo)
}

// Pair adds a pair that is kept apart.
func (w *Writer) Pair(p Pair) {
	le := binary.LittleEndian
	w.b = le.AppendUint32(le.AppendUint32(le.AppendUint32(w.b, p.A), p.B), p.By)
}

// Bytes completes the snapshot with its checksum.
func (w *Writer) Bytes() []byte { return binary.LittleEndian.AppendUint64(w.b, xxh3.Hash(w.b)) }

func bit(v bool) byte {
	if v {
		return 1
	}
	return 0
}

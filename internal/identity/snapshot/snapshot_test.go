// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

var (
	head = Head{
		Seq: 9, Version: 4, MaxLinks: map[string]int{"email": 2}, Types: []string{"customerId", "email"},
		Sources: []identity.Source{{Name: "shop"}, {Name: "web", Public: true}}, Nodes: 2, Links: 1, Apart: 2,
	}
	nodes = []Node{{Anchor: 1 << 63, Type: 0, Flags: 3}, {Anchor: 5, Type: 1}}
	link  = Link{Strong: 0, Weak: 1, Source: 1, Alias: true, Time: -8, Key: event.Key{Hi: 1 << 62, Lo: 7}}
	pairs = []Pair{{A: 0, B: 1, By: 1}, {A: 1, B: 0, By: NoReason}}
)

func write(t *testing.T, h Head, nodes []Node, l Link, pairs []Pair) []byte {
	t.Helper()
	w, err := NewWriter(&h)
	require.NoError(t, err)
	for _, n := range nodes {
		w.Node(n)
	}
	w.Link(l)
	for _, p := range pairs {
		w.Pair(p)
	}
	return w.Bytes()
}

// read returns the first error.
func read(b []byte) (h Head, ns []Node, l Link, ps []Pair, err error) {
	r, err := Open(b)
	if err != nil {
		return h, nil, l, nil, err
	}
	for range r.Nodes {
		n, err := r.Node()
		if err != nil {
			return h, nil, l, nil, err
		}
		ns = append(ns, n)
	}
	if l, err = r.Link(); err != nil {
		return h, nil, l, nil, err
	}
	for range r.Apart {
		p, err := r.Pair()
		if err != nil {
			return h, nil, l, nil, err
		}
		ps = append(ps, p)
	}
	return r.Head, ns, l, ps, nil
}

func TestSnapshotRoundTrip(t *testing.T) {
	h, ns, l, ps, err := read(write(t, head, nodes, link, pairs))
	require.NoError(t, err)
	require.Equal(t, head, h)
	require.Equal(t, nodes, ns)
	require.Equal(t, link, l)
	require.Equal(t, pairs, ps)
}

// Positions out of range are refused, even with a valid checksum.
func TestPositionsOutOfRange(t *testing.T) {
	for name, b := range map[string][]byte{
		"type":   write(t, head, []Node{nodes[0], {Anchor: 5, Type: 2}}, link, pairs),
		"strong": write(t, head, nodes, Link{Strong: 2}, pairs),
		"weak":   write(t, head, nodes, Link{Weak: 2}, pairs),
		"source": write(t, head, nodes, Link{Source: 2}, pairs),
		"a":      write(t, head, nodes, link, []Pair{{A: 2}, pairs[1]}),
		"b":      write(t, head, nodes, link, []Pair{{B: 2}, pairs[1]}),
		"by":     write(t, head, nodes, link, []Pair{{By: 2}, pairs[1]}),
		"fewer":  write(t, head, nodes[:1], link, pairs),
	} {
		_, _, _, _, err := read(b)
		require.ErrorIs(t, err, ErrCorrupt, name)
	}
}

// Negative counts are refused, even if other counts make the length valid.
func TestNegativeCounts(t *testing.T) {
	for _, h := range []Head{
		{Nodes: -linkBytes, Links: nodeBytes}, {Nodes: linkBytes, Links: -nodeBytes}, {Nodes: pairBytes, Apart: -nodeBytes},
	} {
		w, err := NewWriter(&h)
		require.NoError(t, err)
		_, err = Open(w.Bytes())
		require.ErrorIs(t, err, ErrCorrupt, "%+v", h)
	}
}

func TestDamageIsNoticed(t *testing.T) {
	whole := write(t, head, nodes, link, pairs)
	for i := range whole {
		damaged := bytes.Clone(whole)
		damaged[i] ^= 0x10
		_, err := Open(damaged)
		require.ErrorIs(t, err, ErrCorrupt)
		_, err = Open(whole[:i])
		require.ErrorIs(t, err, ErrCorrupt)
	}
	other := append([]byte("JMIDENT\x02"), whole[len(magic):len(whole)-sumBytes]...)
	_, err := Open(binary.LittleEndian.AppendUint64(other, xxh3.Hash(other)))
	require.Equal(t, &FormatError{Found: 2, Supported: Format}, err, "it is whole")
}

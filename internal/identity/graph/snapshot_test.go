// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/snapshot"
)

// A snapshot refers to types, sources and identifiers by their positions, so duplicates are refused.
func TestDuplicatesAreRefused(t *testing.T) {
	restore := func(types []string, sources []identity.Source, nodes ...snapshot.Node) error {
		w, err := snapshot.NewWriter(&snapshot.Head{Types: types, Sources: sources, Nodes: len(nodes)})
		require.NoError(t, err)
		for _, n := range nodes {
			w.Node(n)
		}
		r, err := snapshot.Open(w.Bytes())
		require.NoError(t, err)
		_, err = Restore(r)
		return err
	}
	types, sources := []string{"email", "phone"}, []identity.Source{{Name: "a"}, {Name: "b"}}
	require.NoError(t, restore(types, sources, snapshot.Node{Anchor: 1}, snapshot.Node{Anchor: 2}))
	require.ErrorIs(t, restore([]string{"email", "email"}, sources), snapshot.ErrCorrupt)
	require.ErrorIs(t, restore(types, []identity.Source{{Name: "a"}, {Name: "a", Public: true}}), snapshot.ErrCorrupt)
	require.ErrorIs(t, restore(types, sources, snapshot.Node{Anchor: 1}, snapshot.Node{Anchor: 1, Type: 1}), snapshot.ErrCorrupt)
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package graph

import "github.com/journeyman-dev/journeyman/internal/identity"

// SetPolicy changes the policy and recomputes all persons.
func (g *Graph) SetPolicy(p identity.Policy) {
	if g.policy.Equal(p) {
		return
	}
	g.policy = p.Clone()
	g.recomputeAll()
	g.settle()
}

// recomputeAll finds the hubs and processes all edges again.
func (g *Graph) recomputeAll() {
	for i := range g.nodes {
		if !g.has(int32(i), flagGone) {
			g.touch(int32(i))
		}
	}
	g.hubs, g.cores, g.joined, g.refused = 0, int64(len(g.index)), 0, 0
	for i := range g.nodes {
		g.isolate(int32(i))
		if !g.has(int32(i), flagGone) {
			g.findHub(int32(i))
		}
	}
	g.watchRegions()
	ids := make([]int32, 0, len(g.pairs))
	for id := range g.edges {
		if g.active(&g.edges[id]) {
			ids = append(ids, int32(id))
		}
	}
	g.takeInOrder(ids)
	for _, id := range ids {
		if e := &g.edges[id]; g.isRefused(e) {
			g.refused++
		}
	}
}

// watchRegions marks the regions with constraints.
func (g *Graph) watchRegions() {
	for i := range g.nodes {
		g.nodes[i].flags &^= flagWatched
	}
	for i := range g.apart {
		if g.has(i, flagWatched) {
			continue
		}
		g.watch(g.region(i))
	}
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/stats"
)

// PathsSums counts the edges of a Paths.
type PathsSums struct {
	// Sessions with at least one edge.
	Sessions int64
	// LeftOut is the number of steps between items beyond MaxPathEdges distinct edges.
	LeftOut int64

	paths              Paths
	texts              *journey.Texts
	gap                int64
	start, end, folded uint32
	edges              map[pathKey]*pathSums
	recent             [1024]recentEdge // by a cheap hash of the key
	line, cut          []visit          // of the current session
}

// visit is an item of a session with the time of its last event.
type visit struct {
	item uint32
	time int64
}

// pathKey is an edge: the position, and the numbers of its two items.
type pathKey struct {
	step     uint8 // of the source
	from, to uint32
}

type pathSums struct {
	sessions int64
	micros   stats.Total
}

// recentEdge is an edge that was used recently. Looking it up here is faster than in the map.
type recentEdge struct {
	key  pathKey
	sums *pathSums
}

// PathEdge is one edge to show.
type PathEdge struct {
	// Step is the position of Source, from 1; that of Target is one more.
	Step int
	// Source and Target items.
	Source, Target string
	// Sessions with this edge.
	Sessions int64
	// Micros is the sum of the times from Source to Target, in microseconds.
	Micros stats.Total
}

// AddPerson splits the events into sessions.
func (s *PathsSums) AddPerson(v *metric.View) {
	s.line = s.line[:0]
	for i := 0; i < len(v.Hits); {
		h := &v.Hits[i]
		// The hits of one event are consecutive. The first rule of the table is used.
		for i++; i < len(v.Hits) && h.Same(&v.Hits[i]); i++ {
			if v.Hits[i].Role < h.Role {
				h = &v.Hits[i]
			}
		}
		if h.Usable && v.InPeriod(h.Time) {
			s.visit(h)
		}
	}
	s.session()
}

func (s *PathsSums) visit(h *metric.Hit) {
	if n := len(s.line); n > 0 {
		last := &s.line[n-1]
		if h.Time-last.time >= s.gap {
			s.session()
		} else if last.item == h.Text {
			last.time = h.Time
			return
		}
	}
	s.line = append(s.line, visit{item: h.Text, time: h.Time})
}

// session counts the edges of the current session and starts the next one.
func (s *PathsSums) session() {
	line := s.trim(s.line)
	s.line = s.line[:0]
	if len(line) > 1 {
		s.Sessions++
	}
	for i := 1; i < len(line); i++ {
		key := pathKey{step: uint8(i), from: line[i-1].item, to: line[i].item}
		s.add(key, 1, stats.TotalOf(line[i].time-line[i-1].time))
	}
}

// trim returns the part of a session that is used. It is empty if the required start or end does not occur.
func (s *PathsSums) trim(line []visit) []visit {
	if s.paths.Start != "" {
		at := slices.IndexFunc(line, func(v visit) bool { return v.item == s.start })
		if at < 0 {
			return nil
		}
		line = line[at:]
	}
	if s.paths.End != "" {
		at := slices.IndexFunc(line, func(v visit) bool { return v.item == s.end })
		if at < 0 {
			return nil
		}
		line = line[:at+1]
	}
	n := s.paths.Steps
	switch {
	case len(line) <= n:
		return line
	case s.paths.End == "":
		return line[:n]
	case s.paths.Start == "":
		return line[len(line)-n:]
	}
	// The folded item has the time of the first item that it replaces.
	half := n / 2
	s.cut = append(s.cut[:0], line[:half]...)
	s.cut = append(s.cut, visit{item: s.folded, time: line[half].time})
	return append(s.cut, line[len(line)-half:]...)
}

func (s *PathsSums) add(key pathKey, sessions int64, micros stats.Total) {
	recent := &s.recent[(uint32(key.step)+61*key.from+7*key.to)%uint32(len(s.recent))]
	if recent.sums == nil || recent.key != key {
		recent.key, recent.sums = key, s.edges[key]
	}
	sums := recent.sums
	if sums == nil {
		if len(s.edges) >= MaxPathEdges {
			s.LeftOut += sessions
			return
		}
		sums = &pathSums{}
		s.edges[key], recent.sums = sums, sums
	}
	sums.sessions += sessions
	sums.micros.Merge(micros)
}

// Merge adds the edges of other persons.
func (s *PathsSums) Merge(other metric.Sums) {
	o := other.(*PathsSums)
	s.Sessions += o.Sessions
	s.LeftOut += o.LeftOut
	for key, sums := range o.edges {
		here := pathKey{step: key.step, from: s.texts.Number(o.texts.Text(key.from)), to: s.texts.Number(o.texts.Text(key.to))}
		s.add(here, sums.sessions, sums.micros)
	}
}

// Edges returns the edges to show: the largest ones inside the limits, without those that cannot be reached from a first item over kept edges. Equal
// ones are ordered by step, source and target.
func (s *PathsSums) Edges() []PathEdge {
	p := &s.paths
	var list []PathEdge
	for key, sums := range s.edges {
		if sums.sessions >= p.MinSessions && (p.MaxSessions == 0 || sums.sessions <= p.MaxSessions) {
			list = append(list, PathEdge{
				Step: int(key.step), Source: s.texts.Text(key.from), Target: s.texts.Text(key.to), Sessions: sums.sessions, Micros: sums.micros,
			})
		}
	}
	slices.SortFunc(list, func(a, b PathEdge) int {
		return cmp.Or(cmp.Compare(b.Sessions, a.Sessions), cmp.Compare(a.Step, b.Step), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Target, b.Target))
	})
	return connected(list[:min(len(list), p.Limit)])
}

// connected keeps the edges that start at position 1 or where another connected edge ends.
func connected(list []PathEdge) []PathEdge {
	type node struct {
		step int
		item string
	}
	byStep := slices.Clone(list)
	slices.SortStableFunc(byStep, func(a, b PathEdge) int { return cmp.Compare(a.Step, b.Step) })
	reached := map[node]bool{}
	leads := func(e PathEdge) bool { return e.Step == 1 || reached[node{e.Step, e.Source}] }
	for _, e := range byStep {
		if leads(e) {
			reached[node{e.Step + 1, e.Target}] = true
		}
	}
	return slices.DeleteFunc(list, func(e PathEdge) bool { return !leads(e) })
}

// AverageSeconds returns the mean time of the edge.
func (e *PathEdge) AverageSeconds() float64 { return e.Micros.Float() / float64(e.Sessions) / 1e6 }

// Grid returns one row for each edge. Edges that are not shown count as left out.
func (s *PathsSums) Grid() metric.Grid {
	edges := s.Edges()
	g := metric.Grid{Samples: s.Sessions, LeftOut: s.LeftOut + int64(len(s.edges)-len(edges)), Columns: []metric.Column{
		{Name: "step", Unit: metric.UnitCount}, {Name: "source", Unit: "text"}, {Name: "target", Unit: "text"},
		{Name: "sessions", Unit: metric.UnitCount}, {Name: "averageTime", Unit: "seconds"},
	}}
	for _, e := range edges {
		units := new(big.Int).Mul(big.NewInt(e.Sessions), big.NewInt(1_000_000))
		average := ""
		if d, ok := number.DivideBig(e.Micros.Big(), units, 1); ok {
			average = d.String()
		}
		g.Rows = append(g.Rows, metric.GridRow{Values: []string{number.Whole(int64(e.Step)), e.Source, e.Target, number.Whole(e.Sessions), average}})
	}
	return g
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// refPaths counts edges in another way: it uses strings and complete lists at each step, and follows edges until nothing changes.
type refPaths struct {
	paths Paths
	edges map[string]*refEdge
}

type refEdge struct {
	step, sessions int64
	from, to       string
	micros         *big.Int
}

// item returns the text of a row, or false if the row is not on the path. It has the rules of drawPaths.
func (r *refPaths) item(row *journey.Row) (string, bool) {
	text := row.Name
	switch row.Name {
	case "Page":
		m := regexp.MustCompile(`"url":"([^"]*)"`).FindStringSubmatch(row.Properties)
		if m == nil || m[1] == "" {
			return "", false
		}
		text = regexp.MustCompile(`(.)/$`).ReplaceAllString(m[1], "$1")
	case "Noise":
		return "", false
	}
	for _, g := range r.paths.Groupings {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(g), `\*`, ".*")
		if regexp.MustCompile(pattern).MatchString(text) {
			text = g
			break
		}
	}
	return text, !slices.Contains(r.paths.Exclude, text)
}

func (r *refPaths) AddPerson(rows []journey.Row) {
	var session []journey.Row
	var items []string
	for i := range rows {
		item, ok := r.item(&rows[i])
		if !ok {
			continue
		}
		if n := len(session); n > 0 && rows[i].Time >= session[n-1].Time+r.paths.SessionGap.Microseconds() {
			r.session(items, session)
			session, items = nil, nil
		}
		session, items = append(session, rows[i]), append(items, item)
	}
	r.session(items, session)
}

func (r *refPaths) session(items []string, rows []journey.Row) {
	var names []string
	var times []int64
	for i := range items {
		if i == len(items)-1 || items[i+1] != items[i] {
			names, times = append(names, items[i]), append(times, rows[i].Time)
		}
	}
	from, to := 0, len(names)
	if r.paths.Start != "" {
		if from = slices.Index(names, r.paths.Start); from < 0 {
			return
		}
	}
	if r.paths.End != "" {
		i := slices.Index(names[from:], r.paths.End)
		if i < 0 {
			return
		}
		to = from + i + 1
	}
	names, times = names[from:to], times[from:to]
	if n := r.paths.Steps; len(names) > n {
		switch {
		case r.paths.Start != "" && r.paths.End != "":
			k := n / 2
			names = slices.Concat(names[:k], []string{"..."}, names[len(names)-k:])
			times = slices.Concat(times[:k], times[k:k+1], times[len(times)-k:])
		case r.paths.End != "":
			names, times = names[len(names)-n:], times[len(times)-n:]
		default:
			names, times = names[:n], times[:n]
		}
	}
	for i := 1; i < len(names); i++ {
		key := fmt.Sprint(i, names[i-1], "|", names[i])
		if r.edges[key] == nil {
			r.edges[key] = &refEdge{step: int64(i), from: names[i-1], to: names[i], micros: new(big.Int)}
		}
		r.edges[key].sessions++
		r.edges[key].micros.Add(r.edges[key].micros, big.NewInt(times[i]-times[i-1]))
	}
}

// lines formats the edges that are shown.
func (r *refPaths) lines() []string {
	var list []*refEdge
	for _, e := range r.edges {
		if e.sessions >= r.paths.MinSessions && (r.paths.MaxSessions == 0 || e.sessions <= r.paths.MaxSessions) {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b *refEdge) int {
		if a.sessions != b.sessions {
			return int(b.sessions - a.sessions)
		}
		if a.step != b.step {
			return int(a.step - b.step)
		}
		return strings.Compare(a.from+"\x00"+a.to, b.from+"\x00"+b.to)
	})
	if len(list) > r.paths.Limit {
		list = list[:r.paths.Limit]
	}
	kept := map[*refEdge]bool{}
	for changed := true; changed; {
		changed = false
		for _, e := range list {
			leads := e.step == 1
			for other := range kept {
				leads = leads || other.step+1 == e.step && other.to == e.from
			}
			if leads && !kept[e] {
				kept[e], changed = true, true
			}
		}
	}
	var out []string
	for _, e := range list {
		if kept[e] {
			out = append(out, fmt.Sprint(e.step, " ", e.from, " ", e.to, " ", e.sessions, " ", e.micros))
		}
	}
	return out
}

func drawPaths(t *rapid.T) Paths {
	item := rapid.SampledFrom([]string{"", "", "/a", "/b", "/x*", "Go"})
	return Paths{
		Items: []PathItem{
			{Match: []journey.Match{{Event: "Page"}}, Key: "properties.url", TrimSlash: true},
			{Match: []journey.Match{{Event: "Noise"}}, LeaveOut: true},
			{Match: []journey.Match{{}}},
		},
		Groupings:  rapid.SampledFrom([][]string{nil, {"/x*"}, {"/x*1", "/x*"}}).Draw(t, "groupings"),
		Exclude:    rapid.SampledFrom([][]string{nil, {"/x*"}, {"/b"}}).Draw(t, "exclude"),
		Start:      item.Draw(t, "start"),
		End:        item.Draw(t, "end"),
		Steps:      rapid.IntRange(2, 6).Draw(t, "steps"),
		SessionGap: time.Duration(rapid.IntRange(1, 20).Draw(t, "gap")) * time.Second,
		Limit:      rapid.IntRange(1, 12).Draw(t, "limit"), MinSessions: rapid.Int64Range(0, 2).Draw(t, "min"), MaxSessions: rapid.Int64Range(0, 4).Draw(t, "max"),
	}
}

func drawPathRows(t *rapid.T) []journey.Row {
	rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) journey.Row {
		r := journeytest.Did(rapid.Uint64Range(1, 3).Draw(t, "person"), rapid.Int64Range(0, 60).Draw(t, "time"),
			rapid.SampledFrom([]string{"Page", "Page", "Page", "Noise", "Go"}).Draw(t, "name"))
		r.Properties = rapid.SampledFrom([]string{`{"url":"/a"}`, `{"url":"/a/"}`, `{"url":"/b"}`, `{"url":"/x/1"}`, `{"url":"/x/2"}`, `{}`}).Draw(t, "url")
		return r
	}), 0, 60).Draw(t, "rows")
	for i := range rows {
		rows[i].Seq = int64(i + 1)
	}
	return rows
}

func pathPlan(p Paths) engine.Plan {
	plan := engine.Plan{Map: journeytest.TwoStages(), Policy: journeytest.Plain, Tables: []metric.Named{{Name: "paths", Metric: p}}}
	plan.Periods = []journey.Period{journey.Range(5*journeytest.Second, 50*journeytest.Second, 1000*journeytest.Second, journeytest.Plain)}
	return plan
}

func pathLines(e *engine.Engine) []string {
	var out []string
	for _, edge := range e.Evaluations()[0].Tables[0].(*PathsSums).Edges() {
		out = append(out, fmt.Sprint(edge.Step, " ", edge.Source, " ", edge.Target, " ", edge.Sessions, " ", edge.Micros.Big()))
	}
	return out
}

func TestPathsAgreeWithTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, rows := drawPaths(t), drawPathRows(t)
		ref := refPaths{paths: p, edges: map[string]*refEdge{}}
		for person := range uint64(4) {
			var own []journey.Row
			for _, r := range journeytest.InOrder(rows) {
				if r.Person == person && r.Time >= 5*journeytest.Second && r.Time < 50*journeytest.Second {
					own = append(own, r)
				}
			}
			ref.AddPerson(own)
		}
		require.Equal(t, ref.lines(), pathLines(journeytest.Run(t, pathPlan(p), rows)))
	})
}

// For every table, shards of persons merge to the result of one run, and another person without events for the table changes nothing.
func TestTablesDoNotDependOnTheSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan, rows := pathPlan(drawPaths(t)), drawPathRows(t)
		whole := journeytest.Run(t, plan, rows)
		var parts [2][]journey.Row
		for _, r := range rows {
			parts[r.Person%2] = append(parts[r.Person%2], r)
		}
		merged := journeytest.Run(t, plan, parts[0])
		merged.Merge(journeytest.Run(t, plan, parts[1]))
		require.Equal(t, whole.Evaluations()[0].Tables[0].Grid(), merged.Evaluations()[0].Tables[0].Grid())
		stranger := journeytest.Did(9, 70, "Page")
		stranger.Seq = 1000
		require.Equal(t, pathLines(whole), pathLines(journeytest.Run(t, plan, append(slices.Clone(rows), stranger))))
	})
}

func TestInvalidPaths(t *testing.T) {
	fine := Paths{Items: []PathItem{{Match: []journey.Match{{}}}}, Steps: 5, SessionGap: time.Minute, Limit: 1}
	for want, change := range map[string]func(p *Paths){
		"spec.tables[0].paths.items: at least one is needed":          func(p *Paths) { p.Items = nil },
		`spec.tables[0].paths.items[0].key: there is no key "colour"`: func(p *Paths) { p.Items[0].Key = "colour" },
		"spec.tables[0].paths.steps: 2 to 20, not 1":                  func(p *Paths) { p.Steps = 1 },
		"spec.tables[0].paths.sessionGap: must be positive":           func(p *Paths) { p.SessionGap = 0 },
		"spec.tables[0].paths.edges: at least 1":                      func(p *Paths) { p.Limit = 0 },
	} {
		p := fine
		p.Items = slices.Clone(p.Items)
		change(&p)
		_, err := engine.New(pathPlan(p))
		require.EqualError(t, err, want)
	}
}

func TestPatternsMatchAnyPart(t *testing.T) {
	for _, c := range []struct {
		text, pattern string
		fits          bool
	}{
		{"/bar/1/foo", "/bar/*/foo", true}, {"/2/bar/1/foo/3", "/bar/*/foo", true}, {"/bar/foo", "/bar/*/foo", false},
		{"/foo/bar", "/bar*/foo", false}, {"", "*", true}, {"abcabd", "b*d", true}, {"a.c", "a.c", true}, {"abc", "a.c", false},
	} {
		require.Equal(t, c.fits, containsPattern(c.text, c.pattern), "%s in %s", c.pattern, c.text)
	}
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/hack/bench/funnel/clickhouse"
	"github.com/journeyman-dev/journeyman/hack/bench/funnel/duckdb"
	"github.com/journeyman-dev/journeyman/hack/bench/funnel/measure"
	"github.com/journeyman-dev/journeyman/hack/bench/funnel/ours"
	"github.com/journeyman-dev/journeyman/hack/bench/funnel/world"
)

// rowNames in the order of the table.
const rowNames = "a,b,ac,c,m"

// question is the query of a row.
type question struct {
	name, text string
	// identities of the world; more than the funnel; a whole map, which only Journeyman has.
	identities, more, whole bool
}

var allRows = []question{
	{name: "a", text: "a funnel of five stages with a window, counts alone"},
	{name: "b", text: "(a) with identities that are joined and duplicates that are taken out", identities: true},
	{name: "ac", text: "(a) with daily retention and paths", more: true},
	{name: "c", text: "(b) with daily retention and paths", identities: true, more: true},
	{name: "m", text: "all that the status of a map shows, over the events of (a)", whole: true},
}

// run measures all rows of one world, and then of the other.
func (p *plan) run(ctx context.Context) error {
	for _, name := range p.rows {
		if !slices.ContainsFunc(allRows, func(q question) bool { return q.name == name }) {
			return fmt.Errorf("-rows: %q is none of %s", name, rowNames)
		}
	}
	p.bench.Head()
	worlds := map[bool]bool{}
	for _, q := range allRows {
		if slices.Contains(p.rows, q.name) {
			worlds[q.identities] = true
		}
	}
	if err := p.bench.Room(measure.Need{Events: p.events, Worlds: len(worlds), Layouts: len(p.layouts), Keep: p.keep}); err != nil {
		return err
	}
	for _, identities := range []bool{false, true} {
		var rows []question
		for _, q := range allRows {
			if q.identities == identities && slices.Contains(p.rows, q.name) {
				rows = append(rows, q)
			}
		}
		if len(rows) == 0 {
			continue
		}
		if err := p.world(ctx, world.New(p.events, identities), rows); err != nil {
			return err
		}
	}
	p.bench.Print()
	return nil
}

// world measures the rows over one world, one layout after the other.
func (p *plan) world(ctx context.Context, w world.World, rows []question) (err error) {
	began := time.Now()
	truth := w.Truth()
	p.bench.Say("\n%d events, %d persons%s: the answers are known after %.0f s; persons who reach the stages: %v, first edge of the paths: %v", w.Events,
		w.Persons, map[bool]string{true: " of one to three identities"}[w.Identities], time.Since(began).Seconds(), truth.Reached, truth.Edges[0])
	for _, q := range rows {
		p.bench.Say("row (%s): %s", q.name, q.text)
	}
	if strings.Contains(p.engines, "clickhouse") {
		err = p.clickhouse(ctx, w, rows, &truth)
	}
	if err == nil && strings.Contains(p.engines, "duckdb") {
		err = p.duckdb(ctx, w, rows, &truth)
	}
	if err == nil && strings.Contains(p.engines, "journeyman") {
		err = p.ours(ctx, w, rows, &truth)
	}
	return err
}

// clickhouse measures both ways to store the name of an event. In a world with identities, there is one.
func (p *plan) clickhouse(ctx context.Context, w world.World, rows []question, truth *world.Answer) error {
	if why := clickhouse.Missing(p.bench); why != "" {
		p.bench.Say("skipped: ClickHouse: %s", why)
		return nil
	}
	for _, packed := range []bool{false, true} {
		for _, fresh := range p.layouts {
			switch {
			case packed && w.Identities:
				continue
			case fresh > 0 && w.Identities:
				p.bench.Say("  %s, %s: not measured: it groups by the event's ID first, so that the order of the rows and their parts do not matter",
					measure.ClickHouse, measure.FreshLayout(fresh))
				continue
			}
			for _, q := range rows {
				e := &clickhouse.Engine{Bench: p.bench, World: w, Packed: packed, Fresh: fresh, More: q.more}
				if q.whole {
					continue
				}
				if err := e.Prepare(ctx); err != nil {
					return err
				}
				if err := p.measure(ctx, q, fresh, truth, e); err != nil {
					return err
				}
			}
		}
	}
	if p.keep {
		return nil
	}
	if p.bench.ClickHouse == "" {
		return os.RemoveAll(clickhouse.Dir(p.bench))
	}
	return (&clickhouse.Engine{Bench: p.bench, World: w}).Remove(ctx)
}

// duckdb measures one sorted file. Window functions sort the rows in any case, so other layouts would give the same times.
func (p *plan) duckdb(ctx context.Context, w world.World, rows []question, truth *world.Answer) error {
	for _, q := range rows {
		e := &duckdb.Engine{Bench: p.bench, World: w, More: q.more}
		if q.whole {
			continue
		}
		if err := e.Prepare(ctx); err != nil {
			return err
		}
		if err := p.measure(ctx, q, 0, truth, e); err != nil {
			return err
		}
	}
	if p.keep {
		return nil
	}
	return os.RemoveAll((&duckdb.Engine{Bench: p.bench, World: w}).Files())
}

func (p *plan) ours(ctx context.Context, w world.World, rows []question, truth *world.Answer) error {
	var possible []int
	for _, fresh := range p.layouts {
		if why := p.bench.TooFresh(w.Events, fresh); why != "" {
			p.bench.Say("  %s, %s: skipped: %s", measure.Journeyman, measure.FreshLayout(fresh), why)
			continue
		}
		possible = append(possible, fresh)
	}
	layouts, err := ours.NewLayouts(ctx, p.bench, w, possible)
	if err != nil {
		return err
	}
	for _, fresh := range possible {
		for _, q := range rows {
			e := &ours.Engine{Bench: p.bench, World: w, StoreArgs: p.storeArgs, Fresh: fresh, More: q.more, Whole: q.whole}
			if err := layouts.Prepare(ctx, e); err != nil {
				return err
			}
			if err := p.measure(ctx, q, fresh, truth, e); err != nil {
				return err
			}
		}
	}
	if p.keep {
		return nil
	}
	return layouts.Remove()
}

func (p *plan) measure(ctx context.Context, q question, fresh int, truth *world.Answer, e measure.Engine) error {
	_, mine := e.(*ours.Engine)
	return p.bench.Measure(ctx, measure.Row{
		Name: q.name, Place: slices.IndexFunc(allRows, func(r question) bool { return r.name == q.name }),
		Layout: measure.FreshLayout(fresh), More: q.more, Truth: truth, MayFail: !mine,
	}, e)
}

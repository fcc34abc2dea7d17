// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package draft writes first manifests for files of events: a source with a mapping rule, a map and a report, with comments that say what was seen.
package draft

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/draft/order"
	"github.com/journeyman-dev/journeyman/internal/draft/recognise"
	"github.com/journeyman-dev/journeyman/internal/manifest"
	"github.com/journeyman-dev/journeyman/internal/preview"
	"github.com/journeyman-dev/journeyman/internal/preview/fill"
)

// Options of a draft.
type Options struct {
	// Events are the files. A file without a source is one of its own.
	Events []fill.File
	// Text holds the settings of files without settings of their own.
	Text fill.Text
	// Columns are the columns of fields that the user named.
	Columns map[string]string
	// Currency of amounts without one.
	Currency string
	// Name of the map, Store that it reads, and Channel of the sources.
	Name, Store, Channel string
	// Now is the clock.
	Now time.Time
}

// ErrNoMap means that there is only a source.
var ErrNoMap = errors.New("there is no map, because only one event can be a stage, and a journey has at least two: add the files of further systems")

// Draft is what was found in the files.
type Draft struct {
	// Filled says what became of the rows by the rules of the draft.
	Filled fill.Result

	o       Options
	sources []*source
	counts  *counts
	stages  []stage
	leftOut []order.LeftOut
	window  window
}

// stage is a proposed stage.
type stage struct {
	order.Event
	name string
	// together is the number of customers who met it and the stage before, and later the number of those who met it later.
	together, later int64
	// optional is set if most customers skip it.
	optional bool
}

// window is the time from the first stage to the last: of the map, and the reason.
type window struct {
	length time.Duration
	// usual is the time that nine of ten customers take, and customers is their number.
	usual     time.Duration
	customers int64
}

// ParseColumns reads pairs of a field and its column.
func ParseColumns(list []string) (map[string]string, error) { return recognise.ParseColumns(list) }

// New reads the files twice: once for their columns, and once by the rules for these, into a store in a temporary folder.
func New(ctx context.Context, o Options) (d *Draft, err error) {
	d = &Draft{o: o}
	if err := d.read(); err != nil {
		return nil, err
	}
	set := &manifest.Set{}
	var files []fill.File
	for _, s := range d.sources {
		set.Sources = append(set.Sources, d.object(s))
		for i := range s.files {
			files = append(files, s.files[i].Of(s.name))
		}
	}
	p, err := preview.Open(ctx, preview.Options{
		Manifests: set, Events: files, Text: o.Text, Now: o.Now, WithoutMap: true, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	d.Filled = p.Filled
	if d.counts, err = count(ctx, p.Events()); err != nil {
		return nil, err
	}
	return d, d.propose(ctx, p)
}

// Err returns ErrNoMap if there is no map.
func (d *Draft) Err() error {
	if len(d.stages) < 2 {
		return ErrNoMap
	}
	return nil
}

// shortest is the shortest window that is proposed, unless the files cover only hours: people sleep on a decision.
const shortest = 24 * time.Hour

// propose finds the stages.
func (d *Draft) propose(ctx context.Context, p *preview.Preview) error {
	events, out := order.Candidates(d.counts.list(), d.counts.customers, unsuitable)
	if len(events) == 0 {
		return errors.New("no event of the files can be a stage of a map: " + reasons(out))
	}
	pairs, err := d.counts.pairs(ctx, p.Events(), events)
	if err != nil {
		return err
	}
	stages, further := order.Stages(events, pairs)
	d.leftOut = append(out, further...)
	names := map[string]bool{}
	for i, e := range stages {
		s := stage{Event: events[e], name: stageName(events[e].Name, names), optional: order.Optional(events, stages, i, pairs)}
		names[s.name] = true
		if i > 0 {
			s.together, s.later = pairs.Both(stages[i-1], e), pairs.Before(stages[i-1], e)
		}
		d.stages = append(d.stages, s)
	}
	first, last := stages[0], stages[len(stages)-1]
	d.window = window{length: shortest}
	if first != last {
		d.window.usual, d.window.customers = pairs.Window(first, last), pairs.Before(first, last)
		d.window.length = max(shortest, d.window.usual)
	}
	// An attempt is mature once its window has ended, so a window of more than half of the file would leave few of them.
	for i := len(order.Windows) - 1; i > 0 && 2*d.window.length > d.counts.span(); i-- {
		if order.Windows[i] <= d.window.length {
			d.window.length = order.Windows[i-1]
		}
	}
	return nil
}

// reasons lists why events are no stages.
func reasons(out []order.LeftOut) string {
	var list []string
	for _, l := range out {
		list = append(list, fmt.Sprintf("%q: %s", shown(l.Name), l.Why))
		if len(list) == 5 {
			break
		}
	}
	return strings.Join(list, "; ")
}

// object returns the manifest of a source.
func (d *Draft) object(s *source) *v1alpha1.TouchpointSource {
	out := &v1alpha1.TouchpointSource{}
	out.APIVersion, out.Kind, out.Name = v1alpha1.GroupVersion.String(), "TouchpointSource", s.name
	out.Spec = v1alpha1.TouchpointSourceSpec{
		StoreRef: v1alpha1.LocalReference{Name: v1alpha1.LocalName(d.o.Store)}, Channel: v1alpha1.Channel(d.o.Channel), Transport: transportOf(s.protocol, s.name),
	}
	if s.rule != nil {
		if s.rule.Further != "" {
			out.Spec.Mapping = append(out.Spec.Mapping, v1alpha1.MappingRule{When: v1alpha1.CELExpression(s.rule.Further), Drop: &v1alpha1.MappingDrop{}})
		}
		out.Spec.Mapping = append(out.Spec.Mapping, mappingOf(s.rule))
		if s.rule.Nobody {
			out.Spec.Unidentified = v1alpha1.KeepUnidentified
		}
	}
	return out
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// label returns a text as the name of an object or a stage, with at most n characters; empty if nothing of it can be used.
func label(text string, n int) string {
	text = strings.Trim(notInNames.ReplaceAllString(strings.ToLower(text), "-"), "-")
	if len(text) > n {
		text = strings.TrimRight(text[:n], "-")
	}
	return text
}

const (
	maxStageName  = 40
	maxSourceName = 30
)

// stageName returns a name of a stage that no other has.
func stageName(event string, taken map[string]bool) string {
	name := cmp.Or(label(event, maxStageName-4), "stage")
	for i, base := 2, name; taken[name]; i++ {
		name = fmt.Sprintf("%s-%d", base, i)
	}
	return name
}

// sourceName returns the name of a source for a file.
func sourceName(path string) string {
	base, _, _ := strings.Cut(filepath.Base(path), ".")
	if name := label(base, maxSourceName); name != "" && name[0] >= 'a' {
		return name
	}
	return "events"
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/files"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/ingest/eventid"
	"github.com/journeyman-dev/journeyman/internal/plain"
	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// appendRows is the number of events that are appended at once.
const appendRows = 5000

// filler brings rows into a store.
type filler struct {
	store store.Appender
	// specs of the sources that the manifests have; a source without one takes rows in the plain form.
	specs map[string]*v1alpha1.TouchpointSourceSpec
	// fallback is the source of rows that name none; empty when there are several to choose from. Chosen tells that it was asked for,
	// made that the manifests have no sources at all.
	fallback     string
	chosen, made bool
	// text says what the file leaves open, as far as somebody told it.
	text Text
	// latest is the newest time that an event may have, in microseconds, and not be ahead.
	latest int64
	known  []string
	names  *names

	// set are the manifests.
	set *inputs
	// nobody are the store's own words for nobody.
	nobody []v1alpha1.Placeholder
	// privacy is the store's policy; nil for none.
	privacy *v1alpha1.PrivacyPolicy

	sources map[string]*ingest.Offline
	pending map[string][]event.Event
	strange map[string]int64
	// numbers are the identifiers that are numbers, by their type.
	numbers map[string]numerals
	money   money
	crowds  crowds
	out     Filled
}

func newFiller(s store.Appender, set *inputs, o *Options) *filler {
	f := &filler{
		store: s, set: set, specs: map[string]*v1alpha1.TouchpointSourceSpec{}, fallback: o.Source, chosen: o.Source != "", made: set.madeUp,
		text: o.Text, latest: max(o.Now.UnixMicro()+event.MaxAhead, o.AsOf.UnixMicro()), sources: map[string]*ingest.Offline{},
		pending: map[string][]event.Event{}, strange: map[string]int64{}, numbers: map[string]numerals{}, names: newNames(set),
	}
	f.privacy = set.store.Spec.Privacy
	if set.store.Spec.Identity != nil {
		f.nobody = set.store.Spec.Identity.Placeholders
	}
	for _, t := range set.sources {
		f.specs[t.Name] = &t.Spec
		f.known = append(f.known, t.Name)
	}
	slices.Sort(f.known)
	if f.fallback == "" && len(f.known) == 1 {
		f.fallback = f.known[0]
	}
	return f
}

// filling is one file on its way into the store.
type filling struct {
	*filler
	path   string
	reader *plain.Reader
	// table tells that the rows are no documents.
	table    bool
	ordinals files.Ordinals
	// err says that the rows seen so far could not be remembered.
	err error
}

// sourceAndFile takes "SOURCE=FILE" apart. A file that has such a name is a file.
func sourceAndFile(arg string) (source, path string) {
	source, path, ok := strings.Cut(arg, "=")
	if !ok || !sourceForm.MatchString(source) {
		return "", arg
	}
	if _, err := os.Stat(arg); err == nil {
		return "", arg
	}
	return source, path
}

// sourceForm is that of the name of a TouchpointSource.
var sourceForm = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)

// choose takes what the argument of a file says of its source until the function that it gives is called.
func (f *filler) choose(arg string) (path string, undo func(), err error) {
	source, path := sourceAndFile(arg)
	fallback, chosen := f.fallback, f.chosen
	undo = func() { f.fallback, f.chosen = fallback, chosen }
	told := "--source " + f.fallback
	if source != "" {
		f.fallback, f.chosen, told = source, true, arg
	}
	switch {
	case !f.chosen || f.specs[f.fallback] != nil:
	case f.made:
		f.makeUp(f.fallback)
	default:
		err = fmt.Errorf("%s: the manifests have no TouchpointSource %q, but %s; of a file itself %s can be told", told, f.fallback,
			strings.Join(f.known, ", "), whatCanBeTold)
	}
	f.out.file = path
	return path, undo, err
}

// makeUp takes the rows of a source in the plain form, where the manifests say nothing of sources.
func (f *filler) makeUp(source string) {
	f.set.addSource(source)
	f.specs[source] = &v1alpha1.TouchpointSourceSpec{}
	f.out.Notes = append(f.out.Notes, fmt.Sprintf("the manifests have no TouchpointSource, so the rows for %q are read in the plain form", source))
}

// ruled tells whether rules may make events of the rows of a file.
func (g *filling) ruled() bool {
	if g.chosen && !g.reader.HasSource() {
		return g.mapped(g.fallback)
	}
	return slices.ContainsFunc(g.known, g.mapped)
}

// file takes the rows of one file.
func (f *filler) file(ctx context.Context, arg string) error {
	path, undo, err := f.choose(arg)
	defer undo()
	if err != nil {
		return err
	}
	in, err := files.Open(path, files.Options{Whole: f.mapped(f.fallback), Encoding: f.text.Encoding})
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // Only read.
	g := filling{filler: f, path: path, table: in.Columns != nil, reader: plain.NewReader(plain.Options{
		Columns: in.Columns, Commas: in.Commas, Event: f.text.Event, Dates: f.text.Dates, Zone: f.text.Zone,
	})}
	if !g.ruled() {
		if err := g.reader.Missing(); err != nil {
			return fmt.Errorf("%s: %s", Printable(path), Printable(err.Error()))
		}
	}
	if err := in.Each(func(r files.Row) error { return g.row(ctx, &r) }); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, name := range slices.Sorted(maps.Keys(f.pending)) {
		if err := f.flush(ctx, name); err != nil {
			return err
		}
	}
	for _, note := range slices.Concat(in.Notes(), g.reader.Notes(), f.strangers()) {
		f.out.Notes = append(f.out.Notes, filepath.Base(path)+": "+mask.Name(note))
	}
	return nil
}

// mapped tells whether rules make the events of a source.
func (f *filler) mapped(source string) bool {
	spec := f.specs[source]
	return spec != nil && len(spec.Mapping) > 0
}

// refused counts and tells of a row that is refused; the rows after it are read.
func (g *filling) refused(where string, rejection *reject.Rejection) bool {
	if rejection != nil {
		g.out.refuse(where, rejection)
	}
	return rejection != nil
}

func (g *filling) row(ctx context.Context, r *files.Row) error {
	g.out.counting(1)
	where := fmt.Sprintf("%s:%d", g.path, r.Line)
	if g.refused(where, r.Bad) {
		return nil
	}
	name, rejection := g.sourceOf(r.Values, g.reader.Source(r.Values))
	if g.refused(where, rejection) {
		return nil
	}
	g.out.countingFor(name, 1)
	source, err := g.source(name)
	if err != nil {
		return err
	}
	if !g.mapped(name) && g.reader.NoEvent(r.Values) {
		return nil
	}
	content, rejection := transport.ContentID(r.Values)
	if g.refused(where, rejection) {
		return nil
	}
	mapped := g.mapRow(source, name, r.Values, content)
	if g.err != nil {
		return g.err
	}
	return g.take(ctx, where, name, &mapped)
}

// mapRow makes events of a row: a message of the source's transport, a document for its rules, or a row in the plain form, which is known by what
// was understood of it. content stands for the values of the row.
func (g *filling) mapRow(source *ingest.Offline, name string, row map[string]any, content string) ingest.Mapped {
	var understood *event.Event
	known := func() (string, *reject.Rejection) {
		if understood != nil {
			return eventid.Content(understood)
		}
		return content, nil
	}
	if !g.table {
		if message := source.Message(row); message != nil {
			return source.Request(message, g.ordinal(known))
		}
	}
	document, header := any(row), http.Header(nil)
	if g.mapped(name) {
		document, header = unwrap(row)
	}
	return source.Map(document, g.ordinal(known), header, func() (*event.Event, *reject.Rejection) {
		var rejection *reject.Rejection
		understood, rejection = g.reader.Event(row, "")
		return understood, rejection
	})
}

// ordinal gives the id of a row that has none of its own: by its content, and its place among equal rows. It is asked for such rows alone, so that
// nothing has to be remembered of others.
func (g *filling) ordinal(content func() (string, *reject.Rejection)) func() (string, *reject.Rejection) {
	id := ""
	return func() (string, *reject.Rejection) {
		if id != "" {
			return id, nil
		}
		text, rejection := content()
		if rejection == nil {
			id, g.err = g.ordinals.Of(text)
		}
		return id, rejection
	}
}

// time takes note of the time of an event. One that is ahead says nothing of how far the events reach.
func (f *filler) time(where string, e *event.Event) {
	if e.Time <= f.latest {
		f.out.Newest = max(f.out.Newest, e.Time)
		return
	}
	e.Flags |= event.FlagFuture
	if f.out.Ahead++; f.out.Ahead == 1 {
		f.out.FirstAhead = where + ", of " + time.UnixMicro(e.Time).UTC().Format(time.RFC3339)
	}
}

// take counts what became of a row, and stores it with others.
func (f *filler) take(ctx context.Context, where, source string, mapped *ingest.Mapped) error {
	f.out.Placeholders += mapped.Placeholders
	for field, n := range mapped.Nothings {
		if f.out.Nothings == nil {
			f.out.Nothings = map[string]int64{}
		}
		f.out.Nothings[field] += n
	}
	f.out.PlaceholderIDs += mapped.PlaceholderIDs
	if mapped.Dropped {
		f.out.Dropped++
	}
	for _, r := range mapped.Rejected {
		f.out.refuse(where, r)
	}
	for i := range mapped.Events {
		f.time(where, &mapped.Events[i])
		f.names.saw(mapped.Events[i].Name)
		f.numerals(&mapped.Events[i])
		f.money.saw(&mapped.Events[i])
		f.crowds.saw(&mapped.Events[i])
		if mapped.Events[i].Flags&event.FlagUnidentified != 0 {
			f.out.Unidentified++
		}
	}
	f.out.Events += int64(len(mapped.Events))
	f.pending[source] = append(f.pending[source], mapped.Events...)
	if len(f.pending[source]) >= appendRows {
		return f.flush(ctx, source)
	}
	return nil
}

// maxStrange bounds the names of sources that are remembered for a note.
const maxStrange = 20

// sourceOf gives the source of a row: the one that it names, else the one to fall back on. A name that no manifest has is refused; where there
// are no sources at all, or one was asked for, it is a note.
func (f *filler) sourceOf(row map[string]any, name string) (string, *reject.Rejection) {
	if _, known := f.specs[name]; known {
		return name, nil
	}
	// In a document of a sender, a field of that name means something of its own.
	_, cloudEvent := row["specversion"].(string)
	if name == "" || cloudEvent || f.mapped(f.fallback) {
		if f.fallback != "" {
			return f.fallback, nil
		}
		name = ""
	}
	switch {
	case name == "":
		return "", reject.New(reject.UnknownSource, "source",
			fmt.Sprintf("the row names no source: add a column \"source\" with one of %s, or give the file as --events SOURCE=FILE", strings.Join(f.known, ", ")))
	case f.fallback != "" && (f.made || f.chosen):
		if _, ok := f.strange[name]; ok || len(f.strange) < maxStrange {
			f.strange[name]++
		}
		return f.fallback, nil
	}
	return "", reject.New(reject.UnknownSource, "source", fmt.Sprintf("the manifests have no TouchpointSource %q, but %s: "+
		"correct the name, rename the column if it means something else, or take all rows for one source by --events SOURCE=FILE", name, strings.Join(f.known, ", ")))
}

// strangers notes the sources that rows name and no manifest has.
func (f *filler) strangers() []string {
	if len(f.strange) == 0 {
		return nil
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(f.strange)) {
		list = append(list, fmt.Sprintf("%q (%s)", name, value.Counted(f.strange[name], "row")))
	}
	clear(f.strange)
	return []string{fmt.Sprintf("column source names what is no TouchpointSource of the manifests, so the rows are taken for %q: %s",
		f.fallback, strings.Join(list, ", "))}
}

func (f *filler) source(name string) (*ingest.Offline, error) {
	if s := f.sources[name]; s != nil {
		return s, nil
	}
	spec := f.specs[name]
	if spec == nil {
		spec = &v1alpha1.TouchpointSourceSpec{}
	}
	if spec.Channel == "" {
		spec = spec.DeepCopy()
		spec.Channel = "web"
	}
	s, err := ingest.NewOffline(name, spec)
	if err != nil {
		return nil, fmt.Errorf("TouchpointSource %s: %w", name, err)
	}
	s.Nobody(f.nobody)
	s.Hide(f.privacy)
	f.sources[name] = s
	return s, nil
}

func (f *filler) flush(ctx context.Context, name string) error {
	if len(f.pending[name]) == 0 {
		return nil
	}
	batch := store.Batch{Source: name, Events: f.pending[name], Counters: store.Counters{Accepted: int64(len(f.pending[name]))}}
	if spec := f.specs[name]; spec != nil {
		batch.Trust = &store.Trust{Public: spec.EffectiveTrust() == v1alpha1.Public}
	}
	appended, err := f.store.Append(ctx, batch)
	f.out.Duplicates += appended.Duplicates
	f.pending[name] = nil
	return err
}

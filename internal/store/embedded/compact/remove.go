// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package compact

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/dedup"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// removal is a removal in progress.
type removal struct {
	catalog.Removal
	store.RemovalPlan

	compactor *Compactor
	dropped   *rewrite.Dropped
	// holders are the files with events to remove.
	holders []*part.Part
	keys    *dedup.Gone
	// read are the files whose events were passed to the identity table.
	read map[string]bool
}

// PlanRemoval counts what Remove would remove. It flushes the log.
func (c *Compactor) PlanRemoval(ctx context.Context, r store.RemoveRequest) (store.RemovalPlan, error) {
	end, err := c.begin()
	if err != nil {
		return store.RemovalPlan{}, err
	}
	defer end()
	m, err := c.findRemoval(ctx, &r, false)
	if err != nil {
		return store.RemovalPlan{}, writeError(err)
	}
	return m.RemovalPlan, nil
}

// Remove removes events of a source. All changes take effect with the last step:
//
//  1. Flush the log, and find the events in the sorted files, with their keys and what they state about persons.
//  2. Rewrite these files without the events, and verify the new ones with another reader.
//  3. Read what all other events state about the same identifiers.
//  4. Write the key files without the keys, and if there are pins, the events to files that only pins read.
//  5. Block appends, read what is not in sorted files yet, and write the identity table, a commit without events, and the manifest.
//
// Scans that have started read the old files to their end.
func (c *Compactor) Remove(ctx context.Context, r store.RemoveRequest) (store.Removed, error) {
	end, err := c.beginErasing(ctx)
	if err != nil {
		return store.Removed{}, err
	}
	defer end()
	pinnable, err := c.beginRemoving(ctx)
	if err != nil {
		return store.Removed{}, err
	}
	defer pinnable()
	answer, err := c.remove(ctx, &r)
	if err != nil {
		return store.Removed{}, writeError(err)
	}
	return answer, nil
}

func writeError(err error) error {
	if errors.Is(err, store.ErrInvalid) {
		return err
	}
	return volume.WriteError(err)
}

func (c *Compactor) remove(ctx context.Context, r *store.RemoveRequest) (answer store.Removed, err error) {
	m, err := c.findRemoval(ctx, r, true)
	if err != nil {
		return answer, err
	}
	defer func() { err = errors.Join(err, m.keys.Close()) }()
	if m.RemovalPlan.Events == 0 {
		return store.Removed{Seq: c.catalog.Seq(), IdentityVersion: c.catalog.People().Version()}, nil
	}
	written, err := m.rewrite(ctx)
	if err != nil {
		return answer, err
	}
	installed := false
	defer func() {
		if !installed {
			err = errors.Join(err, c.removeWritten(written))
		}
	}()
	if answer.FilesChecked, err = m.prove(ctx, written); err != nil {
		return answer, err
	}
	if err := m.readOthers(ctx); err != nil {
		return answer, err
	}
	keys, forgotten, err := c.writer.Forget(m.keys)
	if err != nil {
		return answer, err
	}
	m.Manifest = c.catalog.Change()
	m.Manifest.Files = append(part.Without(m.Manifest.Files, m.holders), written...)
	if err := c.hold(ctx, m.Manifest, nil, m.holders, rewrite.Only(m.dropped)); err != nil {
		return answer, errors.Join(err, keys.Abandon())
	}
	installed = true
	if answer.Seq, err = c.writer.Remove(&m.Removal, keys, m.readTail); err != nil {
		return answer, err
	}
	answer.Events, answer.Keys, answer.Identities = m.RemovalPlan.Events, forgotten, m.Identities
	answer.FilesRewritten, answer.IdentityVersion = int64(len(m.holders)), c.catalog.People().Version()
	return answer, nil
}

// removeWritten removes new files after an error: no manifest names them.
func (c *Compactor) removeWritten(written []part.Meta) error {
	var err error
	for _, m := range written {
		err = errors.Join(err, c.volume.RemoveIfThere(c.volume.Path(volume.Data, m.Name)))
	}
	return err
}

// findRemoval flushes the log, and finds the events to remove. The keys are collected only if requested.
func (c *Compactor) findRemoval(ctx context.Context, r *store.RemoveRequest, keys bool) (m *removal, err error) {
	newest := c.catalog.Seq()
	if err := r.Check(newest); err != nil {
		return nil, err
	}
	source, ok := c.catalog.Source(r.Source)
	if !ok {
		return nil, store.UnknownSource(r.Source)
	}
	selection, err := r.Selection(&source.Origins, newest)
	if err != nil {
		return nil, err
	}
	if err := c.flush(ctx); err != nil {
		return nil, err
	}
	m = &removal{compactor: c, dropped: &rewrite.Dropped{Source: r.Source, Selection: selection}, read: map[string]bool{}}
	m.Source, m.Import, m.People = r.Source, r.Import, c.catalog.People().Subtract(r.Source)
	m.Through, m.Duplicates = selection.Through, r.MissedDuplicates(&source.Origins, source.State.Duplicates)
	err = m.find(ctx, keys)
	if err != nil && m.keys != nil {
		err = errors.Join(err, m.keys.Close())
	}
	return m, err
}

// find reads the files that may contain events to remove.
func (m *removal) find(ctx context.Context, keys bool) error {
	c := m.compactor
	var candidates []*part.Part
	most := int64(0)
	for _, p := range c.catalog.Parts() {
		if m.dropped.May(&p.Meta) {
			candidates, most = append(candidates, p), most+p.Rows
		}
	}
	if keys {
		m.keys = dedup.NewGone(c.volume, most)
	}
	var times store.Times
	for _, p := range candidates {
		before := m.RemovalPlan.Events
		err := c.files.EachDropped(ctx, p, m.dropped, func(e *rewrite.Stated) error {
			m.RemovalPlan.Events++
			times.Add(e.Time)
			m.People.Gone(e.Source, identity.EdgesOf(&e.Event))
			if e.Flags&event.FlagFuture == 0 {
				m.Gone.Add(e.Time)
			}
			if m.keys == nil {
				return nil
			}
			return m.keys.Add(e.Key())
		})
		if err == nil {
			err = c.keepPace(ctx)
		}
		if err != nil {
			return err
		}
		if m.RemovalPlan.Events > before {
			m.holders = append(m.holders, p)
		}
	}
	m.Removal.Events, m.Oldest, m.Newest = m.RemovalPlan.Events, times.Oldest, times.Newest
	m.Persons, m.Files = m.People.Persons(), int64(len(m.holders))
	return nil
}

// rewrite rewrites the files without the events.
func (m *removal) rewrite(ctx context.Context) ([]part.Meta, error) {
	session, err := m.compactor.session()
	if err != nil {
		return nil, err
	}
	return session.RewriteAll(ctx, eachAlone(m.holders, rewrite.Dropping(m.dropped)), m.compactor.keepPace)
}

// prove decodes the new files, and the others that may contain such events, and returns their number.
func (m *removal) prove(ctx context.Context, written []part.Meta) (int64, error) {
	c := m.compactor
	var parts []*part.Part
	for _, w := range written {
		parts = append(parts, c.catalog.PartOf(w))
	}
	if want := rowsIn(m.holders) - m.RemovalPlan.Events; part.Rows(written) != want {
		return 0, fmt.Errorf("the files without the events have %d rows instead of %d", part.Rows(written), want)
	}
	for _, p := range c.catalog.Parts() {
		if m.dropped.May(&p.Meta) && !slices.Contains(m.holders, p) {
			parts = append(parts, p)
		}
	}
	p, err := c.files.HasDropped(ctx, parts, m.dropped)
	if err != nil {
		return 0, err
	}
	if p != nil {
		return 0, fmt.Errorf("events to remove are still in %s", p.Name)
	}
	return int64(len(parts)), nil
}

func rowsIn(parts []*part.Part) (n int64) {
	for _, p := range parts {
		n += p.Rows
	}
	return n
}

// readOthers passes the remaining events to the identity table, including those that were flushed in the meantime.
func (m *removal) readOthers(ctx context.Context) error {
	c := m.compactor
	for {
		i := slices.IndexFunc(c.catalog.Parts(), func(p *part.Part) bool { return !m.read[p.Name] })
		if i < 0 {
			return nil
		}
		p := c.catalog.Parts()[i]
		m.read[p.Name] = true
		if err := c.files.Each(ctx, p, m.dropped, m.other); err != nil {
			return err
		}
		if err := c.keepPace(ctx); err != nil {
			return err
		}
	}
}

// readTail passes the events that are not in sorted files yet to the identity table.
func (m *removal) readTail(runs []*run.Run) error {
	for _, r := range runs {
		if err := rewrite.EachOf(r, m.dropped, m.other); err != nil {
			return err
		}
	}
	return nil
}

func (m *removal) other(e *rewrite.Stated) error {
	if e.Dropped {
		return nil
	}
	m.People.Stays(e.Source, identity.EdgesOf(&e.Event))
	if e.Source == m.Source && e.Flags&event.FlagFuture == 0 {
		m.Stay.Add(e.Time)
	}
	return nil
}

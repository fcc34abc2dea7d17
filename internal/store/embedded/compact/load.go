// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package compact

import (
	"context"
	"errors"
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/dedup"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/load"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/statements"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/writer"
)

// loading is a load that is being committed.
type loading struct {
	compactor *Compactor
	load      *load.Load
	months    [][]*part.Part
	// removal of what the load replaces; nil for none.
	removal *removal
	settled *dedup.Settled
	set     *statements.Set
}

// CommitLoad commits a load. All changes take effect with the last step:
//
//  1. Reserve the keys of the load: appends of them are refused until the end.
//  2. Merge the keys with the sorted key files, to find the events that are new.
//  3. Read what the new events state about persons, and guess the persons that follow.
//  4. Merge the temporary files of each month into sorted files. The log is flushed between files.
//  5. If the load replaces events: the first four steps of Remove.
//  6. Block appends, write a commit without events and the manifest, and add the statements to the identity table.
//
// Erasures, removals and merges wait for it.
func (c *Compactor) CommitLoad(ctx context.Context, l *load.Load, counters store.Counters) error {
	end, err := c.beginErasing(ctx)
	if err != nil {
		return err
	}
	defer end()
	err = l.Hold(func() error { return c.commitLoad(ctx, l, counters) })
	if err == nil || errors.Is(err, store.ErrCrowded) || errors.Is(err, store.ErrLoadGone) {
		return err
	}
	return writeError(err)
}

func (c *Compactor) commitLoad(ctx context.Context, l *load.Load, counters store.Counters) (err error) {
	p, state := &loading{compactor: c, load: l}, l.State()
	if p.months, err = l.Stage.Months(); err != nil {
		return err
	}
	if l.Request.Replaces != nil {
		pinnable, err := c.beginRemoving(ctx)
		if err != nil {
			return err
		}
		defer pinnable()
		closeRemoval, err := p.findReplaced(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, closeRemoval()) }()
	}
	reserved, err := l.Keys.Reserve()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reserved.Close()) }()
	tail := c.writer.Reserve(reserved)
	defer c.writer.Release()
	var gone *dedup.Gone
	if p.removal != nil {
		gone = p.removal.keys
	}
	if p.settled, err = c.writer.Settle(l.Keys, tail, gone, state.Events); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.settled.Close(c.volume)) }()
	written, err := p.write(ctx)
	if err != nil {
		return err
	}
	if err := p.install(ctx, written, state, counters); err != nil {
		return err
	}
	// The sources and the identity table on the volume now include the load, so that an opening does not read its files.
	if err := c.flush(ctx); err != nil {
		c.options.Logger.Error("flush after a load failed; retrying later", "load", l.Request.ID, "error", err)
	}
	return nil
}

// findReplaced finds the events that the load replaces.
func (p *loading) findReplaced(ctx context.Context) (closeKeys func() error, err error) {
	m, err := p.compactor.findRemoval(ctx, p.load.Request.Replaces, true)
	if err != nil {
		return nil, err
	}
	if m.RemovalPlan.Events > 0 {
		p.removal = m
	}
	return m.keys.Close, nil
}

// write writes the sorted files of the new events.
func (p *loading) write(ctx context.Context) (written []part.Meta, err error) {
	c := p.compactor
	p.set = statements.NewSet(p.mostLinks())
	for _, month := range p.months {
		for _, file := range month {
			if err := errors.Join(ctx.Err(), p.set.Read(file, p.settled.Dropped.Has)); err != nil {
				return nil, store.CrowdedLoad(p.load.Request.ID, err)
			}
			if err := c.keepPace(ctx); err != nil {
				return nil, err
			}
		}
	}
	p.set.Sort()
	if err := p.crowded(); err != nil {
		return nil, err
	}
	known, err := c.catalog.People().View(0)
	if err != nil {
		return nil, err
	}
	session := c.files.At(p.set.Place(known, c.catalog.Policy()))
	for _, month := range p.months {
		files, err := session.Rewrite(ctx, month, rewrite.Missing(p.settled.Dropped.Has), c.keepPace)
		if err != nil {
			return nil, errors.Join(err, c.removeWritten(written))
		}
		written = append(written, files...)
		p.load.Progress(part.Rows(written))
	}
	return written, nil
}

// mostLinks returns the number of links for which there is room next to the identity table, or 0 for any number.
func (p *loading) mostLinks() int64 {
	limit, people := p.compactor.catalog.MaxIdentities(), p.compactor.catalog.People()
	if limit <= 0 {
		return 0
	}
	return max(1, (limit-people.Entries())*persons.EntryBytes/statements.LinkBytes)
}

// crowded returns an error if the identities and links do not fit.
func (p *loading) crowded() error {
	c, source := p.compactor, p.load.Request.Source
	limit := c.catalog.MaxIdentities()
	if limit <= 0 {
		return nil
	}
	people := c.catalog.People()
	public := p.load.Request.Trust.After(c.catalog.Trust(source)).Public
	most := store.MostIdentities(limit, public) - people.Entries()
	if public {
		known, _ := c.catalog.Source(source)
		most = min(most, c.catalog.Shares().Share(source)-known.State.NewIdentities)
	}
	if 3*int64(p.set.Len()) <= most { // Each link brings two identities at most.
		return nil
	}
	room, fresh := people.Room(), int64(0)
	for e := range p.set.Edges() {
		n, taken := room.Take([]identity.Edge{*e}, most-fresh)
		if !taken {
			return &store.CrowdedError{Why: fmt.Sprintf("load %q was refused as a whole: its memory allows %d identities and links, of which the source can bring "+
				"%d more, and the events have more new ones", p.load.Request.ID, limit, max(0, most))}
		}
		fresh += n
	}
	return nil
}

// install commits the files.
func (p *loading) install(ctx context.Context, written []part.Meta, state store.LoadState, counters store.Counters) (err error) {
	c, r := p.compactor, &p.load.Request
	installed := false
	remove := written
	defer func() {
		if !installed {
			err = errors.Join(err, c.removeWritten(remove))
		}
	}()
	loaded := store.Loaded{
		Events: part.Rows(written), Duplicates: p.settled.Duplicates, Expired: p.settled.Expired, Erased: p.load.Erased,
	}
	if sum := loaded.Events + loaded.Duplicates + loaded.Expired + loaded.Erased; sum != state.Events {
		return fmt.Errorf("load %q: %d of %d events are in its files", r.ID, sum, state.Events)
	}
	l := &writer.Loading{Set: p.set, Files: map[string]bool{}}
	for i := range written {
		l.Files[written[i].Name] = true
	}
	var keys *dedup.Change
	if m := p.removal; m != nil {
		others, err := p.replace(ctx)
		remove = append(remove, others...)
		if err != nil {
			return err
		}
		if keys, _, err = c.writer.Forget(m.keys); err != nil {
			return err
		}
		l.Removal, l.Tail, loaded.Removed = &m.Removal, m.readTail, m.RemovalPlan.Events
		m.Manifest = c.catalog.Change()
		m.Manifest.Files = append(part.Without(m.Manifest.Files, m.holders), others...)
		if err := c.hold(ctx, m.Manifest, nil, m.holders, rewrite.Only(m.dropped)); err != nil {
			return errors.Join(err, keys.Abandon())
		}
		l.Manifest = m.Manifest
	} else {
		l.Manifest = c.catalog.Change()
	}
	l.Manifest.Files = append(l.Manifest.Files, written...)
	l.Keys = c.writer.Bring(keys, p.settled)
	l.Load = catalog.Load{
		ID: r.ID, Source: r.Source, Import: r.Import, Replaces: r.Replaces, Parts: state.Next, Received: state.Events, Loaded: loaded,
		Change: &catalog.LoadChange{Trust: r.Trust, Counters: counters, Times: p.set.Times},
	}
	installed = true // A failure of the next step removes the files, unless it is unknown whether they are needed.
	_, err = c.writer.Load(l)
	return err
}

// replace rewrites the files without the events that the load replaces, and returns the new ones.
func (p *loading) replace(ctx context.Context) (others []part.Meta, err error) {
	m := p.removal
	if others, err = m.rewrite(ctx); err != nil {
		return nil, err
	}
	if _, err := m.prove(ctx, others); err != nil {
		return others, err
	}
	return others, m.readOthers(ctx)
}

// CheckRemoval returns an error that wraps ErrInvalid if a removal is not possible.
func (c *Compactor) CheckRemoval(r *store.RemoveRequest) error {
	newest := c.catalog.Seq()
	if err := r.Check(newest); err != nil {
		return err
	}
	source, ok := c.catalog.Source(r.Source)
	if !ok {
		return store.UnknownSource(r.Source)
	}
	_, err := r.Selection(&source.Origins, newest)
	return err
}

// endLoads ends the loads with events of erased persons.
func (c *Compactor) endLoads(ctx context.Context, e *catalog.Erasure) error {
	ended, err := c.loads.EndHolders(ctx, append(append([]event.Anchor(nil), e.Anchors...), e.Forms...))
	for _, id := range ended {
		c.options.Logger.Warn("a load has ended: it has events of a person who is erased, or cannot be read", "load", id)
	}
	return err
}

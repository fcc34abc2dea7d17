// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package load

import (
	"context"
	"errors"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// Commit commits a load with a function, once. It does not depend on the caller's context, so that a connection that breaks does not end it; repeated
// calls wait for the same commit. The load has ended afterwards.
func (s *Loads) Commit(ctx context.Context, c store.LoadCommit, commit func(context.Context, *Load) error) error {
	l := s.Find(c.ID)
	if l == nil {
		return store.LoadGone(c.ID)
	}
	if err := l.holder.Permit(c.Ref()); err != nil {
		return err
	}
	done, err := s.start(ctx, l, c, commit)
	if err != nil {
		return err
	}
	select {
	case <-done:
		return l.err
	case <-ctx.Done():
		return errors.Join(store.ErrUnavailable, ctx.Err())
	}
}

// start starts the commit, unless it has started.
func (s *Loads) start(ctx context.Context, l *Load, c store.LoadCommit, commit func(context.Context, *Load) error) (<-chan struct{}, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stateMu.Lock()
	defer l.stateMu.Unlock()
	if l.done != nil {
		return l.done, nil
	}
	if l.ended {
		return nil, store.LoadGone(c.ID)
	}
	if err := c.Check(l.state.Next); err != nil {
		return nil, err
	}
	// A load without room stays, so that the commit can be repeated when there is some.
	if err := s.volume.RoomFor(l.state.Bytes); err != nil {
		return nil, err
	}
	l.done, l.state.Step = make(chan struct{}), store.LoadCommitting
	go func() {
		defer close(l.done)
		l.err = s.commit(context.WithoutCancel(ctx), l, commit)
	}()
	return l.done, nil
}

func (s *Loads) commit(ctx context.Context, l *Load, commit func(context.Context, *Load) error) error {
	err := commit(ctx, l)
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Join(err, s.drop(l))
}

// Hold calls f while the load cannot be dropped, if it has not been.
func (l *Load) Hold(f func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return store.LoadGone(l.Request.ID)
	}
	return f()
}

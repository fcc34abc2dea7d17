// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// PutResult stores the result. A second one of the same run replaces it.
func (s *Store) PutResult(_ context.Context, r store.Result) error {
	if err := r.Check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r.Body = slices.Clone(r.Body)
	kept := slices.DeleteFunc(s.results[r.Owner], func(o store.Result) bool { return o.Run == r.Run })
	kept = append(kept, r)
	slices.SortStableFunc(kept, func(a, b store.Result) int { return cmp.Compare(b.At, a.At) })
	s.results[r.Owner] = kept[:min(len(kept), store.MaxResults)]
	return nil
}

// Results returns the results of an owner, the newest time of analysis first; all of them if limit is 0.
func (s *Store) Results(_ context.Context, owner string, limit int) ([]store.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.results[owner]
	if limit > 0 {
		kept = kept[:min(limit, len(kept))]
	}
	return slices.Clone(kept), nil
}

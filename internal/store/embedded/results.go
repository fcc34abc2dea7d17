// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// PutResult stores the result durably. A second one of the same run replaces it.
func (s *Store) PutResult(_ context.Context, r store.Result) error {
	if err := r.Check(); err != nil {
		return err
	}
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	return s.results.Put(r)
}

// Results returns the results of an owner, the newest first; all of them if limit is 0.
func (s *Store) Results(_ context.Context, owner string, limit int) ([]store.Result, error) {
	leave, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	return s.results.List(owner, limit)
}

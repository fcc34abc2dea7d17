// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

const resultSuffix = ".json"

// results are files, one for a run, below the folder of their owner; the index is in memory. The order is the newest time of
// analysis first.
type results struct {
	mu     sync.Mutex
	owners map[string][]resultMeta
}

type resultMeta struct {
	run, path string
	at, size  int64
}

func (r *results) bytes() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := int64(0)
	for _, list := range r.owners {
		for _, m := range list {
			n += m.size
		}
	}
	return n
}

func (s *Store) resultPath(owner, run string) string {
	return s.volume.Path(volume.Results, fmt.Sprintf("%016x", xxh3.HashString(owner)), fmt.Sprintf("%016x%s", xxh3.HashString(run), resultSuffix))
}

// PutResult keeps the result durably; the same run again replaces it.
func (s *Store) PutResult(_ context.Context, r store.Result) error {
	if err := r.Check(); err != nil {
		return err
	}
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	content, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("%w: %w", store.ErrInvalid, err)
	}
	s.results.mu.Lock()
	defer s.results.mu.Unlock()
	if err := s.volume.Room(); err != nil {
		return err
	}
	path := s.resultPath(r.Owner, r.Run)
	if err := errors.Join(s.volume.MkdirAll(filepath.Dir(path)), s.volume.SyncDir(s.volume.Path(volume.Results)), s.volume.Replace(path, content)); err != nil {
		return volume.WriteError(err)
	}
	s.results.add(r.Owner, resultMeta{run: r.Run, path: path, at: r.At, size: int64(len(content))})
	return s.trimResults(r.Owner)
}

func (r *results) add(owner string, m resultMeta) {
	if r.owners == nil {
		r.owners = map[string][]resultMeta{}
	}
	list := slices.DeleteFunc(r.owners[owner], func(o resultMeta) bool { return o.run == m.run })
	list = append(list, m)
	slices.SortStableFunc(list, func(a, b resultMeta) int { return cmp.Compare(b.at, a.at) })
	r.owners[owner] = list
}

func (s *Store) trimResults(owner string) error {
	list := s.results.owners[owner]
	for len(list) > store.MaxResults {
		last := list[len(list)-1]
		if err := s.volume.RemoveIfThere(last.path); err != nil {
			return volume.WriteError(err)
		}
		list = list[:len(list)-1]
		s.results.owners[owner] = list
	}
	return nil
}

// Results of an owner, the newest first; all of them when limit is 0.
func (s *Store) Results(_ context.Context, owner string, limit int) ([]store.Result, error) {
	leave, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	s.results.mu.Lock()
	defer s.results.mu.Unlock()
	list := s.results.owners[owner]
	if limit > 0 {
		list = list[:min(limit, len(list))]
	}
	var found []store.Result
	for _, m := range list {
		r, err := s.readResult(m.path)
		if err != nil {
			return nil, unavailable(err.Error())
		}
		found = append(found, r)
	}
	return found, nil
}

func (s *Store) readResult(path string) (store.Result, error) {
	b, err := s.volume.ReadFile(path)
	if err != nil {
		return store.Result{}, err
	}
	var r store.Result
	return r, json.Unmarshal(b, &r)
}

// loadResults builds the index.
func (s *Store) loadResults() error {
	owners, err := s.volume.List(s.volume.Path(volume.Results))
	if err != nil {
		return err
	}
	for _, owner := range owners {
		dir := s.volume.Path(volume.Results, owner)
		names, err := s.volume.List(dir)
		if err != nil {
			return err
		}
		for _, name := range names {
			path := filepath.Join(dir, name)
			if !strings.HasSuffix(name, resultSuffix) {
				// Left by a crash while it was written.
				if err := s.volume.Remove(path); err != nil {
					return err
				}
				continue
			}
			r, err := s.readResult(path)
			if err != nil {
				return fmt.Errorf("result %s: %w", path, err)
			}
			s.results.add(r.Owner, resultMeta{run: r.Run, path: path, at: r.At, size: int64(len(r.Body))})
		}
	}
	return nil
}

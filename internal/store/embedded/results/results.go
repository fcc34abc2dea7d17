// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package results stores the results of runs, a bounded number for each owner.
package results

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

const suffix = ".json"

// Format of the files.
const Format = 1

// document is the content of a file: a result with its format.
type document struct {
	Format int64 `json:"format"`
	store.Result
}

// Results are files, one for each run, in a folder for each owner. The index is in memory. They are sorted by time of analysis, the latest first.
type Results struct {
	volume *volume.Volume

	mu     sync.Mutex
	owners map[string][]entry
}

type entry struct {
	run, path string
	at, size  int64
}

// Open builds the index, and removes remains of a result that was being written during a crash.
func Open(v *volume.Volume) (*Results, error) {
	r := &Results{volume: v, owners: map[string][]entry{}}
	owners, err := v.List(v.Path(volume.Results))
	if err != nil {
		return nil, err
	}
	for _, owner := range owners {
		dir := v.Path(volume.Results, owner)
		names, err := v.List(dir)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if err := r.open(filepath.Join(dir, name)); err != nil {
				return nil, err
			}
		}
	}
	// The removal of excess results is not synced, so a crash can bring one back.
	for owner := range r.owners {
		if err := r.trim(owner); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *Results) open(path string) error {
	if !strings.HasSuffix(path, suffix) {
		return r.volume.Remove(path)
	}
	content, result, err := r.read(path)
	if err != nil {
		return err
	}
	r.add(result.Owner, entry{run: result.Run, path: path, at: result.At, size: int64(len(content))})
	return nil
}

// Bytes returns the size of all results on the volume.
func (r *Results) Bytes() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := int64(0)
	for _, list := range r.owners {
		for _, e := range list {
			n += e.size
		}
	}
	return n
}

func (r *Results) path(owner, run string) string {
	return r.volume.Path(volume.Results, fmt.Sprintf("%016x", xxh3.HashString(owner)), fmt.Sprintf("%016x%s", xxh3.HashString(run), suffix))
}

// Put stores the result durably. A second one of the same run replaces it. It removes results of an owner beyond store.MaxResults, the oldest first.
func (r *Results) Put(result store.Result) error {
	content, err := json.Marshal(document{Format: Format, Result: result})
	if err != nil {
		return fmt.Errorf("%w: %w", store.ErrInvalid, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.volume.Room(); err != nil {
		return err
	}
	path := r.path(result.Owner, result.Run)
	err = errors.Join(r.volume.MkdirAll(filepath.Dir(path)), r.volume.SyncDir(r.volume.Path(volume.Results)), r.volume.Replace(path, content))
	if err != nil {
		return volume.WriteError(err)
	}
	r.add(result.Owner, entry{run: result.Run, path: path, at: result.At, size: int64(len(content))})
	return r.trim(result.Owner)
}

func (r *Results) add(owner string, e entry) {
	list := slices.DeleteFunc(r.owners[owner], func(o entry) bool { return o.run == e.run })
	list = append(list, e)
	slices.SortStableFunc(list, func(a, b entry) int { return cmp.Compare(b.at, a.at) })
	r.owners[owner] = list
}

func (r *Results) trim(owner string) error {
	list := r.owners[owner]
	for len(list) > store.MaxResults {
		last := list[len(list)-1]
		if err := r.volume.RemoveIfThere(last.path); err != nil {
			return volume.WriteError(err)
		}
		list = list[:len(list)-1]
		r.owners[owner] = list
	}
	return nil
}

// List returns the results of an owner, the latest first; all of them if limit is 0.
func (r *Results) List(owner string, limit int) ([]store.Result, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.owners[owner]
	if limit > 0 {
		list = list[:min(limit, len(list))]
	}
	var found []store.Result
	for _, e := range list {
		_, result, err := r.read(e.path)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", store.ErrUnavailable, err)
		}
		found = append(found, result)
	}
	return found, nil
}

func (r *Results) read(path string) (content []byte, result store.Result, err error) {
	if content, err = r.volume.ReadFile(path); err != nil {
		return nil, result, err
	}
	result, err = decode(path, content)
	return content, result, err
}

// decode reads the format first, because a result of another format can have fields of other types.
func decode(path string, content []byte) (store.Result, error) {
	var head struct {
		Format int64 `json:"format"`
	}
	if err := json.Unmarshal(content, &head); err != nil {
		return store.Result{}, fmt.Errorf("result %s is corrupt: %w", path, err)
	}
	if err := volume.CheckFormat(path, head.Format, Format); err != nil {
		return store.Result{}, err
	}
	var d document
	if err := json.Unmarshal(content, &d); err != nil {
		return store.Result{}, fmt.Errorf("result %s is corrupt: %w", path, err)
	}
	return d.Result, nil
}

// Erase removes the results that contain one of the identities, and returns their number. It can be repeated after a failure.
func (r *Results) Erase(values []event.Identity) (removed int64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for owner, list := range r.owners {
		var kept []entry
		for i, e := range list {
			erased, err := r.erase(e, values)
			if err != nil {
				r.owners[owner] = append(kept, list[i:]...)
				return removed, err
			}
			if erased {
				removed++
			} else {
				kept = append(kept, e)
			}
		}
		r.owners[owner] = kept
	}
	return removed, nil
}

// erase removes a result if it contains one of the identities.
func (r *Results) erase(e entry, values []event.Identity) (erased bool, err error) {
	content, result, err := r.read(e.path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		// It was removed before a previous call failed.
	case err != nil:
		return false, err
	case !names(content, values) && !names(result.Body, values):
		return false, nil
	}
	return true, errors.Join(r.volume.RemoveIfThere(e.path), r.volume.SyncDir(filepath.Dir(e.path)))
}

// shortValue is the length below which a value must be a whole JSON text to count: "7" is in almost everything.
const shortValue = 6

func names(b []byte, values []event.Identity) bool {
	return slices.ContainsFunc(values, func(v event.Identity) bool {
		if len(v.Value) < shortValue {
			return bytes.Contains(b, []byte(strconv.Quote(v.Value)))
		}
		return bytes.Contains(b, []byte(v.Value))
	})
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package results stores the results of runs, a bounded number for each owner. A result can be computed again from the events, so a corrupt one is set
// aside, and the store works without it.
package results

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
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

// errCorrupt means that the content of a file is not what was written.
var errCorrupt = errors.New("the file is corrupt")

// document is the content of a file before its checksum: a result with its format.
type document struct {
	Format int64 `json:"format"`
	store.Result
}

// Results are files, one for each run, in a folder for each owner. The index is in memory. They are sorted by time of analysis, the latest first.
type Results struct {
	volume *volume.Volume
	log    *slog.Logger

	mu      sync.Mutex
	owners  map[string][]entry
	corrupt int64
}

type entry struct {
	run, path string
	at, size  int64
}

// Open builds the index, removes remains of a result that was being written during a crash, and sets corrupt files aside.
func Open(v *volume.Volume, log *slog.Logger) (*Results, error) {
	r := &Results{volume: v, log: log, owners: map[string][]entry{}}
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
	if errors.Is(err, errCorrupt) {
		return r.setAside(path, err)
	}
	if err != nil {
		return err
	}
	r.add(result.Owner, entry{run: result.Run, path: path, at: result.At, size: int64(len(content))})
	return nil
}

// setAside moves a corrupt file to the quarantine. The caller removes it from the index.
func (r *Results) setAside(path string, why error) error {
	r.log.Error("setting a corrupt result aside; it is lost until it is computed again", "file", path, "error", why)
	r.corrupt++
	return r.volume.QuarantineAs(path, filepath.Base(filepath.Dir(path))+"-"+filepath.Base(path))
}

// Corrupt returns how many results were set aside since Open.
func (r *Results) Corrupt() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.corrupt
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
	content = volume.AddChecksum(content)
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

// List returns the results of an owner, the latest first; all of them if limit is 0. It sets corrupt ones aside.
func (r *Results) List(owner string, limit int) (found []store.Result, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := 0; i < len(r.owners[owner]) && (limit == 0 || len(found) < limit); {
		path := r.owners[owner][i].path
		_, result, err := r.read(path)
		if err == nil {
			found = append(found, result)
			i++
			continue
		}
		if errors.Is(err, errCorrupt) {
			err = r.setAside(path, err)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", store.ErrUnavailable, err)
		}
		r.owners[owner] = slices.Delete(r.owners[owner], i, i+1)
	}
	return found, nil
}

func (r *Results) read(path string) (content []byte, result store.Result, err error) {
	if content, err = r.volume.ReadFile(path); err != nil {
		return nil, result, err
	}
	if result, err = decode(path, content); err == nil && path != r.path(result.Owner, result.Run) {
		err = fmt.Errorf("%w: it is that of another owner or run", errCorrupt)
	}
	return content, result, err
}

// decode reads the format first, because a result of another format can have fields of other types.
func decode(path string, content []byte) (store.Result, error) {
	body, ok := volume.CheckChecksum(content)
	if !ok {
		return store.Result{}, fmt.Errorf("%w: its checksum differs", errCorrupt)
	}
	var head struct {
		Format int64 `json:"format"`
	}
	if err := json.Unmarshal(body, &head); err != nil {
		return store.Result{}, fmt.Errorf("%w: %w", errCorrupt, err)
	}
	if err := volume.CheckFormat(path, head.Format, Format); err != nil {
		return store.Result{}, err
	}
	var d document
	if err := json.Unmarshal(body, &d); err != nil {
		return store.Result{}, fmt.Errorf("%w: %w", errCorrupt, err)
	}
	return d.Result, nil
}

// Erase removes the results that contain one of the identities, and returns their number. It can be repeated after a failure. Corrupt results, which
// could contain them, are set aside: the caller empties the quarantine.
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
	case errors.Is(err, errCorrupt):
		return true, r.setAside(e.path, err)
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

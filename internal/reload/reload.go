// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package reload provides values that are parsed from files, and parsed again when the files change, so that keys and certificates in mounted Secrets
// are rotated without a restart.
package reload

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// every is the minimum interval between two checks of the files.
const every = time.Second

// Value is parsed from the contents of files. It is safe for concurrent use.
type Value[T any] struct {
	paths []string
	parse func(contents ...[]byte) (T, error)
	now   func() time.Time

	mu     sync.Mutex
	looked time.Time
	stats  []os.FileInfo
	made   bool
	value  T
	err    error
}

// New returns a value that parse computes from the contents of the files, in order. It does not read them yet.
func New[T any](parse func(contents ...[]byte) (T, error), paths ...string) *Value[T] {
	return &Value[T]{paths: paths, parse: parse, now: time.Now}
}

// Get returns the value. If the files have changed but cannot be read or parsed, it returns the last valid one. It returns an error only as long as
// there was no valid one.
func (v *Value[T]) Get() (T, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.now()
	if v.made && now.Sub(v.looked) < every && !now.Before(v.looked) {
		return v.value, nil
	}
	v.looked = now
	v.err = v.refresh()
	if v.made {
		return v.value, nil
	}
	return v.value, v.err
}

// Err returns the error of the latest check of the files, or nil if the value is up to date.
func (v *Value[T]) Err() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.err
}

func (v *Value[T]) refresh() error {
	stats := make([]os.FileInfo, len(v.paths))
	for i, p := range v.paths {
		info, err := os.Stat(p)
		if err != nil {
			return err
		}
		stats[i] = info
	}
	if v.made && v.err == nil && same(stats, v.stats) {
		return nil
	}
	contents := make([][]byte, len(v.paths))
	for i, p := range v.paths {
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		contents[i] = b
	}
	value, err := v.parse(contents...)
	if err != nil {
		return fmt.Errorf("%s: %w", v.paths[0], err)
	}
	v.value, v.made, v.stats = value, true, stats
	return nil
}

// same reports whether these are the same files with the same content, as far as is known without reading them.
func same(a, b []os.FileInfo) bool {
	for i := range a {
		if !os.SameFile(a[i], b[i]) || a[i].Size() != b[i].Size() || !a[i].ModTime().Equal(b[i].ModTime()) {
			return false
		}
	}
	return len(a) == len(b)
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package reload gives values that are made from files, and makes them again when the files change: keys and certificates in
// mounted Secrets are rotated without a restart.
package reload

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// every is interval between two checks of the files, at most.
const every = time.Second

// Value is made from the contents of files. It may be used from many goroutines.
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

// New returns a value that parse makes from the contents of the files, in their order. Nothing is read yet.
func New[T any](parse func(contents ...[]byte) (T, error), paths ...string) *Value[T] {
	return &Value[T]{paths: paths, parse: parse, now: time.Now}
}

// Get returns the value. When the files have changed since, but cannot be read or used, it is the last good one; the error is that
// of the first try as long as there is no good one.
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

// Err is what went wrong when the files were last looked at; nil when the value is fresh.
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

// same reports whether these are the same files with the same content, as far as that can be told without reading them.
func same(a, b []os.FileInfo) bool {
	for i := range a {
		if !os.SameFile(a[i], b[i]) || a[i].Size() != b[i].Size() || !a[i].ModTime().Equal(b[i].ModTime()) {
			return false
		}
	}
	return len(a) == len(b)
}

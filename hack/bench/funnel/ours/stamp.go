// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ours

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"time"

	"github.com/journeyman-dev/journeyman/hack/bench/funnel/measure"
	"github.com/journeyman-dev/journeyman/hack/bench/funnel/world"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
)

// stampEvents and stampParts are large enough that files are merged during the month and at its end.
const (
	stampEvents = 16_000
	stampParts  = 8
)

// stampOf identifies the file layout of this version of the store for the events of this world. It fills a small folder in the same way, and hashes
// the entries of all sorted files in the manifest, including the hashes of their contents. Folders with another stamp were created by another version
// of the store, or from other events.
func stampOf(ctx context.Context, b *measure.Bench, w world.World) (string, error) {
	dir, err := os.MkdirTemp(b.Dir, "stamp-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	f := &filler{bench: b, world: world.New(stampEvents, w.Identities), dir: dir}
	// Flush explicitly, so that the files are the same each time.
	err = f.with(-1, f.clock, func(s *embedded.Store) error {
		for i := range int64(stampParts) {
			if err := f.append(ctx, s, world.End*i/stampParts, world.End*(i+1)/stampParts); err != nil {
				return err
			}
			if err := s.Compact(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = f.with(-1, time.Now, func(s *embedded.Store) error { return s.Compact(ctx) })
	}
	if err != nil {
		return "", err
	}
	return manifestStamp(filepath.Join(dir, "data", "MANIFEST"))
}

func manifestStamp(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	var manifest struct {
		Format int
		Files  []struct {
			Month, Sum  string
			Rows, Bytes int64
		}
	}
	if err := json.NewDecoder(bufio.NewReader(file)).Decode(&manifest); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	h := fnv.New64a()
	fmt.Fprintln(h, manifest)
	return fmt.Sprintf("format %d, files %016x", manifest.Format, h.Sum64()), nil
}

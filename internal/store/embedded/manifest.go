// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/dedup"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

const (
	manifestName  = "MANIFEST"
	formatVersion = 1
)

// manifest names everything that is not in the log. It is replaced at once: a file that it does not name does not exist.
type manifest struct {
	Format int `json:"format"`
	// Number counts the manifests; names of files are made from Next.
	Number int64 `json:"number"`
	Next   int64 `json:"next"`
	// Seq of the newest commit that is in sorted files.
	Seq int64 `json:"seq"`
	// Horizon: events before it, in microseconds, were removed by Retain and are not taken again.
	Horizon int64 `json:"horizon"`
	// Identity table's file.
	Identity string `json:"identity,omitempty"`
	// Files of events, Keys of events.
	Files []part.Meta  `json:"files"`
	Keys  []dedup.Meta `json:"keys"`
	// Sources as they were at Seq.
	Sources []sourceMeta `json:"sources"`
	// Tombstones of erased anchors, keyed hashes.
	Tombstones []string `json:"tombstones,omitempty"`
	// Erasing is the erasure that has begun and is not proven yet.
	Erasing *erasure `json:"erasing,omitempty"`
	// Receipts of erasures, the oldest first.
	Receipts []store.Receipt `json:"receipts,omitempty"`
	// Splits that the identity table's file does not have yet.
	Splits []splitMeta `json:"splits,omitempty"`
}

// splitMeta is what a split changed, and the newest commit before it, behind which it comes when the log is read again.
type splitMeta struct {
	Seq   int64          `json:"seq"`
	Bonds identity.Bonds `json:"bonds"`
}

// sourceMeta is a source's state with its cursor.
type sourceMeta struct {
	State  store.SourceState `json:"state"`
	Cursor []byte            `json:"cursor,omitempty"`
	// HasCursor tells an empty cursor from none.
	HasCursor bool `json:"hasCursor,omitempty"`
	// Trust in the source.
	Trust store.Trust `json:"trust"`
}

// readManifest gives the manifest, or an empty one for a new store.
func readManifest(v *volume.Volume) (*manifest, error) {
	path := v.Path(volume.Root, manifestName)
	b, err := v.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return &manifest{Format: formatVersion, Horizon: minHorizon, Next: 1}, nil
	}
	if err != nil {
		return nil, err
	}
	body, sum, ok := strings.Cut(string(b), "\n")
	if !ok || sum != manifestSum(body) {
		return nil, fmt.Errorf("%s is damaged: its checksum differs", path)
	}
	m := &manifest{}
	if err := json.Unmarshal([]byte(body), m); err != nil {
		return nil, fmt.Errorf("%s: %w", manifestName, err)
	}
	if m.Format != formatVersion {
		return nil, fmt.Errorf("%s has format %d, this program knows %d", manifestName, m.Format, formatVersion)
	}
	return m, nil
}

func manifestSum(body string) string { return fmt.Sprintf("xxh3:%016x\n", xxh3.HashString(body)) }

// writeManifest makes the manifest the current one.
func writeManifest(v *volume.Volume, m *manifest) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return v.Replace(v.Path(volume.Root, manifestName), []byte(string(body)+"\n"+manifestSum(string(body))))
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/dedup"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

const (
	manifestName = "MANIFEST"
	// FormatVersion of the volume.
	FormatVersion = 1
)

// Manifest names everything outside the log. It is replaced atomically: a file that it does not name does not exist.
type Manifest struct {
	Format int `json:"format"`
	// Number counts the manifests. Names of files are derived from Next.
	Number int64 `json:"number"`
	Next   int64 `json:"next"`
	// Seq of the latest commit in sorted files.
	Seq int64 `json:"seq"`
	// Floor is the commit of the latest removal. Earlier states can no longer be read.
	Floor int64 `json:"floor,omitempty"`
	// Horizon is a time in microseconds. Earlier events were removed by Retain and are not accepted again.
	Horizon int64 `json:"horizon"`
	// Identity is the file of the identity table.
	Identity string `json:"identity,omitempty"`
	// Files of events, and Keys: files of their keys.
	Files []part.Meta  `json:"files"`
	Keys  []dedup.Meta `json:"keys"`
	// Sources as they were at Seq.
	Sources []Source `json:"sources"`
	// Tombstones are keyed hashes of erased anchors.
	Tombstones []string `json:"tombstones,omitempty"`
	// Erasing is the erasure that was started and is not verified yet.
	Erasing *Erasure `json:"erasing,omitempty"`
	// Receipts of erasures, the oldest first.
	Receipts []store.Receipt `json:"receipts,omitempty"`
	// Splits that are not in the file of the identity table yet.
	Splits []Split `json:"splits,omitempty"`
	// Pins, the oldest first, and the files that are held for them.
	Pins []Pin  `json:"pins,omitempty"`
	Held []Held `json:"held,omitempty"`
	// Loads that were committed, the oldest first.
	Loads []Load `json:"loads,omitempty"`
}

// Split is the change of a split, and the latest commit before it, after which it is applied when the log is replayed.
type Split struct {
	Seq   int64          `json:"seq"`
	Bonds identity.Bonds `json:"bonds"`
}

// Source is a source's state with its cursors.
type Source struct {
	State   store.SourceState `json:"state"`
	Cursors store.Cursors     `json:"cursors,omitempty"`
	// Trust in the source.
	Trust store.Trust `json:"trust"`
	// Origins of its events.
	Origins store.Origins `json:"origins,omitzero"`
}

// Erasure is what to erase: persons with all anchors, or single identities.
type Erasure struct {
	Anchors []event.Anchor `json:"anchors"`
	// Forms that are also refused from now on: those that were requested and are unknown.
	Forms []event.Anchor `json:"forms,omitempty"`
	Alone bool           `json:"alone,omitempty"`
	// Done counts what was removed so far.
	Done store.Erased `json:"done"`
	// Receipt of an erasure with a plan. Its proof is added at the end.
	Receipt *store.Receipt `json:"receipt,omitempty"`
}

// readManifest returns the manifest, or an empty one for a new store.
func readManifest(v *volume.Volume) (*Manifest, error) {
	path := v.Path(volume.Root, manifestName)
	b, err := v.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return &Manifest{Format: FormatVersion, Horizon: event.MinTime, Next: 1}, nil
	}
	if err != nil {
		return nil, err
	}
	body, ok := volume.CheckChecksum(b)
	if !ok {
		return nil, fmt.Errorf("%s is corrupt: its checksum differs", path)
	}
	m := &Manifest{}
	if err := m.decode(body); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := checkFormats(m); err != nil {
		return nil, err
	}
	return m, nil
}

// decode reads the format first, because a manifest of another format can have fields of other types.
func (m *Manifest) decode(body []byte) error {
	var head struct {
		Format int64 `json:"format"`
	}
	if err := json.Unmarshal(body, &head); err != nil {
		return err
	}
	if err := volume.CheckFormat(manifestName, head.Format, FormatVersion); err != nil {
		return err
	}
	return json.Unmarshal(body, m)
}

// checkFormats checks the sorted files, so that a store with an unreadable format fails when it is opened and not at the first scan.
func checkFormats(m *Manifest) error {
	for i := range m.Files {
		if err := m.Files[i].CheckFormat(); err != nil {
			return err
		}
	}
	for i := range m.Held {
		if err := m.Held[i].CheckFormat(); err != nil {
			return err
		}
	}
	return nil
}

// write makes the manifest the current one on the volume.
func (m *Manifest) write(v *volume.Volume) error {
	m.Next = v.Names()
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return v.Replace(v.Path(volume.Root, manifestName), volume.AddChecksum(body))
}

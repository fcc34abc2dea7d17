// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package part

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/parquet"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// Meta is the manifest entry of a sorted file, which has events of one month.
type Meta struct {
	// Name below the data folder, such as month=2024-05/000000000007.parquet.
	Name string `json:"name"`
	// Format of the file.
	Format int64  `json:"format"`
	Month  string `json:"month"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	// Sum is the XXH3 hash of the file.
	Sum uint64 `json:"sum,string"`
	// Placed is a version of the identity table at which all rows belonged to the persons in the file.
	Placed int64 `json:"placed"`
	// MaxRun is the largest number of rows of one person.
	MaxRun int64 `json:"maxRun"`
	// Minimum and maximum of columns.
	MinPerson uint64 `json:"minPerson,string"`
	MaxPerson uint64 `json:"maxPerson,string"`
	MinTime   int64  `json:"minTime"`
	MaxTime   int64  `json:"maxTime"`
	MinSeq    int64  `json:"minSeq"`
	MaxSeq    int64  `json:"maxSeq"`
	// Commit of all rows of a file that a load has written before its commit was known: the column seq is 0. It is 0 for other files.
	Commit int64 `json:"commit,omitempty"`
}

// CheckFormat returns a volume.FormatError if this program does not support the format of the file.
func (m *Meta) CheckFormat() error { return volume.CheckFormat(m.Name, m.Format, parquet.Format) }

// Bounds returns the bounds of the rows.
func (m *Meta) Bounds() block.Bounds {
	return block.Bounds{MinSeq: m.MinSeq, MaxSeq: m.MaxSeq, MinTime: m.MinTime, MaxTime: m.MaxTime}
}

// Rows returns the number of rows of some files.
func Rows(files []Meta) int64 {
	n := int64(0)
	for i := range files {
		n += files[i].Rows
	}
	return n
}

// Without returns the files without those of some parts, as a new slice.
func Without(files []Meta, gone []*Part) []Meta {
	names := map[string]bool{}
	for _, p := range gone {
		names[p.Name] = true
	}
	return slices.DeleteFunc(slices.Clone(files), func(m Meta) bool { return names[m.Name] })
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"
	"log/slog"
	"runtime"
	"time"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// Options of a store.
type Options struct {
	// Dir is the folder that the store owns; it is made when it is not there.
	Dir string
	// Clock gives the time of commits and of retention; the system's when nil.
	Clock func() time.Time
	// Retention is how long events are kept, by their time; 0 keeps them forever.
	Retention time.Duration
	// Identity policy; a changed one takes effect at the next opening, for all events.
	Identity identity.Policy
	// SegmentBytes is when a log segment is full and becomes sorted files; 32 MiB when 0.
	SegmentBytes int64
	// CompactEvery is how long an event may stay in the log at most; 5 minutes when 0. Negative never compacts by itself.
	CompactEvery time.Duration
	// MaxTailBytes of log that is not sorted yet, beyond which appends get ErrUnavailable; 8 segments when 0.
	MaxTailBytes int64
	// MaxPendingBytes of batches that are waiting for the disk, beyond which appends get ErrUnavailable; 64 MiB when 0.
	MaxPendingBytes int64
	// MaxIdentities is the most identities and links together that are taken, beyond which appends that bring others get ErrCrowded; no limit when 0.
	// A store that has more opens and serves.
	MaxIdentities int64
	// MemoryLimit of work, in bytes: overlays, the sorts of all scans together, rewriting files; 1 GiB when 0.
	MemoryLimit int64
	// TempLimit bounds what sorts of scans put on the volume; 4 times the memory when 0.
	TempLimit int64
	// MinFree bytes are kept free for sorting, erasing and the log's last records; appends get ErrFull below it. 256 MiB when 0.
	MinFree int64
	// BatchRows of a scan are given at once, at most, and row groups of files have twice as many; 32,768 when 0.
	BatchRows int64
	// Threads that rewrite a file: from two on, one merges while another one encodes and compresses; the number of processors when 0.
	Threads int
	// AcceptDamage opens a store whose log is damaged for writing: the damaged segments go to the folder quarantine, and
	// what cannot be read in them is given up. Without it such a store can be read only.
	AcceptDamage bool
	// Logger; the default one when nil.
	Logger *slog.Logger
	// FS is the filesystem; the system's when nil.
	FS volume.FS
}

func (o *Options) setDefaults() error {
	if o.Dir == "" {
		return errors.New("embedded store: no folder given")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.FS == nil {
		o.FS = volume.System{}
	}
	if o.Identity.MaxLinks == nil {
		o.Identity = identity.NewPolicy(nil)
	}
	setDefault(&o.SegmentBytes, 32<<20)
	setDefault(&o.CompactEvery, 5*time.Minute)
	setDefault(&o.MaxTailBytes, 8*o.SegmentBytes)
	setDefault(&o.MaxPendingBytes, 64<<20)
	setDefault(&o.MemoryLimit, 1<<30)
	setDefault(&o.TempLimit, 4*o.MemoryLimit)
	setDefault(&o.MinFree, 256<<20)
	setDefault(&o.BatchRows, 32<<10)
	setDefault(&o.Threads, runtime.GOMAXPROCS(0))
	return nil
}

func setDefault[T ~int | ~int64](value *T, fallback T) {
	if *value == 0 {
		*value = fallback
	}
}

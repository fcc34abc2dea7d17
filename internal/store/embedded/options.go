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
	// Dir is the folder of the store. It is created if it does not exist.
	Dir string
	// Clock for commits and retention. The default is the system's.
	Clock func() time.Time
	// Retention of events, by their time; 0 keeps them forever.
	Retention time.Duration
	// Identity policy. A changed one takes effect when the store is opened again, for all events.
	Identity identity.Policy
	// SegmentBytes is the size at which a log segment is full and is flushed. The default is 32 MiB.
	SegmentBytes int64
	// CompactEvery is how long an event can stay in the log. The default is 5 minutes. If negative, the log is not flushed by time.
	CompactEvery time.Duration
	// MaxUnflushedBytes is the size of the unflushed log beyond which appends get ErrUnavailable. The default is 8 segments.
	MaxUnflushedBytes int64
	// MaxPendingBytes is the size of batches that are waiting for the disk beyond which appends get ErrUnavailable. The default is 64 MiB.
	MaxPendingBytes int64
	// MaxIdentities is the number of identities and links together beyond which appends that bring new ones get ErrCrowded; 0 for no limit. A store with
	// more opens and serves.
	MaxIdentities int64
	// MemoryLimit in bytes for overlays, the sorts of all scans together, and rewriting files. The default is 1 GiB.
	MemoryLimit int64
	// TempLimit is the size of temporary files of sorts on the volume. The default is 4 times the memory.
	TempLimit int64
	// MinFree is the space that is kept free for flushes, erasures and the last records of the log; below it, appends get ErrFull. The default is 256 MiB.
	MinFree int64
	// BatchRows is the number of rows of a batch of a scan; row groups of files have twice as many. The default is 32,768.
	BatchRows int64
	// Threads that rewrite a file: with two or more, one merges while another one encodes and compresses. The default is the number of processors.
	Threads int
	// AcceptDamage opens a store with a damaged log for writing: the damaged segments are moved to the quarantine, and what cannot be read in them is
	// lost. Without it such a store is read-only.
	AcceptDamage bool
	// Logger; nil for the default one.
	Logger *slog.Logger
	// FS is the filesystem; nil for the system's.
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
	setDefault(&o.MaxUnflushedBytes, 8*o.SegmentBytes)
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

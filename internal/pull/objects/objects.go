// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package objects reads exported files from where systems put them: a bucket of S3, a folder of an SFTP server, a folder of a volume. The place is listed
// at an interval, and files are read in the order in which they were changed. What was read is in the store (see ledger): a file is read once, again when
// it changes, and from the middle after a crash.
package objects

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/files/export"
	"github.com/journeyman-dev/journeyman/internal/pull"
)

// Kind is the entry in the registry.
var Kind = pull.Kind{Name: "files", Check: check, Open: open}

const (
	// defaultInterval and defaultAge are the defaults of interval and of minAge, for places where files appear before they are complete.
	defaultInterval = 5 * time.Minute
	defaultAge      = time.Minute
)

// object is a file of the place.
type object struct {
	// name is the key, or the path in the folder.
	name string
	// version changes when the content changes: an ETag, or size and time.
	version string
	size    int64
	// changed is when it was changed last.
	changed time.Time
	// print identifies the object with its version.
	print uint64
}

// place is where files are. One goroutine uses it.
type place interface {
	// name identifies the place among all others.
	name() string
	// list calls take for all files until it returns an error.
	list(ctx context.Context, take func(object) error) error
	// open prepares reading an object in the version that was listed.
	open(ctx context.Context, o *object) (content, error)
	// explain returns an error in the words of users.
	explain(err error) error
	// rest releases connections until the next call.
	rest()
}

// content is an open object.
type content interface {
	// fill reads all of p from an offset. It returns errGone, errChanged or errDenied if only this object cannot be read.
	fill(ctx context.Context, p []byte, offset int64) error
	// close ends reading. complete is set if all was read: an error then says that the content has changed in the meantime.
	close(ctx context.Context, complete bool) error
}

// reader reads the files of one place.
type reader struct {
	pull.Settings
	files            *v1alpha1.FilesTransport
	place            place
	interval, minAge time.Duration
	ledger           *ledger
	// queue are the next files to read, in order. further is set if more files wait than the queue has.
	queue   []object
	further bool
	// current is the open file, which is the first of the queue.
	current *file
	// how identifies the settings by which files are read: with others, a file is read from its beginning.
	how uint64
	// relisted is the print of the file for which the ledger was shortened last.
	relisted uint64
	// lookAt is when the place is listed again.
	lookAt time.Time
	// moved is set if a file was read since the listing.
	moved bool
	// failed ends the reader after the batch that was returned, denied after all files that can be read.
	failed, denied error

	mu       sync.Mutex
	progress pull.Progress
}

// check refuses settings that the schema cannot.
func check(spec *v1alpha1.TouchpointSourceSpec) error {
	if err := export.Check(spec.Transport.Files); err != nil {
		return fmt.Errorf("spec.transport.files.%w", err)
	}
	return nil
}

// open reads the position from the store. The place is reached with the first Read.
func open(ctx context.Context, s pull.Settings) (pull.Reader, error) {
	from := s.Spec.Transport.Files.From
	r := &reader{Settings: s, files: s.Spec.Transport.Files, interval: from.Interval.Or(defaultInterval)}
	var err error
	switch {
	case from.S3 != nil:
		r.minAge = from.MinAge.Or(0)
		r.place, err = newBucket(from.S3, &s)
	case from.SFTP != nil:
		r.minAge = from.MinAge.Or(defaultAge)
		r.place, err = newRemote(from.SFTP, &s)
	default:
		r.minAge = from.MinAge.Or(defaultAge)
		r.place = &volume{spec: from.Volume}
	}
	if err != nil {
		return nil, err
	}
	how := *r.files
	how.From = nil
	raw, err := json.Marshal(&how)
	if err != nil {
		return nil, err
	}
	r.how = xxh3.Hash(raw)
	cursors, err := s.Cursors(ctx)
	if err != nil {
		return nil, err
	}
	// With other patterns, files before the horizon could be wanted.
	r.ledger, err = newLedger(cursors, strings.Join(append([]string{r.place.name()}, from.Match...), "\x00"))
	return r, err
}

// Close implements pull.Reader.
func (r *reader) Close() error {
	if r.current != nil {
		_ = r.current.close(context.Background(), false) // It was only read.
		r.current.stop()
	}
	r.place.rest()
	return nil
}

// Progress implements pull.Observed.
func (r *reader) Progress() pull.Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.progress
}

// mark identifies an object, and how it is read, in the position.
func (r *reader) mark(o *object) uint64 { return o.print ^ r.how }

// newObject returns an object with its print.
func newObject(name, version string, size int64, changed time.Time) object {
	return object{name: name, version: version, size: size, changed: changed, print: xxh3.HashString(name + "\x00" + version)}
}

// unfinished are the ends of names of files that other programs are writing.
var unfinished = []string{".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".swp", "~"}

// wanted reports whether a file is read.
func (r *reader) wanted(o *object) bool {
	if o.size == 0 {
		return false
	}
	folders := strings.Split(o.name, "/")
	base := folders[len(folders)-1]
	if match := r.files.From.Match; len(match) > 0 {
		return export.Matches(match, base)
	}
	for _, part := range folders {
		if strings.HasPrefix(part, ".") || strings.HasPrefix(part, "_") {
			return false
		}
	}
	for _, end := range unfinished {
		if strings.HasSuffix(strings.ToLower(base), end) {
			return false
		}
	}
	return base != ""
}

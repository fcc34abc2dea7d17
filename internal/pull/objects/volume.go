// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
)

const (
	// entriesAtOnce is the number of entries of a folder that are read at once.
	entriesAtOnce = 1000
	// mostNested limits folders in folders.
	mostNested = 64
)

// mountedAt is where the volume is.
var mountedAt = podconfig.FilesDir

// volume is a folder of a volume. Links cannot leave it.
type volume struct {
	spec *v1alpha1.VolumeFolder
	root *os.Root
}

func (v *volume) name() string {
	return "volume\x00" + v.spec.ClaimName + "\x00" + path.Clean(v.spec.Path)
}

func (v *volume) list(ctx context.Context, take func(object) error) error {
	v.rest()
	root, err := os.OpenRoot(mountedAt)
	if err != nil {
		return err
	}
	v.root = root
	if v.spec.Path != "" {
		folder, err := root.OpenRoot(v.spec.Path)
		if err != nil {
			return err
		}
		v.root = folder
		_ = root.Close() // It was only read.
	}
	return v.walk(ctx, ".", 0, take)
}

// walk lists a folder with those in it, a part at a time: a folder can have any number of files.
func (v *volume) walk(ctx context.Context, folder string, depth int, take func(object) error) error {
	if depth > mostNested {
		return fmt.Errorf("%s: more than %d folders are in each other", folder, mostNested)
	}
	d, err := v.root.Open(folder)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	for ctx.Err() == nil {
		entries, err := d.ReadDir(entriesAtOnce)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := v.entry(ctx, path.Join(folder, e.Name()), e, depth, take); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

func (v *volume) entry(ctx context.Context, name string, e fs.DirEntry, depth int, take func(object) error) error {
	switch {
	case e.IsDir() && !hidden(e.Name()):
		return v.walk(ctx, name, depth+1, take)
	case !e.Type().IsRegular():
		return nil
	}
	info, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil // It was removed in the meantime.
	}
	if err != nil {
		return err
	}
	return take(newObject(name, versionOf(info), info.Size(), info.ModTime()))
}

// hidden reports whether a folder is not read, such as lost+found, which only root can read.
func hidden(name string) bool { return name[0] == '.' || name[0] == '_' || name == "lost+found" }

// versionOf tells the contents of a file apart, as far as folders do.
func versionOf(info fs.FileInfo) string {
	return strconv.FormatInt(info.Size(), 36) + "-" + strconv.FormatInt(info.ModTime().UnixNano(), 36)
}

func (v *volume) open(_ context.Context, o *object) (content, error) {
	if v.root == nil {
		return nil, errChanged
	}
	f, err := v.root.Open(o.name)
	if err != nil {
		return nil, ofFile(err)
	}
	c := &diskFile{f: f, version: o.version}
	if err := c.changed(); err != nil {
		_ = f.Close() // It was only read.
		return nil, err
	}
	return c, nil
}

// ofFile returns the errors of a single file.
func ofFile(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errGone
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %w", errDenied, err)
	}
	return err
}

func (v *volume) rest() {
	if v.root != nil {
		_ = v.root.Close() // It was only read.
		v.root = nil
	}
}

const volumeField = "spec.transport.files.from.volume"

func (v *volume) explain(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &pull.Error{
			Reason: pull.NotFound, Cause: err, Message: "the folder " + volumeField + ".path does not exist in the volume: create it, or correct its path",
		}
	case errors.Is(err, errDenied), errors.Is(err, fs.ErrPermission):
		return &pull.Error{
			Reason: pull.Unauthorized, Cause: err,
			Message: "a file or folder in the volume of " + volumeField + " may not be read: allow the user or the group 65532, as which the pods run, to read it",
		}
	}
	return explained(err, volumeField)
}

// diskFile is a file of a folder.
type diskFile struct {
	f       statFile
	version string
}

// statFile is a file of a disk or a server.
type statFile interface {
	io.ReaderAt
	io.Closer
	Stat() (fs.FileInfo, error)
}

func (d *diskFile) fill(_ context.Context, p []byte, offset int64) error {
	n, err := d.f.ReadAt(p, offset)
	if n == len(p) {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return errChanged // It is shorter than it was.
	}
	return ofFile(err)
}

func (d *diskFile) close(_ context.Context, complete bool) error {
	var err error
	if complete {
		err = d.changed()
	}
	return errors.Join(err, d.f.Close())
}

func (d *diskFile) changed() error {
	info, err := d.f.Stat()
	if err != nil {
		return ofFile(err)
	}
	if versionOf(info) != d.version {
		return errChanged
	}
	return nil
}

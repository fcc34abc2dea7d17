// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package volumetest has a filesystem that loses what was not synced, and fails on request.
package volumetest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// Disk is a filesystem that loses what was not synced. It works in a real folder, and tracks what a disk would contain after a power failure: for
// each file the bytes at its last sync, for each folder the names at its last sync. It counts the operations that change anything, and can make each
// of them fail, or cut the power at one.
type Disk struct {
	volume.System

	// Root is the folder that survives a power failure.
	Root string
	// Operations is the number of operations so far that changed something.
	Operations int
	// PowerOffAt is the number of the operation before which the power is cut; 0 for never.
	PowerOffAt int
	// Fail returns the error of an operation, or nil. It is also called for reads, which are not counted.
	Fail func(op, name string) error
	// Room is the number of bytes that the volume claims to have free; 0 uses the real one.
	Room int64

	mu sync.Mutex
	// inodes are the synced files by name, and folders the synced names in them.
	inodes  map[string]*inode
	folders map[string]map[string]*inode
	off     bool
	last    string
}

var _ volume.FS = (*Disk)(nil)

type inode struct {
	synced []byte
	dir    bool
}

var errPower = errors.New("the power is off")

// New returns a disk on which the folder root survives a power failure.
func New(root string) *Disk {
	return &Disk{Root: root, inodes: map[string]*inode{}, folders: map[string]map[string]*inode{}}
}

// step counts an operation that changes something, and fails if the power is off.
func (d *Disk) step(op, name string) error {
	if d.off {
		return errPower
	}
	d.Operations++
	d.last = op + " " + strings.TrimPrefix(name, d.Root)
	if d.Operations == d.PowerOffAt {
		d.off = true
		return errPower
	}
	return d.failed(op, name)
}

// look runs an operation that changes nothing.
func (d *Disk) look(op, name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.off {
		return errPower
	}
	return d.failed(op, name)
}

func (d *Disk) failed(op, name string) error {
	if d.Fail == nil {
		return nil
	}
	return d.Fail(op, name)
}

func (d *Disk) inode(name string) *inode {
	if d.inodes[name] == nil {
		d.inodes[name] = &inode{}
	}
	return d.inodes[name]
}

// Create is the operation "create".
func (d *Disk) Create(name string) (volume.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step("create", name); err != nil {
		return nil, err
	}
	f, err := d.System.Create(name)
	if err != nil {
		return nil, err
	}
	d.inodes[name] = &inode{}
	return &file{File: f, disk: d, name: name, node: d.inodes[name]}, nil
}

type file struct {
	volume.File

	disk *Disk
	name string
	node *inode
}

// Write is the operation "write".
func (f *file) Write(b []byte) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.step("write", f.name); err != nil {
		// A failed write can have written a part.
		n, _ := f.File.Write(b[:len(b)/2])
		return n, err
	}
	return f.File.Write(b)
}

// Sync is the operation "sync".
func (f *file) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.step("sync", f.name); err != nil {
		return err
	}
	b, err := os.ReadFile(f.name)
	f.node.synced = b
	return err
}

// SyncDir is the operation "syncdir".
func (d *Disk) SyncDir(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step("syncdir", dir); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	names := map[string]*inode{}
	for _, e := range entries {
		node := d.inode(filepath.Join(dir, e.Name()))
		node.dir = e.IsDir()
		names[e.Name()] = node
	}
	d.folders[dir] = names
	return nil
}

// Rename is the operation "rename", of the new name.
func (d *Disk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step("rename", to); err != nil {
		return err
	}
	d.inodes[to] = d.inode(from)
	delete(d.inodes, from)
	return os.Rename(from, to)
}

// Remove is the operation "remove". It is not counted if the file does not exist.
func (d *Disk) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := os.Lstat(name); err != nil {
		return err
	}
	if err := d.step("remove", name); err != nil {
		return err
	}
	delete(d.inodes, name)
	return os.Remove(name)
}

// RemoveAll is the operation "removeall". It is not counted if the folder does not exist.
func (d *Disk) RemoveAll(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := os.Lstat(dir); err != nil {
		return d.System.RemoveAll(dir)
	}
	if err := d.step("removeall", dir); err != nil {
		return err
	}
	maps.DeleteFunc(d.inodes, func(name string, _ *inode) bool { return strings.HasPrefix(name, dir+string(filepath.Separator)) })
	return d.System.RemoveAll(dir)
}

// MkdirAll is the operation "mkdir". It is not counted if the folder exists.
func (d *Disk) MkdirAll(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := os.Lstat(dir); err == nil {
		return nil
	}
	if err := d.step("mkdir", dir); err != nil {
		return err
	}
	return d.System.MkdirAll(dir)
}

// Open is the read operation "open".
func (d *Disk) Open(name string) (volume.ReadFile, error) {
	if err := d.look("open", name); err != nil {
		return nil, err
	}
	f, err := d.System.Open(name)
	if err != nil {
		return nil, err
	}
	return &readFile{ReadFile: f, disk: d, name: name}, nil
}

type readFile struct {
	volume.ReadFile

	disk *Disk
	name string
}

// ReadAt is the read operation "readat".
func (f *readFile) ReadAt(b []byte, at int64) (int, error) {
	if err := f.disk.look("readat", f.name); err != nil {
		return 0, err
	}
	return f.ReadFile.ReadAt(b, at)
}

// ReadFile is the read operation "read".
func (d *Disk) ReadFile(name string) ([]byte, error) {
	if err := d.look("read", name); err != nil {
		return nil, err
	}
	return d.System.ReadFile(name)
}

// Size is the read operation "size".
func (d *Disk) Size(name string) (int64, error) {
	if err := d.look("size", name); err != nil {
		return 0, err
	}
	return d.System.Size(name)
}

// List is the read operation "list".
func (d *Disk) List(dir string) ([]string, error) {
	if err := d.look("list", dir); err != nil {
		return nil, err
	}
	return d.System.List(dir)
}

// Free is the read operation "free".
func (d *Disk) Free(dir string) (int64, error) {
	if err := d.look("free", dir); err != nil {
		return 0, err
	}
	if d.Room != 0 {
		return d.Room, nil
	}
	return d.System.Free(dir)
}

// Lock is the read operation "lock": a power failure releases it.
func (d *Disk) Lock(name string) (io.Closer, error) {
	if err := d.look("lock", name); err != nil {
		return nil, err
	}
	return d.System.Lock(name)
}

// AfterPowerLoss writes the content of the disk after a power failure to another folder. Unsynced data are lost; with luck, some unsynced names and
// the beginnings of some files' unsynced bytes survive.
func (d *Disk) AfterPowerLoss(to string, luck *rand.Rand) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.restore(d.Root, to, luck)
}

func (d *Disk) restore(from, to string, luck *rand.Rand) error {
	if err := os.MkdirAll(to, 0o750); err != nil {
		return err
	}
	names := maps.Clone(d.folders[from])
	if luck != nil {
		names = d.lucky(from, names, luck)
	}
	for name, node := range names {
		path := filepath.Join(from, name)
		if node.dir {
			if err := d.restore(path, filepath.Join(to, name), luck); err != nil {
				return err
			}
			continue
		}
		content := node.synced
		if luck != nil && d.inodes[path] == node {
			if b, err := os.ReadFile(path); err == nil && len(b) > len(content) {
				content = b[:len(content)+luck.IntN(len(b)-len(content)+1)]
			}
		}
		if err := os.WriteFile(filepath.Join(to, name), content, 0o640); err != nil {
			return err
		}
	}
	return nil
}

// lucky mixes the synced names with the existing ones.
func (d *Disk) lucky(dir string, names map[string]*inode, luck *rand.Rand) map[string]*inode {
	mixed := map[string]*inode{}
	maps.Copy(mixed, names)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return mixed
	}
	for _, e := range entries {
		if luck.IntN(2) == 0 {
			node := d.inode(filepath.Join(dir, e.Name()))
			node.dir = e.IsDir()
			mixed[e.Name()] = node
		}
	}
	return mixed
}

// String returns the latest operation, for messages.
func (d *Disk) String() string { return fmt.Sprintf("operation %d: %s", d.Operations, d.last) }

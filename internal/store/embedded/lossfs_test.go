// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// lossFS is a filesystem that loses what was not synced. It works in a real folder, so that DuckDB sees the same files, and keeps beside
// it what a disk would hold after a power failure: of each file the bytes at its last sync, of each folder the names at its last
// sync. It counts the operations that change anything, and can fail one, or cut the power at one.
type lossFS struct {
	osFS
	root string

	mu sync.Mutex
	// content of files by inode, as synced; names of folders, as synced.
	inodes map[string]*inode
	folder map[string]map[string]*inode

	operations int
	// trace of the operations, for messages.
	trace []string
	// powerOffAt cuts the power before the operation of that number; 0 never.
	powerOffAt int
	off        bool
	// fail gives the error of an operation, or nil.
	fail func(op, name string) error
	// free bytes that the volume claims to have; 0 asks the real one.
	free int64
}

type inode struct {
	synced []byte
	dir    bool
}

var errPower = errors.New("the power is off")

func newLossFS(root string) *lossFS {
	return &lossFS{root: root, inodes: map[string]*inode{}, folder: map[string]map[string]*inode{}}
}

// step counts an operation, and fails when the power is off.
func (l *lossFS) step(op, name string) error {
	if l.off {
		return errPower
	}
	l.operations++
	l.trace = append(l.trace, op+" "+strings.TrimPrefix(name, l.root))
	if l.operations == l.powerOffAt {
		l.off = true
		return errPower
	}
	if l.fail != nil {
		return l.fail(op, name)
	}
	return nil
}

func (l *lossFS) inode(name string) *inode {
	if l.inodes[name] == nil {
		l.inodes[name] = &inode{}
	}
	return l.inodes[name]
}

func (l *lossFS) Create(name string) (File, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.step("create", name); err != nil {
		return nil, err
	}
	f, err := l.osFS.Create(name)
	if err != nil {
		return nil, err
	}
	l.inodes[name] = &inode{}
	return &lossFile{File: f, fs: l, name: name, node: l.inodes[name]}, nil
}

type lossFile struct {
	File
	fs   *lossFS
	name string
	node *inode
}

func (f *lossFile) Write(b []byte) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.fs.step("write", f.name); err != nil {
		// A write that fails may have written a part.
		n, _ := f.File.Write(b[:len(b)/2])
		return n, err
	}
	return f.File.Write(b)
}

func (f *lossFile) Sync() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.fs.step("sync", f.name); err != nil {
		return err
	}
	b, err := os.ReadFile(f.name)
	f.node.synced = b
	return err
}

func (l *lossFS) Sync(name string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.step("sync", name); err != nil {
		return err
	}
	b, err := os.ReadFile(name)
	l.inode(name).synced = b
	return err
}

func (l *lossFS) SyncDir(dir string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.step("syncdir", dir); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	names := map[string]*inode{}
	for _, e := range entries {
		node := l.inode(filepath.Join(dir, e.Name()))
		node.dir = e.IsDir()
		names[e.Name()] = node
	}
	l.folder[dir] = names
	return nil
}

func (l *lossFS) Rename(from, to string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.step("rename", to); err != nil {
		return err
	}
	l.inodes[to] = l.inode(from)
	delete(l.inodes, from)
	return os.Rename(from, to)
}

func (l *lossFS) Remove(name string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := os.Lstat(name); err != nil {
		return err
	}
	if err := l.step("remove", name); err != nil {
		return err
	}
	delete(l.inodes, name)
	return os.Remove(name)
}

func (l *lossFS) Free(dir string) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.free != 0 {
		return l.free, nil
	}
	return l.osFS.Free(dir)
}

// afterPowerLoss writes into another folder what the disk holds. What was not synced is lost; with luck, each unsynced name and the
// front part of each file's unsynced bytes may be there after all.
func (l *lossFS) afterPowerLoss(to string, luck *rand.Rand) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.restore(l.root, to, luck)
}

func (l *lossFS) restore(from, to string, luck *rand.Rand) error {
	if err := os.MkdirAll(to, 0o750); err != nil {
		return err
	}
	names := maps.Clone(l.folder[from])
	if luck != nil {
		names = l.lucky(from, names, luck)
	}
	for name, node := range names {
		path := filepath.Join(from, name)
		if node.dir {
			if err := l.restore(path, filepath.Join(to, name), luck); err != nil {
				return err
			}
			continue
		}
		content := node.synced
		if luck != nil && l.inodes[path] == node {
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

// lucky mixes the names that were synced with the ones that are there.
func (l *lossFS) lucky(dir string, names map[string]*inode, luck *rand.Rand) map[string]*inode {
	mixed := map[string]*inode{}
	maps.Copy(mixed, names)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return mixed
	}
	for _, e := range entries {
		if luck.IntN(2) == 0 {
			node := l.inode(filepath.Join(dir, e.Name()))
			node.dir = e.IsDir()
			mixed[e.Name()] = node
		}
	}
	return mixed
}

func (l *lossFS) String() string {
	return fmt.Sprintf("operation %d: %s", l.operations, l.trace[max(0, len(l.trace)-1)])
}

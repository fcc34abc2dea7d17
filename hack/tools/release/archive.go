// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// entry is a file of an archive.
type entry struct {
	name string
	mode int64
	data []byte
}

// packTar writes files sorted by name, with one time and without owners, so that the archive does not depend on the machine.
func packTar(w io.Writer, files []entry, at time.Time) error {
	sorted := slices.Clone(files)
	slices.SortFunc(sorted, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	out := tar.NewWriter(w)
	for _, f := range sorted {
		head := tar.Header{Typeflag: tar.TypeReg, Name: f.name, Mode: f.mode, Size: int64(len(f.data)), ModTime: at, Format: tar.FormatPAX}
		if err := out.WriteHeader(&head); err != nil {
			return err
		}
		if _, err := out.Write(f.data); err != nil {
			return err
		}
	}
	return out.Close()
}

// packTarGz is packTar with gzip, without name and time in the header.
func packTarGz(path string, files []entry, at time.Time) error {
	var b bytes.Buffer
	zip, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := errors.Join(packTar(zip, files, at), zip.Close()); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

// readTar returns the regular files of an archive.
func readTar(r io.Reader) ([]entry, error) {
	var files []entry
	in := tar.NewReader(r)
	for {
		head, err := in.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if head.Typeflag != tar.TypeReg {
			continue
		}
		data, err := io.ReadAll(in)
		if err != nil {
			return nil, err
		}
		files = append(files, entry{head.Name, head.Mode, data})
	}
}

// unpack writes the files of an archive into a folder.
func unpack(archive, dir string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	files, err := readTar(f)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	for _, file := range files {
		if err := root.MkdirAll(filepath.Dir(file.name), 0o755); err != nil {
			return err
		}
		if err := root.WriteFile(file.name, file.data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// packFolder writes a folder as an archive.
func packFolder(dir, archive string, at time.Time) error {
	var files []entry
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, path)
		files = append(files, entry{path, 0o644, data})
		return err
	})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := packTar(&b, files, at); err != nil {
		return err
	}
	return os.WriteFile(archive, b.Bytes(), 0o644)
}

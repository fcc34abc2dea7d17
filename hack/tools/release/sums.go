// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const sumsFile = "SHA256SUMS"

// files returns the files of the release so far, sorted by name.
func (r *release) files() ([]string, error) {
	entries, err := os.ReadDir(r.dist)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), sumsFile) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// packSums writes the checksums of all files in the format of sha256sum.
func (r *release) packSums() error {
	names, err := r.files()
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, name := range names {
		sum, err := digest(filepath.Join(r.dist, name))
		if err != nil {
			return err
		}
		b.WriteString(sum + "  " + name + "\n")
	}
	return os.WriteFile(filepath.Join(r.dist, sumsFile), []byte(b.String()), 0o644)
}

// digest returns the SHA-256 of a file in hexadecimal.
func digest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package volume

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	// idName is the file with the store's id, as text.
	idName  = "ID"
	idBytes = 8
)

// dataID returns the id of the data in the folder, and creates one for a folder without an id. It is stored on the volume.
func dataID(fs FS, dir string) (string, error) {
	path := filepath.Join(dir, idName)
	b, err := fs.ReadFile(path)
	if err == nil {
		return parseID(path, b)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	random := make([]byte, idBytes)
	if _, err := rand.Read(random); err != nil {
		return "", err
	}
	id := hex.EncodeToString(random)
	return id, replace(fs, path, []byte(id+"\n"))
}

// parseID returns the id in a file. A corrupt one is an error, because a store with another id counts as another store.
func parseID(path string, content []byte) (string, error) {
	id := strings.TrimSpace(string(content))
	if b, err := hex.DecodeString(id); err != nil || len(b) != idBytes {
		return "", fmt.Errorf("%s is corrupt: it has to be %d hexadecimal digits", path, 2*idBytes)
	}
	return id, nil
}

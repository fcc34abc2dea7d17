// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package volume

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// idName is the file with the store's id, as text.
const idName = "ID"

// dataID returns the id of the data in the folder, and creates one for a folder without an id. It is stored on the volume.
func dataID(fs FS, dir string) (string, error) {
	path := filepath.Join(dir, idName)
	b, err := fs.ReadFile(path)
	if id := strings.TrimSpace(string(b)); err == nil && id != "" {
		return id, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	random := make([]byte, 8)
	if _, err := rand.Read(random); err != nil {
		return "", err
	}
	id := hex.EncodeToString(random)
	return id, replace(fs, path, []byte(id+"\n"))
}

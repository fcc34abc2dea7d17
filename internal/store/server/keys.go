// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/reload"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// role is the purpose of a key.
type role int

const (
	roleAppend role = iota
	roleScan
	roleAdmin
)

// minKeyBytes prevents an empty or truncated file from being used as a key.
const minKeyBytes = 16

type digest = [sha256.Size]byte

// keys are the store's three keys.
type keys struct {
	files [3]*reload.Value[digest]
}

func newKeys(dir string) *keys {
	k := &keys{}
	for r, name := range map[role]string{roleAppend: podconfig.AppendKey, roleScan: podconfig.ScanKey, roleAdmin: podconfig.AdminKey} {
		k.files[r] = reload.New(digestOf, filepath.Join(dir, name))
	}
	return k
}

func digestOf(contents ...[]byte) (digest, error) {
	key := bytes.TrimSpace(contents[0])
	if len(key) < minKeyBytes {
		return digest{}, errors.New("the key is too short")
	}
	return sha256.Sum256(key), nil
}

func (k *keys) check() error {
	for _, f := range k.files {
		if _, err := f.Get(); err != nil {
			return err
		}
	}
	return nil
}

// allow reports whether the key in the header is that of the role, in constant time.
func (k *keys) allow(header string, needs role) error {
	scheme, key, found := strings.Cut(header, " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return fmt.Errorf("%w: send Authorization: Bearer and the key", store.ErrUnauthorized)
	}
	given := sha256.Sum256([]byte(strings.TrimSpace(key)))
	want, err := k.files[needs].Get()
	if err != nil {
		return fmt.Errorf("%w: keys of the store: %w", store.ErrUnavailable, err)
	}
	if subtle.ConstantTimeCompare(given[:], want[:]) == 0 {
		return fmt.Errorf("%w: it does not permit this call", store.ErrUnauthorized)
	}
	return nil
}

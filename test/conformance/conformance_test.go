// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// sharedDir returns the folder of cases that are not part of the project.
func sharedDir(t *testing.T) string {
	root := os.Getenv("JOURNEYMAN_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "conformance")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no shared inputs: %s is absent (set JOURNEYMAN_SHARED)", dir)
	}
	return dir
}

// Every shared case agrees, unless it is marked as a quirk.
func TestSharedCases(t *testing.T) {
	files, err := Files(sharedDir(t))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			cases, err := Load(file)
			require.NoError(t, err)
			for i := range cases {
				c := &cases[i]
				found, err := Run(context.Background(), c)
				require.NoError(t, err, c.ID)
				if c.Quirk == "" {
					require.Empty(t, found, c.ID)
				}
			}
		})
	}
}

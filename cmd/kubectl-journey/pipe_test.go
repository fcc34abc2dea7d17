// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/version/versiontest"
)

func TestMain(m *testing.M) { versiontest.Main(m, main) }

func TestVersion(t *testing.T) { versiontest.Check(t, "kubectl journey") }

// If the reader of the output goes away, the plugin still removes its temporary store, which contains personal data in plain text.
func TestCutOutput(t *testing.T) {
	dir, temp := t.TempDir(), t.TempDir()
	manifests, events := filepath.Join(dir, "map.yaml"), filepath.Join(dir, "events.ndjson")
	require.NoError(t, os.WriteFile(manifests, []byte(shopMap), 0o600))
	require.NoError(t, os.WriteFile(events, []byte(shopEvents), 0o600))
	for name, args := range map[string][]string{
		"preview": {"preview"}, "json": {"preview", "-o", "json"}, "who": {"who", "shop", "--stage", "look"},
		"who as json": {"who", "shop", "--stage", "look", "-o", "json"},
	} {
		for _, both := range []bool{false, true} {
			r, w, err := os.Pipe()
			require.NoError(t, err)
			require.NoError(t, r.Close(), "the reader has gone")
			c := versiontest.Command(t.Context(), append(args, "-f", manifests, "--events", events)...)
			c.Env = append(c.Env, "TMPDIR="+temp)
			c.Stdout, c.Stderr = w, io.Discard
			if both {
				c.Stderr = w
			}
			_ = c.Run()
			require.NoError(t, w.Close())
			require.Equal(t, exitPipe, c.ProcessState.ExitCode(), name)
			left, err := os.ReadDir(temp)
			require.NoError(t, err)
			require.Empty(t, left, name)
		}
	}
}

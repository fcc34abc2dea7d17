// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// asPlugin makes the program of the tests the plugin itself, so that its process can be looked at.
const asPlugin = "TEST_AS_PLUGIN"

func TestMain(m *testing.M) {
	if os.Getenv(asPlugin) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestCutOutput wants nothing left of the store, which has the customers in clear, when nobody reads what is printed.
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
			c := exec.CommandContext(t.Context(), os.Args[0], append(args, "-f", manifests, "--events", events)...)
			c.Env = append(os.Environ(), asPlugin+"=1", "TMPDIR="+temp)
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

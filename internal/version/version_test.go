// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package version

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func set(t *testing.T, version, commit string) {
	t.Helper()
	v, c := Version, Commit
	t.Cleanup(func() { Version, Commit = v, c })
	Version, Commit = version, commit
}

func TestLine(t *testing.T) {
	set(t, "v1.2.3", "0a1b2c")
	require.Equal(t, "store version v1.2.3 (commit 0a1b2c, "+runtime.Version()+")", Line("store"))
	set(t, "dev", "")
	require.Equal(t, "store version dev ("+runtime.Version()+")", Line("store"))
}

// Each program of cmd/ has a test that calls versiontest.Check with its name.
func TestEachProgramPrintsItsVersion(t *testing.T) {
	programs, err := os.ReadDir("../../cmd")
	require.NoError(t, err)
	require.Greater(t, len(programs), 5)
	for _, p := range programs {
		tests, err := filepath.Glob(filepath.Join("../../cmd", p.Name(), "*_test.go"))
		require.NoError(t, err)
		require.True(t, slices.ContainsFunc(tests, func(path string) bool {
			raw, err := os.ReadFile(path)
			return err == nil && bytes.Contains(raw, []byte(`versiontest.Check(t, "`+strings.ReplaceAll(p.Name(), "kubectl-", "kubectl ")+`")`))
		}), "no test of cmd/%s calls versiontest.Check", p.Name())
	}
}

func TestParse(t *testing.T) {
	parse := func(args ...string) (printed, other string, err error) {
		f := flag.NewFlagSet("store", flag.ContinueOnError)
		f.SetOutput(io.Discard)
		f.StringVar(&other, "other", "", "")
		var out bytes.Buffer
		err = Parse(f, args, &out)
		return out.String(), other, err
	}
	printed, _, err := parse("--other=x", "--version")
	require.ErrorIs(t, err, flag.ErrHelp)
	require.Equal(t, Line("store")+"\n", printed)

	printed, other, err := parse("--other=x")
	require.NoError(t, err)
	require.Equal(t, "x", other)
	require.Empty(t, printed)

	printed, _, err = parse("--version", "--unknown")
	require.ErrorContains(t, err, "unknown")
	require.Empty(t, printed)
}

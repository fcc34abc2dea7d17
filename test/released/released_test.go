// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package released

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// write is set to write the fixtures of a release instead of testing the existing ones: make fixtures VERSION=v1.2.3.
var write = flag.String("write", "", "write the fixtures of this version")

// Folders and files of a release.
const (
	volumeDir      = "volume"
	interruptedDir = "volume-interrupted"
	expectedDir    = "expected"
	protocolDir    = "protocol"
)

// now is the time of the last event in the fixtures, and the current time in all tests.
var now = time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)

// eachRelease runs a test for each release with fixtures.
func eachRelease(t *testing.T, test func(t *testing.T, dir string)) {
	t.Helper()
	dirs, err := filepath.Glob("v*.*.*")
	require.NoError(t, err)
	require.NotEmpty(t, dirs, "no release has fixtures")
	for _, dir := range dirs {
		t.Run(dir, func(t *testing.T) { test(t, dir) })
	}
}

// options returns options for a store that starts no work by itself, with a clock that stands still.
func options(dir string, fs volume.FS) embedded.Options {
	return embedded.Options{
		Dir: dir, FS: fs, Clock: func() time.Time { return now }, CompactEvery: -1, MinFree: 1, MemoryLimit: 64 << 20, Threads: 1,
		Identity: identity.NewPolicy(map[string]int32{"deviceId": 3, "email": 2}), Logger: slog.New(slog.DiscardHandler),
	}
}

func open(t *testing.T, dir string) *embedded.Store {
	t.Helper()
	s, err := embedded.Open(options(dir, nil))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// copied returns a copy of a folder that a test can change.
func copied(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "volume")
	require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
	return to
}

// within requires that everything in was is also in is, with the same value. is can have more fields.
func within(t *testing.T, was, is any) {
	t.Helper()
	if diff := cmp.Diff(plain(t, was), common(plain(t, was), plain(t, is))); diff != "" {
		t.Errorf("it differs from what the release wrote (-release +today):\n%s", diff)
	}
}

// common returns a value without those fields of objects that the model does not have.
func common(model, value any) any {
	switch v := value.(type) {
	case map[string]any:
		m, ok := model.(map[string]any)
		if !ok {
			return value
		}
		out := map[string]any{}
		for k := range m {
			if e, ok := v[k]; ok {
				out[k] = common(m[k], e)
			}
		}
		return out
	case []any:
		m, ok := model.([]any)
		if !ok || len(m) != len(v) {
			return value
		}
		out := make([]any, len(v))
		for i := range v {
			out[i] = common(m[i], v[i])
		}
		return out
	}
	return value
}

// plain returns a value after encoding and decoding it as JSON.
func plain(t *testing.T, value any) any {
	t.Helper()
	b, ok := value.([]byte)
	if !ok {
		var err error
		b, err = json.Marshal(value)
		require.NoError(t, err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var out any
	require.NoError(t, d.Decode(&out), "%s", b)
	return out
}

// strict decodes JSON without unknown fields, and requires the same JSON when it is encoded again.
func strict(t *testing.T, b []byte, into any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(into))
	if diff := cmp.Diff(plain(t, b), plain(t, into)); diff != "" {
		t.Errorf("%T loses what the release wrote (-release +today):\n%s", into, diff)
	}
}

func read(t *testing.T, parts ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(parts...))
	require.NoError(t, err)
	return b
}

func put(t *testing.T, content []byte, parts ...string) {
	t.Helper()
	name := filepath.Join(parts...)
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o750))
	require.NoError(t, os.WriteFile(name, content, 0o600))
}

func indented(t *testing.T, value any) []byte {
	t.Helper()
	b, err := json.MarshalIndent(value, "", "  ")
	require.NoError(t, err)
	return append(b, '\n')
}

// sameLines compares texts line by line.
func sameLines(t *testing.T, what string, want, got []byte) {
	t.Helper()
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s (-release +today):\n%.4000s", what, diff)
	}
}

func lines(t *testing.T, rows []map[string]any) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, r := range rows {
		b, err := json.Marshal(r)
		require.NoError(t, err)
		fmt.Fprintf(&out, "%s\n", b)
	}
	return out.Bytes()
}

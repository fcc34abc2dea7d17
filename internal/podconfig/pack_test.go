// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package podconfig

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// noise returns texts of the given size that do not compress well, nested so that JSON indentation matters.
func noise(bytes int) []map[string][]string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/"
	random := rand.New(rand.NewPCG(1, 2))
	var out []map[string][]string
	for bytes > 0 {
		text := make([]byte, 32)
		for i := range text {
			text[i] = letters[random.IntN(len(letters))]
		}
		out = append(out, map[string][]string{"values": {string(text)}})
		bytes -= len(text)
	}
	return out
}

func TestDocumentsRoundTrip(t *testing.T) {
	for _, c := range []struct {
		bytes    int
		indented bool
		text     bool
	}{{100, true, true}, {200_000, true, true}, {300_000, false, true}, {790_000, false, false}, {1_050_000, false, false}} {
		document := noise(c.bytes)
		p, err := Pack(document)
		require.NoError(t, err)
		require.Equal(t, c.text, p.Text != "", c.bytes)
		require.Equal(t, c.text, p.Binary == nil, c.bytes)
		require.Equal(t, c.indented, strings.Contains(p.Text, "\n  "), c.bytes)
		require.Less(t, len(p.Text)+len(p.Binary), 1<<20-1<<10, "what the API server takes")

		dir := t.TempDir()
		if c.text {
			require.NoError(t, os.WriteFile(filepath.Join(dir, File), []byte(p.Text), 0o600))
		} else {
			require.NoError(t, os.WriteFile(filepath.Join(dir, PackedFile), p.Binary, 0o600))
		}
		raw, err := ReadFile(filepath.Join(dir, File))
		require.NoError(t, err)
		var back []map[string][]string
		require.NoError(t, json.Unmarshal(raw, &back))
		require.Equal(t, document, back, c.bytes)
	}
}

func TestTooLargeDocuments(t *testing.T) {
	_, err := Pack(noise(2_000_000))
	require.ErrorIs(t, err, ErrTooLarge)
	require.ErrorContains(t, err, "use fewer or shorter values")
	_, err = ReadFile(filepath.Join(t.TempDir(), File))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, File, "the name that people know")
	_, err = Unpack(Packed{Binary: []byte("no gzip")})
	require.ErrorContains(t, err, PackedFile)
}

// The size of a decompressed document is limited.
func TestUnpackingIsBounded(t *testing.T) {
	p, err := Pack(map[string]string{"x": strings.Repeat("0", maxDocument)})
	require.NoError(t, err)
	_, err = Unpack(p)
	require.ErrorContains(t, err, fmt.Sprint("over ", maxDocument))
}

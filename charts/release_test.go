// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package charts_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// mostOfASecret is two thirds of what etcd and the API server accept, so that the chart can grow.
const mostOfASecret = 700 << 10

// TestReleaseFitsIntoASecret encodes a release like Helm: JSON with files, templates and the rendered manifest, gzip, base64, and base64 again
// when the Secret is sent.
func TestReleaseFitsIntoASecret(t *testing.T) {
	manifest, err := helm(t, "template", release, chart, "--namespace", namespace, "--values", "testdata/everything.values.yaml")
	require.NoError(t, err)
	type file struct {
		Name string `json:"name"`
		Data []byte `json:"data"`
	}
	var files []file
	require.NoError(t, filepath.WalkDir(chart, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files = append(files, file{path, data})
		return err
	}))
	raw, err := json.Marshal(map[string]any{"name": release, "chart": map[string]any{"templates": files}, "manifest": manifest})
	require.NoError(t, err)
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	require.NoError(t, err)
	_, err = w.Write(raw)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	once := base64.StdEncoding.EncodeToString(packed.Bytes())
	secret := base64.StdEncoding.EncodedLen(len(once))
	t.Logf("the release has %d KiB as JSON, %d KiB packed, %d KiB in the Secret", len(raw)>>10, len(once)>>10, secret>>10)
	require.Less(t, secret, mostOfASecret)
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"github.com/stretchr/testify/require"
)

func openerOf(data []byte) tarball.Opener {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}

// indexOf reads the index of the images from the file of a release.
func indexOf(t *testing.T, r *release) v1.ImageIndex {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, unpack(filepath.Join(r.dist, "journeyman-image-"+version+".oci.tar"), dir))
	outer, err := layout.ImageIndexFromPath(dir)
	require.NoError(t, err)
	manifest, err := outer.IndexManifest()
	require.NoError(t, err)
	require.Len(t, manifest.Manifests, 1)
	require.Equal(t, "registry.example/team/journeyman:"+version, manifest.Manifests[0].Annotations["io.containerd.image.name"])
	index, err := outer.ImageIndex(manifest.Manifests[0].Digest)
	require.NoError(t, err)
	return index
}

// There is an image for two architectures, and none for a system that has only the plugin.
func TestImageForTwoArchitectures(t *testing.T) {
	r := packed(t, "linux-amd64", "linux-arm64", "darwin-arm64")
	index := indexOf(t, r)
	require.NoError(t, validate.Index(index))
	manifest, err := index.IndexManifest()
	require.NoError(t, err)
	require.Equal(t, r.commit, manifest.Annotations["org.opencontainers.image.revision"])
	require.Equal(t, "2026-11-30T12:00:00Z", manifest.Annotations["org.opencontainers.image.created"])
	var platforms []string
	for _, m := range manifest.Manifests {
		platforms = append(platforms, m.Platform.String())
		image, err := index.Image(m.Digest)
		require.NoError(t, err)
		config, err := image.ConfigFile()
		require.NoError(t, err)
		require.Equal(t, m.Platform.Architecture, config.Architecture)
		require.Equal(t, "65532:65532", config.Config.User)
		require.Equal(t, version, config.Config.Labels["org.opencontainers.image.version"])
		layers, err := image.Layers()
		require.NoError(t, err)
		content, err := layers[0].Uncompressed()
		require.NoError(t, err)
		files, err := readTar(content)
		require.NoError(t, err)
		require.Equal(t, "program for "+config.Architecture, string(files[0].data))
	}
	require.Equal(t, []string{"linux/amd64", "linux/arm64"}, platforms)
}

// Manifests and chart contain the digest, so users get this image from any registry.
func TestManifestsAndChartUseTheDigest(t *testing.T) {
	r := packed(t, "linux-amd64")
	image, err := indexOf(t, r).Digest()
	require.NoError(t, err)
	pinned := "registry.example/team/journeyman@" + image.String()
	for _, file := range []string{"install.yaml", "install-namespaced.yaml"} {
		require.Equal(t, "spec:\n  image: "+pinned+"\n", string(r.read(t, file)))
	}
	out, err := exec.CommandContext(t.Context(), r.helm, "template", "journeyman", filepath.Join(r.dist, "journeyman-"+version+".tgz")).CombinedOutput()
	require.NoError(t, err, string(out))
	require.True(t, strings.Contains(string(out), pinned), "the chart has not the image %s", pinned)
	require.True(t, strings.Contains(string(out), "app.kubernetes.io/version: "+version), "the chart has not the version")
}

func TestPushKeepsTheDigest(t *testing.T) {
	r := packed(t, "linux-amd64")
	address, stop, err := serveRegistry(t.Context())
	require.NoError(t, err)
	defer stop()
	for file, repository := range map[string]string{"journeyman-image-": "/journeyman", "journeyman-chart-": "/charts/journeyman"} {
		to := address + repository + ":" + version
		archive := filepath.Join(r.dist, file+version+".oci.tar")
		require.NoError(t, run(t.Context(), []string{"push", "-plain-http", archive, to}))
		ref, err := name.ParseReference(to, name.Insecure)
		require.NoError(t, err)
		there, err := remote.Get(ref)
		require.NoError(t, err)
		dir := t.TempDir()
		require.NoError(t, unpack(archive, dir))
		index, err := os.ReadFile(filepath.Join(dir, "index.json"))
		require.NoError(t, err)
		require.Contains(t, string(index), there.Digest.String())
	}
	// Helm pulls what the archive of the release contains.
	home := t.TempDir()
	cmd := exec.CommandContext(t.Context(), r.helm, "pull", "oci://"+address+"/charts/journeyman", "--version", version, "--plain-http", "-d", home)
	cmd.Env = append(os.Environ(), "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_REGISTRY_CONFIG="+home+"/registry.json")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	archive := "journeyman-" + version + ".tgz"
	got, err := os.ReadFile(filepath.Join(home, archive))
	require.NoError(t, err)
	require.True(t, bytes.Equal(r.read(t, archive), got))
	require.False(t, strings.Contains(string(r.read(t, "journeyman-chart-"+version+".oci.tar")), address), "the registry in memory got into the chart")
}

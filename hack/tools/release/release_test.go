// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/stretchr/testify/require"
)

const version = "1.2.3-rc.1"

// helm returns the program that hack/tools builds, or skips the test.
func helm(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../../bin/helm")
	require.NoError(t, err)
	if _, err := os.Stat(path); err != nil {
		t.Skip("bin/helm is not there: run hack/tools/build.sh helm")
	}
	return path
}

// packed makes a release of small programs in a new folder, with files that were written today. Linux has an image, other systems have only the
// plugin.
func packed(t *testing.T, platforms ...string) *release {
	t.Helper()
	r := &release{
		version: version, commit: "0123456789abcdef0123456789abcdef01234567", date: time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC),
		repository: "https://github.com/journeyman-dev/journeyman", registry: "registry.example/team", builder: "https://ci.example/1",
		helm: helm(t), work: t.TempDir(), dist: t.TempDir(), root: "../../..",
	}
	for _, platform := range platforms {
		system, arch, _ := strings.Cut(platform, "-")
		programs := []string{plugin}
		if system == "linux" {
			programs = []string{"store", "operator", plugin}
			smallImage(t, filepath.Join(r.work, "image", platform+".tar"), arch)
		}
		for _, program := range programs {
			write(t, "program "+program+" for "+platform, r.work, "bin", platform, program+suffix(v1.Platform{OS: system}))
			module := "arrow"
			if program == "operator" {
				module = "std"
			}
			write(t, fmt.Sprintf(`{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"component":{"bom-ref":%q,"name":"x"}},
				"components":[{"bom-ref":%q,"name":%q,"version":"v1"}],"dependencies":[{"ref":%q,"dependsOn":[%q]}]}`,
				program, module, module, program, module), r.work, "sbom", platform, program+".json")
		}
	}
	write(t, "terms", r.work, licencesFile)
	write(t, "go\tgo1.26.8\n/etc/ca.crt\tsha256:"+fmt.Sprintf("%064d", 7)+"\n", r.work, "tools.tsv")
	for _, name := range []string{"install.yaml", "install-namespaced.yaml"} {
		write(t, "spec:\n  image: journeyman:latest\n", r.work, "manifests", name)
	}
	write(t, "kind: CustomResourceDefinition\n", r.work, "manifests", "crds.yaml")
	require.NoError(t, os.CopyFS(filepath.Join(r.work, "chart", "journeyman"), os.DirFS("../../../charts/journeyman")))
	require.NoError(t, r.pack(t.Context()))
	return r
}

func write(t *testing.T, text string, path ...string) {
	t.Helper()
	name := filepath.Join(path...)
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
}

// smallImage packs an image like hack/image.sh.
func smallImage(t *testing.T, path, arch string) {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, packTar(&b, []entry{{"operator", 0o755, []byte("program for " + arch)}}, time.Unix(0, 0)))
	layer, err := tarball.LayerFromOpener(openerOf(b.Bytes()))
	require.NoError(t, err)
	image, err := mutate.AppendLayers(empty.Image, layer)
	require.NoError(t, err)
	image, err = mutate.Config(image, v1.Config{User: "65532:65532", Entrypoint: []string{"/operator"}})
	require.NoError(t, err)
	dir := t.TempDir()
	l, err := layout.Write(dir, empty.Index)
	require.NoError(t, err)
	require.NoError(t, l.AppendImage(image))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, packFolder(dir, path, time.Unix(0, 0)))
}

func (r *release) read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(r.dist, name))
	require.NoError(t, err)
	return data
}

func TestReleaseIsReproducible(t *testing.T) {
	one, two := packed(t, "linux-amd64", "linux-arm64", "windows-arm64"), packed(t, "linux-amd64", "linux-arm64", "windows-arm64")
	names, err := one.files()
	require.NoError(t, err)
	others, err := two.files()
	require.NoError(t, err)
	require.Equal(t, names, others)
	require.Len(t, names, 20)
	for _, name := range append(names, sumsFile) {
		require.True(t, bytes.Equal(one.read(t, name), two.read(t, name)), "%s differs", name)
		require.False(t, bytes.Contains(one.read(t, name), []byte(one.work)), "%s names the folder it was made in", name)
	}
}

func TestChecksums(t *testing.T) {
	r := packed(t, "linux-amd64")
	names, err := r.files()
	require.NoError(t, err)
	var want string
	for _, name := range names {
		sum, err := digest(filepath.Join(r.dist, name))
		require.NoError(t, err)
		want += sum + "  " + name + "\n"
	}
	require.Equal(t, want, string(r.read(t, sumsFile)))
}

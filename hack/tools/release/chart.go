// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// packManifests sets the image in the manifests that kustomize built.
func (r *release) packManifests(image v1.Hash) error {
	for _, file := range []string{"crds.yaml", "install.yaml", "install-namespaced.yaml"} {
		data, err := os.ReadFile(filepath.Join(r.work, "manifests", file))
		if err != nil {
			return err
		}
		if file != "crds.yaml" {
			if data, err = replaceOnce(data, "image: journeyman:latest\n", fmt.Sprintf("image: %s@%s\n", r.imageName(), image)); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
		if err := os.WriteFile(filepath.Join(r.dist, file), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// replaceOnce replaces a text that must occur exactly once.
func replaceOnce(data []byte, before, after string) ([]byte, error) {
	if n := bytes.Count(data, []byte(before)); n != 1 {
		return nil, fmt.Errorf("%q is there %d times, not once", strings.TrimSpace(before), n)
	}
	return bytes.Replace(data, []byte(before), []byte(after), 1), nil
}

// packChart writes the chart with version and image as an archive and as an OCI layout. Helm packs and pushes it, so both have Helm's format. Times
// and the order of files are replaced.
func (r *release) packChart(ctx context.Context, image v1.Hash) error {
	chart := filepath.Join(r.work, "chart", "journeyman")
	values := filepath.Join(chart, "values.yaml")
	data, err := os.ReadFile(values)
	if err != nil {
		return err
	}
	if data, err = replaceOnce(data, "\n  repository: journeyman\n", "\n  repository: "+r.imageName()+"\n"); err != nil {
		return err
	}
	if data, err = replaceOnce(data, "\n  digest: \"\"\n", "\n  digest: "+image.String()+"\n"); err != nil {
		return err
	}
	if err := os.WriteFile(values, data, 0o644); err != nil {
		return err
	}
	if err := r.runHelm(ctx, "package", chart, "--version", r.version, "--app-version", r.version, "--destination", r.dist); err != nil {
		return err
	}
	archive := filepath.Join(r.dist, "journeyman-"+r.version+".tgz")
	if err := r.settle(archive); err != nil {
		return err
	}
	return r.packChartLayout(ctx, archive)
}

// settle packs an archive again, and sets its time to that of the commit, because Helm uses it as the creation time of the chart.
func (r *release) settle(archive string) error {
	packed, err := os.ReadFile(archive)
	if err != nil {
		return err
	}
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return err
	}
	files, err := readTar(zip)
	if err != nil {
		return err
	}
	for i := range files {
		files[i].mode = 0o644
	}
	if err := packTarGz(archive, files, r.date); err != nil {
		return err
	}
	return os.Chtimes(archive, r.date, r.date)
}

// packChartLayout makes Helm push the chart to an in-memory registry, and writes the result.
func (r *release) packChartLayout(ctx context.Context, archive string) error {
	address, stop, err := serveRegistry(ctx)
	if err != nil {
		return err
	}
	defer stop()
	if err := r.runHelm(ctx, "push", archive, "oci://"+address+"/charts", "--plain-http"); err != nil {
		return err
	}
	// Tags of registries cannot contain a plus sign. Helm replaces it by an underscore.
	tag := strings.ReplaceAll(r.version, "+", "_")
	ref, err := name.ParseReference(address+"/charts/journeyman:"+tag, name.Insecure)
	if err != nil {
		return err
	}
	pushed, err := remote.Image(ref, remote.WithContext(ctx))
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(r.work, "chart-layout")
	if err != nil {
		return err
	}
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		return err
	}
	if err := path.AppendImage(pushed, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": tag})); err != nil {
		return err
	}
	return packFolder(dir, filepath.Join(r.dist, "journeyman-chart-"+r.version+".oci.tar"), r.date)
}

// runHelm runs helm without the user's configuration.
func (r *release) runHelm(ctx context.Context, args ...string) error {
	home, err := filepath.Abs(filepath.Join(r.work, "helm"))
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, r.helm, args...) //nolint:gosec // the program that hack/tools built
	cmd.Env = append(os.Environ(), "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home, "HELM_REGISTRY_CONFIG="+home+"/registry.json")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("helm %s: %w: %s", args[0], err, out)
	}
	return nil
}

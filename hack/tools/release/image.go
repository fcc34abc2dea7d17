// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// platforms returns the platforms that were built: the folders of the work folder, such as linux-amd64, sorted by name.
func (r *release) platforms() ([]v1.Platform, error) {
	dirs, err := os.ReadDir(filepath.Join(r.work, "bin"))
	if err != nil {
		return nil, err
	}
	var found []v1.Platform
	for _, d := range dirs {
		system, arch, ok := strings.Cut(d.Name(), "-")
		if !ok {
			return nil, fmt.Errorf("folder %s is not named SYSTEM-ARCHITECTURE", d.Name())
		}
		found = append(found, v1.Platform{OS: system, Architecture: arch})
	}
	return found, nil
}

// imagePlatforms returns the platforms with an image. The others have only the plugin.
func (r *release) imagePlatforms() ([]v1.Platform, error) {
	all, err := r.platforms()
	return slices.DeleteFunc(all, func(p v1.Platform) bool {
		_, missing := os.Stat(r.packedImage(p))
		return missing != nil
	}), err
}

// packedImage returns the file that hack/image.sh wrote for a platform.
func (r *release) packedImage(p v1.Platform) string {
	return filepath.Join(r.work, "image", folder(p)+".tar")
}

// folder returns the folder of a platform.
func folder(p v1.Platform) string { return p.OS + "-" + p.Architecture }

// imageName returns the name of the image without a tag.
func (r *release) imageName() string { return r.registry + "/journeyman" }

// annotations returns the annotations about the origin of image and index.
func (r *release) annotations() map[string]string {
	return map[string]string{
		"org.opencontainers.image.title":         "journeyman",
		"org.opencontainers.image.description":   "Customer journeys as Kubernetes resources",
		"org.opencontainers.image.version":       r.version,
		"org.opencontainers.image.revision":      r.commit,
		"org.opencontainers.image.created":       r.date.Format(time.RFC3339),
		"org.opencontainers.image.source":        r.repository,
		"org.opencontainers.image.documentation": r.repository + "/tree/" + r.commit + "/docs",
		"org.opencontainers.image.licenses":      "Apache-2.0",
	}
}

// packImage writes the index of the images of all platforms as an OCI layout, and returns its digest.
func (r *release) packImage() (v1.Hash, error) {
	platforms, err := r.imagePlatforms()
	if err == nil && len(platforms) == 0 {
		err = errors.New("no platform has one")
	}
	if err != nil {
		return v1.Hash{}, err
	}
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, p := range platforms {
		image, err := r.image(p)
		if err != nil {
			return v1.Hash{}, err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &p}})
	}
	index, ok := mutate.Annotations(index, r.annotations()).(v1.ImageIndex)
	if !ok {
		return v1.Hash{}, fmt.Errorf("annotations made a %T of the index", index)
	}
	dir, err := os.MkdirTemp(r.work, "layout")
	if err != nil {
		return v1.Hash{}, err
	}
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		return v1.Hash{}, err
	}
	if err := path.AppendIndex(index, layout.WithAnnotations(r.names())); err != nil {
		return v1.Hash{}, err
	}
	if err := packFolder(dir, filepath.Join(r.dist, "journeyman-image-"+r.version+".oci.tar"), r.date); err != nil {
		return v1.Hash{}, err
	}
	return index.Digest()
}

// names returns the annotations with which containerd and tools for OCI layouts name an image from an archive.
func (r *release) names() map[string]string {
	return map[string]string{"org.opencontainers.image.ref.name": r.version, "io.containerd.image.name": r.imageName() + ":" + r.version}
}

// image returns the image that hack/image.sh packed for a platform, with compressed layers, labels and annotations.
func (r *release) image(p v1.Platform) (v1.Image, error) {
	dir, err := os.MkdirTemp(r.work, "image")
	if err != nil {
		return nil, err
	}
	if err := unpack(r.packedImage(p), dir); err != nil {
		return nil, err
	}
	packed, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, err
	}
	manifest, err := packed.IndexManifest()
	if err != nil {
		return nil, err
	}
	from, err := packed.Image(manifest.Manifests[0].Digest)
	if err != nil {
		return nil, err
	}
	config, err := from.ConfigFile()
	if err != nil {
		return nil, err
	}
	config.OS, config.Architecture, config.Created = p.OS, p.Architecture, v1.Time{Time: r.date}
	config.RootFS, config.History = v1.RootFS{Type: "layers"}, nil
	config.Config.Labels = maps.Clone(r.annotations())
	image, err := mutate.ConfigFile(mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON), config)
	if err != nil {
		return nil, err
	}
	layers, err := from.Layers()
	if err != nil {
		return nil, err
	}
	for _, l := range layers {
		packed, err := tarball.LayerFromOpener(l.Uncompressed, tarball.WithMediaType(types.OCILayer), tarball.WithCompressedCaching)
		if err != nil {
			return nil, err
		}
		history := v1.History{Created: v1.Time{Time: r.date}, CreatedBy: "hack/image.sh"}
		if image, err = mutate.Append(image, mutate.Addendum{Layer: packed, MediaType: types.OCILayer, History: history}); err != nil {
			return nil, err
		}
	}
	annotated, ok := mutate.Annotations(image, r.annotations()).(v1.Image)
	if !ok {
		return nil, fmt.Errorf("annotations made a %T of the image", annotated)
	}
	return annotated, nil
}

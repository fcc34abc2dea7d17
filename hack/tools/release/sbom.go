// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/uuid"
)

// packSBOMs writes an SBOM for each binary, which cyclonedx-gomod created from the binary, and one for the image of each platform with all its
// binaries.
func (r *release) packSBOMs(image v1.Hash) error {
	platforms, err := r.platforms()
	if err != nil {
		return err
	}
	for _, p := range platforms {
		if err := r.packPlatformBOMs(p, image); err != nil {
			return err
		}
	}
	return nil
}

// packPlatformBOMs writes the SBOMs of a platform, which can have no image.
func (r *release) packPlatformBOMs(p v1.Platform, image v1.Hash) error {
	files, err := filepath.Glob(filepath.Join(r.work, "sbom", folder(p), "*.json"))
	if err != nil {
		return err
	}
	whole, programs := r.imageBOM(p, image), 0
	for _, file := range files {
		program := strings.TrimSuffix(filepath.Base(file), ".json")
		bom, err := r.binaryBOM(file, program)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := r.writeBOM(bom, program+"-"+r.version+"-"+folder(p)); err != nil {
			return err
		}
		if program != plugin {
			addBOM(whole, bom)
			programs++
		}
	}
	if programs == 0 {
		return nil
	}
	return r.writeBOM(whole, "image-"+r.version+"-"+folder(p))
}

// binaryBOM reads the output of cyclonedx-gomod, and sets the name of the program.
func (r *release) binaryBOM(file, program string) (*cdx.BOM, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	bom := cdx.NewBOM()
	if err := json.Unmarshal(data, bom); err != nil {
		return nil, err
	}
	if bom.Metadata == nil || bom.Metadata.Component == nil || bom.Components == nil {
		return nil, fmt.Errorf("it says nothing of the binary")
	}
	main := bom.Metadata.Component
	main.Name, main.Version, main.Licenses = program, r.version, licence("Apache-2.0")
	for i := range *bom.Components {
		if c := &(*bom.Components)[i]; c.Name == "std" {
			c.Licenses = licence("BSD-3-Clause")
		}
	}
	return bom, nil
}

func licence(id string) *cdx.Licenses { return &cdx.Licenses{{License: &cdx.License{ID: id}}} }

// imageBOM returns a new SBOM of an image.
func (r *release) imageBOM(p v1.Platform, image v1.Hash) *cdx.BOM {
	digest := strings.Replace(image.String(), ":", "%3A", 1)
	purl := fmt.Sprintf("pkg:oci/journeyman@%s?arch=%s&repository_url=%s&tag=%s", digest, p.Architecture, r.imageName(), r.version)
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{Component: &cdx.Component{
		BOMRef: purl, Type: cdx.ComponentTypeContainer, Name: "journeyman", Version: r.version, PackageURL: purl,
		Licenses: licence("Apache-2.0"),
	}}
	bom.Components = &[]cdx.Component{}
	bom.Dependencies = &[]cdx.Dependency{{Ref: purl, Dependencies: &[]string{}}}
	return bom
}

// addBOM adds a program with its components to an image. Components that several programs have are added once.
func addBOM(whole, bom *cdx.BOM) {
	program := *bom.Metadata.Component
	image := (*whole.Dependencies)[0].Dependencies
	*image = append(*image, program.BOMRef)
	if whole.Metadata.Tools == nil {
		whole.Metadata.Tools = bom.Metadata.Tools
	}
	for _, c := range append([]cdx.Component{program}, *bom.Components...) {
		if !slices.ContainsFunc(*whole.Components, func(o cdx.Component) bool { return o.BOMRef == c.BOMRef }) {
			*whole.Components = append(*whole.Components, c)
		}
	}
	if bom.Dependencies == nil {
		return
	}
	for _, d := range *bom.Dependencies {
		if !slices.ContainsFunc(*whole.Dependencies, func(o cdx.Dependency) bool { return o.Ref == d.Ref }) {
			*whole.Dependencies = append(*whole.Dependencies, d)
		}
	}
}

// writeBOM writes an SBOM with the time of the commit, and a deterministic serial number.
func (r *release) writeBOM(bom *cdx.BOM, name string) error {
	bom.Metadata.Timestamp = r.date.Format(time.RFC3339)
	bom.SerialNumber = "urn:uuid:" + uuid.NewSHA1(uuid.NameSpaceURL, []byte(r.repository+"/"+r.commit+"/"+name)).String()
	f, err := os.Create(filepath.Join(r.dist, name+".cdx.json"))
	if err != nil {
		return err
	}
	if err := cdx.NewBOMEncoder(f, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false).Encode(bom); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// readTable reads a file with rows of tab-separated values. A missing file has no rows.
func readTable(path string, columns int) ([][]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		if os.IsNotExist(err) {
			return nil, nil
		}
		return nil, err
	}
	var rows [][]string
	for line := range strings.Lines(string(data)) {
		row := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(row) != columns {
			return nil, fmt.Errorf("%s: %q has not %d columns", path, line, columns)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/uuid"
)

// packSBOMs writes an SBOM for each binary, as cyclonedx-gomod wrote it from the binary itself and with what cgo linked in, and one for the
// image of each platform with all of its binaries.
func (r *release) packSBOMs(image v1.Hash) error {
	platforms, err := r.platforms()
	if err != nil {
		return err
	}
	for _, p := range platforms {
		files, err := filepath.Glob(filepath.Join(r.work, "sbom", folder(p), "*.json"))
		if err != nil {
			return err
		}
		whole := r.imageBOM(p, image)
		for _, file := range files {
			program := strings.TrimSuffix(filepath.Base(file), ".json")
			bom, err := r.binaryBOM(file, program, p)
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			if err := r.writeBOM(bom, program+"-"+r.version+"-"+folder(p)); err != nil {
				return err
			}
			if program != plugin {
				addBOM(whole, bom)
			}
		}
		if err := r.writeBOM(whole, "image-"+r.version+"-"+folder(p)); err != nil {
			return err
		}
	}
	return nil
}

// binaryBOM reads what cyclonedx-gomod wrote, names the program, and adds what cgo linked in.
func (r *release) binaryBOM(file, program string, p v1.Platform) (*cdx.BOM, error) {
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
	native, err := r.native(*bom.Components, p)
	if err != nil {
		return nil, err
	}
	refs := make([]string, len(native))
	for i := range native {
		refs[i] = native[i].BOMRef
	}
	components := append(*bom.Components, native...)
	bom.Components = &components
	if bom.Dependencies != nil {
		for i := range *bom.Dependencies {
			if d := &(*bom.Dependencies)[i]; d.Ref == main.BOMRef {
				all := append(slices.Clone(*d.Dependencies), refs...)
				d.Dependencies = &all
			}
		}
	}
	return bom, nil
}

func licence(id string) *cdx.Licenses { return &cdx.Licenses{{License: &cdx.License{ID: id}}} }

const bindings = "github.com/duckdb/duckdb-go-bindings/lib/"

// native lists what a binary has from other languages: DuckDB where its bindings are linked, and with it the C and C++ libraries of the
// machine that built it.
func (r *release) native(modules []cdx.Component, p v1.Platform) ([]cdx.Component, error) {
	at := slices.IndexFunc(modules, func(c cdx.Component) bool { return c.Name == bindings+folder(p) })
	if at < 0 {
		return nil, nil
	}
	version, err := duckDBVersion(modules[at].Version)
	if err != nil {
		return nil, err
	}
	purl := "pkg:github/duckdb/duckdb@v" + version
	duckdb := cdx.Component{
		BOMRef: purl, Type: cdx.ComponentTypeLibrary, Name: "duckdb", Version: version, PackageURL: purl,
		Licenses:    licence("MIT"),
		Description: "Prebuilt static libraries of the Go module " + modules[at].Name + ", with the third-party code that DuckDB bundles",
	}
	libraries, err := readTable(filepath.Join(r.work, "native", folder(p)+".tsv"), 3)
	if err != nil {
		return nil, err
	}
	found := []cdx.Component{duckdb}
	for _, l := range libraries {
		found = append(found, cdx.Component{BOMRef: l[2], Type: cdx.ComponentTypeLibrary, Name: l[0], Version: l[1], PackageURL: l[2]})
	}
	return found, nil
}

// duckDBVersion reads DuckDB's version from that of its bindings: v0.10505.0 has DuckDB 1.5.5.
func duckDBVersion(bindings string) (string, error) {
	parts := strings.Split(bindings, ".")
	if len(parts) != 3 {
		return "", fmt.Errorf("%q is no version of the bindings of DuckDB", bindings)
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil || n < 10000 {
		return "", fmt.Errorf("%q does not say the version of DuckDB", bindings)
	}
	return fmt.Sprintf("%d.%d.%d", n/10000, n/100%100, n%100), nil
}

// imageBOM starts the SBOM of an image.
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

// addBOM adds a program with all that it has to an image. What several programs have is there once.
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

// writeBOM writes an SBOM with the time of the commit, and a serial number that is the same each time.
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

// readTable reads a file of rows with tabs. A file that is not there has none.
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

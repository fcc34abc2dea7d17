// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	slsa "github.com/in-toto/attestation/go/predicates/provenance/v1"
	intoto "github.com/in-toto/attestation/go/v1"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"sigs.k8s.io/yaml"
)

func (r *release) bom(t *testing.T, name string) *cdx.BOM {
	t.Helper()
	bom := cdx.NewBOM()
	require.NoError(t, json.Unmarshal(r.read(t, name+"-"+version+"-linux-amd64.cdx.json"), bom))
	return bom
}

func names(bom *cdx.BOM) (list []string) {
	for _, c := range *bom.Components {
		list = append(list, c.Name)
	}
	return list
}

func TestSBOMOfTheImage(t *testing.T) {
	r := packed(t, "linux-amd64")
	image := r.bom(t, "image")
	require.Equal(t, cdx.ComponentTypeContainer, image.Metadata.Component.Type)
	require.Equal(t, []string{"operator", "std", "store", "arrow"}, names(image))
	require.Equal(t, []string{"operator", "store"}, *(*image.Dependencies)[0].Dependencies)
	require.NotEqual(t, image.SerialNumber, r.bom(t, "store").SerialNumber)
	require.Equal(t, []string{"arrow"}, names(r.bom(t, plugin)))
}

func TestProvenance(t *testing.T) {
	r := packed(t, "linux-amd64")
	statement := &intoto.Statement{}
	require.NoError(t, protojson.Unmarshal(r.read(t, provenanceFile), statement))
	require.NoError(t, statement.Validate())
	require.Equal(t, "https://slsa.dev/provenance/v1", statement.GetPredicateType())
	files, err := r.files()
	require.NoError(t, err)
	subjects := map[string]string{}
	for _, s := range statement.GetSubject() {
		subjects[s.GetName()] = s.GetDigest()["sha256"]
	}
	require.Len(t, subjects, len(files), "all files but itself, and the image")
	for _, file := range slices.DeleteFunc(files, func(f string) bool { return f == provenanceFile }) {
		sum, err := digest(filepath.Join(r.dist, file))
		require.NoError(t, err)
		require.Equal(t, sum, subjects[file], file)
	}
	image, err := indexOf(t, r).Digest()
	require.NoError(t, err)
	require.Equal(t, image.Hex, subjects["registry.example/team/journeyman:"+version])

	body, err := protojson.Marshal(statement.GetPredicate())
	require.NoError(t, err)
	predicate := &slsa.Provenance{}
	require.NoError(t, protojson.Unmarshal(body, predicate))
	require.NoError(t, predicate.Validate())
	require.Equal(t, "https://ci.example/1", predicate.GetRunDetails().GetBuilder().GetId())
	materials := predicate.GetBuildDefinition().GetResolvedDependencies()
	require.Equal(t, r.commit, materials[0].GetDigest()["gitCommit"])
	sums, err := digest("../../../go.sum")
	require.NoError(t, err)
	require.Equal(t, sums, materials[2].GetDigest()["sha256"])
	require.Equal(t, "pkg:generic/go@go1.26.8", materials[3].GetUri())
}

func TestKrewManifest(t *testing.T) {
	r := packed(t, "linux-amd64", "darwin-arm64", "windows-amd64")
	var manifest struct {
		Spec struct {
			Version   string
			Platforms []struct {
				URI, SHA256, Bin string
				Selector         struct{ MatchLabels map[string]string }
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(r.read(t, "journey.yaml"), &manifest))
	require.Equal(t, "v"+version, manifest.Spec.Version)
	want := map[string]string{"darwin-arm64": plugin, "linux-amd64": plugin, "windows-amd64": plugin + ".exe"}
	require.Len(t, manifest.Spec.Platforms, len(want))
	for _, p := range manifest.Spec.Platforms {
		platform := p.Selector.MatchLabels["os"] + "-" + p.Selector.MatchLabels["arch"]
		require.Equal(t, want[platform], p.Bin)
		archive := plugin + "-" + version + "-" + platform + ".tar.gz"
		require.Equal(t, "https://github.com/journeyman-dev/journeyman/releases/download/v"+version+"/"+archive, p.URI)
		sum, err := digest(filepath.Join(r.dist, archive))
		require.NoError(t, err)
		require.Equal(t, sum, p.SHA256)
		zip, err := gzip.NewReader(bytes.NewReader(r.read(t, archive)))
		require.NoError(t, err)
		files, err := readTar(zip)
		require.NoError(t, err)
		program := files[slices.IndexFunc(files, func(f entry) bool { return f.name == p.Bin })]
		require.Equal(t, "program "+plugin+" for "+platform, string(program.data))
		require.EqualValues(t, 0o755, program.mode)
	}
	all, err := r.files()
	require.NoError(t, err)
	require.NotContains(t, all, "image-"+version+"-darwin-arm64.cdx.json", "there is no image of macOS")
	require.Contains(t, all, plugin+"-"+version+"-windows-amd64.cdx.json")
}

// The test binary is a program, too, so the test reads its own licences.
func TestLicencesOfModules(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	out := filepath.Join(t.TempDir(), licencesFile)
	require.NoError(t, run(t.Context(), []string{"licences", "-out", out, self}))
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Contains(t, string(text), "The Go standard library, LICENSE")
	require.Contains(t, string(text), "github.com/google/go-containerregistry v0.22.1, LICENSE")
	require.Contains(t, string(text), "Apache License")
}

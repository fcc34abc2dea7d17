// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
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

func TestAnSBOMHasWhatCgoLinked(t *testing.T) {
	r := packed(t, "amd64")
	store := r.bom(t, "store")
	require.Equal(t, []string{bindings + "linux-amd64", "duckdb", "libc6-dev"}, names(store))
	require.Equal(t, "pkg:github/duckdb/duckdb@v1.5.5", (*store.Components)[1].PackageURL)
	require.Equal(t, []string{"m", "pkg:github/duckdb/duckdb@v1.5.5", "pkg:deb/debian/libc6-dev@2.36"}, *(*store.Dependencies)[0].Dependencies)
	require.Equal(t, []string{"std"}, names(r.bom(t, "operator")), "the operator has no cgo")
}

func TestTheSBOMOfTheImageHasItsProgramsButNotThePlugin(t *testing.T) {
	r := packed(t, "amd64")
	image := r.bom(t, "image")
	require.Equal(t, cdx.ComponentTypeContainer, image.Metadata.Component.Type)
	require.Equal(t, []string{"operator", "std", "store", bindings + "linux-amd64", "duckdb", "libc6-dev"}, names(image))
	require.Equal(t, []string{"operator", "store"}, *(*image.Dependencies)[0].Dependencies)
	require.NotEqual(t, image.SerialNumber, r.bom(t, "store").SerialNumber)
}

func TestVersionsOfDuckDB(t *testing.T) {
	for bindings, want := range map[string]string{"v0.10505.0": "1.5.5", "v0.10612.3": "1.6.12", "v0.20000.0": "2.0.0"} {
		got, err := duckDBVersion(bindings)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, old := range []string{"v0.3.5", "none", "v0.x.1"} {
		_, err := duckDBVersion(old)
		require.Error(t, err, old)
	}
}

func TestProvenanceSaysWhatWasMadeFromWhat(t *testing.T) {
	r := packed(t, "amd64")
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

func TestTheManifestOfKrewNamesTheArchive(t *testing.T) {
	r := packed(t, "amd64")
	var manifest struct {
		Spec struct {
			Version   string
			Platforms []struct{ URI, SHA256, Bin string }
		}
	}
	require.NoError(t, yaml.Unmarshal(r.read(t, "journey.yaml"), &manifest))
	require.Equal(t, "v"+version, manifest.Spec.Version)
	require.Len(t, manifest.Spec.Platforms, 1)
	p := manifest.Spec.Platforms[0]
	require.Equal(t, "https://github.com/journeyman-dev/journeyman/releases/download/v"+version+"/"+filepath.Base(p.URI), p.URI)
	sum, err := digest(filepath.Join(r.dist, filepath.Base(p.URI)))
	require.NoError(t, err)
	require.Equal(t, sum, p.SHA256)
}

// TestTheLicencesOfAProgramAreThoseOfItsModules reads this test, which is a program, too.
func TestTheLicencesOfAProgramAreThoseOfItsModules(t *testing.T) {
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

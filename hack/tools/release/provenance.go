// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	slsa "github.com/in-toto/attestation/go/predicates/provenance/v1"
	intoto "github.com/in-toto/attestation/go/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"
)

const provenanceFile = "provenance.intoto.json"

// packProvenance writes an in-toto statement with SLSA provenance: the files and the image, the commit, the tools and the materials. With these,
// anybody can build the same bytes. It does not contain the time of the build, so that it stays the same.
func (r *release) packProvenance(image v1.Hash) error {
	subjects, err := r.subjects(image)
	if err != nil {
		return err
	}
	materials, err := r.materials()
	if err != nil {
		return err
	}
	parameters, err := structpb.NewStruct(map[string]any{"version": r.version, "registry": r.registry})
	if err != nil {
		return err
	}
	predicate := &slsa.Provenance{
		BuildDefinition: &slsa.BuildDefinition{
			BuildType: r.repository + "/blob/main/docs/release.md#provenance", ExternalParameters: parameters, ResolvedDependencies: materials,
		},
		RunDetails: &slsa.RunDetails{Builder: &slsa.Builder{Id: r.builder}},
	}
	if err := predicate.Validate(); err != nil {
		return err
	}
	plain, err := protojson.Marshal(predicate)
	if err != nil {
		return err
	}
	body := &structpb.Struct{}
	if err := protojson.Unmarshal(plain, body); err != nil {
		return err
	}
	statement := &intoto.Statement{Type: intoto.StatementTypeUri, Subject: subjects, PredicateType: "https://slsa.dev/provenance/v1", Predicate: body}
	if err := statement.Validate(); err != nil {
		return err
	}
	if plain, err = protojson.Marshal(statement); err != nil {
		return err
	}
	// protojson adds random spaces on purpose. After indenting it again, the bytes are the same each time.
	var out bytes.Buffer
	if err := json.Indent(&out, plain, "", "  "); err != nil {
		return err
	}
	out.WriteByte('\n')
	return os.WriteFile(filepath.Join(r.dist, provenanceFile), out.Bytes(), 0o644)
}

// subjects returns the files of the release, and the image by its digest.
func (r *release) subjects(image v1.Hash) ([]*intoto.ResourceDescriptor, error) {
	subjects := []*intoto.ResourceDescriptor{{Name: r.imageName() + ":" + r.version, Digest: map[string]string{image.Algorithm: image.Hex}}}
	names, err := r.files()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		sum, err := digest(filepath.Join(r.dist, name))
		if err != nil {
			return nil, err
		}
		subjects = append(subjects, &intoto.ResourceDescriptor{Name: name, Digest: map[string]string{"sha256": sum}})
	}
	return subjects, nil
}

// materials returns the commit, the modules in go.sum, the tools, and the files of the machine that the image contains.
func (r *release) materials() ([]*intoto.ResourceDescriptor, error) {
	found := []*intoto.ResourceDescriptor{{Uri: "git+" + r.repository, Digest: map[string]string{"gitCommit": r.commit}}}
	for _, name := range []string{"go.mod", "go.sum"} {
		sum, err := digest(filepath.Join(r.root, name))
		if err != nil {
			return nil, err
		}
		found = append(found, &intoto.ResourceDescriptor{
			Name: name, Uri: r.repository + "/blob/" + r.commit + "/" + name, Digest: map[string]string{"sha256": sum},
		})
	}
	tools, err := readTable(filepath.Join(r.work, "tools.tsv"), 2)
	if err != nil {
		return nil, err
	}
	for _, t := range tools {
		d := &intoto.ResourceDescriptor{Name: t[0]}
		if hex, ok := strings.CutPrefix(t[1], "sha256:"); ok {
			d.Uri, d.Digest = "file:"+t[0], map[string]string{"sha256": hex}
		} else {
			d.Uri = fmt.Sprintf("pkg:generic/%s@%s", strings.ReplaceAll(t[0], " ", "-"), t[1])
		}
		found = append(found, d)
	}
	return found, nil
}

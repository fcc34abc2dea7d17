// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package released

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

// document is a document of pods in a ConfigMap, as the operator of a release wrote it.
type document struct {
	kind, name string
	text       []byte
}

func documents(t *testing.T, dir string) (out []document) {
	t.Helper()
	s := loadShop(t, dir)
	for _, parent := range s.parents() {
		for _, child := range loadChildren(t, dir, parent) {
			if child.GetKind() != "ConfigMap" {
				continue
			}
			text, _, err := unstructured.NestedString(child.Object, "data", podconfig.File)
			require.NoError(t, err)
			out = append(out, document{kind: parent.GetObjectKind().GroupVersionKind().Kind, name: child.GetName(), text: []byte(text)})
		}
	}
	require.NotEmpty(t, out)
	return out
}

// load reads a document like its program.
func (d *document) load(t *testing.T) error {
	t.Helper()
	switch d.kind {
	case v1alpha1.EventStoreKind:
		return podconfig.Decode(podconfig.File, d.text, &podconfig.StoreServer{})
	case v1alpha1.TouchpointSourceKind:
		_, err := pipeline.ParseConfig(d.text)
		return err
	}
	file := filepath.Join(t.TempDir(), podconfig.File)
	put(t, d.text, file)
	_, err := analysis.LoadDocument(file, analysis.Wanted{})
	return err
}

// Pods can start with a document that an operator wrote before its upgrade.
func TestDocuments(t *testing.T) {
	eachRelease(t, func(t *testing.T, dir string) {
		kinds := map[string]int{}
		for _, d := range documents(t, dir) {
			t.Run(d.name, func(t *testing.T) {
				var into any = &podconfig.Analysis{}
				switch d.kind {
				case v1alpha1.EventStoreKind:
					into = &podconfig.StoreServer{}
				case v1alpha1.TouchpointSourceKind:
					into = &podconfig.Ingest{}
				}
				strict(t, d.text, into)
				require.NoError(t, d.load(t))
				kinds[d.kind]++
			})
		}
		require.Len(t, kinds, 4)
	})
}

// A compressed document can be read.
func TestCompressedDocument(t *testing.T) {
	eachRelease(t, func(t *testing.T, dir string) {
		text, err := podconfig.Unpack(podconfig.Packed{Binary: read(t, dir, childrenDir, podconfig.PackedFile)})
		require.NoError(t, err)
		strict(t, text, &podconfig.Analysis{})
		file := filepath.Join(t.TempDir(), podconfig.File)
		put(t, read(t, dir, childrenDir, podconfig.PackedFile), file+".gz")
		_, err = analysis.LoadDocument(file, analysis.Wanted{})
		require.NoError(t, err)
	})
}

// Programs refuse a document of another version, in which fields have other types.
func TestFutureDocuments(t *testing.T) {
	eachRelease(t, func(t *testing.T, dir string) {
		for _, d := range documents(t, dir) {
			var fields map[string]any
			require.NoError(t, json.Unmarshal(d.text, &fields))
			fields["version"], fields["name"], fields["generation"] = next, []any{"a", "b"}, "7"
			bumped := document{kind: d.kind, name: d.name, text: indented(t, fields)}
			require.ErrorContains(t, bumped.load(t), fmt.Sprintf("%s has version %d; this program supports version %d", podconfig.File, next, podconfig.Version))
		}
	})
}

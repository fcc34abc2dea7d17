// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func loadText(t *testing.T, text string) (*Set, error) {
	t.Helper()
	return Load(context.Background(), []string{"-"}, strings.NewReader(text))
}

func TestSamples(t *testing.T) {
	set, err := Load(context.Background(), []string{filepath.Join("..", "..", "config", "samples")}, nil)
	require.NoError(t, err)
	require.Len(t, set.Stores, 1)
	require.Len(t, set.Sources, 5)
	require.Len(t, set.Maps, 1)
	require.Len(t, set.Reports, 1)
	require.Equal(t, "default", set.Maps[0].Namespace)
}

func TestMistakes(t *testing.T) {
	const head = "apiVersion: journeyman.dev/v1alpha1\n"
	for text, want := range map[string]string{
		head + "kind: JourneyMapp\nmetadata: {name: a}":                                                                                         `JourneyMapp a: there is no kind "JourneyMapp"`,
		"apiVersion: journeyman.dev/v1\nkind: JourneyMap\nmetadata: {name: a}":                                                                  `there is no kind "JourneyMap" in journeyman.dev/v1`,
		head + "kind: MetricReport\nmetadata: {name: a}\nspec: {journeyMapRef: {name: m}}":                                                      "a report needs at least one entry in kpis, tables or breakdownBy",
		head + "kind: MetricReport\nmetadata: {name: a}\nspec: {journeyMapRef: {name: m}, kpis: [{name: k, measure: {eventCount: {evnt: x}}}]}": "spec.kpis[0].measure.eventCount.event",
		head + "kind: EventStore\nmetadata: {name: a}\nspec: {backend: {embedded: {storage: {size: 1Gi}}}, retension: 4d}":                      `unknown field "spec.retension"`,
		"a: {": "yaml",
		head + "kind: EventStore\nkind: EventStore\n": "already set in map",
	} {
		_, err := loadText(t, text)
		require.ErrorContains(t, err, want, text)
	}
}

const foreign = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n# nothing\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: s}}\n"

const store = "---\napiVersion: journeyman.dev/v1alpha1\nkind: EventStore\nmetadata: {name: a}\nspec: {backend: {embedded: {storage: {size: 1Gi}}}}\n"

// Objects of other kinds are ignored, but a check of no object is an error.
func TestForeignObjects(t *testing.T) {
	set, err := loadText(t, foreign+store)
	require.NoError(t, err)
	require.Len(t, set.Stores, 1)
	_, err = loadText(t, foreign)
	require.EqualError(t, err, "no object of journeyman.dev in -, but ConfigMap of v1, Secret of v1")
	_, err = loadText(t, "")
	require.EqualError(t, err, "no object of journeyman.dev in -")
	for _, slip := range []string{"journyman.dev/v1alpha1", "v1alpha1", "Journeyman.dev/v1alpha1"} {
		_, err = loadText(t, store+strings.Replace(store, "journeyman.dev/v1alpha1", slip, 1))
		require.EqualError(t, err, "-: EventStore a: this kind has no apiVersion \""+slip+"\": use journeyman.dev/v1alpha1")
	}
	set, err = loadText(t, store+strings.Replace(store, "journeyman.dev/v1alpha1", "kurrent.example/v1", 1))
	require.NoError(t, err)
	require.Len(t, set.Stores, 1)
}

// Hidden files, such as those of editors, are ignored in a folder.
func TestHiddenFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"m.yaml", ".m.yaml.swp.yaml", "._m.yaml"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(store), 0o600))
	}
	set, err := Load(t.Context(), []string{dir}, nil)
	require.NoError(t, err)
	require.Len(t, set.Stores, 1)
}

// Explanations are added to errors of the API server that are not clear.
func TestExplained(t *testing.T) {
	const head = "apiVersion: journeyman.dev/v1alpha1\nkind: MetricReport\nmetadata: {name: A}\nspec: {journeyMapRef: {name: m}, currency: Euro, kpis: [{name: n, measure: {averageOrderValue: {}}}]}"
	_, err := loadText(t, head)
	require.ErrorContains(t, err, `metadata.name: Invalid value: "A": must have at most 40 characters`)
	require.ErrorContains(t, err, "spec.currency: Too long: may not be more than 3 bytes; it is the currency of amounts, ISO 4217")
	require.ErrorContains(t, err, "YAML reads y, n, yes, no, on and off without quotes as booleans")
	require.NotContains(t, err.Error(), "<nil>")
}

func TestFolderWithoutManifests(t *testing.T) {
	_, err := Load(context.Background(), []string{t.TempDir()}, nil)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// Line numbers in errors are those of the file, wherever the document starts.
func TestLines(t *testing.T) {
	_, err := loadText(t, "a: 1\n---\nx: 1\nids: {email: body.?Email}\n---\nz: {email: body.?Email}\n---\nq:\n  - a: b: c\n---\nr: 1\nr: 2\n")
	const fix = "did not find expected ',' or '}'; inside { } and [ ], put expressions in quotes: {email: \"body.?email\"}\n"
	require.EqualError(t, err, "-: yaml: line 4: "+fix+"-: yaml: line 6: "+fix+"-: yaml: line 9: mapping values are not allowed in this context\n"+
		"-: yaml: unmarshal errors:\n  line 12: key \"r\" already set in map")
}

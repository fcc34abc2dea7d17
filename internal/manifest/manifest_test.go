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

// Whatever else lies in the files is none of our business.
func TestForeignObjects(t *testing.T) {
	set, err := loadText(t, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n# nothing\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: s}}\n")
	require.NoError(t, err)
	require.Equal(t, &Set{}, set)
}

func TestFolderWithoutManifests(t *testing.T) {
	_, err := Load(context.Background(), []string{t.TempDir()}, nil)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preset_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/preset"
)

func ofFiles(name string) *v1alpha1.TouchpointSourceSpec {
	return &v1alpha1.TouchpointSourceSpec{
		Preset: v1alpha1.Preset(name), Transport: v1alpha1.Transport{Files: &v1alpha1.FilesTransport{}},
		Mapping: []v1alpha1.MappingRule{{When: "false", Drop: &v1alpha1.MappingDrop{}}},
	}
}

func TestEveryPresetOfFilesIsComplete(t *testing.T) {
	known := 0
	for _, p := range preset.All() {
		if p.Files == nil {
			_, _, err := preset.Expand(ofFiles(p.Name))
			require.EqualError(t, err, "transport: set webhook: the preset "+p.Name+" completes nothing else")
			continue
		}
		known++
		require.NotEmpty(t, p.Files.Setup, p.Name)
		require.Equal(t, p.Files.Confidence == preset.Experimental, p.Files.Unsure != "", p.Name)
		source := ofFiles(p.Name)
		before := source.DeepCopy()
		expanded, paths, err := preset.Expand(source)
		if p.Files.Refuse != "" {
			require.ErrorContains(t, err, p.Files.Refuse)
			continue
		}
		require.NoError(t, err, p.Name)
		require.Equal(t, before, source, "the spec is not changed")
		require.Empty(t, expanded.Preset)
		require.NotEmpty(t, expanded.Channel)
		require.Len(t, paths, len(expanded.Mapping), p.Name)
		_, err = mapping.Compile(expanded.Mapping, paths...)
		require.NoError(t, err, p.Name)
	}
	require.Greater(t, known, 10)
}

func TestPresetsOfFilesCompleteNoRequests(t *testing.T) {
	_, _, err := preset.Expand(spec("ga4"))
	require.EqualError(t, err, "transport: set files: the preset ga4 completes nothing else")
	s := spec("shopify")
	s.Transport = v1alpha1.Transport{Segment: &v1alpha1.SegmentTransport{}}
	_, _, err = preset.Expand(s)
	require.EqualError(t, err, "transport: set webhook or files: the preset shopify completes nothing else")
}

func TestRulesBeforeThoseOfTheUser(t *testing.T) {
	out, paths, err := preset.Expand(ofFiles("qualtrics"))
	require.NoError(t, err)
	require.Equal(t, []string{"preset[qualtrics].rules[previews and spam]", "mapping[0]"}, paths[:2])
	require.EqualValues(t, 3, out.Transport.Files.Header.Rows)
	s := ofFiles("googlesheets")
	s.Mapping = nil
	_, _, err = preset.Expand(s)
	require.ErrorContains(t, err, "mapping: set at least one rule")
}

func TestTheUsersSettingsOfFilesComeFirst(t *testing.T) {
	s := ofFiles("salesforce-marketing-cloud")
	s.Transport.Files.TimeZone, s.Channel = "Europe/Berlin", "store"
	out, _, err := preset.Expand(s)
	require.NoError(t, err)
	require.Equal(t, "Europe/Berlin", out.Transport.Files.TimeZone)
	require.Equal(t, v1alpha1.Channel("store"), out.Channel)
	require.NotEmpty(t, out.Transport.Files.Members)
	out.Transport.Files.Members[0] = "changed"
	again, _, err := preset.Expand(s)
	require.NoError(t, err)
	require.NotEqual(t, "changed", again.Transport.Files.Members[0], "the catalogue is not changed")
}

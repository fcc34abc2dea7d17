// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preset_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/files/settings"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/preset"
)

func fileSource() *v1alpha1.TouchpointSourceSpec {
	return &v1alpha1.TouchpointSourceSpec{Mapping: []v1alpha1.MappingRule{{When: "false", Drop: &v1alpha1.MappingDrop{}}}}
}

func TestEveryPresetOfFilesIsComplete(t *testing.T) {
	require.NotEmpty(t, preset.Exports())
	for _, p := range preset.Exports() {
		require.NotEmpty(t, p.Title, p.Name)
		require.NotEmpty(t, p.Channel, p.Name)
		require.NotEmpty(t, p.Files.Setup, p.Name)
		require.Equal(t, p.Files.Confidence == preset.Experimental, p.Files.Unsure != "", p.Name)
		expanded, _, paths, err := p.ExpandFiles(fileSource(), &settings.Files{})
		if p.Files.Refuse != "" {
			require.ErrorContains(t, err, p.Files.Refuse)
			continue
		}
		require.NoError(t, err, p.Name)
		require.Len(t, paths, len(expanded.Mapping), p.Name)
		_, err = mapping.Compile(expanded.Mapping, paths...)
		require.NoError(t, err, p.Name)
	}
}

// No source reads files yet, so no source can have a preset that only knows files, and what is known of files is not printed.
func TestPresetsOfFilesAreNotOfferedToSources(t *testing.T) {
	require.NotNil(t, preset.FindExport("ga4"))
	require.Nil(t, preset.Find("ga4"))
	require.NotContains(t, preset.Names(), "ga4")
	_, _, err := preset.Expand(spec("ga4"))
	require.ErrorContains(t, err, `there is no preset "ga4"`)
	require.Nil(t, preset.FindExport("square"))
	p := preset.FindExport("shopify")
	require.Same(t, preset.Find("shopify"), p)
	raw, err := json.Marshal(p)
	require.NoError(t, err)
	require.NotContains(t, string(raw), p.Files.Setup)
}

func TestRulesBeforeThoseOfTheUser(t *testing.T) {
	_, set, paths, err := preset.FindExport("qualtrics").ExpandFiles(fileSource(), &settings.Files{})
	require.NoError(t, err)
	require.Equal(t, []string{"preset[qualtrics].rules[previews and spam]", "mapping[0]"}, paths[:2])
	require.Equal(t, 3, set.Header.Rows)
	_, _, _, err = preset.FindExport("googlesheets").ExpandFiles(&v1alpha1.TouchpointSourceSpec{}, &settings.Files{})
	require.ErrorContains(t, err, "mapping: set at least one rule")
}

func TestTheUsersSettingsOfFilesComeFirst(t *testing.T) {
	given := &settings.Files{TimeZone: "Europe/Berlin"}
	_, set, _, err := preset.FindExport("salesforce-marketing-cloud").ExpandFiles(fileSource(), given)
	require.NoError(t, err)
	require.Equal(t, "Europe/Berlin", set.TimeZone)
	require.NotEmpty(t, set.Members)
	require.Equal(t, &settings.Files{TimeZone: "Europe/Berlin"}, given, "what is given is not changed")
}

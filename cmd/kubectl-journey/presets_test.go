// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/internal/preset"
)

func presets(args ...string) (string, error) {
	var out bytes.Buffer
	c := presetsCommand()
	c.SetOut(&out)
	c.SetErr(&out)
	c.SilenceUsage = true
	c.SetArgs(args)
	err := c.Execute()
	return out.String(), err
}

func TestPresetsAreListed(t *testing.T) {
	out, err := presets()
	require.NoError(t, err)
	for _, p := range preset.All() {
		require.Contains(t, out, p.Title)
		_, err := presets(p.Name)
		require.NoError(t, err)
	}
	out, err = presets("shopify")
	require.NoError(t, err)
	require.Contains(t, out, "Order Completed")
	require.Contains(t, out, "shopifyCustomerId")
	_, err = presets("nobody")
	require.ErrorContains(t, err, "shopify")
	_, err = presets("-o", "table")
	require.ErrorContains(t, err, "use yaml or json")
}

func TestAPresetAsYAML(t *testing.T) {
	for _, format := range []string{"yaml", "json"} {
		out, err := presets("stripe", "-o", format)
		require.NoError(t, err)
		var p preset.Preset
		require.NoError(t, yaml.Unmarshal([]byte(out), &p))
		require.Equal(t, "v1", p.Webhook.HMAC.SignatureKey)
		require.NotEmpty(t, p.Rules)
	}
}

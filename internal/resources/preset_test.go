// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

func presetInput(t *testing.T, name v1alpha1.Preset) resources.TouchpointSourceInput {
	t.Helper()
	in := sourceInput(t)
	in.Source.Spec.Preset, in.Source.Spec.Channel, in.Source.Spec.Mapping = name, "", nil
	in.Source.Spec.Transport = v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{SecretRef: &v1alpha1.SecretKeyReference{Name: "keys"}}}
	return in
}

func ingestConfig(t *testing.T, in resources.TouchpointSourceInput) (text string, c podconfig.Ingest) {
	t.Helper()
	children, err := resources.TouchpointSourceChildren(in)
	require.NoError(t, err)
	for _, child := range children {
		if child.GVK.Kind == "ConfigMap" {
			text = typed[corev1.ConfigMap](t, child).Data[podconfig.File]
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text), &c))
	return text, c
}

// Pods get the rules of a preset in full, and the same bytes as long as neither the source nor the preset changes.
func TestPodsGetTheRulesOfAPreset(t *testing.T) {
	text, c := ingestConfig(t, presetInput(t, "shopify"))
	again, _ := ingestConfig(t, presetInput(t, "shopify"))
	require.Equal(t, text, again)
	require.Empty(t, c.Source.Preset)
	require.Equal(t, v1alpha1.Channel("web"), c.Source.Channel)
	require.Equal(t, "X-Shopify-Hmac-Sha256", c.Source.Transport.Webhook.HMAC.Header)
	require.Len(t, c.Source.Mapping, len(c.RulePaths))
	require.Contains(t, c.RulePaths, "preset[shopify].rules[orders/create]")
}

// The token of a challenge is in a second key of the Secret.
func TestAChallengeMountsItsToken(t *testing.T) {
	keys := func(name v1alpha1.Preset) (out []string) {
		for _, v := range deploymentOf(t, presetInput(t, name)).Spec.Template.Spec.Volumes {
			if v.Secret == nil || v.Secret.SecretName != "keys" {
				continue
			}
			for _, item := range v.Secret.Items {
				out = append(out, item.Key)
			}
		}
		return out
	}
	require.Equal(t, []string{v1alpha1.DefaultSecretKey}, keys("shopify"))
	require.Equal(t, []string{v1alpha1.DefaultSecretKey, v1alpha1.DefaultTokenKey}, keys("meta"))
}

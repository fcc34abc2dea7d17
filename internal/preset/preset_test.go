// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preset_test

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/preset"
)

func spec(name string) *v1alpha1.TouchpointSourceSpec {
	return &v1alpha1.TouchpointSourceSpec{
		Preset: v1alpha1.Preset(name),
		Transport: v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{
			SecretRef: &v1alpha1.SecretKeyReference{Name: "keys"}, PublicURL: "https://hooks.example.test/in",
		}},
	}
}

func TestEveryPresetIsComplete(t *testing.T) {
	require.NotEmpty(t, preset.All())
	for _, p := range preset.All() {
		require.NotEmpty(t, p.Title, p.Name)
		require.NotEmpty(t, p.Setup, p.Name)
		require.NotEmpty(t, p.Channel, p.Name)
		require.Contains(t, []preset.Confidence{preset.Documented, preset.Experimental}, p.Confidence, p.Name)
		require.Equal(t, p.Confidence == preset.Experimental, p.Unsure != "", "%s: an experimental preset says what is unsure", p.Name)
		require.NotEmpty(t, p.Transports(), p.Name)
		if p.Webhook == nil {
			continue
		}
		source := spec(p.Name)
		source.Mapping = []v1alpha1.MappingRule{{When: "false", Drop: &v1alpha1.MappingDrop{}}}
		expanded, paths, err := preset.Expand(source)
		require.NoError(t, err, p.Name)
		require.Empty(t, expanded.Preset)
		_, err = mapping.Compile(expanded.Mapping, paths...)
		var wrong mapping.Errors
		if errors.As(err, &wrong) {
			for _, e := range wrong {
				t.Error(e, e.Expression)
			}
		}
		require.NoError(t, err, p.Name)
		seen := map[string]bool{}
		for i := range p.Rules {
			label := p.Rules[i].Label()
			require.NotEmpty(t, label, "%s: rule %d has no name", p.Name, i)
			require.False(t, seen[label], "%s: two rules are called %s", p.Name, label)
			seen[label] = true
		}
	}
}

func TestTheUsersSettingsComeFirst(t *testing.T) {
	s := spec("shopify")
	s.Channel, s.Unidentified = "shop", v1alpha1.RejectUnidentified
	s.Mapping = []v1alpha1.MappingRule{{Drop: &v1alpha1.MappingDrop{}}}
	s.Transport.Webhook.Token = &v1alpha1.TokenAuth{Parameter: "key"}
	before := s.DeepCopy()
	out, paths, err := preset.Expand(s)
	require.NoError(t, err)
	require.Equal(t, before, s, "the spec is not changed")
	require.Equal(t, v1alpha1.Channel("shop"), out.Channel)
	require.Equal(t, v1alpha1.RejectUnidentified, out.Unidentified)
	require.Nil(t, out.Transport.Webhook.HMAC)
	require.Equal(t, s.Mapping[0], out.Mapping[0])
	require.Len(t, out.Mapping, len(paths)+1)
	require.Equal(t, "preset[shopify].rules[test orders]", paths[0])
}

func TestExpandingIsDeterministic(t *testing.T) {
	for _, p := range preset.All() {
		if len(p.Rules) == 0 { // Also those that only know files, which are expanded by other code.
			continue
		}
		name := p.Name
		a, _, err := preset.Expand(spec(name))
		require.NoError(t, err)
		b, _, err := preset.Expand(spec(name))
		require.NoError(t, err)
		x, err := json.Marshal(a)
		require.NoError(t, err)
		y, err := json.Marshal(b)
		require.NoError(t, err)
		require.Equal(t, string(x), string(y))
	}
}

func TestErrorsNameTheField(t *testing.T) {
	for name, change := range map[string]func(s *v1alpha1.TouchpointSourceSpec){
		"preset":  func(s *v1alpha1.TouchpointSourceSpec) { s.Preset = "nobody" },
		"mapping": func(s *v1alpha1.TouchpointSourceSpec) { s.Preset = "svix" },
		"transport": func(s *v1alpha1.TouchpointSourceSpec) {
			s.Transport = v1alpha1.Transport{Segment: &v1alpha1.SegmentTransport{}}
		},
		"transport.webhook.secretRef": func(s *v1alpha1.TouchpointSourceSpec) { s.Transport.Webhook.SecretRef = nil },
		"transport.webhook.publicURL": func(s *v1alpha1.TouchpointSourceSpec) { s.Preset, s.Transport.Webhook.PublicURL = "square", "" },
		"transport.webhook.sender.field": func(s *v1alpha1.TouchpointSourceSpec) {
			s.Transport.Webhook.Sender = &v1alpha1.SenderAccount{Allowed: []string{"1"}}
		},
	} {
		s := spec("shopify")
		change(s)
		_, _, err := preset.Expand(s)
		var wrong *preset.Error
		require.ErrorAs(t, err, &wrong, name)
		require.Equal(t, name, wrong.Path)
	}
}

// A rule of a preset that fails names the preset and itself.
func TestPathsOfRules(t *testing.T) {
	rules, paths := preset.Find("shopify").Mapping()
	rules[1].Event.Name = "body.("
	_, err := mapping.Compile(rules, paths...)
	require.ErrorContains(t, err, "preset[shopify].rules[orders/create].event.name")
}

func TestWithoutAPresetTheSpecIsUnchanged(t *testing.T) {
	s := spec("")
	out, paths, err := preset.Expand(s)
	require.NoError(t, err)
	require.Same(t, s, out)
	require.Empty(t, paths)
}

// The CRD lists the presets, so that kubectl explain does, and the API server refuses others.
func TestTheCRDListsTheCatalogue(t *testing.T) {
	raw, err := os.ReadFile("../../config/crd/bases/journeyman.dev_touchpointsources.yaml")
	require.NoError(t, err)
	var crd apiextensionsv1.CustomResourceDefinition
	require.NoError(t, yaml.Unmarshal(raw, &crd))
	spec := crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
	var listed []string
	for _, v := range spec.Properties["preset"].Enum {
		var name string
		require.NoError(t, json.Unmarshal(v.Raw, &name))
		listed = append(listed, name)
	}
	require.Equal(t, preset.Names(), listed)
}

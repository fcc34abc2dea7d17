// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"encoding/json"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// byPreset returns a source with a preset. Apart from it, the source has a Secret, the URL that the sender knows, and the rules.
func byPreset(name v1alpha1.Preset, rules ...v1alpha1.MappingRule) func(s *Sample) *Source {
	return func(s *Sample) *Source {
		url, _, _ := strings.Cut(s.Request.URL, "?")
		w := &v1alpha1.WebhookTransport{SecretRef: secretRef(), PublicURL: url}
		out := &Source{Via: "preset " + string(name), Secrets: map[string]string{v1alpha1.DefaultSecretKey: s.secret()}}
		var several struct{ AppSecret, VerifyToken, Token, OrganizationID string }
		if json.Unmarshal(s.Secret, &several) == nil {
			out.Secrets[v1alpha1.DefaultSecretKey] = several.AppSecret + several.Token
			out.Secrets[v1alpha1.DefaultTokenKey] = several.VerifyToken
			if several.OrganizationID != "" {
				w.Sender = &v1alpha1.SenderAccount{Allowed: []string{several.OrganizationID}}
			}
		}
		out.Spec = v1alpha1.TouchpointSourceSpec{Preset: name, Transport: v1alpha1.Transport{Webhook: w}, Mapping: rules}
		return out
	}
}

// salesforce returns a source for outbound messages, or for the notifications of Marketing Cloud.
func salesforce(s *Sample) *Source {
	if strings.Contains(s.Request.Header("Content-Type"), "xml") {
		return byPreset("salesforce")(s)
	}
	return byPreset("salesforce-marketing-cloud")(s)
}

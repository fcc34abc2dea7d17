// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"encoding/json"
	"net/http"
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

// ga4 returns a source of the Measurement Protocol.
func ga4(s *Sample) *Source {
	out := with("ga4", v1alpha1.Transport{GA4: &v1alpha1.GA4Transport{SecretRef: *secretRef()}}, s.secret())
	out.Accepted = http.StatusNoContent
	return out
}

// snowplow returns a collector, with a key if the sample has one.
func snowplow(s *Sample) *Source {
	t := &v1alpha1.SnowplowTransport{SecretRef: secretRef()}
	if s.secret() == "" {
		t = &v1alpha1.SnowplowTransport{Unauthenticated: &v1alpha1.Unauthenticated{}}
	}
	return with("snowplow", v1alpha1.Transport{Snowplow: t}, s.secret())
}

// matomo returns a source of the tracking API, which accepts requests of pages without a token. A wrong token is refused if there is a right one.
func matomo(s *Sample) *Source {
	t := &v1alpha1.MatomoTransport{Unauthenticated: &v1alpha1.Unauthenticated{}}
	if s.secret() != "" {
		t.SecretRef = secretRef()
	}
	return with("matomo", v1alpha1.Transport{Matomo: t}, s.secret())
}

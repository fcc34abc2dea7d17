// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Source is what receives a sample.
type Source struct {
	// Name of the source, if the sample expects no events.
	Name string
	// Via is the transport or preset, for the table.
	Via  string
	Spec v1alpha1.TouchpointSourceSpec
	// Secrets are the contents of the user's Secret by key.
	Secrets map[string]string
	// EgressPermitted is what the operator permits; empty for the default.
	EgressPermitted []string
	// Accepted is the status of a request whose events were stored. Default: 200.
	Accepted int
}

// sources returns the source of a sample by the file that contains it, without .json: the one place to extend for a new transport or preset. nil means
// that nothing is built for it.
var sources = map[string]func(s *Sample) *Source{
	"cloudevents": cloudEvents,
	"ga4":         ga4,
	"matomo":      matomo,
	"segment":     segment,
	"posthog":     posthog,
	"mixpanel":    mixpanel,
	"amplitude":   amplitude,
	"snowplow":    snowplow,
	"webhook":     webhook,
	"mevrik":      mevrik,

	"hotjar":      byPreset("hotjar"),
	"hubspot":     byPreset("hubspot"),
	"intercom":    byPreset("intercom"),
	"klaviyo":     byPreset("klaviyo"),
	"mailchimp":   byPreset("mailchimp"),
	"meta":        byPreset("meta"),
	"qualtrics":   byPreset("qualtrics"),
	"salesforce":  salesforce,
	"shopify":     byPreset("shopify"),
	"smileio":     byPreset("smileio"),
	"square":      byPreset("square"),
	"stripe":      byPreset("stripe"),
	"twilio":      byPreset("twilio"),
	"typeform":    byPreset("typeform"),
	"woocommerce": byPreset("woocommerce"),
	"yotpo":       byPreset("yotpo"),
	"zendesk":     byPreset("zendesk"),
	"zohocrm":     byPreset("zohocrm"),
}

// SourceFor returns the source that receives a sample of a file, or nil.
func SourceFor(file string, s *Sample) *Source {
	name := strings.TrimSuffix(file, ".json")
	build := sources[name]
	if build == nil || s.Request == nil || s.Request.Method == "" || s.Direction == "out" {
		return nil
	}
	source := build(s)
	if source == nil {
		return nil
	}
	source.Name = name
	if source.Spec.Channel == "" && source.Spec.Preset == "" {
		source.Spec.Channel = "web"
	}
	return source
}

// with returns a source whose Secret has one secret.
func with(via string, t v1alpha1.Transport, secret string, rules ...v1alpha1.MappingRule) *Source {
	return &Source{
		Via: via, Spec: v1alpha1.TouchpointSourceSpec{Transport: t, Mapping: rules},
		Secrets: map[string]string{v1alpha1.DefaultSecretKey: secret},
	}
}

func secretRef() *v1alpha1.SecretKeyReference { return &v1alpha1.SecretKeyReference{Name: "keys"} }

func hook(s *Sample, recipe v1alpha1.HMACRecipe, rules ...v1alpha1.MappingRule) *Source {
	return with("webhook", v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{SecretRef: secretRef(), HMAC: &recipe}}, s.secret(), rules...)
}

func bearer(s *Sample, rules ...v1alpha1.MappingRule) *Source {
	return with("webhook", v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{SecretRef: secretRef(), Bearer: &v1alpha1.BearerAuth{}}}, s.secret(), rules...)
}

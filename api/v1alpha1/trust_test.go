// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import "testing"

func TestEffectiveTrust(t *testing.T) {
	secret := &SecretKeyReference{Name: "k"}
	for name, c := range map[string]struct {
		spec TouchpointSourceSpec
		want SourceTrust
	}{
		"segment":             {TouchpointSourceSpec{Transport: Transport{Segment: &SegmentTransport{}}}, Public},
		"segment of a server": {TouchpointSourceSpec{Transport: Transport{Segment: &SegmentTransport{}}, Trust: Trusted}, Trusted},
		"posthog":             {TouchpointSourceSpec{Transport: Transport{PostHog: &PostHogTransport{}}}, Public},
		"mixpanel":            {TouchpointSourceSpec{Transport: Transport{Mixpanel: &MixpanelTransport{}}}, Public},
		"amplitude":           {TouchpointSourceSpec{Transport: Transport{Amplitude: &AmplitudeTransport{}}}, Public},
		"mixpanel of a job":   {TouchpointSourceSpec{Transport: Transport{Mixpanel: &MixpanelTransport{}}, Trust: Trusted}, Trusted},
		"ga4":                 {TouchpointSourceSpec{Transport: Transport{GA4: &GA4Transport{}}}, Trusted},
		"snowplow":            {TouchpointSourceSpec{Transport: Transport{Snowplow: &SnowplowTransport{SecretRef: secret}}}, Public},
		"matomo by token":     {TouchpointSourceSpec{Transport: Transport{Matomo: &MatomoTransport{SecretRef: secret}}}, Trusted},
		"kafka":               {TouchpointSourceSpec{Transport: Transport{Kafka: &KafkaTransport{}}}, Trusted},
		"mqtt":                {TouchpointSourceSpec{Transport: Transport{MQTT: &MQTTTransport{}}}, Trusted},
		"amqp":                {TouchpointSourceSpec{Transport: Transport{AMQP: &AMQPTransport{}}}, Trusted},
		"rest":                {TouchpointSourceSpec{Transport: Transport{REST: &RESTTransport{}}}, Trusted},
		"nats":                {TouchpointSourceSpec{Transport: Transport{NATS: &NATSTransport{}}}, Trusted},
		"sql":                 {TouchpointSourceSpec{Transport: Transport{SQL: &SQLTransport{}}}, Trusted},
		"matomo of pages":     {TouchpointSourceSpec{Transport: Transport{Matomo: &MatomoTransport{SecretRef: secret, Unauthenticated: &Unauthenticated{}}}}, Public},
		"signed webhook":      {TouchpointSourceSpec{Transport: Transport{Webhook: &WebhookTransport{SecretRef: secret, HMAC: &HMACRecipe{}}}}, Trusted},
		"signed, from an app": {TouchpointSourceSpec{Transport: Transport{Webhook: &WebhookTransport{SecretRef: secret, HMAC: &HMACRecipe{}}}, Trust: Public}, Public},
		"open webhook":        {TouchpointSourceSpec{Transport: Transport{Webhook: &WebhookTransport{Unauthenticated: &Unauthenticated{}}}}, Public},
		"cloudEvents":         {TouchpointSourceSpec{Transport: Transport{CloudEvents: &CloudEventsTransport{SecretRef: secret}}}, Trusted},
		"cloudEvents for all": {TouchpointSourceSpec{Transport: Transport{CloudEvents: &CloudEventsTransport{Unauthenticated: &Unauthenticated{}}}}, Public},
		"a file of a preview": {TouchpointSourceSpec{}, Trusted},
	} {
		if got := c.spec.EffectiveTrust(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

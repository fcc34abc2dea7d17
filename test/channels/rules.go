// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"net/http"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

type expressions = map[string]v1alpha1.CELExpression

// webhook returns a source with the recipe that the headers of a sample name.
func webhook(s *Sample) *Source {
	stamped := func(header string) *v1alpha1.SignatureTimestamp { return &v1alpha1.SignatureTimestamp{Header: header} }
	marker := &v1alpha1.SignedPartMarker{}
	switch r := s.Request; {
	case r.Header("Webhook-Signature") != "" || r.Header("Webhook-Id") != "":
		return byPreset("standard-webhooks", orderRule())(s)
	case r.Header("X-Timestamp") != "":
		return hook(s, v1alpha1.HMACRecipe{
			Header: "X-Signature", Prefix: "v1=", Timestamp: stamped("X-Timestamp"),
			SignedContent: []v1alpha1.SignedPart{{Timestamp: marker}, {Literal: "."}, {Body: marker}},
		}, orderRule())
	case r.Header("X-Hub-Signature-256") != "":
		return hook(s, v1alpha1.HMACRecipe{Header: "X-Hub-Signature-256", Prefix: "sha256="}, orderRule())
	}
	return bearer(s, orderRule())
}

func orderRule() v1alpha1.MappingRule {
	return v1alpha1.MappingRule{When: `body.type == "order.completed"`, Event: &v1alpha1.EventMapping{
		Name: `"Order Completed"`, ID: `body.id`, Time: `body.at`, Amount: `body.amount`, Currency: `body.currency`,
		Identities: expressions{"customerId": `body.customer.id`, "email": `body.customer.email`},
	}}
}

// segment returns a source of the tracking API, or of Segment's signed webhooks.
func segment(s *Sample) *Source {
	if strings.Contains(s.Request.Path, "/hooks/") {
		return byPreset("segment-webhooks")(s)
	}
	return with("segment", v1alpha1.Transport{Segment: &v1alpha1.SegmentTransport{SecretRef: *secretRef()}}, s.secret())
}

func posthog(s *Sample) *Source {
	return with("posthog", v1alpha1.Transport{PostHog: &v1alpha1.PostHogTransport{SecretRef: *secretRef()}}, s.secret())
}

// mixpanel returns a source of the ingestion API. The exports of Mixpanel are not pushed.
func mixpanel(s *Sample) *Source {
	if s.Request.Method == http.MethodGet && strings.Contains(s.Request.Path, "/export") {
		return nil
	}
	return with("mixpanel", v1alpha1.Transport{Mixpanel: &v1alpha1.MixpanelTransport{SecretRef: *secretRef()}}, s.secret())
}

func amplitude(s *Sample) *Source {
	return with("amplitude", v1alpha1.Transport{Amplitude: &v1alpha1.AmplitudeTransport{SecretRef: *secretRef()}}, s.secret())
}

// cloudEvents returns a source that renames a type, and maps identities and money.
func cloudEvents(s *Sample) *Source {
	out := with("cloudEvents", v1alpha1.Transport{CloudEvents: &v1alpha1.CloudEventsTransport{SecretRef: secretRef()}}, s.secret(), v1alpha1.MappingRule{
		When: `body.type == "com.example.shop.order.completed"`, Event: &v1alpha1.EventMapping{
			Name: `"Order Completed"`, OrderID: `body.subject`, Amount: `body.data.total`, Currency: `body.data.currency`,
			Identities: expressions{"customerId": `body.data.customer_id`, "email": `body.data.email`}, Properties: expressions{"order_id": `body.data.order_id`},
		},
	})
	out.Accepted = 202
	return out
}

// mevrik has no public documentation: the sample is a webhook with rules of the user.
func mevrik(s *Sample) *Source {
	out := bearer(s, v1alpha1.MappingRule{When: `body.event == "conversation.message"`, Event: &v1alpha1.EventMapping{
		Name: `body.direction == "inbound" ? "Live Chat Message Sent" : "Live Chat Message Received"`, ID: `body.id`, Time: `body.timestamp`,
		Identities: expressions{"customerId": `body.customer.id`, "email": `body.customer.email`, "phone": `body.customer.phone`},
		Properties: expressions{"conversation_id": `body.conversation.id`, "network": `body.channel`},
	}})
	out.Spec.Channel = "chat"
	return out
}

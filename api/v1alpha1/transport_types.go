// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Transport is a union of the ways to receive events.
//
// +kubebuilder:validation:XValidation:rule="[has(self.webhook), has(self.segment), has(self.cloudEvents), has(self.posthog), has(self.mixpanel), has(self.amplitude)].filter(x, x).size() == 1",message="set exactly one transport: webhook, segment, cloudEvents, posthog, mixpanel or amplitude"
type Transport struct {
	// webhook receives any JSON by POST, authenticated by an HMAC signature or a bearer token, and mapped by the rules of "mapping".
	// +optional
	Webhook *WebhookTransport `json:"webhook,omitempty"`

	// segment serves the tracking API of the SDKs of Segment, RudderStack and Jitsu: /v1/track, identify, page, screen, group, alias, batch.
	// +optional
	Segment *SegmentTransport `json:"segment,omitempty"`

	// cloudEvents receives CloudEvents over HTTP: structured, binary and batch.
	// +optional
	CloudEvents *CloudEventsTransport `json:"cloudEvents,omitempty"`

	// posthog serves the capture API of PostHog's SDKs: /batch/, /i/v0/e/, /e/, /capture/.
	// +optional
	PostHog *PostHogTransport `json:"posthog,omitempty"`

	// mixpanel serves the ingestion API of Mixpanel's SDKs: /track, /import, /engage, /groups.
	// +optional
	Mixpanel *MixpanelTransport `json:"mixpanel,omitempty"`

	// amplitude serves the HTTP V2, batch and identify APIs of Amplitude's SDKs: /2/httpapi, /batch, /identify.
	// +optional
	Amplitude *AmplitudeTransport `json:"amplitude,omitempty"`
}

// WebhookTransport receives JSON by POST.
//
// +kubebuilder:validation:XValidation:rule="[has(self.hmac), has(self.bearer), has(self.unauthenticated)].filter(x, x).size() == 1",message="set exactly one of hmac, bearer and unauthenticated: it says how the sender is authenticated"
// +kubebuilder:validation:XValidation:rule="has(self.secretRef) == (has(self.hmac) || has(self.bearer))",message="set secretRef for hmac and bearer, and only for them"
// +kubebuilder:validation:XValidation:rule="!has(self.hmac) || !has(self.hmac.signedContent) || !self.hmac.signedContent.exists(p, has(p.url)) || has(self.publicURL)",message="publicURL is needed because the signature covers the URL"
type WebhookTransport struct {
	// secretRef refers to the key of the signature or the bearer token. While the Secret is missing, the pods reject all requests, and a condition reports it.
	// +optional
	SecretRef *SecretKeyReference `json:"secretRef,omitempty"`

	// hmac describes how the sender signs its requests.
	// +optional
	HMAC *HMACRecipe `json:"hmac,omitempty"`

	// bearer requires the header "Authorization: Bearer SECRET".
	// +optional
	Bearer *BearerAuth `json:"bearer,omitempty"`

	// unauthenticated lets anybody send. Use it only behind a gateway that authenticates senders.
	// +optional
	Unauthenticated *Unauthenticated `json:"unauthenticated,omitempty"`

	// publicURL is the URL under which the sender knows the endpoint. Only needed for signatures that cover it.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:Pattern=`^https?://[^\s]+$`
	PublicURL string `json:"publicURL,omitempty"`
}

// BearerAuth has no settings: senders must use the header "Authorization: Bearer SECRET".
type BearerAuth struct{}

// Unauthenticated has no settings: any sender is accepted.
type Unauthenticated struct{}

// SegmentTransport serves Segment's tracking API.
type SegmentTransport struct {
	// secretRef refers to the write key, which SDKs send as the user name of Basic authentication.
	// +required
	SecretRef SecretKeyReference `json:"secretRef,omitzero"`
}

// CloudEventsTransport receives CloudEvents over HTTP.
//
// +kubebuilder:validation:XValidation:rule="has(self.secretRef) != has(self.unauthenticated)",message="set exactly one of secretRef (a bearer token) and unauthenticated"
type CloudEventsTransport struct {
	// secretRef refers to the bearer token that senders must use.
	// +optional
	SecretRef *SecretKeyReference `json:"secretRef,omitempty"`

	// unauthenticated lets anybody send. Use it only behind a gateway that authenticates senders.
	// +optional
	Unauthenticated *Unauthenticated `json:"unauthenticated,omitempty"`
}

// PostHogTransport serves the capture API of PostHog's SDKs.
type PostHogTransport struct {
	// secretRef refers to the project API key, which SDKs send as api_key or token in the body.
	// +required
	SecretRef SecretKeyReference `json:"secretRef,omitzero"`
}

// MixpanelTransport serves the ingestion API of Mixpanel's SDKs.
type MixpanelTransport struct {
	// secretRef refers to the project token, which SDKs send with each event. Further lines can be an API secret, or a service account as
	// "username:secret"; senders of imports send these by Basic authentication.
	// +required
	SecretRef SecretKeyReference `json:"secretRef,omitzero"`
}

// AmplitudeTransport serves the HTTP V2 API of Amplitude's SDKs.
type AmplitudeTransport struct {
	// secretRef refers to the API key, which SDKs send as api_key in the body.
	// +required
	SecretRef SecretKeyReference `json:"secretRef,omitzero"`
}

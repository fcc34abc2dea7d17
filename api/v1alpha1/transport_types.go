// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Transport is the union of the ways in.
//
// +kubebuilder:validation:XValidation:rule="[has(self.webhook), has(self.segment), has(self.cloudEvents)].filter(x, x).size() == 1",message="set exactly one transport: webhook, segment or cloudEvents"
type Transport struct {
	// webhook takes any JSON by POST, verified by an HMAC signature or a bearer token, mapped by the rules of "mapping".
	// +optional
	Webhook *WebhookTransport `json:"webhook,omitempty"`

	// segment serves the tracking API that Segment's and RudderStack's SDKs speak: /v1/track, identify, page, screen, group, alias, batch.
	// +optional
	Segment *SegmentTransport `json:"segment,omitempty"`

	// cloudEvents takes CloudEvents over HTTP: structured, binary and batch.
	// +optional
	CloudEvents *CloudEventsTransport `json:"cloudEvents,omitempty"`
}

// WebhookTransport takes JSON by POST.
//
// +kubebuilder:validation:XValidation:rule="[has(self.hmac), has(self.bearer), has(self.unauthenticated)].filter(x, x).size() == 1",message="set exactly one of hmac, bearer and unauthenticated: a webhook has to say how its sender is recognised"
// +kubebuilder:validation:XValidation:rule="has(self.secretRef) == (has(self.hmac) || has(self.bearer))",message="secretRef is needed by hmac and bearer, and by nothing else"
// +kubebuilder:validation:XValidation:rule="!has(self.hmac) || !has(self.hmac.signedContent) || !self.hmac.signedContent.exists(p, has(p.url)) || has(self.publicURL)",message="publicURL is needed because the signature covers the URL"
type WebhookTransport struct {
	// secretRef holds the key of the signature or the bearer token. A missing Secret is reported, and the pods refuse all requests until it is there.
	// +optional
	SecretRef *SecretKeyReference `json:"secretRef,omitempty"`

	// hmac describes the signature that the sender puts on its requests.
	// +optional
	HMAC *HMACRecipe `json:"hmac,omitempty"`

	// bearer expects the secret as "Authorization: Bearer SECRET".
	// +optional
	Bearer *BearerAuth `json:"bearer,omitempty"`

	// unauthenticated lets anybody send. Only for endpoints that a gateway in front protects.
	// +optional
	Unauthenticated *Unauthenticated `json:"unauthenticated,omitempty"`

	// publicURL is the URL under which the sender knows the endpoint. Only needed for signatures that cover it.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:Pattern=`^https?://[^\s]+$`
	PublicURL string `json:"publicURL,omitempty"`
}

// BearerAuth has no settings: the secret is expected as "Authorization: Bearer SECRET".
type BearerAuth struct{}

// Unauthenticated has no settings: any sender is accepted.
type Unauthenticated struct{}

// SegmentTransport serves Segment's tracking API.
type SegmentTransport struct {
	// secretRef holds the write key that the SDKs send as the user name of Basic authentication.
	// +required
	SecretRef SecretKeyReference `json:"secretRef,omitzero"`
}

// CloudEventsTransport takes CloudEvents over HTTP.
//
// +kubebuilder:validation:XValidation:rule="has(self.secretRef) != has(self.unauthenticated)",message="set exactly one of secretRef (a bearer token) and unauthenticated"
type CloudEventsTransport struct {
	// secretRef holds the bearer token that the sender has to show.
	// +optional
	SecretRef *SecretKeyReference `json:"secretRef,omitempty"`

	// unauthenticated lets anybody send. Only for endpoints that a gateway in front protects.
	// +optional
	Unauthenticated *Unauthenticated `json:"unauthenticated,omitempty"`
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

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

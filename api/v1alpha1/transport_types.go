// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Transport is a union of the ways to receive events.
//
// +kubebuilder:validation:XValidation:rule="[has(self.webhook), has(self.segment), has(self.cloudEvents), has(self.posthog), has(self.mixpanel), has(self.amplitude), has(self.ga4), has(self.snowplow), has(self.matomo), has(self.kafka), has(self.nats), has(self.amqp), has(self.mqtt), has(self.files), has(self.sql), has(self.rest)].filter(x, x).size() == 1",message="set exactly one transport: webhook, segment, cloudEvents, posthog, mixpanel, amplitude, ga4, snowplow, matomo, kafka, nats, amqp, mqtt, files, sql or rest"
type Transport struct {
	// webhook receives JSON, forms or XML by POST, authenticated by a signature or a token, and mapped by the rules of "mapping" or of a preset.
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

	// ga4 serves the Measurement Protocol of Google Analytics 4: /mp/collect, and /debug/mp/collect for validation.
	// +optional
	GA4 *GA4Transport `json:"ga4,omitempty"`

	// snowplow serves the collector of Snowplow's trackers: POST /com.snowplowanalytics.snowplow/tp2 and GET /i.
	// +optional
	Snowplow *SnowplowTransport `json:"snowplow,omitempty"`

	// matomo serves the tracking API of Matomo: /matomo.php and /piwik.php, for single requests and in bulk.
	// +optional
	Matomo *MatomoTransport `json:"matomo,omitempty"`

	// kafka reads topics of Apache Kafka.
	// +optional
	Kafka *KafkaTransport `json:"kafka,omitempty"`

	// nats reads a stream of NATS JetStream.
	// +optional
	NATS *NATSTransport `json:"nats,omitempty"`

	// amqp reads a queue of RabbitMQ, or of another broker with AMQP 0-9-1.
	// +optional
	AMQP *AMQPTransport `json:"amqp,omitempty"`

	// mqtt subscribes to topics of a broker with MQTT 5.
	// +optional
	MQTT *MQTTTransport `json:"mqtt,omitempty"`

	// files takes exported files: from a place that the pods read, such as a bucket, or imported with "kubectl journey import".
	// +optional
	Files *FilesTransport `json:"files,omitempty"`

	// sql reads the rows of a database.
	// +optional
	SQL *SQLTransport `json:"sql,omitempty"`

	// rest asks an HTTP API for its records again and again, page by page. query and body can contain $(cursor), $(page), $(offset), $(since) and $(until);
	// a parameter whose placeholder has no value is left out.
	// +optional
	REST *RESTTransport `json:"rest,omitempty"`
}

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

// GA4Transport serves the Measurement Protocol of Google Analytics 4.
type GA4Transport struct {
	// secretRef refers to the API secret, which senders put into the query as api_secret.
	// +required
	SecretRef SecretKeyReference `json:"secretRef,omitzero"`

	// streams are the data streams that are accepted: measurement ids such as G-ABC123, or ids of Firebase apps. Senders put them into the query as
	// measurement_id or firebase_app_id. Default: events of all streams, and of none, are accepted.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	Streams []GA4Stream `json:"streams,omitempty"`
}

// GA4Stream is the id of a data stream of Google Analytics 4.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:Pattern=`^[A-Za-z0-9:_-]+$`
type GA4Stream string

// SnowplowTransport serves the collector of Snowplow's trackers.
//
// +kubebuilder:validation:XValidation:rule="has(self.secretRef) != has(self.unauthenticated)",message="set exactly one of secretRef (a key in the path or a bearer token) and unauthenticated"
type SnowplowTransport struct {
	// secretRef refers to the key of the trackers. They send it as the first part of the path (endpoint https://events.example.com/KEY), or as a bearer
	// token. The protocol itself has no authentication.
	// +optional
	SecretRef *SecretKeyReference `json:"secretRef,omitempty"`

	// unauthenticated lets anybody send, as Snowplow's own collector does.
	// +optional
	Unauthenticated *Unauthenticated `json:"unauthenticated,omitempty"`

	// postPaths are further paths to which trackers post, each with a vendor and a version, such as /com.example/track. Some ad blockers know the usual
	// path, /com.snowplowanalytics.snowplow/tp2, which is always served. Default: no other path.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=10
	PostPaths []SnowplowPath `json:"postPaths,omitempty"`
}

// SnowplowPath is a path with a vendor and a version, such as /com.example/track.
//
// +kubebuilder:validation:MinLength=4
// +kubebuilder:validation:MaxLength=128
// +kubebuilder:validation:Pattern=`^/[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$`
type SnowplowPath string

// MatomoTransport serves the tracking API of Matomo.
//
// +kubebuilder:validation:XValidation:rule="has(self.secretRef) || has(self.unauthenticated)",message="set secretRef (token_auth), unauthenticated, or both: then requests without a token are accepted, too"
type MatomoTransport struct {
	// secretRef refers to the token that senders use as token_auth. Only requests with it may be older than 24 hours.
	// +optional
	SecretRef *SecretKeyReference `json:"secretRef,omitempty"`

	// unauthenticated also accepts requests without a token, such as those of a web page.
	// +optional
	Unauthenticated *Unauthenticated `json:"unauthenticated,omitempty"`

	// sites are the values of idsite that are accepted. Default: all sites.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=50
	Sites []MatomoSite `json:"sites,omitempty"`

	// currency is the currency of the sites, in three letters of ISO 4217, such as EUR. Requests contain only numbers. Default: revenue is a property
	// without a currency, and counts for no amount.
	// +optional
	// +kubebuilder:validation:MaxLength=3
	// +kubebuilder:validation:Pattern=`^[A-Z]{3}$`
	Currency string `json:"currency,omitempty"`
}

// MatomoSite is the number of a site in Matomo.
//
// +kubebuilder:validation:Minimum=1
// +kubebuilder:validation:Maximum=2147483647
type MatomoSite int32

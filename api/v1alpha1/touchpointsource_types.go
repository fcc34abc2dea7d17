// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TouchpointSourceSpec configures a connector that ingests the events of one system into a store.
//
// +kubebuilder:validation:XValidation:rule="has(self.preset) || !has(self.transport.webhook) || (has(self.mapping) && size(self.mapping) > 0)",fieldPath=".mapping",message="mapping needs at least one rule, or the source a preset: documents of a webhook have no standard form"
// +kubebuilder:validation:XValidation:rule="has(self.preset) || has(self.channel)",fieldPath=".channel",message="set channel: only a preset has a default"
// +kubebuilder:validation:XValidation:rule="has(self.preset) || !has(self.transport.webhook) || [has(self.transport.webhook.hmac), has(self.transport.webhook.bearer), has(self.transport.webhook.token), has(self.transport.webhook.unauthenticated)].exists(x, x)",fieldPath=".transport.webhook",message="set exactly one of hmac, bearer, token and unauthenticated, or a preset: it says how the sender is authenticated"
// +kubebuilder:validation:XValidation:rule="has(self.preset) || !has(self.transport.webhook) || !has(self.transport.webhook.sender) || has(self.transport.webhook.sender.field)",fieldPath=".transport.webhook.sender",message="set field: only a preset has a default"
// +kubebuilder:validation:XValidation:rule="has(self.preset) || has(self.unidentified) && self.unidentified == 'Keep' || !has(self.mapping) || self.mapping.all(r, !has(r.event) || has(r.event.identities))",fieldPath=".mapping",message="set event.identities, or unidentified: Keep in the source: an event without an identity belongs to no customer"
// +kubebuilder:validation:XValidation:rule="has(self.preset) || !has(self.transport.kafka) || has(self.transport.kafka.format) && self.transport.kafka.format != 'JSON' || has(self.mapping) && size(self.mapping) > 0",fieldPath=".mapping",message="mapping needs at least one rule: JSON values have no standard form"
// +kubebuilder:validation:XValidation:rule="has(self.preset) || !has(self.transport.nats) || has(self.transport.nats.format) && self.transport.nats.format != 'JSON' || has(self.mapping) && size(self.mapping) > 0",fieldPath=".mapping",message="mapping needs at least one rule: JSON messages have no standard form"
// +kubebuilder:validation:XValidation:rule="has(self.preset) || !has(self.transport.amqp) || has(self.transport.amqp.format) && self.transport.amqp.format != 'JSON' || has(self.mapping) && size(self.mapping) > 0",fieldPath=".mapping",message="mapping needs at least one rule: messages in JSON have no standard form"
// +kubebuilder:validation:XValidation:rule="has(self.preset) || !has(self.transport.mqtt) || has(self.transport.mqtt.format) && self.transport.mqtt.format != 'JSON' || has(self.mapping) && size(self.mapping) > 0",fieldPath=".mapping",message="mapping needs at least one rule: payloads in JSON have no standard form"
// +kubebuilder:validation:XValidation:rule="!has(self.transport.mqtt) || !has(self.scaling) || !has(self.scaling.maxReplicas) || self.scaling.maxReplicas == (has(self.scaling.minReplicas) ? self.scaling.minReplicas : 1)",fieldPath=".scaling.maxReplicas",message="remove maxReplicas: each pod has a session at the broker, so set only minReplicas"
// +kubebuilder:validation:XValidation:rule="has(self.preset) || !has(self.transport.files) || has(self.mapping) && size(self.mapping) > 0",fieldPath=".mapping",message="mapping needs at least one rule, or the source a preset: the columns of a file have no standard meaning"
// +kubebuilder:validation:XValidation:rule="has(self.preset) || !has(self.transport.rest) || has(self.mapping) && size(self.mapping) > 0",fieldPath=".mapping",message="mapping needs at least one rule: records of an API have no standard form"
// +kubebuilder:validation:XValidation:rule="!has(self.transport.rest) || !has(self.scaling) || (!has(self.scaling.minReplicas) || self.scaling.minReplicas == 1) && (!has(self.scaling.maxReplicas) || self.scaling.maxReplicas == 1)",fieldPath=".scaling",message="remove scaling: one pod asks the API"
// +kubebuilder:validation:XValidation:rule="!has(self.transport.files) || !has(self.scaling)",fieldPath=".scaling",message="remove scaling: one pod reads or imports the files"
// +kubebuilder:validation:XValidation:rule="!has(self.transport.sql) || has(self.mapping) && size(self.mapping) > 0",fieldPath=".mapping",message="mapping needs at least one rule: rows have no standard form"
// +kubebuilder:validation:XValidation:rule="!has(self.transport.sql) || !has(self.scaling) || (!has(self.scaling.minReplicas) || self.scaling.minReplicas == 1) && (!has(self.scaling.maxReplicas) || self.scaling.maxReplicas == 1)",fieldPath=".scaling",message="remove scaling: one pod reads all rows of a database"
// +kubebuilder:validation:XValidation:rule="!has(self.transport.kafka) && !has(self.transport.nats) && !has(self.transport.amqp) && !has(self.transport.mqtt) && !has(self.transport.files) && !has(self.transport.sql) && !has(self.transport.rest) || !has(self.tls) && !has(self.allowFrom) && !has(self.trustedProxies)",fieldPath=".transport",message="remove tls, allowFrom and trustedProxies: they are for transports that receive requests, and this one does not"
// +kubebuilder:validation:XValidation:rule="!has(self.preset) || has(self.transport.webhook) || has(self.transport.files)",fieldPath=".transport",message="set webhook or files: a preset completes these transports only"
// +kubebuilder:validation:XValidation:rule="!has(self.egress) || has(self.transport.kafka) || has(self.transport.nats) || has(self.transport.amqp) || has(self.transport.mqtt) || has(self.transport.sql) || has(self.transport.rest) || has(self.transport.files) && has(self.transport.files.from) || has(self.transport.webhook) && has(self.transport.webhook.followUp)",fieldPath=".egress",message="remove egress: it is for transports that read, and for webhooks with followUp"
type TouchpointSourceSpec struct {
	// storeRef names the EventStore that the events go to.
	// +required
	StoreRef LocalReference `json:"storeRef,omitzero"`

	// preset is a system whose requests or exported files are known: how requests are signed, how files are read, and what becomes of their records. Its
	// settings apply where this spec has none, and its rules after those of "mapping". kubectl journey presets lists them, with the transports (webhook,
	// files) that each knows.
	// +optional
	Preset Preset `json:"preset,omitempty"`

	// channel of the events, unless the mapping or the sender says otherwise. Required without a preset. Default: that of the preset.
	// +optional
	Channel Channel `json:"channel,omitempty"`

	// transport selects how events are received. Set exactly one.
	// +required
	Transport Transport `json:"transport,omitzero"`

	// trust sets whether the identities in an event are trusted. The key of a Public source can be read in a web page or an app. Its events may link a
	// device or browser to one customer. They never merge customers, and never replace a link or a trait that comes from a Trusted source. A change
	// applies to all events of the source, including stored ones. Default: Public if anybody can send, because
	// the key is in pages and apps (segment, posthog, mixpanel, amplitude, snowplow) or there is none; otherwise Trusted.
	// +optional
	Trust SourceTrust `json:"trust,omitempty"`

	// mapping turns received documents into events, by CEL expressions. The first rule whose "when" is true applies. A document that
	// matches no rule is rejected with the reason unmapped. Webhooks and files without a preset need at least one rule. For all other transports, the
	// rules apply before the built-in mapping.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Mapping []MappingRule `json:"mapping,omitempty"`

	// dropFields lists fields that are removed before an event is stored: properties.NAME or traits.NAME.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=128
	// +kubebuilder:validation:items:Pattern=`^(properties|traits)\.\S([^\r\n\t]*\S)?$`
	DropFields []string `json:"dropFields,omitempty"`

	// unidentified says what happens to events without a usable identity, such as an anonymous survey or a till receipt without a card. Reject
	// rejects them with the reason missing-identity. Keep stores them: they count where events are counted (revenue, orders, answers, coverage),
	// and never as a customer. Identify, group and alias calls without identities are always rejected. Default: that of the preset for its requests, or Reject.
	// +optional
	Unidentified UnidentifiedPolicy `json:"unidentified,omitempty"`

	// expectEvery is the longest normal time between two events. When the source receives nothing for longer, it is stale and
	// its condition Fresh becomes False. Default: freshness is not checked.
	// +optional
	ExpectEvery Duration `json:"expectEvery,omitempty"`

	// limits on what a sender may send.
	// +optional
	Limits *SourceLimits `json:"limits,omitempty"`

	// trustedProxies are the networks, such as 10.0.0.0/8, of the proxies in front of the pods, for example of an ingress controller.
	// A pod limits the unfinished requests of each peer. Behind a trusted proxy it limits those of each client instead: the last address of
	// X-Forwarded-For that is in none of the networks. Default: none. X-Forwarded-For is then ignored.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=43
	// +kubebuilder:validation:items:XValidation:rule="isCIDR(self)",message="trustedProxies must be networks, such as 10.0.0.0/8 or fd00::/8"
	TrustedProxies []string `json:"trustedProxies,omitempty"`

	// allowFrom lists who may connect to the pods, for example an ingress controller. One matching entry is enough. It becomes part of the
	// source's NetworkPolicy, so it needs a cluster network that enforces NetworkPolicies, and an operator that creates them. Senders still
	// need the key or the signature. Default: anybody.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	AllowFrom []SenderPeer `json:"allowFrom,omitempty"`

	// tls makes the pods serve HTTPS only. Default: HTTP.
	// +optional
	TLS *SourceTLS `json:"tls,omitempty"`

	// egress lists the private addresses to which the pods may connect for the source: to brokers, databases and APIs, also in the cluster, and for follow-ups.
	// Default: none; only public addresses are reached.
	// +optional
	Egress *SourceEgress `json:"egress,omitempty"`

	// scaling of the ingestion pods. Default: one replica.
	// +optional
	Scaling *Scaling `json:"scaling,omitempty"`

	// suspend stops ingestion. The pods keep running, answer 503, and read nothing.
	// +optional
	Suspend *bool `json:"suspend,omitempty"`

	// pod sets resources and placement of the ingestion pods.
	// +optional
	Pod *PodOptions `json:"pod,omitempty"`
}

// Preset names a system of the catalogue.
//
// +kubebuilder:validation:Enum=crazyegg;ga4;googlesheets;hotjar;hubspot;intercom;klaviyo;mailchimp;matomo;meta;mixpanel;posthog;qualtrics;salesforce;salesforce-marketing-cloud;segment-webhooks;shopify;smileio;square;standard-webhooks;stripe;svix;twilio;typeform;woocommerce;yotpo;zendesk;zohocrm
type Preset string

// SourceTrust sets whether the identities in the events of a source are trusted.
//
// +kubebuilder:validation:Enum=Public;Trusted
type SourceTrust string

// Values of trust.
const (
	// Public sources have a key that anybody can read, or none.
	Public SourceTrust = "Public"
	// Trusted sources are systems whose key is a secret.
	Trusted SourceTrust = "Trusted"
)

// EffectiveTrust returns the trust that the spec sets, or else the default of the transport.
func (s *TouchpointSourceSpec) EffectiveTrust() SourceTrust {
	if s.Trust != "" {
		return s.Trust
	}
	if s.Transport.isPublic() {
		return Public
	}
	return Trusted
}

// UnidentifiedPolicy says what happens to events without a usable identity.
//
// +kubebuilder:validation:Enum=Reject;Keep
type UnidentifiedPolicy string

const (
	// RejectUnidentified rejects events without an identity.
	RejectUnidentified UnidentifiedPolicy = "Reject"
	// KeepUnidentified stores events without an identity, as events of no customer.
	KeepUnidentified UnidentifiedPolicy = "Keep"
)

// SourceLimits limit what a sender may send.
type SourceLimits struct {
	// maxBodySize is the largest request body, after decompression, or the largest document that is read. Default: 1Mi.
	// +optional
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('1Ki')) >= 0 && quantity(string(self)).compareTo(quantity('16Mi')) <= 0",message="maxBodySize must be between 1Ki and 16Mi"
	MaxBodySize *resource.Quantity `json:"maxBodySize,omitempty"`

	// maxEventsPerSecond is the highest rate of events that one pod accepts. Above it, requests get 429, and a source that reads waits. Default: 5000 for
	// transports that receive requests, otherwise as fast as the store.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000000
	MaxEventsPerSecond *int32 `json:"maxEventsPerSecond,omitempty"`
}

// Scaling sets the number of ingestion pods.
//
// +kubebuilder:validation:XValidation:rule="!has(self.maxReplicas) || self.maxReplicas >= (has(self.minReplicas) ? self.minReplicas : 1)",message="maxReplicas must not be less than minReplicas"
type Scaling struct {
	// minReplicas is the lowest number of pods. With 2 or more, the operator creates a PodDisruptionBudget. Default: 1.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	MinReplicas *int32 `json:"minReplicas,omitempty"`

	// maxReplicas is the highest number of pods. When it is greater than minReplicas, the operator creates a HorizontalPodAutoscaler on CPU.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	MaxReplicas *int32 `json:"maxReplicas,omitempty"`
}

// TouchpointSourceStatus is the observed state of the source.
type TouchpointSourceStatus struct {
	// conditions are Ready, Reconciling, Stalled, IngestionAvailable, Fresh, Rejecting.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of the spec that the conditions are about.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// reading is how far the pods have read. It is absent for transports that receive requests.
	// +optional
	Reading *ReadingStatus `json:"reading,omitempty"`

	// address to send to, inside the cluster. It is absent for transports that read.
	// +optional
	Address *SourceAddress `json:"address,omitempty"`

	// countersTime is when the operator read the counters and times of this status from the store. It reads them every 30 seconds, and writes changes
	// within two minutes, or within six when more than 200 sources receive events. It does not change while the counters do not change.
	// +optional
	CountersTime *metav1.Time `json:"countersTime,omitempty"`

	// newestEventTime is the time of the newest event, by the sender's clock.
	// +optional
	NewestEventTime *metav1.Time `json:"newestEventTime,omitempty"`

	// newestReceivedTime is when the last event was received or read.
	// +optional
	NewestReceivedTime *metav1.Time `json:"newestReceivedTime,omitempty"`

	// accepted is the number of events that were accepted since the source was created. Redelivered events count again. It is absent until the
	// operator reads the counters for the first time. After that, absent counters are 0.
	// +optional
	Accepted *int64 `json:"accepted,omitempty"`

	// duplicates is the number of accepted events that had been received before. They count once in all results. They are recognised by their id
	// or, without an id, by their content. It is absent like accepted.
	// +optional
	Duplicates *int64 `json:"duplicates,omitempty"`

	// erased is the number of accepted events that were not stored because their customer had been erased. It is absent while there are none.
	// +optional
	Erased int64 `json:"erased,omitempty"`

	// withoutID is the number of accepted events that had neither an id nor a time. Each receipt of such an event is a new event, so a request
	// that is sent twice, or a document that is read twice, counts twice. It is absent like accepted.
	// +optional
	WithoutID *int64 `json:"withoutID,omitempty"`

	// placeholders is the number of identifiers that were ignored because their value is a placeholder: null, \\N, #N/A, an unfilled template,
	// or a value of the EventStore's spec.identity.placeholders. Events without another identifier are rejected, or kept as events of nobody when
	// spec.unidentified is Keep. Ids of orders, sessions and groups count, too: an order without an id is counted as an order of its own.
	// It is absent while there are none.
	// +optional
	Placeholders int64 `json:"placeholders,omitempty"`

	// placeholderIDs is the number of accepted events whose id was a placeholder: undefined, null, 0, a UUID of zeros.
	// Such events are recognised by their content or, if they have no time, by their receipt. Events of documents that the system numbers, such as
	// messages of Kafka, are recognised by that number.
	// +optional
	PlaceholderIDs int64 `json:"placeholderIDs,omitempty"`

	// uncorrected is the number of accepted events whose time could not be corrected by sentAt. Their time is stored as it was sent.
	// +optional
	Uncorrected int64 `json:"uncorrected,omitempty"`

	// unidentified is the number of accepted events without any identity. They belong to no customer. It is absent like accepted, and
	// while spec.unidentified is not Keep and there are none.
	// +optional
	Unidentified *int64 `json:"unidentified,omitempty"`

	// advice says what to change at the sender, in the mapping or in the spec, so that the numbers are reliable and spec.allowFrom takes effect.
	// Each entry is one sentence. It is empty when there is nothing to change.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	// +kubebuilder:validation:items:MaxLength=512
	Advice []string `json:"advice,omitempty"`

	// rejected is the number of rejected events. It is absent like accepted.
	// +optional
	Rejected *int64 `json:"rejected,omitempty"`

	// unauthorizedRequests is the number of requests whose key, token or signature was missing or wrong. Anybody can send such requests, so
	// they do not count as rejected events and do not affect the condition Rejecting. It is absent while there are none.
	// +optional
	UnauthorizedRequests int64 `json:"unauthorizedRequests,omitempty"`

	// rejectReasons are the most frequent reasons for rejections.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	RejectReasons []RejectReason `json:"rejectReasons,omitempty"`

	// replicas is the number of pods that are available: they serve requests, or run to read.
	// +optional
	Replicas int32 `json:"replicas,omitempty"`

	// image that the pods run.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Image string `json:"image,omitempty"`

	// updateAvailable is the image that the pods get with their next restart for a change of the spec, if it differs from image.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	UpdateAvailable string `json:"updateAvailable,omitempty"`
}

// SourceAddress is where senders inside the cluster send to.
type SourceAddress struct {
	// url of the endpoint inside the cluster.
	// +required
	// +kubebuilder:validation:MaxLength=512
	URL string `json:"url,omitempty"`

	// path under which the endpoint is also served, for gateways that route by path.
	// +required
	// +kubebuilder:validation:MaxLength=256
	Path string `json:"path,omitempty"`
}

// RejectReason counts the events that were rejected for one reason.
type RejectReason struct {
	// reason for the rejection, such as bad-signature or missing-identity.
	// +required
	// +kubebuilder:validation:MaxLength=64
	Reason string `json:"reason,omitempty"`

	// count of events that were rejected for this reason.
	// +required
	Count int64 `json:"count"`

	// example of an error, shortened.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Example string `json:"example,omitempty"`
}

// TouchpointSource is a channel connector: it runs pods that authenticate, map and store the events of one system.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=tps,categories=journey
// +kubebuilder:printcolumn:name="Channel",type=string,JSONPath=`.spec.channel`,description="Channel of the events"
// +kubebuilder:printcolumn:name="Accepted",type=integer,JSONPath=`.status.accepted`,description="Accepted events since the source was created"
// +kubebuilder:printcolumn:name="Rejected",type=integer,JSONPath=`.status.rejected`,description="Rejected events since the source was created"
// +kubebuilder:printcolumn:name="Last-Received",type=date,JSONPath=`.status.newestReceivedTime`,description="When the last event was received or read"
// +kubebuilder:printcolumn:name="Fresh",type=string,JSONPath=`.status.conditions[?(@.type=="Fresh")].status`,description="Was an event received or read within expectEvery?"
// +kubebuilder:printcolumn:name="Available",type=string,JSONPath=`.status.conditions[?(@.type=="IngestionAvailable")].status`,description="Are events received or read, and stored?"
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`,description="Is the spec accepted and applied?"
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Duplicates",type=integer,priority=1,JSONPath=`.status.duplicates`,description="Accepted events that had been received before; they count once in results"
// +kubebuilder:printcolumn:name="Without-ID",type=integer,priority=1,JSONPath=`.status.withoutID`,description="Accepted events without id and time; see status.advice"
// +kubebuilder:printcolumn:name="Unidentified",type=integer,priority=1,JSONPath=`.status.unidentified`,description="Accepted events without any identity; they belong to no customer"
// +kubebuilder:printcolumn:name="Lag",type=integer,priority=1,JSONPath=`.status.reading.lag`,description="Documents that the system has and that are not stored yet; for transports that read"
// +kubebuilder:printcolumn:name="Counted",type=date,priority=1,JSONPath=`.status.countersTime`,description="When the counters were read; it does not change while they do not change"
// +kubebuilder:printcolumn:name="URL",type=string,priority=1,JSONPath=`.status.address.url`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",message="metadata.name must have at most 40 characters, only lowercase letters, digits and '-', and start with a letter: the names of Services and Jobs are derived from it"
type TouchpointSource struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state.
	// +required
	Spec TouchpointSourceSpec `json:"spec,omitzero"`

	// status is the observed state.
	// +optional
	Status TouchpointSourceStatus `json:"status,omitzero"`
}

// TouchpointSourceList is a list of TouchpointSources.
//
// +kubebuilder:object:root=true
type TouchpointSourceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []TouchpointSource `json:"items"`
}

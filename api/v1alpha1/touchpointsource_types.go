// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TouchpointSourceSpec describes one connector that feeds the events of one system into a store.
//
// +kubebuilder:validation:XValidation:rule="!has(self.transport.webhook) || (has(self.mapping) && size(self.mapping) > 0)",fieldPath=".mapping",message="mapping needs at least one rule: a webhook's documents have no meaning of their own"
// +kubebuilder:validation:XValidation:rule="has(self.unidentified) && self.unidentified == 'Keep' || !has(self.mapping) || self.mapping.all(r, !has(r.event) || has(r.event.identities))",fieldPath=".mapping",message="a rule needs event.identities, or the source unidentified: Keep: without an identity an event is of no customer"
type TouchpointSourceSpec struct {
	// storeRef names the EventStore that the events go to.
	// +required
	StoreRef LocalReference `json:"storeRef,omitzero"`

	// channel of the events, unless the mapping or the sender says otherwise.
	// +required
	Channel Channel `json:"channel,omitempty"`

	// transport is how the events come in. Exactly one must be set.
	// +required
	Transport Transport `json:"transport,omitzero"`

	// trust says how far to believe who an event says that its customer is. Events of a Public source, whose key can be read in a web page or an
	// app, may join a device or browser to one customer. They merge no customers, and replace neither a link nor a trait that a Trusted source
	// states. A change holds for all events of the source, earlier ones included. Default: Public for segment, and where the
	// transport is unauthenticated; else Trusted.
	// +optional
	Trust SourceTrust `json:"trust,omitempty"`

	// mapping turns what was received into events, by CEL expressions. The first rule whose "when" holds is used; what no rule
	// wants is refused with the reason unmapped. Webhooks need at least one rule; for segment and cloudEvents the
	// rules come before the built-in mapping.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Mapping []MappingRule `json:"mapping,omitempty"`

	// drop lists fields that are removed before an event is stored: properties.NAME or traits.NAME.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=128
	// +kubebuilder:validation:items:Pattern=`^(properties|traits)\.\S([^\r\n\t]*\S)?$`
	Drop []string `json:"drop,omitempty"`

	// unidentified says what becomes of events without any usable identity, such as an anonymous survey or a till receipt without a card: Reject
	// refuses them as missing-identity; Keep keeps them. Kept events count where events are counted (revenue, orders, answers, coverage), and
	// never as a customer. Identify, group and alias calls without identities are refused in any case. Default: Reject.
	// +optional
	Unidentified UnidentifiedPolicy `json:"unidentified,omitempty"`

	// expectEvery is the longest silence that is normal. When nothing was received for longer, the source is stale and
	// the Fresh condition turns False. Default: no expectation.
	// +optional
	ExpectEvery Duration `json:"expectEvery,omitempty"`

	// limits on what a sender may send.
	// +optional
	Limits *SourceLimits `json:"limits,omitempty"`

	// trustedProxies are the networks, such as 10.0.0.0/8, of the proxies through which senders come, an ingress controller's pods for example.
	// A pod bounds the unfinished requests of one peer; of such a proxy it bounds those of each client instead, which is the last address of
	// X-Forwarded-For that is in none of the networks. Default: none; each peer is taken for a sender, and X-Forwarded-For is not read.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=43
	// +kubebuilder:validation:items:XValidation:rule="isCIDR(self)",message="trustedProxies takes networks, such as 10.0.0.0/8 or fd00::/8"
	TrustedProxies []string `json:"trustedProxies,omitempty"`

	// allowFrom lists who may reach the pods by the network, an ingress controller for example; an entry that fits is enough. It becomes part of the
	// source's NetworkPolicy, so it holds where the cluster's network enforces these and the operator makes them. Who sends still
	// needs the key or the signature. Default: anybody.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	AllowFrom []SenderPeer `json:"allowFrom,omitempty"`

	// tls makes the pods serve HTTPS, and nothing else. Default: HTTP.
	// +optional
	TLS *SourceTLS `json:"tls,omitempty"`

	// scaling of the ingestion pods. Default: one replica.
	// +optional
	Scaling *Scaling `json:"scaling,omitempty"`

	// suspend stops ingestion: HTTP answers 503, the pods stay.
	// +optional
	Suspend *bool `json:"suspend,omitempty"`

	// pod sets resources and placement of the ingestion pods.
	// +optional
	Pod *PodOptions `json:"pod,omitempty"`
}

// SourceTrust is how far what a source says of its customers' identities is believed.
//
// +kubebuilder:validation:Enum=Public;Trusted
type SourceTrust string

// Values of trust.
const (
	// Public sources have a key that anybody can read.
	Public SourceTrust = "Public"
	// Trusted sources are systems whose key is a secret.
	Trusted SourceTrust = "Trusted"
)

// EffectiveTrust is the trust that holds: the one that the spec names, or the default of the transport.
func (s *TouchpointSourceSpec) EffectiveTrust() SourceTrust {
	if s.Trust != "" {
		return s.Trust
	}
	t := &s.Transport
	if t.Segment != nil || t.Webhook != nil && t.Webhook.Unauthenticated != nil || t.CloudEvents != nil && t.CloudEvents.Unauthenticated != nil {
		return Public
	}
	return Trusted
}

// UnidentifiedPolicy says what becomes of events without any usable identity.
//
// +kubebuilder:validation:Enum=Reject;Keep
type UnidentifiedPolicy string

const (
	// RejectUnidentified refuses events without an identity.
	RejectUnidentified UnidentifiedPolicy = "Reject"
	// KeepUnidentified keeps events without an identity, as events of no customer.
	KeepUnidentified UnidentifiedPolicy = "Keep"
)

// SourceLimits bound what a sender may send.
type SourceLimits struct {
	// maxBodyBytes is the largest body of a request, after decompression. Default: 1Mi.
	// +optional
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('1Ki')) >= 0 && quantity(string(self)).compareTo(quantity('16Mi')) <= 0",message="maxBodyBytes must be between 1Ki and 16Mi"
	MaxBodyBytes *resource.Quantity `json:"maxBodyBytes,omitempty"`

	// maxEventsPerSecond is the highest rate of events that one pod accepts; above it, requests are answered with 429. Default: 5000.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000000
	MaxEventsPerSecond *int32 `json:"maxEventsPerSecond,omitempty"`
}

// Scaling bounds the number of ingestion pods.
//
// +kubebuilder:validation:XValidation:rule="!has(self.maxReplicas) || self.maxReplicas >= (has(self.minReplicas) ? self.minReplicas : 1)",message="maxReplicas must not be less than minReplicas"
type Scaling struct {
	// minReplicas is the lowest number of pods. Default: 1. With 2 or more there is a PodDisruptionBudget.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	MinReplicas *int32 `json:"minReplicas,omitempty"`

	// maxReplicas is the highest number of pods. When it is greater than minReplicas there is a HorizontalPodAutoscaler on CPU.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	MaxReplicas *int32 `json:"maxReplicas,omitempty"`
}

// TouchpointSourceStatus is what the operator saw of the source.
type TouchpointSourceStatus struct {
	// conditions are Ready, Reconciling, Stalled, IngestionAvailable, Fresh, Rejecting.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of the spec that the conditions speak of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// address to send to, inside the cluster.
	// +optional
	Address *SourceAddress `json:"address,omitempty"`

	// countersTime is when the store gave the counters and times of this status. The store is asked every 30 seconds, and what it says is written when
	// it is something new: within two minutes, and within six where more than 200 sources take events. Counters that rest keep their time.
	// +optional
	CountersTime *metav1.Time `json:"countersTime,omitempty"`

	// newestEventTime is the time of the newest event by its own clock.
	// +optional
	NewestEventTime *metav1.Time `json:"newestEventTime,omitempty"`

	// newestReceivedTime is when an event was received last.
	// +optional
	NewestReceivedTime *metav1.Time `json:"newestReceivedTime,omitempty"`

	// accepted is the number of events that were accepted since the source exists. Redelivered events count again. It is missing until the store was
	// asked for the first time; from then on counters that are not there are 0.
	// +optional
	Accepted *int64 `json:"accepted,omitempty"`

	// duplicates is the number of accepted events that had been received before, since the source exists. They count once in all results.
	// Each is known by its id, or, without one, by its content. Missing as accepted is.
	// +optional
	Duplicates *int64 `json:"duplicates,omitempty"`

	// erased is the number of accepted events that were not stored because their customer was erased before they came. Left out while there are none.
	// +optional
	Erased int64 `json:"erased,omitempty"`

	// withoutID is the number of accepted events that had neither an id nor a time of their own, since the source exists. Each receipt of such an
	// event is a new event, so that a request that is sent twice counts twice. Missing as accepted is.
	// +optional
	WithoutID *int64 `json:"withoutID,omitempty"`

	// placeholders is the number of identifiers that were left out since the source exists because their value stands for nobody: null, \\N, #N/A, a
	// template that was not filled in, or a word of the EventStore's spec.identity.placeholders. Events that have no other identifier are refused, or kept
	// as nobody's where spec.unidentified is Keep. Ids of orders, sessions and groups count here, too: without its id, each order is one of its own.
	// Left out while there are none.
	// +optional
	Placeholders int64 `json:"placeholders,omitempty"`

	// placeholderIDs is the number of accepted events since the source exists whose id was a word for nothing: undefined, null, 0, a UUID of zeros.
	// That is no id: such events are known by their content, or by their receipt if they have no time.
	// +optional
	PlaceholderIDs int64 `json:"placeholderIDs,omitempty"`

	// uncorrected is the number of accepted events since the source exists whose sentAt could not correct their time. It is as it was sent.
	// +optional
	Uncorrected int64 `json:"uncorrected,omitempty"`

	// unidentified is the number of accepted events without any identity, since the source exists. They are of no customer. Missing as accepted is, and
	// while spec.unidentified is not Keep and there never were any.
	// +optional
	Unidentified *int64 `json:"unidentified,omitempty"`

	// advice says what to change at the sender, in the mapping or in the spec so that the numbers can be relied on, or senders are kept out as
	// the spec says, a sentence each. It is empty when there is nothing to change.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	// +kubebuilder:validation:items:MaxLength=512
	Advice []string `json:"advice,omitempty"`

	// rejected is the number of events that were refused since the source exists. Missing as accepted is.
	// +optional
	Rejected *int64 `json:"rejected,omitempty"`

	// unauthorizedRequests is the number of requests since the source exists whose sender was not recognised: the key, token or signature was
	// missing or wrong. Anybody can send them, so they are no refused events and do not make the source Rejecting. Left out while
	// there are none.
	// +optional
	UnauthorizedRequests int64 `json:"unauthorizedRequests,omitempty"`

	// topReasons are the most frequent reasons for refusing.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	TopReasons []RejectReason `json:"topReasons,omitempty"`

	// replicas is the number of pods that serve.
	// +optional
	Replicas int32 `json:"replicas,omitempty"`

	// image that the pods run.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Image string `json:"image,omitempty"`

	// updateAvailable is the image that the pods will get when their template changes next, if it is another one.
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

	// path under which the endpoint is served too, for gateways that route by path.
	// +required
	// +kubebuilder:validation:MaxLength=256
	Path string `json:"path,omitempty"`
}

// RejectReason counts the events refused for one reason.
type RejectReason struct {
	// reason for refusing, such as bad-signature or missing-identity.
	// +required
	// +kubebuilder:validation:MaxLength=64
	Reason string `json:"reason,omitempty"`

	// count of events refused for this reason.
	// +required
	Count int64 `json:"count"`

	// example of what was wrong, shortened.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Example string `json:"example,omitempty"`
}

// TouchpointSource is a channel connector: it runs pods that verify, map and store the events of one system.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=tps,categories=journey
// +kubebuilder:printcolumn:name="Channel",type=string,JSONPath=`.spec.channel`,description="Channel of the events"
// +kubebuilder:printcolumn:name="Accepted",type=integer,JSONPath=`.status.accepted`,description="Events accepted since the source exists"
// +kubebuilder:printcolumn:name="Rejected",type=integer,JSONPath=`.status.rejected`,description="Events refused since the source exists"
// +kubebuilder:printcolumn:name="Last-Received",type=date,JSONPath=`.status.newestReceivedTime`,description="When an event was received last"
// +kubebuilder:printcolumn:name="Fresh",type=string,JSONPath=`.status.conditions[?(@.type=="Fresh")].status`,description="Heard from within expectEvery?"
// +kubebuilder:printcolumn:name="Available",type=string,JSONPath=`.status.conditions[?(@.type=="IngestionAvailable")].status`,description="Do the pods serve?"
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`,description="Is the spec accepted and applied?"
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Duplicates",type=integer,priority=1,JSONPath=`.status.duplicates`,description="Accepted events that had been received before; they count once"
// +kubebuilder:printcolumn:name="Without-ID",type=integer,priority=1,JSONPath=`.status.withoutID`,description="Accepted events without id and time, new with each receipt; see status.advice"
// +kubebuilder:printcolumn:name="Unidentified",type=integer,priority=1,JSONPath=`.status.unidentified`,description="Accepted events without any identity, of no customer"
// +kubebuilder:printcolumn:name="Counted",type=date,priority=1,JSONPath=`.status.countersTime`,description="When the store gave the counters and times; while they rest it does not move"
// +kubebuilder:printcolumn:name="URL",type=string,priority=1,JSONPath=`.status.address.url`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",message="metadata.name must have at most 40 characters, small letters, digits and '-', and begin with a letter: the names of Services and Jobs are made from it"
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

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
	// +kubebuilder:validation:items:Pattern=`^(properties|traits)\.[^\s]+$`
	Drop []string `json:"drop,omitempty"`

	// expectEvery is the longest silence that is normal. When nothing was received for longer, the source is stale and
	// the Fresh condition turns False. Default: no expectation.
	// +optional
	ExpectEvery Duration `json:"expectEvery,omitempty"`

	// limits on what a sender may send.
	// +optional
	Limits *SourceLimits `json:"limits,omitempty"`

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

// HMACAlgorithm is the hash of a signature.
//
// +kubebuilder:validation:Enum=SHA1;SHA256;SHA512
type HMACAlgorithm string

const (
	// AlgorithmSHA1 is HMAC-SHA-1, for senders that have nothing better.
	AlgorithmSHA1 HMACAlgorithm = "SHA1"
	// AlgorithmSHA256 is HMAC-SHA-256, the default.
	AlgorithmSHA256 HMACAlgorithm = "SHA256"
	// AlgorithmSHA512 is HMAC-SHA-512.
	AlgorithmSHA512 HMACAlgorithm = "SHA512"
)

// SignatureEncoding is how bytes are written as text.
//
// +kubebuilder:validation:Enum=Hex;Base64
type SignatureEncoding string

const (
	// SignatureHex is hexadecimal in either case, the default.
	SignatureHex SignatureEncoding = "Hex"
	// SignatureBase64 is standard Base64.
	SignatureBase64 SignatureEncoding = "Base64"
)

// KeyEncoding is how the secret is written as text.
//
// +kubebuilder:validation:Enum=UTF8;Hex;Base64
type KeyEncoding string

const (
	// KeyUTF8 takes the text of the secret itself, the default.
	KeyUTF8 KeyEncoding = "UTF8"
	// KeyHex takes the secret as hexadecimal.
	KeyHex KeyEncoding = "Hex"
	// KeyBase64 takes the secret as Base64.
	KeyBase64 KeyEncoding = "Base64"
)

// SignatureFormat is the form of the signature header.
//
// +kubebuilder:validation:Enum=Plain;KeyValueList;SpaceList
type SignatureFormat string

const (
	// FormatPlain is one signature, the default.
	FormatPlain SignatureFormat = "Plain"
	// FormatKeyValueList is a list such as t=1,v1=abc,v1=def.
	FormatKeyValueList SignatureFormat = "KeyValueList"
	// FormatSpaceList is several signatures, separated by spaces.
	FormatSpaceList SignatureFormat = "SpaceList"
)

// TimestampUnit is the form of a timestamp in a signed request.
//
// +kubebuilder:validation:Enum=Seconds;Milliseconds;RFC3339
type TimestampUnit string

const (
	// TimestampSeconds counts seconds since 1970, the default.
	TimestampSeconds TimestampUnit = "Seconds"
	// TimestampMilliseconds counts milliseconds since 1970.
	TimestampMilliseconds TimestampUnit = "Milliseconds"
	// TimestampRFC3339 is text such as 2026-11-01T12:00:00Z.
	TimestampRFC3339 TimestampUnit = "RFC3339"
)

// HMACRecipe describes how a sender signs its requests.
//
// +kubebuilder:validation:XValidation:rule="!has(self.tolerance) || has(self.timestamp)",message="tolerance needs timestamp: without one the age of a request is unknown"
// +kubebuilder:validation:XValidation:rule="!has(self.timestamp) || (has(self.signedContent) && self.signedContent.exists(p, has(p.timestamp)))",message="signedContent must have a timestamp entry when timestamp is set: a time that is not signed can be changed by whoever repeats the request"
// +kubebuilder:validation:XValidation:rule="!has(self.signedContent) || has(self.timestamp) || !self.signedContent.exists(p, has(p.timestamp))",message="timestamp is needed because signedContent has a timestamp entry: say where it stands"
// +kubebuilder:validation:XValidation:rule="!has(self.signedContent) || self.signedContent.exists(p, has(p.body))",message="signedContent must have a body entry: a body that is not signed can be changed"
// +kubebuilder:validation:XValidation:rule="!has(self.timestamp) || !has(self.timestamp.key) || (has(self.format) && self.format == 'KeyValueList')",message="timestamp.key needs the format KeyValueList; set timestamp.header for the other formats"
// +kubebuilder:validation:XValidation:rule="(has(self.format) && self.format == 'KeyValueList') == has(self.signatureKey)",message="signatureKey is needed by the format KeyValueList, and by nothing else"
type HMACRecipe struct {
	// header that carries the signature, for example X-Shop-Signature.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9-]+$`
	Header string `json:"header,omitempty"`

	// prefix in front of the signature that is not part of it, for example "sha256=" or "v1,".
	// +optional
	// +kubebuilder:validation:MaxLength=32
	Prefix string `json:"prefix,omitempty"`

	// format of the header. Plain (default): one signature. KeyValueList: t=1,v1=abc. SpaceList: several, separated by spaces.
	// +optional
	Format SignatureFormat `json:"format,omitempty"`

	// signatureKey is the key whose values are signatures in the format KeyValueList, for example v1.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	SignatureKey string `json:"signatureKey,omitempty"`

	// algorithm of the HMAC. Default: SHA256. SHA1 is accepted for senders that have nothing better.
	// +optional
	Algorithm HMACAlgorithm `json:"algorithm,omitempty"`

	// encoding of the signature. Default: Hex.
	// +optional
	Encoding SignatureEncoding `json:"encoding,omitempty"`

	// keyEncoding of the secret. Default: UTF8, the text itself.
	// +optional
	KeyEncoding KeyEncoding `json:"keyEncoding,omitempty"`

	// signedContent lists the parts that are concatenated and signed. Default: the body alone.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	SignedContent []SignedPart `json:"signedContent,omitempty"`

	// timestamp says where the time of sending stands, so that old requests can be refused.
	// +optional
	Timestamp *SignatureTimestamp `json:"timestamp,omitempty"`

	// tolerance is the greatest age of a request. Default with a timestamp: 5m.
	// +optional
	Tolerance Duration `json:"tolerance,omitempty"`
}

// SignedPart is one piece of the signed text. Exactly one must be set.
//
// +kubebuilder:validation:XValidation:rule="[has(self.body), has(self.url), has(self.method), has(self.timestamp), has(self.literal), has(self.header)].filter(x, x).size() == 1",message="set exactly one of body, url, method, timestamp, literal and header"
type SignedPart struct {
	// body stands for the raw bytes of the request's body.
	// +optional
	Body *SignedPartMarker `json:"body,omitempty"`

	// url stands for publicURL with the request's query.
	// +optional
	URL *SignedPartMarker `json:"url,omitempty"`

	// method stands for the HTTP method in capital letters.
	// +optional
	Method *SignedPartMarker `json:"method,omitempty"`

	// timestamp stands for the timestamp as it was sent.
	// +optional
	Timestamp *SignedPartMarker `json:"timestamp,omitempty"`

	// literal is a fixed text, for example ".".
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	Literal string `json:"literal,omitempty"`

	// header stands for the value of the named header.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9-]+$`
	Header string `json:"header,omitempty"`
}

// SignedPartMarker has no settings.
type SignedPartMarker struct{}

// SignatureTimestamp says where the time of sending stands. Exactly one of header and key.
//
// +kubebuilder:validation:XValidation:rule="has(self.header) != has(self.key)",message="set exactly one of header and key"
type SignatureTimestamp struct {
	// header that carries the timestamp.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9-]+$`
	Header string `json:"header,omitempty"`

	// key of the timestamp in a signature header of the format KeyValueList, for example t.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	Key string `json:"key,omitempty"`

	// unit of the timestamp. Default: Seconds.
	// +optional
	Unit TimestampUnit `json:"unit,omitempty"`
}

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

// CELExpression is an expression in the Common Expression Language over body, headers, query and now. For cloudEvents, body is
// the event in its structured form: body.type, body.subject, body.data; for segment, one message.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=1024
type CELExpression string

// MappingRule turns one received document into events.
//
// +kubebuilder:validation:XValidation:rule="has(self.drop) != has(self.event)",message="set exactly one of event and drop: a rule either makes an event or throws the document away"
// +kubebuilder:validation:XValidation:rule="!has(self.drop) || !has(self.forEach)",message="forEach goes with event only: drop throws the whole document away"
type MappingRule struct {
	// when is a CEL expression of type bool; the rule is used if it is true. Default: always. Example: body.type == "order.paid"
	// +optional
	When CELExpression `json:"when,omitempty"`

	// forEach is a CEL expression of type list; the rule makes one event of each element, which is called "item" in the other expressions.
	// +optional
	ForEach CELExpression `json:"forEach,omitempty"`

	// drop throws the document away on purpose; it is counted as dropped, not as refused.
	// +optional
	Drop *MappingDrop `json:"drop,omitempty"`

	// event says how the fields of the event are computed.
	// +optional
	Event *EventMapping `json:"event,omitempty"`
}

// MappingDrop has no settings.
type MappingDrop struct{}

// EventMapping computes the fields of an event by CEL expressions.
//
// +kubebuilder:validation:XValidation:rule="has(self.amount) == has(self.currency)",message="amount and currency belong together: an amount without its currency is no money"
type EventMapping struct {
	// name of the event, text. Example: '"Order Completed"' or 'body.type'
	// +required
	Name CELExpression `json:"name,omitempty"`

	// id of the event, text; a repeated id is counted once. Default: a hash of the document, so that only exact repeats are recognised.
	// +optional
	ID CELExpression `json:"id,omitempty"`

	// time when it happened: a timestamp, RFC 3339 text, or a number of seconds since 1970. Default: the time of receipt.
	// +optional
	Time CELExpression `json:"time,omitempty"`

	// channel of the event, text. Default: the source's channel.
	// +optional
	Channel CELExpression `json:"channel,omitempty"`

	// initiator of the event: "customer" (default), "brand" or "system".
	// +optional
	Initiator CELExpression `json:"initiator,omitempty"`

	// identities by type, text or number each; missing, empty and placeholder values are left out. At least one has to remain.
	// +required
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(t, size(t) <= 32)",message="identities have types of at most 32 characters, such as customerId, email or anonymousId"
	Identities map[string]CELExpression `json:"identities,omitempty"`

	// traits of the person by name.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	Traits map[string]CELExpression `json:"traits,omitempty"`

	// properties of the event by name.
	// +optional
	// +kubebuilder:validation:MaxProperties=64
	Properties map[string]CELExpression `json:"properties,omitempty"`

	// sessionId of the visit, text.
	// +optional
	SessionID CELExpression `json:"sessionId,omitempty"`

	// orderId of the order that the event speaks of, text.
	// +optional
	OrderID CELExpression `json:"orderId,omitempty"`

	// amount of money: a number, or a decimal number as text.
	// +optional
	Amount CELExpression `json:"amount,omitempty"`

	// currency of the amount, ISO 4217. Example: '"EUR"'
	// +optional
	Currency CELExpression `json:"currency,omitempty"`

	// survey answer that the event carries.
	// +optional
	Survey *SurveyMapping `json:"survey,omitempty"`
}

// SurveyMapping computes a survey answer.
type SurveyMapping struct {
	// kind of the question: "nps", "csat", "ces" or "rating", text.
	// +required
	Kind CELExpression `json:"kind,omitempty"`

	// score given, a number.
	// +required
	Score CELExpression `json:"score,omitempty"`

	// scale is the highest score possible, a number. Default: 10 for nps, 5 for csat and rating, 7 for ces.
	// +optional
	Scale CELExpression `json:"scale,omitempty"`
}

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

	// newestEventTime is the time of the newest event by its own clock.
	// +optional
	NewestEventTime *metav1.Time `json:"newestEventTime,omitempty"`

	// newestReceivedTime is when an event was received last.
	// +optional
	NewestReceivedTime *metav1.Time `json:"newestReceivedTime,omitempty"`

	// accepted is the number of events that were accepted since the source exists. Redelivered events count again.
	// +optional
	Accepted int64 `json:"accepted,omitempty"`

	// rejected is the number of events that were refused since the source exists.
	// +optional
	Rejected int64 `json:"rejected,omitempty"`

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

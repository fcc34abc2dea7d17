// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// EventStoreSpec says where the events of a namespace live and how people in them are treated.
type EventStoreSpec struct {
	// backend keeps the events. Exactly one must be set.
	// +required
	Backend StoreBackend `json:"backend,omitzero"`

	// retention is the age at which events are removed for good. Older events that still arrive are
	// refused and counted as expired. Default: everything is kept.
	// +optional
	Retention Duration `json:"retention,omitempty"`

	// privacy says which identifiers are hashed before they are stored.
	// +optional
	Privacy *PrivacyPolicy `json:"privacy,omitempty"`

	// identity tunes how identifiers are joined into people.
	// +optional
	Identity *IdentityPolicy `json:"identity,omitempty"`

	// exclude lists events of staff, tests and bots: an event for which any entry holds is kept out of
	// analysis and counted.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Exclude []EventCondition `json:"exclude,omitempty"`

	// pod sets resources and placement of the store's pod.
	// +optional
	Pod *PodOptions `json:"pod,omitempty"`
}

// StoreBackend is the union of the supported backends.
//
// +kubebuilder:validation:XValidation:rule="has(self.embedded)",message="set exactly one backend: embedded"
type StoreBackend struct {
	// embedded keeps the events in one pod on a volume of its own: a segment log and sorted Parquet files.
	// +optional
	Embedded *EmbeddedBackend `json:"embedded,omitempty"`
}

// EmbeddedBackend is a store of one pod with one volume.
type EmbeddedBackend struct {
	// storage of the volume.
	// +required
	Storage StoreStorage `json:"storage,omitzero"`
}

// VolumeReclaimPolicy says what becomes of the volume when the EventStore is deleted.
//
// +kubebuilder:validation:Enum=Retain;Delete
type VolumeReclaimPolicy string

const (
	// Retain keeps the claim; a new EventStore of the same name takes it up again.
	Retain VolumeReclaimPolicy = "Retain"
	// Delete removes the claim with the EventStore.
	Delete VolumeReclaimPolicy = "Delete"
)

// StoreStorage describes the volume of an embedded store.
//
// +kubebuilder:validation:XValidation:rule="has(self.className) == has(oldSelf.className) && (!has(self.className) || self.className == oldSelf.className)",message="className cannot be changed: create a new EventStore and let the sources write to it"
type StoreStorage struct {
	// size of the volume. It can grow where the storage class allows it. One that was not granted can be taken back, down to status.grantedSize:
	// a volume cannot be shrunk.
	// +required
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('64Mi')) >= 0",message="size must be at least 64Mi"
	Size resource.Quantity `json:"size,omitzero"`

	// className is the storage class. Default: the cluster's default class.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	ClassName string `json:"className,omitempty"`

	// reclaimPolicy says what becomes of the volume claim when the EventStore is deleted: Retain (default) or Delete.
	// +optional
	ReclaimPolicy VolumeReclaimPolicy `json:"reclaimPolicy,omitempty"`
}

// IdentityType names a kind of identifier. Known types, strongest first: customerId, loyaltyId, email, phone,
// deviceId, anonymousId. Others may be used; they are weaker than deviceId and stronger than anonymousId.
//
// +kubebuilder:validation:Pattern=`^[a-z][a-zA-Z0-9]{0,31}$`
// +kubebuilder:validation:MaxLength=32
type IdentityType string

// PrivacyPolicy says which identifiers are replaced by keyed hashes at the door.
//
// +kubebuilder:validation:XValidation:rule="has(self.pepperSecretRef) == (has(self.hash) && size(self.hash) > 0)",message="hash and pepperSecretRef belong together: hashing needs a pepper, and a pepper is only used for hashing"
type PrivacyPolicy struct {
	// hash lists the identifier types that are stored only as HMAC-SHA-256 of their normalised value.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	Hash []IdentityType `json:"hash,omitempty"`

	// pepperSecretRef holds the key of the hash, one for the whole namespace, else people cannot be joined across sources.
	// Key: journeyman-pepper by default. A second line holds the previous pepper while it is being rotated.
	// +optional
	PepperSecretRef *SecretKeyReference `json:"pepperSecretRef,omitempty"`
}

// Placeholder is a value that stands for nobody.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=64
type Placeholder string

// IdentityPolicy tunes how identifiers are joined into people.
type IdentityPolicy struct {
	// maxLinks is the number of stronger identifiers of one type that an identifier of the named type may be linked to. One with
	// more is a hub, such as a till or a shop's mailbox: it stops linking and is counted.
	// Defaults: deviceId 3, email 2, phone 2, anonymousId 3.
	// +optional
	// +kubebuilder:validation:MaxProperties=16
	// +kubebuilder:validation:XValidation:rule="self.all(t, size(t) <= 32 && self[t] >= 1 && self[t] <= 1000)",message="maxLinks takes types of at most 32 characters, and a number of links from 1 to 1000 for each"
	// +kubebuilder:validation:XValidation:rule="!('customerId' in self)",message="maxLinks cannot name customerId: it is the strongest type, so there is nothing stronger that it could be linked to"
	MaxLinks map[string]int32 `json:"maxLinks,omitempty"`

	// placeholders are values that your systems write where they know nobody, such as "walk-in" or "9999999". As an identifier of any type they are left
	// out and counted; upper and lower case, surrounding space and quotes do not matter. They are added to the words that are known to stand for
	// nobody, such as null, undefined, \N and #N/A, which hold without them. An event that is left with no identifier is refused. Events that were stored
	// before stay as they are.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	Placeholders []Placeholder `json:"placeholders,omitempty"`
}

// EventStoreStatus is what the operator saw of the store.
type EventStoreStatus struct {
	// conditions are Ready, Reconciling, Stalled, Available, StorageHealthy.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of the spec that the conditions speak of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// countersTime is when the store gave the numbers of this status: events, persons, hubs, and those of volume. It is asked every 30
	// seconds, and what it says is written when it is something new: within two minutes, and within six where more than 200 stores take events.
	// Numbers that rest keep their time.
	// +optional
	CountersTime *metav1.Time `json:"countersTime,omitempty"`

	// events is the number of events stored, each counted once. It is missing until the store was asked for the first time.
	// +optional
	Events *int64 `json:"events,omitempty"`

	// persons is the number of people known to the store. Missing as events is.
	// +optional
	Persons *int64 `json:"persons,omitempty"`

	// hubs is the number of identifiers that stopped linking because they had too many links. Left out while there are none.
	// +optional
	Hubs int64 `json:"hubs,omitempty"`

	// identities is the number of identities, and of links between them, that the store knows. It has them in memory for ever.
	// +optional
	Identities int64 `json:"identities,omitempty"`

	// identityLimit is how many identities and links the store's memory allows, which spec.pod.resources.limits.memory is shared out from. From
	// 70 % of it on, or from its share of these on, events of a public source that bring others get 503, at the limit those of all sources; events of known identities are always taken.
	// +optional
	IdentityLimit int64 `json:"identityLimit,omitempty"`

	// used is the space that the store takes on its volume, of all there is: "1.2 GiB of 10 GiB".
	// +optional
	// +kubebuilder:validation:MaxLength=64
	Used string `json:"used,omitempty"`

	// grantedSize is the newest spec.backend.embedded.storage.size that the volume was seen to have. A size below it is refused.
	// Missing while there is no volume.
	// +optional
	GrantedSize *resource.Quantity `json:"grantedSize,omitempty"`

	// image that the store's pod runs.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Image string `json:"image,omitempty"`

	// updateAvailable is the image that the pod will get when its template changes next, if it is another one.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	UpdateAvailable string `json:"updateAvailable,omitempty"`

	// volume is for machines: which state of which data the store was in. Its name comes late in the alphabet, so that kubectl describe shows what is
	// for people first.
	// +optional
	Volume StoreVolume `json:"volume,omitzero"`
}

// StoreVolume is the state of the data of a store.
type StoreVolume struct {
	// storeID is the id of the data on the volume. It stays the id of the data that are missing while another store is found in their place.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	StoreID string `json:"storeID,omitempty"`

	// seq is the number of the newest committed batch. It never goes back, unless that is accepted: see DataLost.
	// +optional
	Seq int64 `json:"seq,omitempty"`

	// identityVersion is the version of the identity table.
	// +optional
	IdentityVersion int64 `json:"identityVersion,omitempty"`

	// usedBytes is the space that the store takes on its volume.
	// +optional
	UsedBytes *int64 `json:"usedBytes,omitempty"`

	// freeBytes is the space that is left on the volume.
	// +optional
	FreeBytes *int64 `json:"freeBytes,omitempty"`
}

// EventStore is where the events of a namespace live, together with its privacy and identity policy.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=es,categories=journey
// +kubebuilder:printcolumn:name="Events",type=integer,JSONPath=`.status.events`,description="Events stored, each counted once"
// +kubebuilder:printcolumn:name="Persons",type=integer,JSONPath=`.status.persons`,description="People known to the store"
// +kubebuilder:printcolumn:name="Used",type=string,JSONPath=`.status.used`,description="Space taken on the volume"
// +kubebuilder:printcolumn:name="Available",type=string,JSONPath=`.status.conditions[?(@.type=="Available")].status`,description="Does the store answer?"
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`,description="Is the spec accepted and applied?"
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Counted",type=date,priority=1,JSONPath=`.status.countersTime`,description="When the store gave the numbers; while they rest it does not move"
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",message="metadata.name must have at most 40 characters, small letters, digits and '-', and begin with a letter: the names of Services and Jobs are made from it"
// +kubebuilder:validation:XValidation:rule="!has(self.status) || !has(self.status.grantedSize) || !has(self.spec.backend.embedded) || quantity(string(self.spec.backend.embedded.storage.size)).compareTo(quantity(string(self.status.grantedSize))) >= 0",message="spec.backend.embedded.storage.size is less than status.grantedSize, and a volume cannot be shrunk: set it to status.grantedSize or more"
type EventStore struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state.
	// +required
	Spec EventStoreSpec `json:"spec,omitzero"`

	// status is the observed state.
	// +optional
	Status EventStoreStatus `json:"status,omitzero"`
}

// EventStoreList is a list of EventStores.
//
// +kubebuilder:object:root=true
type EventStoreList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []EventStore `json:"items"`
}

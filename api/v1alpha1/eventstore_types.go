// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// EventStoreSpec configures the storage of a namespace's events, and its privacy and identity policy.
type EventStoreSpec struct {
	// backend keeps the events. Exactly one must be set.
	// +required
	Backend StoreBackend `json:"backend,omitzero"`

	// retention is the age at which events are permanently deleted. Events that arrive later than that are
	// rejected and counted as expired. Default: events are kept forever.
	// +optional
	Retention Duration `json:"retention,omitempty"`

	// privacy says which identifiers are hashed before they are stored.
	// +optional
	Privacy *PrivacyPolicy `json:"privacy,omitempty"`

	// identity configures how identifiers are linked into persons.
	// +optional
	Identity *IdentityPolicy `json:"identity,omitempty"`

	// exclude selects events of staff, tests and bots. Analysis leaves out, and counts, each event that matches any
	// entry.
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
	// embedded keeps the events in one pod with its own volume: a write-ahead log and sorted Parquet files.
	// +optional
	Embedded *EmbeddedBackend `json:"embedded,omitempty"`
}

// EmbeddedBackend is a store that runs as one pod with one volume.
type EmbeddedBackend struct {
	// storage of the volume.
	// +required
	Storage StoreStorage `json:"storage,omitzero"`
}

// VolumeReclaimPolicy says what happens to the volume when the EventStore is deleted.
//
// +kubebuilder:validation:Enum=Retain;Delete
type VolumeReclaimPolicy string

const (
	// Retain keeps the claim. A new EventStore of the same name uses it again.
	Retain VolumeReclaimPolicy = "Retain"
	// Delete removes the claim with the EventStore.
	Delete VolumeReclaimPolicy = "Delete"
)

// StoreStorage describes the volume of an embedded store.
//
// +kubebuilder:validation:XValidation:rule="has(self.storageClassName) == has(oldSelf.storageClassName) && (!has(self.storageClassName) || self.storageClassName == oldSelf.storageClassName)",message="storageClassName cannot be changed: create a new EventStore and let the sources write to it"
type StoreStorage struct {
	// size of the volume. You can increase it where the storage class allows expansion. You cannot decrease it below status.grantedSize, because
	// volumes do not shrink.
	// +required
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('64Mi')) >= 0",message="size must be at least 64Mi"
	Size resource.Quantity `json:"size,omitzero"`

	// storageClassName is the storage class of the volume. It cannot be changed. Default: the cluster's default class.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	StorageClassName string `json:"storageClassName,omitempty"`

	// reclaimPolicy says what happens to the volume claim when the EventStore is deleted: Retain (default) or Delete.
	// +optional
	ReclaimPolicy VolumeReclaimPolicy `json:"reclaimPolicy,omitempty"`
}

// IdentityType is a type of identifier. Known types, strongest first: customerId, loyaltyId, email, phone,
// deviceId, anonymousId. You may use other types. They rank between deviceId and anonymousId.
//
// +kubebuilder:validation:Pattern=`^[a-z][a-zA-Z0-9]{0,31}$`
// +kubebuilder:validation:MaxLength=32
type IdentityType string

// PrivacyPolicy selects the identifiers that ingestion replaces by keyed hashes.
//
// +kubebuilder:validation:XValidation:rule="has(self.pepperSecretRef) == (has(self.hash) && size(self.hash) > 0)",message="hash and pepperSecretRef belong together: hashing needs a pepper, and a pepper is only used for hashing"
type PrivacyPolicy struct {
	// hash lists the identifier types that are stored only as the HMAC-SHA-256 of their normalised value.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	Hash []IdentityType `json:"hash,omitempty"`

	// pepperSecretRef refers to the key of the hash. The whole namespace shares it, so that persons can be linked across sources.
	// Default key of the Secret: journeyman-pepper. While you rotate the pepper, a second line holds the previous one.
	// +optional
	PepperSecretRef *SecretKeyReference `json:"pepperSecretRef,omitempty"`
}

// Placeholder is a value that identifies nobody.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=64
type Placeholder string

// IdentityPolicy configures how identifiers are linked into persons.
type IdentityPolicy struct {
	// maxLinks is the number of stronger identifiers of one type that an identifier of the named type may be linked to. An identifier
	// with more links is a hub, such as a till or a shop's mailbox. Hubs link nobody and are counted in status.hubs.
	// Defaults: deviceId 3, email 2, phone 2, anonymousId 3.
	// +optional
	// +kubebuilder:validation:MaxProperties=16
	// +kubebuilder:validation:XValidation:rule="self.all(t, size(t) <= 32 && self[t] >= 1 && self[t] <= 1000)",message="maxLinks takes types of at most 32 characters, and a number of links from 1 to 1000 for each"
	// +kubebuilder:validation:XValidation:rule="!('customerId' in self)",message="maxLinks cannot name customerId: it is the strongest type, so there is nothing stronger that it could be linked to"
	MaxLinks map[string]int32 `json:"maxLinks,omitempty"`

	// placeholders are values that your systems write when they do not know the customer, such as "walk-in" or "9999999". Ingestion ignores and counts
	// them as identifiers of any type, regardless of case, surrounding space and quotes. They add to the built-in placeholders, such as null,
	// undefined, \N and #N/A. An event without any other identifier is rejected. Stored events do not change.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	Placeholders []Placeholder `json:"placeholders,omitempty"`
}

// EventStoreStatus is the observed state of the store.
type EventStoreStatus struct {
	// conditions are Ready, Reconciling, Stalled, Available, StorageHealthy.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of the spec that the conditions are about.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// countersTime is when the operator read the numbers of this status: events, persons, hubs, and those of volume. The operator reads them every
	// 30 seconds, and writes changes within two minutes, or within six when more than 200 stores receive events. It does not change while the
	// numbers do not change.
	// +optional
	CountersTime *metav1.Time `json:"countersTime,omitempty"`

	// events is the number of stored events, without duplicates. It is absent until the operator reads it for the first time.
	// +optional
	Events *int64 `json:"events,omitempty"`

	// persons is the number of persons in the store. It is absent until the operator reads it for the first time.
	// +optional
	Persons *int64 `json:"persons,omitempty"`

	// hubs is the number of identifiers with more links than spec.identity.maxLinks allows. It is absent while there are none.
	// +optional
	Hubs int64 `json:"hubs,omitempty"`

	// identities is the number of identities, and of links between them, that the store holds in memory.
	// +optional
	Identities int64 `json:"identities,omitempty"`

	// identityLimit is the number of identities and links for which the store has memory, derived from spec.pod.resources.limits.memory. A public
	// source gets 503 for events with new identities once it has used its share of 70 % of the limit; above 80 %, all public sources do; above the
	// limit, all sources do. Events with known identities are always accepted.
	// +optional
	IdentityLimit int64 `json:"identityLimit,omitempty"`

	// used is the space that the store uses and the size of its volume: "1.2 GiB of 10 GiB".
	// +optional
	// +kubebuilder:validation:MaxLength=64
	Used string `json:"used,omitempty"`

	// grantedSize is the largest spec.backend.embedded.storage.size that the volume has reached. A smaller size is rejected.
	// It is absent while there is no volume.
	// +optional
	GrantedSize *resource.Quantity `json:"grantedSize,omitempty"`

	// image that the store's pod runs.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Image string `json:"image,omitempty"`

	// updateAvailable is the image that the pod gets with its next restart for a change of the spec, if it differs from image.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	UpdateAvailable string `json:"updateAvailable,omitempty"`

	// volume identifies the data of the store and their state, for programs.
	// +optional
	Volume StoreVolume `json:"volume,omitzero"`
}

// StoreVolume is the state of the data of a store. Its name in the status comes late in the alphabet, so that kubectl describe
// shows what people read first.
type StoreVolume struct {
	// storeID identifies the data on the volume. While the operator finds another store in their place, it remains the id of the missing data.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	StoreID string `json:"storeID,omitempty"`

	// seq is the sequence number of the newest committed batch. It never decreases, unless you accept a loss of data: see the reason DataLost.
	// +optional
	Seq int64 `json:"seq,omitempty"`

	// identityVersion is the version of the identity table.
	// +optional
	IdentityVersion int64 `json:"identityVersion,omitempty"`

	// usedBytes is the space that the store uses on its volume.
	// +optional
	UsedBytes *int64 `json:"usedBytes,omitempty"`

	// freeBytes is the free space of the volume.
	// +optional
	FreeBytes *int64 `json:"freeBytes,omitempty"`
}

// EventStore stores the events of a namespace, and sets its privacy and identity policy.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=es,categories=journey
// +kubebuilder:printcolumn:name="Events",type=integer,JSONPath=`.status.events`,description="Stored events, without duplicates"
// +kubebuilder:printcolumn:name="Persons",type=integer,JSONPath=`.status.persons`,description="Persons in the store"
// +kubebuilder:printcolumn:name="Used",type=string,JSONPath=`.status.used`,description="Space used on the volume"
// +kubebuilder:printcolumn:name="Available",type=string,JSONPath=`.status.conditions[?(@.type=="Available")].status`,description="Does the store answer?"
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`,description="Is the spec accepted and applied?"
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Counted",type=date,priority=1,JSONPath=`.status.countersTime`,description="When the numbers were read; it does not change while they do not change"
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",message="metadata.name must have at most 40 characters, only lowercase letters, digits and '-', and start with a letter: the names of Services and Jobs are derived from it"
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

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// ProgressionOrder says in which order the stages have to be passed.
//
// +kubebuilder:validation:Enum=Ordered;Strict;Any
type ProgressionOrder string

const (
	// Ordered wants the stages in sequence; anything may happen in between.
	Ordered ProgressionOrder = "Ordered"
	// Strict wants the person's very next customer event to be the next stage.
	Strict ProgressionOrder = "Strict"
	// AnyOrder wants all stages inside one window in any order.
	AnyOrder ProgressionOrder = "Any"
)

// EntryPolicy says which attempt of a person counts.
//
// +kubebuilder:validation:Enum=Best;First
type EntryPolicy string

const (
	// BestEntry takes the deepest attempt, and of those the earliest.
	BestEntry EntryPolicy = "Best"
	// FirstEntry takes the first attempt of the range only.
	FirstEntry EntryPolicy = "First"
)

// TiePolicy says in which order simultaneous events may be taken.
//
// +kubebuilder:validation:Enum=EitherOrder;Exact
type TiePolicy string

const (
	// EitherOrder lets events of the same time follow each other in either order.
	EitherOrder TiePolicy = "EitherOrder"
	// ExactTies takes simultaneous events in the order of their arrival.
	ExactTies TiePolicy = "Exact"
)

// ConversionRange says where conversions may lie.
//
// +kubebuilder:validation:Enum=Window;Range
type ConversionRange string

const (
	// ConversionsInWindow lets conversions follow until the window of the attempt ends.
	ConversionsInWindow ConversionRange = "Window"
	// ConversionsInRange counts conversions inside the range of the analysis only.
	ConversionsInRange ConversionRange = "Range"
)

// ExclusionPolicy says what an excluded event does to an attempt.
//
// +kubebuilder:validation:Enum=Discard;Stop
type ExclusionPolicy string

const (
	// DiscardAttempt takes the whole attempt away, its entry included.
	DiscardAttempt ExclusionPolicy = "Discard"
	// StopAttempt lets the customer keep what was reached before the excluded event.
	StopAttempt ExclusionPolicy = "Stop"
)

// FunnelCount says what one customer can add to the numbers.
//
// +kubebuilder:validation:Enum=Customers;Entries
type FunnelCount string

const (
	// CountCustomers counts each customer once.
	CountCustomers FunnelCount = "Customers"
	// CountEntries counts each attempt.
	CountEntries FunnelCount = "Entries"
)

// CompatRule is an odd rule of another product, for maps that have to give the same numbers.
//
// +kubebuilder:validation:Enum=StrictOrder;StrictDeduplication;StrictIncrease;SharedEvents;AllowReentry
type CompatRule string

const (
	// StrictOrder ends the search at the first customer event that does not fit, repeats of a stage passed over.
	StrictOrder CompatRule = "StrictOrder"
	// StrictDeduplication ends the search at the first repeat of a later stage, with the stage of the event just before.
	StrictDeduplication CompatRule = "StrictDeduplication"
	// StrictIncrease wants every stage at a later instant than the one before.
	StrictIncrease CompatRule = "StrictIncrease"
	// SharedEvents lets one event enter several stages.
	SharedEvents CompatRule = "SharedEvents"
	// AllowReentry lets StrictOrder pass over a repeated first stage.
	AllowReentry CompatRule = "AllowReentry"
)

// Exclusion names events that must not happen between two stages. In the order Any, a stage stands for its place.
type Exclusion struct {
	// match lists the events; any of them excludes.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Match []EventMatch `json:"match,omitempty"`

	// after is the stage behind which the events exclude. Default: the first stage.
	// +optional
	After ItemName `json:"after,omitempty"`

	// before is the stage up to which they exclude. Default: the last stage.
	// +optional
	Before ItemName `json:"before,omitempty"`
}

// Progression says what counts as moving through the stages.
//
// +kubebuilder:validation:XValidation:rule="!has(self.grace) || (self.order == 'Ordered' && (!has(self.ties) || self.ties != 'Exact'))",message="grace needs the order Ordered, and cannot go with ties Exact"
// +kubebuilder:validation:XValidation:rule="!has(self.compat) || (self.order == 'Ordered' && (!has(self.entry) || self.entry == 'Best') && !has(self.exclusions) && !has(self.holdConstant) && !has(self.grace) && (!has(self.count) || self.count == 'Customers'))",message="compat needs the order Ordered and the entry Best, and cannot go with exclusions, holdConstant, grace or count Entries"
// +kubebuilder:validation:XValidation:rule="!has(self.compat) || !self.compat.exists(c, c == 'AllowReentry') || self.compat.exists(c, c == 'StrictOrder')",message="compat AllowReentry means something with StrictOrder only"
// +kubebuilder:validation:XValidation:rule="!has(self.onExclusion) || has(self.exclusions)",message="onExclusion needs exclusions"
type Progression struct {
	// order of the stages: Ordered, Strict or Any.
	// +required
	Order ProgressionOrder `json:"order,omitempty"`

	// window in which an attempt has to reach the last stage, counted from its entry, the far edge included.
	// +required
	Window Duration `json:"window,omitempty"`

	// entry says which attempt of a person counts: Best (default) or First.
	// +optional
	Entry EntryPolicy `json:"entry,omitempty"`

	// ties says whether events of the same time may follow each other in either order: EitherOrder (default) or Exact.
	// +optional
	Ties TiePolicy `json:"ties,omitempty"`

	// conversions may lie anywhere in the attempt's Window (default), or have to lie inside the Range of the analysis.
	// +optional
	Conversions ConversionRange `json:"conversions,omitempty"`

	// exclusions name events that must not happen between two stages.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Exclusions []Exclusion `json:"exclusions,omitempty"`

	// onExclusion says what an excluded event does: Discard (default) the whole attempt, or Stop it there.
	// +optional
	OnExclusion ExclusionPolicy `json:"onExclusion,omitempty"`

	// holdConstant lists keys whose values at the entry must be the same at every stage, such as properties.product_id.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=3
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=128
	// +kubebuilder:validation:items:Pattern=`^((properties|traits|groups)\.\S([^\r\n\t]*\S)?|event|channel|source|sessionId|orderId|currency|amount|survey\.kind|survey\.score)$`
	HoldConstant []string `json:"holdConstant,omitempty"`

	// count says what is counted: Customers once (default), or Entries: a customer enters again after an attempt has ended.
	// +optional
	Count FunnelCount `json:"count,omitempty"`

	// grace lets events enter a stage although they came that much before the stage before. Default: none.
	// +optional
	Grace Duration `json:"grace,omitempty"`

	// compat lists odd rules of ClickHouse's windowFunnel, for maps that have to give its numbers. Default: none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	Compat []CompatRule `json:"compat,omitempty"`
}

// CountBy names a unit. The events of a unit make its journey, whoever did them; events without one are left out and counted.
type CountBy struct {
	// key of the unit: person, sessionId, orderId, properties.NAME, or groups.TYPE.id for accounts and the like.
	// +required
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^(person|sessionId|orderId|(properties|groups)\.[^\s"\\]([^\r\n\t"\\]*[^\s"\\])?)$`
	Key string `json:"key,omitempty"`
}

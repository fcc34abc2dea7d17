// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// ProgressionOrder is the order in which customers must pass the stages.
//
// +kubebuilder:validation:Enum=Ordered;Strict;Any
type ProgressionOrder string

const (
	// Ordered requires the stages in sequence. Any events may happen in between.
	Ordered ProgressionOrder = "Ordered"
	// Strict requires that the customer's next event is the next stage.
	Strict ProgressionOrder = "Strict"
	// AnyOrder requires all stages inside one window, in any order.
	AnyOrder ProgressionOrder = "Any"
)

// EntryPolicy selects the attempt of a person that counts.
//
// +kubebuilder:validation:Enum=Best;First
type EntryPolicy string

const (
	// BestEntry selects the attempt that reaches most stages, and of those the earliest.
	BestEntry EntryPolicy = "Best"
	// FirstEntry selects the first attempt of the range.
	FirstEntry EntryPolicy = "First"
)

// TiePolicy sets the order of simultaneous events.
//
// +kubebuilder:validation:Enum=EitherOrder;Exact
type TiePolicy string

const (
	// EitherOrder lets events of the same time follow each other in either order.
	EitherOrder TiePolicy = "EitherOrder"
	// ExactTies orders simultaneous events by their arrival.
	ExactTies TiePolicy = "Exact"
)

// ConversionRange sets the time in which conversions count.
//
// +kubebuilder:validation:Enum=Window;Range
type ConversionRange string

const (
	// ConversionsInWindow counts conversions until the window of the attempt ends.
	ConversionsInWindow ConversionRange = "Window"
	// ConversionsInRange counts conversions only inside the range of the analysis.
	ConversionsInRange ConversionRange = "Range"
)

// ExclusionPolicy sets what an excluded event does to an attempt.
//
// +kubebuilder:validation:Enum=Discard;Stop
type ExclusionPolicy string

const (
	// DiscardAttempt discards the whole attempt, including its entry.
	DiscardAttempt ExclusionPolicy = "Discard"
	// StopAttempt keeps the stages that were reached before the excluded event.
	StopAttempt ExclusionPolicy = "Stop"
)

// FunnelCount selects whether customers or attempts are counted.
//
// +kubebuilder:validation:Enum=Customers;Entries
type FunnelCount string

const (
	// CountCustomers counts each customer once.
	CountCustomers FunnelCount = "Customers"
	// CountEntries counts each attempt.
	CountEntries FunnelCount = "Entries"
)

// CompatRule is a rule of another product, for maps that must match its numbers.
//
// +kubebuilder:validation:Enum=StrictOrder;StrictDeduplication;StrictIncrease;SharedEvents;AllowReentry
type CompatRule string

const (
	// StrictOrder ends the search at the first customer event that is not the next stage. Repeats of later stages are skipped.
	StrictOrder CompatRule = "StrictOrder"
	// StrictDeduplication ends the search at the first repeat of a later stage. The attempt then counts up to the stage of the event just before.
	StrictDeduplication CompatRule = "StrictDeduplication"
	// StrictIncrease requires each stage to be later than the one before.
	StrictIncrease CompatRule = "StrictIncrease"
	// SharedEvents lets one event enter several stages.
	SharedEvents CompatRule = "SharedEvents"
	// AllowReentry makes StrictOrder also skip repeats of the first stage.
	AllowReentry CompatRule = "AllowReentry"
)

// Exclusion selects events that must not happen between two stages. In the order Any, a stage means its position.
type Exclusion struct {
	// match selects the events. An event must match one entry.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Match []EventMatch `json:"match,omitempty"`

	// after is the stage after which the events exclude. Default: the first stage.
	// +optional
	After ItemName `json:"after,omitempty"`

	// before is the stage before which the events exclude. Default: the last stage.
	// +optional
	Before ItemName `json:"before,omitempty"`
}

// Progression sets the rules for moving through the stages.
//
// +kubebuilder:validation:XValidation:rule="!has(self.grace) || (self.order == 'Ordered' && (!has(self.ties) || self.ties != 'Exact'))",message="grace needs the order Ordered, and cannot go with ties Exact"
// +kubebuilder:validation:XValidation:rule="!has(self.compat) || (self.order == 'Ordered' && (!has(self.entry) || self.entry == 'Best') && !has(self.exclusions) && !has(self.holdConstant) && !has(self.grace) && (!has(self.count) || self.count == 'Customers'))",message="compat needs the order Ordered and the entry Best, and cannot go with exclusions, holdConstant, grace or count Entries"
// +kubebuilder:validation:XValidation:rule="!has(self.compat) || !self.compat.exists(c, c == 'AllowReentry') || self.compat.exists(c, c == 'StrictOrder')",message="compat AllowReentry needs StrictOrder"
// +kubebuilder:validation:XValidation:rule="!has(self.onExclusion) || has(self.exclusions)",message="onExclusion needs exclusions"
type Progression struct {
	// order of the stages: Ordered, Strict or Any.
	// +required
	Order ProgressionOrder `json:"order,omitempty"`

	// window in which an attempt must reach the last stage, counted from its entry, inclusive.
	// +required
	Window Duration `json:"window,omitempty"`

	// entry selects the attempt of a person that counts: Best (default) or First.
	// +optional
	Entry EntryPolicy `json:"entry,omitempty"`

	// ties sets whether events of the same time may follow each other in either order: EitherOrder (default) or Exact.
	// +optional
	Ties TiePolicy `json:"ties,omitempty"`

	// conversions count anywhere in the attempt's Window (default), or only inside the Range of the analysis.
	// +optional
	Conversions ConversionRange `json:"conversions,omitempty"`

	// exclusions select events that must not happen between two stages.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Exclusions []Exclusion `json:"exclusions,omitempty"`

	// onExclusion sets what an excluded event does: Discard the whole attempt (default), or Stop it there.
	// +optional
	OnExclusion ExclusionPolicy `json:"onExclusion,omitempty"`

	// holdConstant lists keys whose values must be the same at every stage as at the entry, such as properties.product_id.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=3
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=128
	// +kubebuilder:validation:items:Pattern=`^((properties|traits|groups)\.\S([^\r\n\t]*\S)?|event|channel|source|sessionId|orderId|currency|amount|survey\.kind|survey\.score)$`
	HoldConstant []string `json:"holdConstant,omitempty"`

	// count selects what is counted: Customers, once each (default), or Entries: a customer can enter again after an attempt has ended.
	// +optional
	Count FunnelCount `json:"count,omitempty"`

	// grace is how much earlier than the previous stage an event may be and still enter the next one. Default: none.
	// +optional
	Grace Duration `json:"grace,omitempty"`

	// compat lists rules of ClickHouse's windowFunnel, for maps that must match its numbers. Default: none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	Compat []CompatRule `json:"compat,omitempty"`
}

// CountBy selects the unit that is counted. The events of a unit are one journey, even if they belong to several persons. Events without the unit are
// left out and counted.
type CountBy struct {
	// key of the unit: person, sessionId, orderId, properties.NAME, or groups.TYPE.id for accounts and the like.
	// +required
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^(person|sessionId|orderId|(properties|groups)\.[^\s"\\]([^\r\n\t"\\]*[^\s"\\])?)$`
	Key string `json:"key,omitempty"`
}

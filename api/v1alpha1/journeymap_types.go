// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// JourneyMapSpec is the map: stages with their touchpoints, and the rules for how customers move through them.
//
// +kubebuilder:validation:XValidation:rule="!self.stages.all(s, has(s.optional) && s.optional)",fieldPath=".stages",message="at least one stage must not be optional"
// +kubebuilder:validation:XValidation:rule="self.progression.order == 'Any' || !has(self.stages[0].optional) || !self.stages[0].optional",fieldPath=".stages",message="the first stage must not be optional: it is where an attempt begins"
// +kubebuilder:validation:XValidation:rule="self.progression.order == 'Any' || !has(self.stages[size(self.stages) - 1].optional) || !self.stages[size(self.stages) - 1].optional",fieldPath=".stages",message="the last stage must not be optional: reaching it is what conversion means"
// +kubebuilder:validation:XValidation:rule="!has(self.stages[size(self.stages) - 1].maxDropOff)",fieldPath=".stages",message="the last stage cannot have maxDropOff: there is no stage after it that customers could fail to reach"
// +kubebuilder:validation:XValidation:rule="self.progression.order != 'Any' || !self.stages.exists(s, has(s.maxDropOff))",fieldPath=".stages",message="maxDropOff needs stages in an order: with progression.order Any, stages have no drop-off"
// +kubebuilder:validation:XValidation:rule="!has(self.stages[0].within) && (self.progression.order != 'Any' || !self.stages.exists(s, has(s.within)))",fieldPath=".stages",message="within is the time since the previous stage: remove it from the first stage and, with progression.order Any, from all stages"
// +kubebuilder:validation:XValidation:rule="!has(self.progression.exclusions) || self.progression.exclusions.all(e, (!has(e.after) || self.stages.exists(s, s.name == e.after)) && (!has(e.before) || self.stages.exists(s, s.name == e.before)))",fieldPath=".progression.exclusions",message="after and before must name stages of the map"
// +kubebuilder:validation:XValidation:rule="!(has(self.progression.grace) || has(self.progression.compat)) || !self.stages.exists(s, has(s.within))",fieldPath=".stages",message="within cannot go with progression.grace or progression.compat"
// +kubebuilder:validation:XValidation:rule="!has(self.progression.compat) || !self.stages.exists(s, has(s.optional) && s.optional)",fieldPath=".stages",message="optional stages cannot go with progression.compat"
type JourneyMapSpec struct {
	// goal of the journey in one sentence.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Goal string `json:"goal,omitempty"`

	// owners of the map.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Owners []Owner `json:"owners,omitempty"`

	// storeRef names the EventStore that the events are read from.
	// +required
	StoreRef LocalReference `json:"storeRef,omitzero"`

	// sources to read events from. Default: all sources of the store.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=64
	Sources []LocalReference `json:"sources,omitempty"`

	// personas divide the customers. A customer belongs to the first persona whose conditions are true when their attempt starts, otherwise to "other".
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	Personas []Persona `json:"personas,omitempty"`

	// stages of the journey in their order.
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=2
	// +kubebuilder:validation:MaxItems=20
	Stages []Stage `json:"stages,omitempty"`

	// progression sets the rules for moving through the stages.
	// +required
	Progression Progression `json:"progression,omitzero"`

	// countBy selects what is counted instead of persons, such as sessions or accounts. Default: persons.
	// +optional
	CountBy *CountBy `json:"countBy,omitempty"`

	// analysis sets when the numbers are computed, and over which period. Default: every 15m over the last 30d.
	// +optional
	Analysis *Analysis `json:"analysis,omitempty"`

	// filters select events. An event is used if it matches every entry. Default: all events.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=4
	Filters []EventFilter `json:"filters,omitempty"`

	// freshness sets when the map itself is out of date.
	// +optional
	Freshness *MapFreshness `json:"freshness,omitempty"`

	// pod sets resources and placement of the pods of the analysis jobs.
	// +optional
	Pod *PodOptions `json:"pod,omitempty"`
}

// Owner answers for a map.
type Owner struct {
	// team that owns the map.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Team string `json:"team,omitempty"`
}

// Persona is a kind of customer, selected by conditions on traits and properties.
type Persona struct {
	// name of the persona; "other" is reserved for the rest.
	// +required
	// +kubebuilder:validation:XValidation:rule="self != 'other'",message="the name \"other\" is reserved for customers that no persona fits"
	Name ItemName `json:"name,omitempty"`

	// description for people.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Description string `json:"description,omitempty"`

	// where lists conditions. All of them must be true.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Where []EventCondition `json:"where,omitempty"`
}

// Phase is the part of the journey that a stage belongs to.
//
// +kubebuilder:validation:Enum=PrePurchase;Purchase;PostPurchase
type Phase string

const (
	// PrePurchase is before the purchase.
	PrePurchase Phase = "PrePurchase"
	// Purchase is the purchase itself.
	Purchase Phase = "Purchase"
	// PostPurchase is after the purchase.
	PostPurchase Phase = "PostPurchase"
)

// Stage is an ordered phase of the journey, entered through any of its touchpoints.
type Stage struct {
	// name of the stage.
	// +required
	Name ItemName `json:"name,omitempty"`

	// phase that the stage belongs to.
	// +optional
	Phase Phase `json:"phase,omitempty"`

	// intent of the customer in this stage, in their words.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Intent string `json:"intent,omitempty"`

	// emotion that you expect of the customer in this stage.
	// +optional
	Emotion *Emotion `json:"emotion,omitempty"`

	// maxDropOff is the highest acceptable share of customers who drop off after this stage. Above it, the condition DropOffDetected becomes True.
	// +optional
	MaxDropOff Ratio `json:"maxDropOff,omitempty"`

	// optional says that customers may skip the stage.
	// +optional
	Optional *bool `json:"optional,omitempty"`

	// within is the longest time since the previous stage that was reached, inclusive. Default: only the window limits it.
	// +optional
	Within Duration `json:"within,omitempty"`

	// frictionWithin is how long after entering the stage a touchpoint counts for its friction. It never exceeds the time in which the customer can
	// still continue. Default: 24h.
	// +optional
	FrictionWithin Duration `json:"frictionWithin,omitempty"`

	// touchpoints through which the stage is entered.
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=24
	Touchpoints []Touchpoint `json:"touchpoints,omitempty"`
}

// Emotion is what you expect a customer to feel.
type Emotion struct {
	// expected emotion in a word.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	Expected string `json:"expected,omitempty"`

	// score from -2 (bad) to 2 (good).
	// +optional
	// +kubebuilder:validation:Minimum=-2
	// +kubebuilder:validation:Maximum=2
	Score *int32 `json:"score,omitempty"`
}

// Importance of a touchpoint.
//
// +kubebuilder:validation:Enum=Low;Medium;High
type Importance string

const (
	// LowImportance is a touchpoint that customers can do without.
	LowImportance Importance = "Low"
	// MediumImportance is a touchpoint that helps the goal.
	MediumImportance Importance = "Medium"
	// HighImportance is a touchpoint that the goal depends on.
	HighImportance Importance = "High"
)

// Touchpoint is a named interaction in a stage, recognised by matching events.
type Touchpoint struct {
	// name of the touchpoint, unique in its stage.
	// +required
	Name ItemName `json:"name,omitempty"`

	// channel that the event must come from. Default: any.
	// +optional
	Channel Channel `json:"channel,omitempty"`

	// match selects the events that are this touchpoint. An event must match one entry.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Match []EventMatch `json:"match,omitempty"`

	// firstEver counts only the customer's first event ever of the names in match, including the time before the analysed period. If that event fails
	// a condition, no later event counts.
	// +optional
	FirstEver *bool `json:"firstEver,omitempty"`

	// microConversion marks a signal of intent short of the goal, such as a click on a call to action.
	// +optional
	MicroConversion *bool `json:"microConversion,omitempty"`

	// importance of the touchpoint for the goal.
	// +optional
	Importance Importance `json:"importance,omitempty"`

	// assessment of the touchpoint by your team.
	// +optional
	Assessment *Assessment `json:"assessment,omitempty"`

	// painPoints are known problems of the touchpoint.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MaxLength=256
	PainPoints []string `json:"painPoints,omitempty"`

	// opportunities for improvement.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MaxLength=256
	Opportunities []string `json:"opportunities,omitempty"`
}

// Assessment grades a touchpoint, from 1 (poor) to 5 (excellent).
type Assessment struct {
	// appropriateness grades how well it fits the customer's situation.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=5
	Appropriateness *int32 `json:"appropriateness,omitempty"`

	// relevance grades how well it serves the customer's need.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=5
	Relevance *int32 `json:"relevance,omitempty"`

	// simplicity grades how easy it is to use.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=5
	Simplicity *int32 `json:"simplicity,omitempty"`

	// appeal grades how pleasant it is.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=5
	Appeal *int32 `json:"appeal,omitempty"`
}

// MapFreshness sets when a map is out of date.
type MapFreshness struct {
	// reviewedAt is the date of the last review, when a person checked the map against reality.
	// +optional
	ReviewedAt Date `json:"reviewedAt,omitempty"`

	// reviewEvery is the longest time between two reviews. Default: 90d.
	// +optional
	ReviewEvery Duration `json:"reviewEvery,omitempty"`

	// minCoverage is the lowest acceptable share of customer events that match a touchpoint.
	// +optional
	MinCoverage Ratio `json:"minCoverage,omitempty"`

	// ignoreEvents are names of events that do not count for coverage.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=128
	IgnoreEvents []string `json:"ignoreEvents,omitempty"`
}

// JourneyMap is a customer journey as code. Its status shows where customers drop off, and whether the map is up to date.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=jm,categories=journey
// +kubebuilder:printcolumn:name="Customers",type=integer,JSONPath=`.status.summary.customers`,description="Customers who entered the first stage"
// +kubebuilder:printcolumn:name="In-Progress",type=integer,JSONPath=`.status.provisional.inProgress`,description="Customers whose window has not ended and who have not converted"
// +kubebuilder:printcolumn:name="Conversion",type=string,JSONPath=`.status.summary.display.conversion`,description="Share of customers who reached the last stage"
// +kubebuilder:printcolumn:name="Worst-Stage",type=string,JSONPath=`.status.summary.worstStage`,description="Stage with the highest drop-off"
// +kubebuilder:printcolumn:name="Drop-Off",type=string,JSONPath=`.status.summary.display.dropOff`,description="Drop-off of the worst stage"
// +kubebuilder:printcolumn:name="As-Of",type=string,JSONPath=`.status.summary.period.asOf`,description="The time of analysis of the numbers"
// +kubebuilder:printcolumn:name="Data-Fresh",type=string,JSONPath=`.status.conditions[?(@.type=="DataFresh")].status`,description="Did every source receive an event within its expectEvery?"
// +kubebuilder:printcolumn:name="Map-Fresh",type=string,JSONPath=`.status.conditions[?(@.type=="MapFresh")].status`,description="Was the map reviewed in time, and does it match the events?"
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`,description="Is the spec accepted and applied?"
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",message="metadata.name must have at most 40 characters, only lowercase letters, digits and '-', and start with a letter: the names of Services and Jobs are derived from it"
type JourneyMap struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state.
	// +required
	Spec JourneyMapSpec `json:"spec,omitzero"`

	// status is the observed state. The operator writes conditions and observedGeneration. The analysis job writes everything else.
	// +optional
	Status JourneyMapStatus `json:"status,omitzero"`
}

// JourneyMapList is a list of JourneyMaps.
//
// +kubebuilder:object:root=true
type JourneyMapList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []JourneyMap `json:"items"`
}

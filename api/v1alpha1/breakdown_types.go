// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// BreakdownBy selects what a breakdown groups by.
//
// +kubebuilder:validation:Enum=Persona;Channel;Property
type BreakdownBy string

const (
	// ByPersona is the persona at the entry of the attempt.
	ByPersona BreakdownBy = "Persona"
	// ByChannel is the channel of an event.
	ByChannel BreakdownBy = "Channel"
	// ByProperty is the value of one or more keys of an event.
	ByProperty BreakdownBy = "Property"
)

// BreakdownAttribution selects the event of a customer that determines the value. Only events that match a stage count.
//
// +kubebuilder:validation:Enum=First;Last;All;Stage
type BreakdownAttribution string

const (
	// FirstValue is the first value that is not empty.
	FirstValue BreakdownAttribution = "First"
	// LastValue is the last value that is not empty.
	LastValue BreakdownAttribution = "Last"
	// AllValues computes a separate funnel for each value, in which every stage has that value.
	AllValues BreakdownAttribution = "All"
	// StageValue is the value at one stage. Customers who do not reach it are left out.
	StageValue BreakdownAttribution = "Stage"
)

// Breakdown breaks the funnel, and the KPIs about attempts, down by a value.
//
// +kubebuilder:validation:XValidation:rule="(self.by == 'Property') == (has(self.keys) && size(self.keys) > 0)",message="set keys for by: Property, and only for it"
// +kubebuilder:validation:XValidation:rule="(has(self.attribution) && self.attribution == 'Stage') == has(self.stage)",message="set stage for attribution: Stage, and only for it"
// +kubebuilder:validation:XValidation:rule="self.by != 'Persona' || !has(self.attribution)",message="a persona is evaluated at the entry: remove attribution"
// +kubebuilder:validation:XValidation:rule="!has(self.compat) || has(self.stage)",message="compat needs attribution: Stage"
type Breakdown struct {
	// by selects the value: Persona, Channel or Property.
	// +required
	By BreakdownBy `json:"by,omitempty"`

	// keys of the value, as in a condition: properties.NAME, traits.NAME, groups.NAME, ... Several keys make one combined value.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=3
	// +kubebuilder:validation:items:MaxLength=128
	// +kubebuilder:validation:items:Pattern=`^((properties|traits|groups)\.\S([^\r\n\t]*\S)?|event|channel|source|sessionId|orderId|currency|amount|survey\.kind|survey\.score)$`
	Keys []string `json:"keys,omitempty"`

	// attribution selects the event of a customer that determines the value. Default: First.
	// +optional
	Attribution BreakdownAttribution `json:"attribution,omitempty"`

	// stage for the attribution Stage.
	// +optional
	Stage ItemName `json:"stage,omitempty"`

	// compat selects rules of another product, for breakdowns that must match its numbers.
	// +optional
	Compat *BreakdownCompat `json:"compat,omitempty"`

	// limit is the number of values to show: those with the most customers. The others are shown as one group. Default: 10.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=25
	Limit *int32 `json:"limit,omitempty"`
}

// BreakdownCompat selects rules of another product.
type BreakdownCompat struct {
	// stageByPosition is for the attribution Stage in the order Any. It takes the value from the n-th event of the attempt, if stage is the n-th stage of
	// the map. A customer who reached that many stages counts with one stage under each other value of their events. PostHog counts in this way.
	// +required
	StageByPosition *bool `json:"stageByPosition,omitempty"`
}

// BreakdownResult is one computed breakdown.
type BreakdownResult struct {
	// by that was used.
	// +required
	By BreakdownBy `json:"by,omitempty"`

	// keys of the values.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=3
	// +kubebuilder:validation:items:MaxLength=128
	Keys []string `json:"keys,omitempty"`

	// attribution that was used.
	// +optional
	Attribution BreakdownAttribution `json:"attribution,omitempty"`

	// stage that was used for the attribution Stage.
	// +optional
	Stage ItemName `json:"stage,omitempty"`

	// basis says what the groups are computed from, and over which time: "entries from 2026-10-31T12:00:00Z to 2026-11-16T12:00:00Z".
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Basis string `json:"basis,omitempty"`

	// distinct is the number of different values that customers have, the empty one included.
	// +required
	Distinct int64 `json:"distinct"`

	// groups are ordered by customers, the largest first. The group of other values comes last.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=26
	Groups []BreakdownGroup `json:"groups,omitempty"`
}

// BreakdownGroup counts the customers with one value, with mature attempts only.
type BreakdownGroup struct {
	// values in the order of keys. An empty text means no value.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=3
	// +kubebuilder:validation:items:MaxLength=128
	Values []string `json:"values,omitempty"`

	// other is true for the group of all other values.
	// +optional
	Other bool `json:"other,omitempty"`

	// customers who entered.
	// +required
	Customers int64 `json:"customers"`

	// converted is the number of those who reached the last stage.
	// +required
	Converted int64 `json:"converted"`

	// conversion is converted divided by customers.
	// +optional
	Conversion Ratio `json:"conversion,omitempty"`

	// previousCustomers is the number of customers of the previous period, at equal age.
	// +optional
	PreviousCustomers *int64 `json:"previousCustomers,omitempty"`

	// previousConversion is the conversion of the previous period.
	// +optional
	PreviousConversion Ratio `json:"previousConversion,omitempty"`

	// stages in the order of the map; in the order Any, by the number of stages.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Stages []BreakdownStage `json:"stages,omitempty"`

	// kpis of the report that are about attempts.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	KPIs []BreakdownKPI `json:"kpis,omitempty"`
}

// BreakdownStage is one stage of a group.
type BreakdownStage struct {
	// name of the stage; in the order Any the number of stages.
	// +required
	Name ItemName `json:"name,omitempty"`

	// entered is the number of customers who reached it.
	// +required
	Entered int64 `json:"entered"`

	// converted is the number of those who continued.
	// +required
	Converted int64 `json:"converted"`

	// dropped is entered minus converted.
	// +required
	Dropped int64 `json:"dropped"`
}

// BreakdownKPI is one KPI of a group.
type BreakdownKPI struct {
	// name of the KPI.
	// +required
	Name ItemName `json:"name,omitempty"`

	// value as a decimal number. It is absent when there are no data to compute it from.
	// +optional
	Value ResultValue `json:"value,omitempty"`

	// samples is the number of customers behind the value.
	// +required
	Samples int64 `json:"samples"`
}

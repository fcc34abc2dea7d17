// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// ExperimentMethod sets how often you may look at the results.
//
// +kubebuilder:validation:Enum=Sequential;FixedHorizon
type ExperimentMethod string

const (
	// SequentialMethod allows looking at any time. Intervals are wider, and a verdict stays valid.
	SequentialMethod ExperimentMethod = "Sequential"
	// FixedHorizonMethod allows one look, at a time or number of customers that you fix in advance.
	FixedHorizonMethod ExperimentMethod = "FixedHorizon"
)

// ExperimentTable compares the variants of an experiment with its control.
type ExperimentTable struct {
	// control is the variant that the others are compared with.
	// +required
	Control ExperimentVariant `json:"control,omitzero"`

	// variants to compare with the control.
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=7
	Variants []ExperimentVariant `json:"variants,omitempty"`

	// conversion names the events that should follow an exposure, an entry of spec.events.
	// +required
	Conversion ItemName `json:"conversion,omitempty"`

	// within is the time after the exposure in which a conversion counts. Customers whose time has not ended are left out.
	// +required
	Within Duration `json:"within,omitempty"`

	// method sets how often you may look at the result. Choose it before the first look.
	// +required
	Method ExperimentMethod `json:"method,omitempty"`

	// confidenceLevel of the intervals, for all variants together. Default: 0.95.
	// +optional
	ConfidenceLevel Ratio `json:"confidenceLevel,omitempty"`
}

// ExperimentVariant is one variant of an experiment.
type ExperimentVariant struct {
	// name of the variant.
	// +required
	Name ItemName `json:"name,omitempty"`

	// exposure names the events by which a customer is exposed to the variant, an entry of spec.events.
	// +required
	Exposure ItemName `json:"exposure,omitempty"`

	// weight of the planned split. Default: 1.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	Weight *int32 `json:"weight,omitempty"`
}

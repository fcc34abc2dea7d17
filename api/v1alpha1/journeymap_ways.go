// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Handoff counts the customers who went from one channel to another.
type Handoff struct {
	// from is the first channel.
	// +required
	// +kubebuilder:validation:MaxLength=32
	From string `json:"from,omitempty"`

	// to is the second channel.
	// +required
	// +kubebuilder:validation:MaxLength=32
	To string `json:"to,omitempty"`

	// customers who did so.
	// +required
	Customers int64 `json:"customers"`

	// converted is the number of those who reached the goal.
	// +required
	Converted int64 `json:"converted"`

	// conversion is converted divided by customers.
	// +optional
	Conversion Ratio `json:"conversion,omitempty"`
}

// FrictionResult is a touchpoint with which more customers drop off from the stage than without. It is an association, not a cause.
type FrictionResult struct {
	// touchpoint that they met in the stage, as stage/touchpoint.
	// +required
	// +kubebuilder:validation:MaxLength=81
	Touchpoint string `json:"touchpoint,omitempty"`

	// customers who met it in the stage, within frictionWithin of entering.
	// +required
	Customers int64 `json:"customers"`

	// dropOff is the share of them who did not continue.
	// +optional
	DropOff Ratio `json:"dropOff,omitempty"`

	// dropOffWithout is the share of the stage's other customers who did not continue.
	// +optional
	DropOffWithout Ratio `json:"dropOffWithout,omitempty"`

	// excess is the number of drop-offs beyond those that the rate of the other customers predicts.
	// +required
	Excess ResultValue `json:"excess,omitempty"`

	// excessLow is the lower end of the 95 % interval of excess, by which the list is ordered.
	// +required
	ExcessLow ResultValue `json:"excessLow,omitempty"`
}

// EmotionResult compares the emotion that customers report in surveys with the expected one.
type EmotionResult struct {
	// measured is the mean of the answers, from -2 (the lowest answer) to 2 (the highest).
	// +optional
	Measured ResultValue `json:"measured,omitempty"`

	// answers is the number of answers to surveys at the stage's touchpoints.
	// +required
	Answers int64 `json:"answers"`

	// expected is the score that the map expects.
	// +optional
	Expected *int32 `json:"expected,omitempty"`
}

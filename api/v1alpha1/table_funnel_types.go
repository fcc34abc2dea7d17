// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// FunnelTable is the funnel of the map's stages, with the filters of the report, and the funnel of the previous period next to it.
type FunnelTable struct{}

// TrendTable counts entries and conversions by the calendar period of the entry.
type TrendTable struct {
	// period in which customers entered.
	// +required
	Period PeriodUnit `json:"period,omitempty"`

	// from is the stage whose customers are the denominator. Default: the first one.
	// +optional
	From ItemName `json:"from,omitempty"`

	// to is the stage whose customers are the numerator. Default: the last one that is not optional.
	// +optional
	To ItemName `json:"to,omitempty"`
}

// TimeToConvertTable is the distribution of the time from one stage to another.
type TimeToConvertTable struct {
	// from is the stage at which the time starts. Default: the first one.
	// +optional
	From ItemName `json:"from,omitempty"`

	// to is the stage at which it ends. Default: the last one that is not optional.
	// +optional
	To ItemName `json:"to,omitempty"`

	// bins of the histogram. Default: the cube root of the number of customers, 1 to 60.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=60
	Bins *int32 `json:"bins,omitempty"`
}

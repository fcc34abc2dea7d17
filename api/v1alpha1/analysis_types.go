// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// AnalysisInterval is how often the numbers are computed: a value that a cron line can say.
//
// +kubebuilder:validation:Enum="1m";"2m";"3m";"5m";"6m";"10m";"12m";"15m";"20m";"30m";"1h";"2h";"3h";"4h";"6h";"8h";"12h";"1d"
type AnalysisInterval string

// Weekday begins a week.
//
// +kubebuilder:validation:Enum=Monday;Sunday
type Weekday string

const (
	// Monday begins the week by ISO 8601, the default.
	Monday Weekday = "Monday"
	// Sunday begins the week in North America.
	Sunday Weekday = "Sunday"
)

// Analysis says when numbers are computed and over which time.
//
// +kubebuilder:validation:XValidation:rule="!(has(self.every) && has(self.schedule))",message="set at most one of every and schedule"
// +kubebuilder:validation:XValidation:rule="!(has(self.lookback) && has(self.range))",message="set at most one of lookback and range"
// +kubebuilder:validation:XValidation:rule="!has(self.asOf) || !has(self.range) || self.asOf > self.range.from",message="asOf must be after range.from: nothing later than asOf is looked at"
type Analysis struct {
	// every is the time between two runs. Default: 15m, unless schedule is set. The minute is spread by the object's UID.
	// +optional
	Every AnalysisInterval `json:"every,omitempty"`

	// schedule is a cron line of five fields, in timeZone. Example: "0 6 * * 1-5"
	// +optional
	// +kubebuilder:validation:MinLength=9
	// +kubebuilder:validation:MaxLength=100
	Schedule string `json:"schedule,omitempty"`

	// lookback is the length of the time in which attempts begin; it ends one window before the time of analysis, so
	// that every attempt had its full window. Default: 30d.
	// +optional
	Lookback Duration `json:"lookback,omitempty"`

	// range is a fixed time in which attempts begin, instead of lookback.
	// +optional
	Range *TimeRange `json:"range,omitempty"`

	// asOf is the time of analysis. Default: the scheduled time, held back by the source that is furthest behind.
	// +optional
	AsOf *metav1.Time `json:"asOf,omitempty"`

	// timeZone for calendar periods and the schedule, as in the IANA database. Default: UTC.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[A-Za-z][A-Za-z0-9_+/-]*$`
	TimeZone string `json:"timeZone,omitempty"`

	// weekStart is the first day of a week. Default: Monday.
	// +optional
	WeekStart Weekday `json:"weekStart,omitempty"`

	// suspend stops the scheduled runs; results stay.
	// +optional
	Suspend *bool `json:"suspend,omitempty"`
}

// TimeRange is a time from an instant, included, to another, not included.
//
// +kubebuilder:validation:XValidation:rule="self.from < self.to",message="from must be before to"
type TimeRange struct {
	// from is the first instant.
	// +required
	From metav1.Time `json:"from,omitzero"`

	// to is the instant at which the range ends.
	// +required
	To metav1.Time `json:"to,omitzero"`
}

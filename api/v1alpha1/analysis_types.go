// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// AnalysisInterval is how often the numbers are computed: an interval that a cron expression can express.
//
// +kubebuilder:validation:Enum="1m";"2m";"3m";"5m";"6m";"10m";"12m";"15m";"20m";"30m";"1h";"2h";"3h";"4h";"6h";"8h";"12h";"1d"
type AnalysisInterval string

// Weekday is the first day of a week.
//
// +kubebuilder:validation:Enum=Monday;Sunday
type Weekday string

const (
	// Monday is the first day by ISO 8601, and the default.
	Monday Weekday = "Monday"
	// Sunday is the first day in North America.
	Sunday Weekday = "Sunday"
)

// Analysis sets when numbers are computed, and over which period.
//
// +kubebuilder:validation:XValidation:rule="!(has(self.every) && has(self.schedule))",message="set at most one of every and schedule"
// +kubebuilder:validation:XValidation:rule="!(has(self.lookback) && has(self.range))",message="set at most one of lookback and range"
// +kubebuilder:validation:XValidation:rule="!has(self.asOf) || !has(self.range) || self.asOf > self.range.from",message="asOf must be after range.from: events after asOf are not analysed"
type Analysis struct {
	// every is the time between two runs. The UID of the object determines the minute, so that objects do not all run at once. Default: 15m, unless
	// schedule is set.
	// +optional
	Every AnalysisInterval `json:"every,omitempty"`

	// schedule is a cron expression of five fields, in timeZone. Example: "0 6 * * 1-5"
	// +optional
	// +kubebuilder:validation:MinLength=9
	// +kubebuilder:validation:MaxLength=100
	Schedule string `json:"schedule,omitempty"`

	// lookback is the length of the period in which attempts start. The period ends one window before the time of analysis, so
	// that every attempt has had its full window. Default: 30d.
	// +optional
	Lookback Duration `json:"lookback,omitempty"`

	// range is a fixed period in which attempts start, instead of lookback.
	// +optional
	Range *TimeRange `json:"range,omitempty"`

	// asOf is a fixed time of analysis. Default: the scheduled time, held back by the source that lags most.
	// +optional
	AsOf *metav1.Time `json:"asOf,omitempty"`

	// timeZone of calendar periods and of the schedule, as in the IANA database. Default: UTC.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[A-Za-z][A-Za-z0-9_+/-]*$`
	TimeZone string `json:"timeZone,omitempty"`

	// weekStart is the first day of a week. Default: Monday.
	// +optional
	WeekStart Weekday `json:"weekStart,omitempty"`

	// suspend stops the scheduled runs. The results stay.
	// +optional
	Suspend *bool `json:"suspend,omitempty"`
}

// TimeRange is a half-open range of time: from is included, to is not.
//
// +kubebuilder:validation:XValidation:rule="self.from < self.to",message="from must be before to"
type TimeRange struct {
	// from is the start, inclusive.
	// +required
	From metav1.Time `json:"from,omitzero"`

	// to is the end, exclusive.
	// +required
	To metav1.Time `json:"to,omitzero"`
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// RetentionTable sets who enters a cohort and who counts as retained.
//
// +kubebuilder:validation:XValidation:rule="!has(self.windows) || self.windows != 'Rolling' || self.period != 'Month'",message="windows Rolling goes with the periods Hour, Day and Week: months differ in length"
type RetentionTable struct {
	// start names the events by which customers enter a cohort. Default: any event.
	// +optional
	Start EventRef `json:"start,omitempty"`

	// return names the events by which customers are retained. Default: any event.
	// +optional
	Return EventRef `json:"return,omitempty"`

	// period of the cohorts, and unit of the columns.
	// +required
	Period PeriodUnit `json:"period,omitempty"`

	// cohorts is the number of cohorts: the newest periods that overlap the analysed time. Default: 31.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=60
	Cohorts int32 `json:"cohorts,omitempty"`

	// entry puts a customer into the cohort of the first start ever (FirstTime, the default), or of every period with one (Recurring).
	// +optional
	// +kubebuilder:validation:Enum=FirstTime;Recurring
	Entry string `json:"entry,omitempty"`

	// windows are periods of the Calendar (default), or Rolling: elapsed time from a customer's own start.
	// +optional
	// +kubebuilder:validation:Enum=Calendar;Rolling
	Windows string `json:"windows,omitempty"`

	// retained means back in that period (On, the default), or in it or any later one (OnOrAfter).
	// +optional
	// +kubebuilder:validation:Enum=On;OnOrAfter
	Retained string `json:"retained,omitempty"`

	// brackets combine periods: each is the last period of a bracket; 3, 7 means 1-3 and 4-7. Default: one period each.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:Minimum=1
	// +kubebuilder:validation:items:Maximum=59
	Brackets []int32 `json:"brackets,omitempty"`

	// minEvents is the number of return events that a period needs. Default: 1.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	MinEvents int32 `json:"minEvents,omitempty"`

	// show Shares of the cohort (default) or Counts of customers.
	// +optional
	// +kubebuilder:validation:Enum=Shares;Counts
	Show string `json:"show,omitempty"`
}

// LifecycleTable selects the events that are activity, and when a customer is new.
type LifecycleTable struct {
	// event names the activity. Default: any event.
	// +optional
	Event EventRef `json:"event,omitempty"`

	// period in which activity is counted; at most 100 of them.
	// +required
	Period PeriodUnit `json:"period,omitempty"`

	// newBy sets when a customer is new: at the FirstEvent of any kind (default), at the FirstMatch of event, or by the trait createdAt.
	// +optional
	// +kubebuilder:validation:Enum=FirstEvent;FirstMatch;CreatedAt
	NewBy string `json:"newBy,omitempty"`
}

// ConditionRetentionTable compares customers who met a condition with those who also met others.
type ConditionRetentionTable struct {
	// conditions in order. The first one is the denominator.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	Conditions []RetentionCondition `json:"conditions,omitempty"`
}

// RetentionCondition is met by an event, optionally on one day only.
type RetentionCondition struct {
	// event that meets the condition. Default: any event.
	// +optional
	Event EventRef `json:"event,omitempty"`

	// day on which it happens, in the time zone of the analysis. Default: the whole analysed time.
	// +optional
	Day Date `json:"day,omitempty"`
}

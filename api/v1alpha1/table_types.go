// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// NamedEvent gives a name to some events, for use in KPIs and tables.
type NamedEvent struct {
	// name of the events.
	// +required
	Name ItemName `json:"name,omitempty"`

	// match lists the events; any of them does.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Match []EventMatch `json:"match,omitempty"`
}

// EventFilter is a test that holds when any of its conditions does.
type EventFilter struct {
	// anyOf lists conditions of which one has to hold.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	AnyOf []EventCondition `json:"anyOf,omitempty"`
}

// PeriodUnit is the length of calendar periods, in the time zone of the analysis.
//
// +kubebuilder:validation:Enum=Hour;Day;Week;Month
type PeriodUnit string

const (
	// HourPeriod is one hour.
	HourPeriod PeriodUnit = "Hour"
	// DayPeriod is one calendar day.
	DayPeriod PeriodUnit = "Day"
	// WeekPeriod is one calendar week, from weekStart on.
	WeekPeriod PeriodUnit = "Week"
	// MonthPeriod is one calendar month.
	MonthPeriod PeriodUnit = "Month"
)

// Table is the union of the results that have more than one number.
//
// +kubebuilder:validation:XValidation:rule="[has(self.stickiness), has(self.paths), has(self.retention), has(self.lifecycle), has(self.conditionRetention), has(self.rfm), has(self.lifetimeValue), has(self.funnel), has(self.trend), has(self.timeToConvert), has(self.attribution), has(self.experiment), has(self.transitions), has(self.drivers)].filter(x, x).size() == 1",message="set exactly one sort of table beside the name"
type Table struct {
	// name of the table.
	// +required
	Name ItemName `json:"name,omitempty"`

	// stickiness counts customers by the number of periods in which they were active.
	// +optional
	Stickiness *StickinessTable `json:"stickiness,omitempty"`

	// paths counts what customers do after what, by position in a session.
	// +optional
	Paths *PathsTable `json:"paths,omitempty"`

	// attribution shares conversions, or their revenue, out to the channels, touchpoints or campaigns before them.
	// +optional
	Attribution *AttributionTable `json:"attribution,omitempty"`

	// transitions counts the steps from one stage, touchpoint, channel or event to the next, with entries and exits.
	// +optional
	Transitions *TransitionsTable `json:"transitions,omitempty"`

	// drivers tells what goes together with conversion, by odds ratio.
	// +optional
	Drivers *DriversTable `json:"drivers,omitempty"`

	// retention shows which customers came back in which period.
	// +optional
	Retention *RetentionTable `json:"retention,omitempty"`

	// lifecycle counts new, returning, resurrecting and dormant customers by period.
	// +optional
	Lifecycle *LifecycleTable `json:"lifecycle,omitempty"`

	// conditionRetention counts the customers who met a first condition, and of these who met each of the others.
	// +optional
	ConditionRetention *ConditionRetentionTable `json:"conditionRetention,omitempty"`

	// rfm counts the customers to date by segments of recency, frequency and monetary value.
	// +optional
	RFM *OrdersMeasure `json:"rfm,omitempty"`

	// lifetimeValue predicts the orders of the customers to date, and their value.
	// +optional
	LifetimeValue *LifetimeValueTable `json:"lifetimeValue,omitempty"`

	// funnel is the funnel of the stages.
	// +optional
	Funnel *FunnelTable `json:"funnel,omitempty"`

	// trend counts entrances and conversions by the period of the entrance.
	// +optional
	Trend *TrendTable `json:"trend,omitempty"`

	// timeToConvert tells how long customers took from one stage to another.
	// +optional
	TimeToConvert *TimeToConvertTable `json:"timeToConvert,omitempty"`

	// experiment compares the conversion of variants with that of a control.
	// +optional
	Experiment *ExperimentTable `json:"experiment,omitempty"`
}

// StickinessTable says what counts as activity.
type StickinessTable struct {
	// event names the activity, an entry of spec.events. Default: any event.
	// +optional
	Event ItemName `json:"event,omitempty"`

	// period in which activity is counted.
	// +required
	Period PeriodUnit `json:"period,omitempty"`

	// cumulative counts customers active in at least so many periods, instead of exactly so many.
	// +optional
	Cumulative bool `json:"cumulative,omitempty"`
}

// TableResult is a computed table.
type TableResult struct {
	// name of the table.
	// +required
	Name ItemName `json:"name,omitempty"`

	// counts says in words what the rows are of, and of which time: "events from 2026-10-31T12:00:00Z to 2026-11-30T12:00:00Z".
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Counts string `json:"counts,omitempty"`

	// columns name the values of a row.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	Columns []TableColumn `json:"columns,omitempty"`

	// rows of the table, the first ones if there are more than fit.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Rows []TableRow `json:"rows,omitempty"`

	// samples is the number of customers or events behind the table.
	// +required
	Samples int64 `json:"samples"`

	// leftOut is the number of rows or events that the table leaves out.
	// +optional
	LeftOut int64 `json:"leftOut,omitempty"`

	// note is what one has to know with the table, such as orders without an amount, which have no part in sums of money.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Note string `json:"note,omitempty"`
}

// TableColumn is one column of a table.
type TableColumn struct {
	// name of the column.
	// +required
	// +kubebuilder:validation:MaxLength=64
	Name string `json:"name,omitempty"`

	// unit of the values: ratio, count, points, seconds, text, time, or a currency.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	Unit string `json:"unit,omitempty"`
}

// TableRow is one row of a table.
type TableRow struct {
	// values in the order of the columns; an empty one means that there is no value.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=128
	Values []string `json:"values"`

	// provisional rows can still change, because their time is not over.
	// +optional
	Provisional bool `json:"provisional,omitempty"`

	// provisionalFrom is the number of the first value that can still change, from 0. Default: the whole row.
	// +optional
	ProvisionalFrom int32 `json:"provisionalFrom,omitempty"`
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// CurrencyRate says what money of another currency is worth.
type CurrencyRate struct {
	// currency of the amounts, ISO 4217.
	// +required
	// +kubebuilder:validation:Pattern=`^[A-Z]{3}$`
	// +kubebuilder:validation:MaxLength=3
	Currency string `json:"currency,omitempty"`

	// rate is what one unit of it is worth in the currency of the report.
	// +required
	Rate Decimal `json:"rate,omitempty"`
}

// EventRef is the name of an entry of spec.events.
//
// +kubebuilder:validation:MaxLength=40
type EventRef string

// OrdersMeasure says which events are orders.
type OrdersMeasure struct {
	// event names the orders. Default: Order Completed.
	// +optional
	Event EventRef `json:"event,omitempty"`
}

// SameDay says how the orders of a customer on one calendar day count.
//
// +kubebuilder:validation:Enum=Apart;Together
type SameDay string

const (
	// Apart counts each order.
	Apart SameDay = "Apart"
	// Together takes the orders of one calendar day as one.
	Together SameDay = "Together"
)

// BuyersMeasure says which events are orders, and how they are counted.
type BuyersMeasure struct {
	// event names the orders. Default: Order Completed.
	// +optional
	Event EventRef `json:"event,omitempty"`

	// sameDay says how orders of one calendar day count. Default: Apart.
	// +optional
	SameDay SameDay `json:"sameDay,omitempty"`
}

// ChurnRateMeasure says who counts as lost.
type ChurnRateMeasure struct {
	// event names the activity. Default: any event.
	// +optional
	Event EventRef `json:"event,omitempty"`

	// inactivity after which a customer counts as lost.
	// +required
	Inactivity Duration `json:"inactivity,omitempty"`
}

// ActivityMeasure says what counts as activity.
type ActivityMeasure struct {
	// event names the activity. Default: any event.
	// +optional
	Event EventRef `json:"event,omitempty"`
}

// CustomerSatisfactionMeasure says which answers count as satisfied.
type CustomerSatisfactionMeasure struct {
	// event names the answers of the kind csat. Default: Survey Responded.
	// +optional
	Event EventRef `json:"event,omitempty"`

	// scale is the greatest answer. Default: 5.
	// +optional
	// +kubebuilder:validation:Minimum=2
	// +kubebuilder:validation:Maximum=100
	Scale int32 `json:"scale,omitempty"`

	// satisfiedFrom is the least answer that is satisfied. Default: the scale less one.
	// +optional
	// +kubebuilder:validation:Minimum=2
	// +kubebuilder:validation:Maximum=100
	SatisfiedFrom int32 `json:"satisfiedFrom,omitempty"`
}

// CustomerEffortScoreMeasure says which events are answers.
type CustomerEffortScoreMeasure struct {
	// event names the answers of the kind ces. Default: Survey Responded.
	// +optional
	Event EventRef `json:"event,omitempty"`

	// scale is the greatest answer, which means least effort. Default: 7.
	// +optional
	// +kubebuilder:validation:Minimum=2
	// +kubebuilder:validation:Maximum=100
	Scale int32 `json:"scale,omitempty"`
}

// ValueMeasure is a statistic of a number that events carry.
type ValueMeasure struct {
	// event names the events. Default: any event.
	// +optional
	Event EventRef `json:"event,omitempty"`

	// key of the number, as in conditions: properties.NAME, amount, survey.score.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Key string `json:"key,omitempty"`

	// statistic that is computed.
	// +required
	// +kubebuilder:validation:Enum=Sum;Mean;Median;P75;P90;P95;P99
	Statistic string `json:"statistic,omitempty"`
}

// TimeBetweenMeasure is a statistic of the time from one event to the next of another sort.
type TimeBetweenMeasure struct {
	// from names the events that open.
	// +required
	From EventRef `json:"from,omitempty"`

	// to names the events that close.
	// +required
	To EventRef `json:"to,omitempty"`

	// key whose value both have in common, such as properties.ticketId. Default: the customer alone.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Key string `json:"key,omitempty"`

	// within is the longest time that counts. What takes longer is left out and counted.
	// +required
	Within Duration `json:"within,omitempty"`

	// statistic that is computed. Default: Median.
	// +optional
	// +kubebuilder:validation:Enum=Mean;Median;P75;P90;P95;P99
	Statistic string `json:"statistic,omitempty"`

	// countedAt says which of the two events has to lie in the period: From, what was opened, or To, what was closed. Default: From.
	// +optional
	// +kubebuilder:validation:Enum=From;To
	CountedAt string `json:"countedAt,omitempty"`
}

// ShareMeasure is the share of the customers with one event who have another as well.
//
// +kubebuilder:validation:XValidation:rule="!has(self.of) || !has(self.did) || self.of != self.did",fieldPath=".did",message="did has to name other events than of: the share of the customers with an event who have that event is always 1"
type ShareMeasure struct {
	// of names the events that make the whole.
	// +required
	Of EventRef `json:"of,omitempty"`

	// did names the events that make the part.
	// +required
	Did EventRef `json:"did,omitempty"`

	// key whose values are counted instead of customers, such as properties.messageId.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Key string `json:"key,omitempty"`

	// within is the time after the first event of the whole in which the other has to follow. Default: anywhere in the analysed time.
	// +optional
	Within Duration `json:"within,omitempty"`

	// without gives the share of those who do not have the other event.
	// +optional
	Without bool `json:"without,omitempty"`
}

// BounceRateMeasure says what a session is.
type BounceRateMeasure struct {
	// event names the activity. Default: any event.
	// +optional
	Event EventRef `json:"event,omitempty"`

	// sessionGap is the time without activity that ends a session. Default: 30m.
	// +optional
	SessionGap Duration `json:"sessionGap,omitempty"`
}

// ExitRateMeasure says what a session ends with.
type ExitRateMeasure struct {
	// event names what the sessions have, and end with.
	// +required
	Event EventRef `json:"event,omitempty"`

	// activity names what belongs to a session. Default: any event.
	// +optional
	Activity EventRef `json:"activity,omitempty"`

	// sessionGap is the time without activity that ends a session. Default: 30m.
	// +optional
	SessionGap Duration `json:"sessionGap,omitempty"`
}

// KPIInterval is a range in which the value would lie in 95 of 100 repetitions, for chance alone.
type KPIInterval struct {
	// low end.
	// +required
	Low ResultValue `json:"low,omitempty"`

	// high end.
	// +required
	High ResultValue `json:"high,omitempty"`

	// method is Wilson for shares, Student for means, Score for the net promoter score.
	// +required
	// +kubebuilder:validation:MaxLength=16
	Method string `json:"method,omitempty"`
}

// LifetimeValueTable says which events are orders, and how far to look ahead.
type LifetimeValueTable struct {
	// event names the orders. Default: Order Completed.
	// +optional
	Event EventRef `json:"event,omitempty"`

	// sameDay says how orders of one calendar day count. Default: Together.
	// +optional
	SameDay SameDay `json:"sameDay,omitempty"`

	// months to look ahead. Default: 12.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=120
	Months int32 `json:"months,omitempty"`

	// monthlyDiscount takes the price of waiting off later orders. Default: "0".
	// +optional
	MonthlyDiscount Ratio `json:"monthlyDiscount,omitempty"`
}

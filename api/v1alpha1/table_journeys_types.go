// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// TransitionsTable selects the steps to count.
type TransitionsTable struct {
	// event names the events to use, an entry of spec.events. Default: any event.
	// +optional
	Event ItemName `json:"event,omitempty"`

	// between selects what a step leads from and to: Events by name, or the map's Stages or Touchpoints, or Channels.
	// +required
	Between TransitionsBetween `json:"between,omitempty"`

	// sessionGap is the time without an event that ends a path. Default: a customer has one path.
	// +optional
	SessionGap Duration `json:"sessionGap,omitempty"`

	// collapse counts consecutive repeats as one.
	// +optional
	Collapse *bool `json:"collapse,omitempty"`
}

// TransitionsBetween selects what a step leads from and to.
//
// +kubebuilder:validation:Enum=Events;Stages;Touchpoints;Channels
type TransitionsBetween string

// The choices of TransitionsBetween.
const (
	BetweenEvents      TransitionsBetween = "Events"
	BetweenStages      TransitionsBetween = "Stages"
	BetweenTouchpoints TransitionsBetween = "Touchpoints"
	BetweenChannels    TransitionsBetween = "Channels"
)

// DriversTable selects the values that may be associated with conversion.
type DriversTable struct {
	// event names the events to use, an entry of spec.events. Default: any event.
	// +optional
	Event ItemName `json:"event,omitempty"`

	// key of the value, as in conditions: properties.page, channel. Default: event, the name.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^((properties|traits|groups)\.\S([^\r\n\t]*\S)?|event|channel|source|sessionId|orderId|currency|amount|survey\.kind|survey\.score)$`
	Key string `json:"key,omitempty"`

	// minCustomers is the lowest number of customers with, and without, a value for the value to be listed. Default: 30.
	// +optional
	// +kubebuilder:validation:Minimum=1
	MinCustomers *int64 `json:"minCustomers,omitempty"`
}

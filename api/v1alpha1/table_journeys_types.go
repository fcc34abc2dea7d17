// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// TransitionsTable says between what steps are counted.
type TransitionsTable struct {
	// event names the events that are looked at, an entry of spec.events. Default: any event.
	// +optional
	Event ItemName `json:"event,omitempty"`

	// between says what a step leads from and to: Events by name, or the map's Stages or Touchpoints, or Channels.
	// +required
	Between TransitionsBetween `json:"between,omitempty"`

	// sessionGap is the time without an event that ends a path. Default: a customer has one path.
	// +optional
	SessionGap Duration `json:"sessionGap,omitempty"`

	// collapse takes repeats in a row as one.
	// +optional
	Collapse *bool `json:"collapse,omitempty"`
}

// TransitionsBetween says what a step leads from and to.
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

// DriversTable says what may go together with conversion.
type DriversTable struct {
	// event names the events that are looked at, an entry of spec.events. Default: any event.
	// +optional
	Event ItemName `json:"event,omitempty"`

	// key of the value that a customer meets, as in conditions: properties.page, channel. Default: event, the name.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^((properties|traits|groups)\.\S([^\r\n\t]*\S)?|event|channel|source|sessionId|orderId|currency|amount|survey\.kind|survey\.score)$`
	Key string `json:"key,omitempty"`

	// minCustomers is the least number of customers with, and without, for a value to be judged. Default: 30.
	// +optional
	// +kubebuilder:validation:Minimum=1
	MinCustomers *int64 `json:"minCustomers,omitempty"`
}

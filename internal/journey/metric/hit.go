// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metric

import "github.com/journeyman-dev/journeyman/internal/event"

// Hit is an event that a metric matches.
type Hit struct {
	// Role of the event in the metric.
	Role uint8
	// Usable is set if the event has everything that the metric needs.
	Usable bool
	// HasOrder is set if the event names an order: Order is the key of the order id, SourceOrder the key of the order at its source.
	HasOrder           bool
	Order, SourceOrder event.Key
	// Public is set if the event names an order and comes from a public source, so that anybody can have sent it.
	Public bool
	// Lack is the reason why an amount is not Usable, as defined in package money.
	Lack uint8
	// Time of the event, its time of receipt, and its Seq and Index.
	Time, ReceivedAt, Seq int64
	Index                 int32
	// Amount of money or score, in micro-units.
	Amount int64
	// Text is the number of a text in the engine's table: a channel, an item of a path, the value of a property.
	Text uint32
	// Session identifies the session; 0 for none.
	Session uint64
}

// Same reports whether two hits of one person are the same event in different roles.
func (h *Hit) Same(o *Hit) bool { return h.Seq == o.Seq && h.Index == o.Index && h.Time == o.Time }

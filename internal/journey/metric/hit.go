// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metric

import "github.com/journeyman-dev/journeyman/internal/event"

// Hit is an event that a metric looks at.
type Hit struct {
	// Role of the event in the metric.
	Role uint8
	// Usable says that the event has what the metric needs.
	Usable bool
	// HasOrder says that the event names an order: Order is its key, SourceOrder the key of the order at its source.
	HasOrder           bool
	Order, SourceOrder event.Key
	// Public says that the event names an order, and that anybody can have sent it: its source's key is in a page.
	Public bool
	// Lack says what makes an amount not Usable, as package money tells it.
	Lack uint8
	// Time of the event, when it was received, and its Seq and Index.
	Time, ReceivedAt, Seq int64
	Index                 int32
	// Amount of money or score, in micro-units.
	Amount int64
	// Text is the number of a text in the engine's texts: a channel, the item of a path, the value of a property.
	Text uint32
	// Session tells sessions apart; 0 for none.
	Session uint64
}

// Same reports whether two hits of one person are of the same event, in different roles.
func (h *Hit) Same(o *Hit) bool { return h.Seq == o.Seq && h.Index == o.Index && h.Time == o.Time }

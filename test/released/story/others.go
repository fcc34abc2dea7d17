// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package story

import (
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// Pin is the id of a pin of the snapshot before the retention.
const Pin = "long-run"

// Identities that the story refers to by name.
var (
	// Planned is erased with a receipt, Erased without one, and ErasedAlone without its person. Interrupted is erased by a store that crashes before the
	// proof, and Later by a test.
	Planned     = event.Identity{Type: "customerId", Value: "c-03"}
	Erased      = event.Identity{Type: "customerId", Value: "c-10"}
	ErasedAlone = event.Identity{Type: "deviceId", Value: "old-phone"}
	Interrupted = event.Identity{Type: "customerId", Value: "c-12"}
	Later       = event.Identity{Type: "customerId", Value: "c-21"}
	// Tablet is split from its person, many persons share Kiosk, and Phone is split from one customer.
	Tablet = event.Identity{Type: "deviceId", Value: "tablet"}
	Kiosk  = event.Identity{Type: "deviceId", Value: "kiosk"}
	Phone  = event.Identity{Type: "deviceId", Value: "family-phone"}
)

// others returns the events that are not steps of a customer.
func others(end time.Time) []event.Event {
	at := func(ago time.Duration) int64 { return end.Add(-ago).UnixMicro() }
	customer := func(i int) event.Identity { return id("customerId", "c-%02d", i) }
	one := func(name, source string, ago time.Duration, ids ...event.Identity) event.Event {
		return event.Event{
			ID: "x-" + name + "-" + source + "-" + ids[0].Value, Source: source, Channel: source, Name: name,
			Time: at(ago), ReceivedAt: at(ago) + 2_000_000, Identities: ids, MappingGeneration: 1,
		}
	}
	alias := one("Accounts Joined", "support", 9*day, customer(30), customer(31))
	alias.Kind = event.Alias
	identify := one("Account Updated", "support", 40*day, customer(6), id("email", "sha256:%02d", 6), id("anonymousId", "a-%02d", 7))
	identify.Kind, identify.Initiator, identify.Traits = event.Identify, event.Machine, object("tier", "gold")
	system := one("Import Ended", "tills", 30*day, id("deviceId", "till-%d", 0))
	system.Kind, system.Initiator = event.System, event.Machine
	robot := one("Product Viewed", "web", 25*day, id("anonymousId", "robot-%d", 1))
	robot.Flags = event.FlagBot | event.FlagTest
	future := one("Product Viewed", "web", 20*day, customer(8))
	future.Time, future.Flags = at(-10*day), event.FlagFuture
	nobody := one("Page Viewed", "web", 15*day, customer(0))
	nobody.ID, nobody.Identities, nobody.Flags = "x-nobody", nil, event.FlagUnidentified
	late := one("Order Completed", "tills", 2*day, customer(5))
	late.Time, late.OrderID, late.Amount, late.Currency = at(60*day), "o-late", 9_990_000, "EUR"
	refund := one(event.Refunded, "tills", day, customer(14))
	refund.OrderID, refund.Amount, refund.Currency = "o-14", 5_000_000, "EUR"
	long := one("Page Viewed", "web", 12*day, customer(9), ErasedAlone)
	long.Properties = object("text", strings.Repeat("a long text that is compressed, ", 60))
	rotated := one("Identifiers Joined", "web", 11*day, id("email", "sha256:%02d", 9), id("email", "sha512:%02d", 9))
	rotated.Kind, rotated.Initiator, rotated.Flags = event.Identify, event.Machine, event.FlagOwn
	list := []event.Event{alias, identify, system, robot, future, nobody, late, refund, long, rotated}
	for i := range 3 {
		list = append(list,
			one("Screen Viewed", "web", time.Duration(35-i)*day, customer(15+i), Tablet),
			one("Screen Viewed", "tills", time.Duration(34-i)*day, customer(18+i), Kiosk))
	}
	return append(list,
		one("Screen Viewed", "support", 3*day, customer(22), Phone), one("Screen Viewed", "support", 3*day, customer(23), Phone),
		one("Screen Opened", "support", 2*day, Phone)) // belongs to another person after the split
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package attribution

import (
	"fmt"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/money"
)

// Model is how the credit for a conversion is shared among the touches before it.
type Model string

// The models. The first eight use one conversion at a time, the others all paths together.
const (
	FirstTouch    Model = "FirstTouch"
	LastTouch     Model = "LastTouch"
	Linear        Model = "Linear"
	UShaped       Model = "UShaped"
	JShaped       Model = "JShaped"
	InverseJ      Model = "InverseJ"
	TimeDecay     Model = "TimeDecay"
	Participation Model = "Participation"
	SameTouch     Model = "SameTouch"
	Markov        Model = "Markov"
	Shapley       Model = "Shapley"
)

// Table shares conversions, or their amounts of money, among what came before them: channels, touchpoints of the map, or the values of a property.
// docs/tables/attribution.md has the rules.
type Table struct {
	// Touch lists the events that are touches, if they have a value. Conversion lists the conversions.
	Touch, Conversion []journey.Match
	// Key of the value that gets the credit, as in a Condition; empty for the touchpoint of the map, as stage/touchpoint.
	Key string
	// Model of sharing.
	Model Model
	// HalfLife of TimeDecay.
	HalfLife time.Duration
	// Session counts only touches in the same session as the conversion.
	Session bool
	// Window is the time before the conversion in which touches count, inclusive; 0 for no limit.
	Window time.Duration
	// Currency in which amounts are shared, less refunds; empty to share the conversions themselves.
	Currency string
	// Rates holds the value of one unit of each other currency in Currency, in micro-units.
	Rates map[string]int64
}

// Roles of events in a Table.
const (
	roleTouch uint8 = iota
	roleConversion
	roleRefund
	roles
)

// maxSession is how long before the conversion its session can start, if there is no window: one day, in microseconds.
const maxSession = int64(24 * time.Hour / time.Microsecond)

// Matches lists the events by role.
func (a Table) Matches() [][]journey.Match {
	list := [][]journey.Match{a.Touch, a.Conversion}
	if a.Currency != "" {
		list = append(list, []journey.Match{{Event: money.RefundEvent}})
	}
	return list
}

// Needs marks the columns that Read uses.
func (a Table) Needs(n *match.Needs) {
	if a.Key != "" {
		n.AddKey(a.Key)
	}
	n.SessionID = n.SessionID || a.Session
	n.Money = true // An order counts once, no matter what is shared.
}

// reach is how long before a conversion touches count, in microseconds; 0 for no limit.
func (a Table) reach() int64 {
	if window := a.Window.Microseconds(); window > 0 || !a.Session {
		return window
	}
	return maxSession
}

// Since returns the time from which the metric needs events.
func (a Table) Since(p *journey.Period, _ *journey.Calendar) int64 {
	if reach := a.reach(); reach > 0 {
		return p.EventsFrom - reach
	}
	return 0
}

// Extent is the time of the conversions. Touches can be before it.
func (Table) Extent(p *journey.Period, _ *journey.Calendar) journey.Extent {
	return journey.Extent{What: "conversions", From: p.EventsFrom, To: p.EventsTo}
}

// Read records what the metric needs of an event.
func (a Table) Read(v *match.Values, role uint8, h *metric.Hit) {
	if a.Session && v.Row.SessionID != "" {
		h.Session = event.KeyOf("", v.Row.SessionID).Lo | 1
	}
	if role != roleTouch {
		a.readWorth(v, h)
		return
	}
	var value string
	if a.Key == "" {
		value = v.Touchpoint()
	} else if k, err := match.ParseKey(a.Key); err == nil { // NewSums refuses other keys
		value, _ = v.Get(k)
	}
	if h.Usable = value != ""; h.Usable {
		h.Text = v.Texts.Number(value)
	}
}

// readWorth records the amount of a conversion or a refund, and its order.
func (a Table) readWorth(v *match.Values, h *metric.Hit) {
	h.Usable, h.Amount = true, event.MicroUnits
	if a.Currency != "" {
		money.Orders{Currency: a.Currency, Rates: a.Rates}.Worth(v, h)
	}
	if v.Row.OrderID != "" {
		h.HasOrder, h.Order, h.SourceOrder = true, event.KeyOf("", v.Row.OrderID), event.KeyOf(v.Row.Source, v.Row.OrderID)
	}
}

// NewSums returns empty sums. An error names the invalid field.
func (a Table) NewSums(c *metric.Context) (metric.Sums, error) {
	if a.Key != "" {
		if _, err := match.ParseKey(a.Key); err != nil {
			return nil, fmt.Errorf("attribution.key: %w", err)
		}
	}
	if a.Model == TimeDecay && a.HalfLife <= 0 {
		return nil, fmt.Errorf("attribution.halfLife: must be positive")
	}
	s := &Sums{attribution: a, texts: c.Texts, credits: map[uint32]*creditSums{}, orders: money.NewBook(), others: money.NewBook()}
	switch a.Model {
	case Markov, Shapley:
		s.paths = map[string]*pathCount{}
	default:
		if _, ok := weightings[a.Model]; !ok {
			return nil, fmt.Errorf("attribution.model: there is no model %q", a.Model)
		}
	}
	return s, nil
}

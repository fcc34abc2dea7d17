// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package recognise

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/draft/profile"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/transport/semantic"
)

const (
	// maxNames is the number of different names that a column of events can have.
	maxNames = 2000
	// someRows is the number of rows in which some name has to repeat.
	someRows = 8
	// fewNames is the number of names that need not repeat, as in a file of a few rows.
	fewNames = 20
	// orderName is the name of rows that are orders.
	orderName = "Order Completed"
)

// Parts of names, and whole names, of columns with the name of the event, in order of priority.
var (
	eventWords = []string{"event", "action", "activity", "metric", "ereignis", "aktion", "aktivit", "vorgang", "evento", "accion", "acción", "evenement",
		"événement", "handling", "gebeurtenis"}
	eventNames = []string{"step", "schritt", "stage", "kind", "type", "typ", "art", "status"}
	// notEvents are parts of names of columns with ids, properties and the like of events.
	notEvents = []string{"transaction", "propert", "event_id", "event id", "eventid", "version", "count", "value", "label", "categor", "source"}
)

// event finds the name of the event.
func (r *recogniser) event() error {
	c := r.named("event", isEvent)
	if c == nil {
		c = r.eventByContent()
	}
	switch {
	case c == nil && r.o.Event != "":
		r.out.Event = Field{Name: "event", Expression: strconv.Quote(r.o.Event), Note: "the same for all rows"}
	case c == nil && r.isOrders():
		r.out.Event = Field{Name: "event", Expression: strconv.Quote(orderName), Note: "the same for all rows, because they have an order and an amount"}
		r.check("Is each row an order? Otherwise name the rows by --event.")
	case c == nil:
		return r.lacks("event", "no column names the event, and there is no --event for all rows")
	default:
		r.take(c)
		r.out.Event = Field{Name: "event", Column: c, Expression: reference(c, false), Note: fmt.Sprintf("%s different names", approximately(c))}
		if r.o.Event != "" && c.Filled < r.p.Rows {
			r.out.Event.Expression = reference(c, true) + ".orValue(" + strconv.Quote(r.o.Event) + ")"
		}
		r.initiator(c)
	}
	return nil
}

// initiator adds the initiator if some names are those of events of the brand in Segment's specs.
func (r *recogniser) initiator(c *profile.Column) {
	values, _ := c.Values()
	var list []string
	for _, v := range slices.Sorted(maps.Keys(values)) {
		if semantic.InitiatorOf(spelled(v)) == event.Brand {
			list = append(list, strconv.Quote(v))
		}
	}
	expression := fmt.Sprintf(`%s in [%s] ? "brand" : "customer"`, reference(c, true)+`.orValue("")`, strings.Join(list, ", "))
	if len(list) > 0 && len(expression) < maxExpression {
		r.out.Initiator = Field{Name: "initiator", Expression: expression, Note: "by the names of the events: what the brand does is no step of the customer"}
	}
}

// maxExpression is the length of an expression in a manifest.
const maxExpression = 1024

// spelled returns a name such as email_sent in the form of Segment's specs: Email Sent.
func spelled(name string) string {
	words := strings.FieldsFunc(name, func(c rune) bool { return c == '_' || c == '-' || c == ' ' })
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
		if strings.EqualFold(w, "sms") {
			words[i] = "SMS"
		}
	}
	return strings.Join(words, " ")
}

// isOrders reports whether the rows of a file without names of events are orders.
func (r *recogniser) isOrders() bool {
	return r.named("orderId", isKey) != nil && r.named("amount", isMoney) != nil
}

// isEvent reports whether the values can be names of events.
func isEvent(c *profile.Column) bool {
	n := c.Distinct()
	return c.Mostly(c.Forms.Texts) && 2*c.Forms.Long <= c.Seen && !c.Mostly(c.Forms.Numbers) && !c.Mostly(c.Forms.Emails) && !c.Mostly(c.Forms.UUIDs) &&
		!c.Mostly(c.Times.All()) && n <= maxNames && (n <= fewNames || 4*n <= c.Filled)
}

// eventByContent finds a column with few repeated texts whose name says what it is.
func (r *recogniser) eventByContent() *profile.Column {
	for i, word := range slices.Concat(eventWords, eventNames) {
		for _, c := range r.free() {
			if namesEvents(c, word, i >= len(eventWords)) && isEvent(c) {
				return c
			}
		}
	}
	return nil
}

// namesEvents reports whether the name of a column is a word, or has it as a part, and its values are no ids.
func namesEvents(c *profile.Column, word string, whole bool) bool {
	name := strings.ToLower(c.Leaf())
	if c.Filled >= someRows && c.Unique() || name != word && (whole || has(c, notEvents...)) {
		return false
	}
	return name == word || strings.Contains(name, word)
}

// approximately returns the number of different values in words.
func approximately(c *profile.Column) string {
	n := c.Distinct()
	if _, exact := c.Values(); exact {
		return fmt.Sprint(n)
	}
	round := int64(1)
	for n/round >= 100 {
		round *= 10
	}
	return fmt.Sprintf("about %d", (n+round/2)/round*round)
}

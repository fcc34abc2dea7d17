// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/draft/order"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxListed is the number of events that the comments list.
const maxListed = 40

// journey writes the map.
func (d *Draft) journey(w *writer) {
	w.line(0, "---")
	w.comment(0, "The map. The stages are in the order in which most customers first met their events.")
	d.events(w)
	w.kind("JourneyMap", d.o.Name)
	w.line(2, "storeRef:")
	w.line(4, "name: %s", d.o.Store)
	w.line(2, "stages:")
	w.comment(2, "Check: the stages and their order. Give each the name of what the customer wants to do in it, and join events that mean the same.")
	purchase := d.purchase()
	for i, s := range d.stages {
		about := value.Counted(s.Customers, "customer")
		if i > 0 && s.together > 0 {
			about += fmt.Sprintf("; of the %d who met it and %s, %d met it later", s.together, d.stages[i-1].name, s.later)
		}
		if s.optional {
			about += "; optional, because most customers of the next stage had not met it"
		}
		w.comment(2, "%s", about)
		w.line(2, "- name: %s", quoted(s.name))
		if purchase >= 0 {
			w.line(4, "phase: %s", []string{"PrePurchase", "Purchase", "PostPurchase"}[1+cmp.Compare(i, purchase)])
		}
		if s.optional {
			w.line(4, "optional: true")
		}
		w.line(4, "touchpoints:")
		w.line(4, "- name: %s", quoted(s.name))
		w.line(6, "match:")
		w.line(6, "- event: %s", quoted(s.Name))
	}
	w.line(2, "progression:")
	w.line(4, "order: Ordered")
	w.comment(4, "%s", d.aboutWindow())
	w.line(4, "window: %s", duration(d.window.length))
}

// events lists the events with the reason why they are no stage, those of most customers first.
func (d *Draft) events(w *writer) {
	list := d.counts.list()
	slices.SortFunc(list, func(a, b order.Event) int {
		return cmp.Or(cmp.Compare(b.Customers, a.Customers), cmp.Compare(b.Events, a.Events), cmp.Compare(a.Name, b.Name))
	})
	why := map[string]string{}
	for _, s := range d.stages {
		why[s.Name] = "stage " + s.name
	}
	for _, l := range d.leftOut {
		why[l.Name] = "no stage: " + l.Why
	}
	w.line(0, "#")
	w.line(0, "#   customers      events  event")
	for i, e := range list {
		if i == maxListed {
			w.line(0, "#   and %d further names", len(list)-maxListed)
			break
		}
		w.line(0, "# %11d %11d  %s", e.Customers, e.Events, shown(shortened(e.Name)))
		w.line(0, "#                          %s", shown(why[e.Name]))
	}
	if d.counts.others > 0 {
		w.line(0, "#   and %d events of further names", d.counts.others)
	}
	w.line(0, "#")
}

// shortened limits the name of an event in a comment.
func shortened(name string) string {
	if runes := []rune(name); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return name
}

// purchase returns the last stage most of whose events have an amount; -1 if there is none.
func (d *Draft) purchase() int {
	for i := len(d.stages) - 1; i >= 0; i-- {
		if 2*d.stages[i].Amounts > d.stages[i].Events {
			return i
		}
	}
	return -1
}

// aboutWindow says why the window is as long as it is.
func (d *Draft) aboutWindow() string {
	if d.window.customers == 0 {
		return "Check: how long can a journey take? The files do not say it."
	}
	last := d.stages[len(d.stages)-1].name
	text := fmt.Sprintf("Check: how long can a journey take? %s went from %s to %s, and nine of ten took at most %s.",
		value.Counted(d.window.customers, "customer"), d.stages[0].name, last, duration(d.window.usual))
	if d.window.length < d.window.usual {
		text += fmt.Sprintf(" The files cover only %s, so the window is shorter: attempts count once it has ended.", rough(d.counts.span()))
	}
	return text
}

// duration returns a time as a field of a manifest.
func duration(t time.Duration) string {
	if t%(24*time.Hour) == 0 {
		return fmt.Sprintf("%dd", t/(24*time.Hour))
	}
	return fmt.Sprintf("%dh", t/time.Hour)
}

// rough returns a time in words.
func rough(t time.Duration) string {
	if days := int64(t / (24 * time.Hour)); days > 1 {
		return value.Counted(days, "day")
	}
	return value.Counted(int64(t/time.Hour), "hour")
}

// report writes the report.
func (d *Draft) report(w *writer) {
	first, last := d.stages[0], d.stages[len(d.stages)-1]
	w.line(0, "---")
	w.comment(0, "The report. Check: add a target to each KPI, such as atLeast: \"0.05\".")
	w.kind("MetricReport", d.o.Name)
	w.line(2, "journeyMapRef:")
	w.line(4, "name: %s", d.o.Name)
	kpis := [][]string{{"conversion", "conversionRate", "from", first.name, "to", last.name}}
	if i := d.purchase(); i >= 0 {
		d.currency(w, d.stages[i].Name)
		w.comment(2, "Check: is each of these events an order?")
		w.line(2, "events:")
		w.line(2, "- name: orders")
		w.line(4, "match:")
		w.line(4, "- event: %s", quoted(d.stages[i].Name))
		kpis = append(kpis, []string{"order-value", "averageOrderValue", "event", "orders"}, []string{"revenue", "revenue", "event", "orders"})
	}
	w.line(2, "kpis:")
	for _, k := range kpis {
		w.line(2, "- name: %s", k[0])
		w.line(4, "measure:")
		w.line(6, "%s:", k[1])
		for i := 2; i < len(k); i += 2 {
			w.line(8, "%s: %s", k[i], quoted(k[i+1]))
		}
	}
}

// currency writes the currency of most amounts of an event.
func (d *Draft) currency(w *writer, event string) {
	amounts := d.counts.names[event].currencies
	if len(amounts) > 1 {
		w.comment(2, "Amounts are in %d currencies, most of them in this one. Others are left out unless rates has them.", len(amounts))
	}
	w.line(2, "currency: %s", most(amounts))
}

// most returns the most frequent of the currencies.
func most(currencies map[string]int64) string {
	return slices.MinFunc(slices.Sorted(maps.Keys(currencies)), func(a, b string) int {
		return cmp.Or(cmp.Compare(currencies[b], currencies[a]), strings.Compare(a, b))
	})
}

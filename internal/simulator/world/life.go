// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import "time"

// life draws what one person does, attempt by attempt.
type life struct {
	w *World
	d dice
	p *person
	n int
	// sessions holds the time from which the customer is logged in on a device.
	sessions map[*device]time.Time
	// emit is called for each event.
	emit func(Event)
}

// morning is the beginning of the world: at its end, all members' profiles have been sent.
const morning = 6 * time.Hour

// live draws all attempts of the person, and what happens between them.
func (l *life) live() {
	start, end := l.w.Params.Start(), l.w.Params.Now
	if l.p.standing == member {
		l.profile(l.d.between(start, start.Add(morning)), l.p.persona.segment)
		if l.d.yes(0.1) {
			l.profile(l.d.between(start.Add(morning), end), personas[l.d.IntN(len(personas))].segment)
		}
	}
	t := l.d.between(start.Add(morning), start.Add(morning+l.p.persona.every))
	for ; t.Before(end); t = t.Add(l.d.around(l.p.persona.every)) {
		switch {
		case l.p.standing == cardholder:
			l.receipt(t)
		case !l.w.Params.Clean && l.d.yes(0.03):
			l.photoFinish(t)
		default:
			l.attempt(t)
		}
		if l.d.yes(0.3) {
			l.wander(t.Add(l.d.around(4 * day)))
		}
	}
}

// attempt draws one run through the stages. Every step is a decision: whether to continue, after how long, and where.
func (l *life) attempt(t time.Time) {
	p, v := l.p.persona, l.anyDevice()
	l.aware(t, v)
	if !l.d.yes(p.pass[Awareness]) {
		return
	}
	t = t.Add(l.d.around(p.pace[Awareness]))
	l.consider(t, v)
	if !l.d.yes(p.pass[Consideration]) {
		return
	}
	t = t.Add(l.d.around(p.pace[Consideration]))
	if l.d.yes(0.25) {
		v = l.anyDevice()
	}
	l.intend(t, v)
	t = t.Add(l.d.around(p.pace[Intent]))
	if !l.d.yes(l.passCheckout(t, v)) {
		return
	}
	l.buy(t, v)
	if !l.d.yes(p.pass[Purchase]) {
		return
	}
	l.answer(t.Add(l.d.around(p.pace[Purchase])))
}

// passCheckout returns the probability of buying. From the incident on, five in six checkouts on a mobile device fail.
func (l *life) passCheckout(t time.Time, v *device) float64 {
	p := l.p.persona.pass[Intent]
	if v.mobile && !t.Before(l.w.Params.Incident()) {
		return p / 6
	}
	return p
}

// wander draws visits that belong to no attempt: directly to a product, a search, another look at a cart.
func (l *life) wander(t time.Time) {
	v := l.anyDevice()
	for range 1 + l.d.count(1) {
		if l.d.yes(0.4) {
			l.track(t, v, "Product Viewed", Consideration, l.product()...)
		} else {
			l.track(t, v, "Products Searched", NoStage, Property{"query", searches[l.d.IntN(len(searches))]})
		}
		t = t.Add(l.d.around(3 * time.Minute))
	}
}

// photoFinish draws an attempt whose last step is exactly at the end of the window, or one millisecond after it, or at the same instant as the
// previous step. It only uses clocks that need no correction.
func (l *life) photoFinish(t time.Time) {
	v := l.anyDevice()
	if v.clock.skewed || !l.p.known(t) || l.p.ids.Email == "" {
		l.attempt(t)
		return
	}
	edge := t.Add(l.w.Params.Window)
	l.track(t, v, "Ad Clicked", Awareness, l.campaign())
	switch l.d.IntN(3) {
	case 0:
		l.track(t.Add(time.Hour), v, "Product Viewed", Consideration, l.product()...)
		l.login(t.Add(2*time.Hour), v)
		l.track(t.Add(3*time.Hour), v, "Product Added", Intent, l.product()...)
		l.receipt(edge)
	case 1:
		l.login(t.Add(2*time.Hour), v)
		l.mail(edge.Add(time.Millisecond), "Email Link Clicked", Consideration)
	default:
		l.login(t.Add(time.Hour), v)
		l.mail(t, "Email Link Clicked", Consideration)
		l.track(t, v, "Product Added", Intent, l.product()...)
	}
}

func (l *life) anyDevice() *device { return l.p.devices[l.d.IntN(len(l.p.devices))] }

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"fmt"
	"time"
)

var (
	campaigns = []string{"spring", "retargeting", "brand"}
	searches  = []string{"lamp", "sofa bed", "shelf", "opening hours"}
	products  = []string{"lamp-7", "sofa-2", "shelf-11", "rug-3", "desk-5"}
	places    = []string{"berlin-mitte", "hamburg-altona", "koeln-ehrenfeld", "leipzig-mitte"}
	topics    = []string{"delivery", "returns", "assembly"}
)

// aware enters the first stage: by an advertisement, the site, or the newsletter; some customers do so several times.
func (l *life) aware(t time.Time, v *device) {
	if l.p.known(t) && l.p.ids.Email != "" && l.d.yes(0.3) {
		l.mail(t.Add(-l.d.around(90*time.Minute)), "Email Delivered", NoStage)
		l.mail(t, "Email Opened", Awareness)
	} else if l.d.yes(0.6) {
		l.track(t, v, "Ad Clicked", Awareness, l.campaign())
	} else {
		l.track(t, v, "Product List Viewed", Awareness, Property{"category", "living"})
	}
	for range l.d.count(0.4) {
		t = t.Add(l.d.around(11 * time.Hour))
		l.track(t, v, "Product List Viewed", Awareness, Property{"category", "living"})
	}
}

// consider enters the second stage, on the site or by a link in an e-mail, which reveals whose browser it is.
func (l *life) consider(t time.Time, v *device) {
	if l.p.known(t) && l.p.ids.Email != "" && l.d.yes(0.3) {
		l.mail(t, "Email Link Clicked", Consideration)
		l.landing(t.Add(2*time.Second), v)
	}
	for range 1 + l.d.count(1.2) {
		t = t.Add(l.d.around(4 * time.Minute))
		l.track(t, v, "Product Viewed", Consideration, l.product()...)
	}
	if l.d.yes(0.35) {
		l.track(t.Add(l.d.around(time.Minute)), v, "Products Searched", NoStage, Property{"query", searches[l.d.IntN(len(searches))]})
	}
}

// intend enters the third stage: a cart, a checkout. Members often log in for it, at home or on a tablet in a shop.
func (l *life) intend(t time.Time, v *device) {
	if l.p.standing == member && l.d.yes(0.08) {
		l.tablet(t)
		return
	}
	l.track(t, v, "Product Added", Intent, l.product()...)
	if l.p.known(t) && l.p.ids.CustomerID != "" && l.d.yes(0.5) {
		l.login(t.Add(l.d.around(time.Minute)), v)
	}
	if l.d.yes(0.8) {
		l.track(t.Add(l.d.around(6*time.Minute)), v, "Checkout Started", Intent)
	}
}

// buy enters the fourth stage, at a till or on the site.
func (l *life) buy(t time.Time, v *device) {
	if l.p.persona.inStore > 0 && l.d.yes(l.p.persona.inStore) && (l.p.ids.LoyaltyID != "" || l.p.known(t)) {
		l.receipt(t)
		return
	}
	l.order(t, v)
}

// answer enters the last stage: a chat with support, or the answer to a survey.
func (l *life) answer(t time.Time) {
	if !l.p.known(t) {
		return
	}
	if l.d.yes(0.4) {
		l.chat(t)
		return
	}
	l.survey(t)
}

func (l *life) campaign() Property { return Property{"campaign", campaigns[l.d.IntN(len(campaigns))]} }

func (l *life) product() []Property {
	return []Property{{"product_id", products[l.d.IntN(len(products))]}, {"position", 1 + l.d.IntN(20)}}
}

func (l *life) price() int64 { return l.p.persona.basket * (20 + l.d.Int64N(280)) / 100 }

// id returns the next id of the person. Sources have separate namespaces, but unique ids do no harm.
func (l *life) id(prefix string) string {
	l.n++
	return fmt.Sprintf("%s-%s-%06d-%d", prefix, l.w.tag, l.p.index, l.n)
}

// put completes the event and emits it, unless it is after the end of the world.
func (l *life) put(e Event) bool {
	if !e.Time.Before(l.w.Params.Now) || e.Time.Before(l.w.Params.Start()) {
		return false
	}
	l.emit(e)
	return true
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import "time"

// onDevice adds an event of the site or the app. An event with an identity reveals who uses the device, and links it.
func (l *life) onDevice(t time.Time, v *device, named Identities, e Event) bool {
	e.Time, e.Source, e.ID = t, Web, l.id("m")
	e.Skewed, e.Skew, e.Replayed, e.Placeholder = v.clock.skewed, v.clock.skew, v.clock.replayed, v.placeholder
	e.Identities = named
	e.Identities.AnonymousID, e.Identities.DeviceID = v.anonymousID, v.deviceID
	if named == (Identities{}) {
		e.who, e.via = v.alone, &v.link
		e.Delay = l.offline(v)
		return l.put(e)
	}
	e.who, e.address = l.p.key, l.p.ids.Email
	if !l.put(e) {
		return false
	}
	v.link.tell(l.p.key, t)
	return true
}

// offline returns how long a phone keeps an event because it has no network.
func (l *life) offline(v *device) time.Duration {
	if l.w.Params.Clean || !v.mobile || !l.d.yes(0.04) {
		return 0
	}
	return l.d.around(50 * time.Minute)
}

// track adds an event on the device, with the customer's account while they are logged in there.
func (l *life) track(t time.Time, v *device, name string, stage int, properties ...Property) {
	var named Identities
	if since, in := l.sessions[v]; in && !t.Before(since) && t.Sub(since) < 3*day {
		named.CustomerID = l.p.ids.CustomerID
	}
	l.onDevice(t, v, named, Event{Name: name, Stage: stage, Properties: properties})
}

// login reveals who uses the device: by an account, or by the address that a guest leaves for the newsletter.
func (l *life) login(t time.Time, v *device) {
	named := Identities{CustomerID: l.p.ids.CustomerID, Email: l.p.ids.Email}
	if !l.onDevice(t, v, named, Event{Kind: Identify, Name: "Identify", Stage: NoStage}) {
		return
	}
	if named.CustomerID != "" {
		l.sessions[v] = t
	}
}

// landing is the page of a link in an e-mail, which has the address but no account.
func (l *life) landing(t time.Time, v *device) {
	if l.d.yes(0.7) {
		l.onDevice(t, v, Identities{Email: l.p.ids.Email}, Event{Kind: Identify, Name: "Identify", Stage: NoStage})
	}
}

// profile is the CRM's record of an account: its address, telephone number and segment. What pages and apps send about these is not reliable, because
// anybody can send it.
func (l *life) profile(t time.Time, segment string) bool {
	ids := l.p.ids
	ids.LoyaltyID = ""
	e := Event{ID: l.id("e"), Source: CRM, Name: "Account Updated", Time: t, Identities: ids, Segment: segment, Stage: NoStage, Brand: true, who: l.p.key}
	if !l.put(e) {
		return false
	}
	l.know(t)
	return true
}

// order adds an order on the site. It names the customer: joiners create an account with it, and guests leave an address.
func (l *life) order(t time.Time, v *device) {
	if l.p.standing == cardholder {
		return
	}
	named := Identities{CustomerID: l.p.ids.CustomerID, Email: l.p.ids.Email}
	if l.p.standing == joiner && !l.p.known(t) {
		account := named
		account.Phone = l.p.ids.Phone
		at := t.Add(-3 * time.Second)
		if !l.onDevice(at, v, account, Event{Kind: Identify, Name: "Identify", Stage: NoStage}) {
			return
		}
		l.know(at)
		if !l.profile(t.Add(-2*time.Second), l.p.persona.segment) {
			return
		}
	}
	if named.CustomerID != "" {
		l.sessions[v] = t
	}
	id := l.id("o")
	cents, currency := l.price(), l.currency()
	order := Event{
		Name: "Order Completed", Stage: Purchase, OrderID: id, Cents: cents, Currency: currency,
		Properties: []Property{{"item_count", 1 + l.d.IntN(4)}},
	}
	if l.w.Params.Omnichannel && l.inShopSystem(t, order) || !l.w.Params.Omnichannel && l.onDevice(t, v, named, order) {
		l.know(t)
	}
}

// inShopSystem adds an order of the shop system, which knows the address of the customer, and nothing of their device.
func (l *life) inShopSystem(t time.Time, order Event) bool {
	order.ID, order.Source, order.Time = l.id("m"), Orders, t.Truncate(time.Second)
	order.Identities, order.who = Identities{Email: l.p.ids.Email}, l.p.key
	return l.put(order)
}

func (l *life) know(t time.Time) {
	if !l.p.known(t) {
		l.p.knownSince = t
	}
}

// currency of an order: a few are from abroad.
func (l *life) currency() string {
	if l.d.yes(0.04) {
		return "CHF"
	}
	return "EUR"
}

// tablet is a shared tablet in a shop: many customers log in on it, so that it links nobody.
func (l *life) tablet(t time.Time) {
	l.put(Event{
		ID: l.id("m"), Source: Web, Name: "Product Added", Time: t, Stage: Intent, Properties: l.product(), who: l.p.key,
		Identities: Identities{CustomerID: l.p.ids.CustomerID, DeviceID: l.w.tablets[l.d.IntN(len(l.w.tablets))]},
	})
}

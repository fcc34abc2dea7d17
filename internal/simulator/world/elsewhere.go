// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"fmt"
	"time"
)

// mail adds an event of the CRM's mailer, which has only addresses.
func (l *life) mail(t time.Time, name string, stage int) {
	l.put(Event{
		ID: l.id("e"), Source: CRM, Name: name, Time: t, Stage: stage, Brand: name == "Email Delivered",
		Identities: Identities{Email: l.p.ids.Email}, Properties: []Property{l.campaign()}, who: l.p.key,
	})
}

// receipt adds a receipt of a till. The customer shows their card, leaves their address, both, or neither.
func (l *life) receipt(t time.Time) {
	i := l.d.IntN(len(l.w.tills))
	e := Event{
		ID: l.id("r"), Source: Tills, Name: "Order Completed", Time: t, Stage: Purchase, Cents: l.price(), Currency: l.currency(),
		Place: places[i%len(places)], Identities: Identities{DeviceID: l.w.tills[i]}, Properties: []Property{{"items", 1 + l.d.IntN(6)}},
	}
	e.OrderID = e.ID
	if l.p.ids.LoyaltyID != "" && l.d.yes(0.8) {
		e.Identities.LoyaltyID = l.p.ids.LoyaltyID
	}
	if l.p.ids.Email != "" && l.d.yes(0.6) {
		e.Identities.Email = l.p.ids.Email
	}
	card, address := e.Identities.LoyaltyID != "", e.Identities.Email != ""
	if !address && !l.w.Params.Clean && l.d.yes(0.1) {
		// The till requires an address, and the staff enters the shop's own.
		e.Identities.Email = l.w.mailbox(i)
	}
	switch {
	case card && address:
		e.who = l.p.key
		if l.put(e) {
			l.p.card.tell(l.p.key, t)
		}
	case card:
		e.who, e.via, e.Delay = l.p.key+"/card", &l.p.card, l.evening()
		l.put(e)
	case address:
		e.who = l.p.key
		l.put(e)
	default:
		e.who, e.public, e.Delay = l.w.tills[i], true, l.evening()
		if e.Identities.Email != "" {
			e.who = e.Identities.Email
		}
		l.put(e)
	}
}

// evening returns how long a till keeps a receipt: some tills report once a day.
func (l *life) evening() time.Duration {
	if l.w.Params.Clean || !l.d.yes(0.05) {
		return 0
	}
	return l.d.around(3 * time.Hour)
}

// chat adds a chat with support, with the account, the address or the telephone number that the customer gave.
func (l *life) chat(t time.Time) {
	ids := Identities{Email: l.p.ids.Email}
	if l.p.ids.CustomerID != "" {
		switch l.d.IntN(3) {
		case 0:
			ids = Identities{CustomerID: l.p.ids.CustomerID, Email: l.p.ids.Email}
		case 1:
			ids = l.caller()
		}
	}
	placeholder := ""
	if !l.w.Params.Clean && l.d.yes(0.5) {
		placeholder = "guest"
	}
	topic := Property{"topic", topics[l.d.IntN(len(topics))]}
	say := func(name string, stage int, brand, ignored bool) {
		l.put(Event{
			ID: l.id("s"), Source: Support, Name: name, Time: t, Stage: stage, Brand: brand, Ignored: ignored,
			Identities: ids, Placeholder: placeholder, Properties: []Property{topic}, who: l.p.key,
		})
		t = t.Add(l.d.around(2 * time.Minute))
	}
	say("Live Chat Conversation Started", Loyalty, false, false)
	for range l.d.count(1) {
		say("Live Chat Message Received", NoStage, true, false)
	}
	say("Live Chat Conversation Ended", NoStage, false, true)
}

// caller is a customer who gives nothing but their telephone number. The messenger of an omnichannel shop has only logins.
func (l *life) caller() Identities {
	if l.w.Params.Omnichannel {
		return Identities{CustomerID: l.p.ids.CustomerID}
	}
	return Identities{Phone: l.p.ids.Phone}
}

// survey adds an answer from 0 to 10.
func (l *life) survey(t time.Time) {
	score := l.d.IntN(9)
	if l.d.yes(l.p.persona.promoter) {
		score = 9 + l.d.IntN(2)
	} else if l.d.yes(0.5) {
		score = 7 + l.d.IntN(2)
	}
	ids := Identities{Email: l.p.ids.Email}
	if l.p.ids.CustomerID != "" && l.d.yes(0.5) {
		ids = Identities{CustomerID: l.p.ids.CustomerID}
	}
	l.put(Event{ID: l.id("q"), Source: Surveys, Name: "Survey Responded", Time: t, Stage: Loyalty, Score: score, Identities: ids, who: l.p.key})
}

// mailbox returns the address of the shop of a till.
func (w *World) mailbox(till int) string {
	return fmt.Sprintf("%s-%s@shop.example", places[till%len(places)], w.tag)
}

// training adds the trials of the tills: on the first morning, the staff tries each till with several cards and the shop's address. From then on,
// every till and every mailbox has more cards than one person can share.
func (w *World) training(emit func(Event)) {
	for i, till := range w.tills {
		for card := range trainingCards {
			n := i*trainingCards + card
			emit(Event{
				ID: fmt.Sprintf("t-%s-%d", w.tag, n), Source: Tills, Name: "Order Completed", Stage: Purchase, OrderID: fmt.Sprintf("t-%s-%d", w.tag, n),
				Time: w.Params.Start().Add(time.Duration(n) * time.Second), Cents: 1, Currency: "EUR", Place: places[i%len(places)],
				Identities: Identities{LoyaltyID: fmt.Sprintf("staff-%s-%d", w.tag, card), Email: w.mailbox(i), DeviceID: till},
				Properties: []Property{{"items", 1}}, who: fmt.Sprintf("staff-%d", card), public: true,
			})
		}
	}
}

// trainingCards is more than the three customers that a device can have before it is a hub.
const trainingCards = 5

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"fmt"
	"time"
)

// standing is how well the shop knows a person.
type standing uint8

const (
	// member has had an account since the world started.
	member standing = iota
	// joiner creates an account with the first order on the site.
	joiner
	// guest orders without an account, with an e-mail address.
	guest
	// cardholder has only a card, which they show at the till.
	cardholder
)

var standingWeights = []float64{5, 3, 2, 0.7}

// device is a browser, or a phone with the app.
type device struct {
	anonymousID string
	deviceID    string
	mobile      bool
	clock       clock
	// placeholder is what the app writes as the account while nobody is logged in; most apps write nothing.
	placeholder string
	// alone is the key of the device as a person of its own.
	alone string
	link  link
}

// person is an actual human being, whatever the shop can see of them.
type person struct {
	index    int
	key      string
	standing standing
	persona  *persona
	ids      Identities
	// card is the link from the card to its owner.
	card link
	// knownSince is the time at which the account or the address was first used; zero before that.
	knownSince time.Time
	devices    []*device
}

func (p *person) known(t time.Time) bool { return !p.knownSince.IsZero() && !p.knownSince.After(t) }

// clock is the clock of a device. The zero clock is right, and its device does not send the time of sending.
type clock struct {
	// skewed clocks are off by skew. Their devices send the time of sending, so that the receiver corrects them.
	skewed bool
	skew   time.Duration
	// replayed is set if somebody kept the messages of the device and forwards them unchanged.
	replayed bool
}

// clocks are those of devices that send the time of sending: wrong time zones, dates that are nearly a day off, and one that starts long ago because
// nobody ever set it. A skew of zero is a right clock that the receiver corrects nevertheless. If a clock is off by more than a day, no receiver can
// know whether it is wrong or the message was replayed.
var clocks = []clock{
	{skewed: true}, {replayed: true}, {skewed: true, skew: -50 * 365 * day}, {skewed: true, skew: -2 * time.Hour}, {skewed: true, skew: -95 * time.Second},
	{skewed: true, skew: 47 * time.Second}, {skewed: true, skew: time.Hour}, {skewed: true, skew: 22 * time.Hour},
}

func (w *World) newPerson(d dice, index int) *person {
	p := &person{index: index, key: fmt.Sprintf("p%d", index)}
	p.standing = standing(d.pick(standingWeights))
	weights := make([]float64, len(personas))
	for i := range personas {
		weights[i] = personas[i].weight
	}
	p.persona = &personas[d.pick(weights)]
	name := fmt.Sprintf("%s-%06d", w.tag, index)
	switch p.standing {
	case member, joiner:
		p.ids = Identities{CustomerID: "c-" + name, Email: name + "@kunden.example", Phone: w.phone(index)}
		if d.yes(0.7) {
			p.ids.LoyaltyID = "l-" + name
		}
	case guest:
		p.ids.Email = name + "@gast.example"
	case cardholder:
		p.ids.LoyaltyID = "l-" + name
	}
	for i := range 1 + d.pick([]float64{5, 4, 1}) {
		p.devices = append(p.devices, w.newDevice(d, p, i))
	}
	return p
}

// phone returns a number in Berlin with eight digits, different in each world.
func (w *World) phone(index int) string {
	return fmt.Sprintf("+4930%08d", 20_000_000+(w.salt%79_999_999+uint64(index))%79_999_999)
}

func (w *World) newDevice(d dice, p *person, i int) *device {
	v := &device{
		anonymousID: fmt.Sprintf("a-%s-%06d-%d", w.tag, p.index, i),
		mobile:      d.yes(p.persona.mobile),
		alone:       fmt.Sprintf("%s/d%d", p.key, i),
	}
	if v.mobile && d.yes(0.6) {
		v.deviceID = fmt.Sprintf("d-%s-%06d-%d", w.tag, p.index, i)
	}
	if !w.Params.Clean && d.yes(0.05) {
		v.clock = clocks[d.IntN(len(clocks))]
	}
	if !w.Params.Clean && d.yes(0.03) {
		v.placeholder = placeholders[d.IntN(len(placeholders))]
	}
	return v
}

var placeholders = []string{"null", "undefined", "anonymous", "0", "[object Object]"}

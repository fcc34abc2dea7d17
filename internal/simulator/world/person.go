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
	// member has an account since the world started.
	member standing = iota
	// joiner makes an account with the first order on the site.
	joiner
	// guest orders without an account, with an e-mail address.
	guest
	// cardholder has nothing but a card, which they show at the till.
	cardholder
)

var standingWeights = []float64{5, 3, 2, 0.7}

// device is a browser, or a phone with the app.
type device struct {
	anonymousID string
	deviceID    string
	mobile      bool
	clock       clock
	// placeholder is what the app writes as the account while nobody is logged in; most write nothing.
	placeholder string
	// alone is the key of the device as a person of its own.
	alone string
	link  link
}

// person is a latent person: one human being, whatever the shop can see of them.
type person struct {
	index    int
	key      string
	standing standing
	persona  *persona
	ids      Identities
	// card reports whether the shop knows whose card it is.
	card link
	// knownSince is when the account or the address was first used; zero while it was not.
	knownSince time.Time
	devices    []*device
}

func (p *person) known(t time.Time) bool { return !p.knownSince.IsZero() && !p.knownSince.After(t) }

// clock is how a device tells the time. The zero clock is right, and says nothing about the time of sending.
type clock struct {
	// skewed clocks are off by skew, and say when they send, so that the receiver corrects them.
	skewed bool
	skew   time.Duration
	// replayed says that somebody kept the messages of the device and sends them on as they were.
	replayed bool
}

// clocks of devices that say when they send: wrong time zones, dates that are nearly a day off, and one that starts long ago because nobody ever set it.
// A skew of zero stands for a right clock that the receiver corrects all the same. Of others that are off by more than a day no receiver can know whether
// they are wrong or replayed.
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

// phone is a number of Berlin with eight digits, another one in each world.
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

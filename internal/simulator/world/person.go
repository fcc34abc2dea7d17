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
	// member has an account since the world began.
	member standing = iota
	// joiner makes an account with the first order on the site.
	joiner
	// guest orders without an account, with an e-mail address.
	guest
	// cardholder has nothing but a card, which he shows at the till.
	cardholder
)

var standingWeights = []float64{5, 3, 2, 0.7}

// device is a browser, or a phone with the app.
type device struct {
	anonymousID string
	deviceID    string
	mobile      bool
	skewed      bool
	skew        time.Duration
	// placeholder is what the app writes as the account while nobody is logged in; most write nothing.
	placeholder string
	// alone is the key of the device as a person of its own.
	alone string
	link  link
}

// person is a latent person: one human being, whatever the shop can see of him.
type person struct {
	index    int
	key      string
	standing standing
	persona  *persona
	ids      Identities
	// card tells whether the shop knows whose card it is.
	card link
	// knownSince is when the account or the address was first used; zero while it was not.
	knownSince time.Time
	devices    []*device
}

func (p *person) known(t time.Time) bool { return !p.knownSince.IsZero() && !p.knownSince.After(t) }

// skews of devices whose clocks are off: empty batteries, wrong time zones, wrong years. Zero stands for a device
// that has a right clock and lets the receiver correct it all the same.
var skews = []time.Duration{0, 0, -365 * day, -2 * time.Hour, -95 * time.Second, 47 * time.Second, time.Hour, 26 * time.Hour}

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
	return fmt.Sprintf("+4930%08d", 20_000_000+(w.salt%7*10_000_000+uint64(index))%79_999_999)
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
		v.skewed, v.skew = true, skews[d.IntN(len(skews))]
	}
	if !w.Params.Clean && d.yes(0.03) {
		v.placeholder = placeholders[d.IntN(len(placeholders))]
	}
	return v
}

var placeholders = []string{"null", "undefined", "anonymous", "0", "[object Object]"}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package money

import (
	"fmt"
	"strings"
)

// LeftOut counts what is not part of a sum of money. It is shown next to the number, because an unknown amount is not 0.
type LeftOut struct {
	// Orders is the number of orders without an amount that counts: no amount, one below zero, or one in a currency without a rate. Below counts those
	// below zero, Foreign those in such a currency.
	Orders, Below, Foreign int64
	// Refunds counts refunds without an order id or an amount that counts: it is not known which order they reduce, or by how much.
	Refunds int64
	// Elsewhere counts refunds of orders outside the analysed time.
	Elsewhere int64
	// Again counts orders whose id the same source also sent with another amount, such as a till that restarts its receipt numbers each day.
	Again int64
	// Full counts reports of orders, and refunds, that arrived when there was no room for another order id.
	Full int64
}

// Order counts an order by the reason why it has no amount that counts.
func (l *LeftOut) Order(lack uint8) {
	l.Orders++
	switch lack {
	case LackSign:
		l.Below++
	case LackRate:
		l.Foreign++
	}
}

// Add adds other counts.
func (l *LeftOut) Add(o LeftOut) {
	l.Below, l.Foreign, l.Full = l.Below+o.Below, l.Foreign+o.Foreign, l.Full+o.Full
	l.Orders, l.Refunds, l.Elsewhere, l.Again = l.Orders+o.Orders, l.Refunds+o.Refunds, l.Elsewhere+o.Elsewhere, l.Again+o.Again
}

// Note describes what was left out, or returns an empty text. instead says what happens to orders without an amount.
func (l LeftOut) Note(instead string) string {
	var parts []string
	for _, p := range []struct {
		n    int64
		what string
	}{
		{l.Orders - l.Below - l.Foreign, "orders without an amount that counts " + instead},
		{l.Below, "orders below zero, which are refunds only if they are named " + RefundEvent + ", " + instead},
		{l.Foreign, "orders in a currency without a rate " + instead},
		{l.Refunds, "refunds without an order id or an amount that counts are ignored"},
		{l.Elsewhere, "refunds of orders outside the analysed time are ignored"},
		{l.Full, "events of further orders are left out, because a run remembers a limited number of order ids"},
		{l.Again, "order ids that a source uses with several amounts count once: make them unique"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%s (%d)", p.what, p.n))
		}
	}
	return strings.Join(parts, "; ")
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package money

import (
	"fmt"
	"strings"
)

// LeftOut counts what has no part in a sum of money: it is said next to the number, because what is not known is not 0.
type LeftOut struct {
	// Orders without an amount that counts: none, one below zero, or one in a currency without a rate. Below are those below zero, Foreign those in
	// such a currency.
	Orders, Below, Foreign int64
	// Refunds without an order id or an amount that counts: nobody knows which order they lower, or by how much.
	Refunds int64
	// Elsewhere are refunds of orders that do not count in the time.
	Elsewhere int64
	// Again are orders whose id the same source gave to another amount, too: as a till does that counts its receipts again each day.
	Again int64
	// Full are reports of orders, and refunds, that came when there was no room for a further order id.
	Full int64
}

// Order counts an order, and why it has no amount that counts.
func (l *LeftOut) Order(lack uint8) {
	l.Orders++
	switch lack {
	case LackSign:
		l.Below++
	case LackRate:
		l.Foreign++
	}
}

// Add counts more.
func (l *LeftOut) Add(o LeftOut) {
	l.Below, l.Foreign, l.Full = l.Below+o.Below, l.Foreign+o.Foreign, l.Full+o.Full
	l.Orders, l.Refunds, l.Elsewhere, l.Again = l.Orders+o.Orders, l.Refunds+o.Refunds, l.Elsewhere+o.Elsewhere, l.Again+o.Again
}

// Note says what was left out; empty for nothing. instead says what becomes of orders without an amount.
func (l LeftOut) Note(instead string) string {
	var parts []string
	for _, p := range []struct {
		n    int64
		what string
	}{
		{l.Orders - l.Below - l.Foreign, "orders without an amount that counts " + instead},
		{l.Below, "orders below zero, which are no refunds unless they are named " + RefundEvent + ", " + instead},
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

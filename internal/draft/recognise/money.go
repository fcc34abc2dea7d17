// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package recognise

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/draft/profile"
	"github.com/journeyman-dev/journeyman/internal/plain"
)

// amountWords are parts of names of amounts, and notAmounts of other money.
var (
	amountWords = []string{"amount", "revenue", "betrag", "umsatz", "summe", "montant", "importe", "importo", "bedrag", "belopp", "turnover"}
	notAmounts  = []string{"refund", "discount", "tax", "shipping", "rabatt", "steuer", "versand", "subtotal", "unit", "count",
		"quantity", "cost", "fee", "erstattung"}
)

// isMoney reports whether the values are amounts.
func isMoney(c *profile.Column) bool { return c.Mostly(c.Money.All()) && c.Forms.Lists == 0 }

func isCurrency(c *profile.Column) bool { return c.Mostly(c.Forms.Currencies) && c.Distinct() <= 200 }

// money finds the amount and its currency. Without a currency, an amount has no meaning.
func (r *recogniser) money() {
	amount := r.named("amount", isMoney)
	if amount == nil {
		amount = r.amountByWords()
	}
	if amount == nil {
		return
	}
	currency := r.currency(amount)
	convert, note := amountOf(amount)
	switch {
	case currency.Expression == "":
		r.leave(amount, "it looks like an amount, but no column has its currency: set --currency")
	case convert == nil:
		r.leave(amount, "numbers such as 1,234 can have decimals or groups of digits: write them without groups, and with a point before the decimals")
	default:
		r.take(amount)
		r.out.Amount = Field{Name: "amount", Column: amount, Expression: converted(amount, convert), Note: note}
		r.out.Currency = currency
		if currency.Column != nil {
			r.take(currency.Column)
		}
	}
}

func (r *recogniser) amountByWords() *profile.Column {
	for _, c := range r.free() {
		if has(c, amountWords...) && !has(c, notAmounts...) && isMoney(c) && !c.Mostly(c.Times.All()) {
			return c
		}
	}
	return nil
}

// currency returns the currency of an amount: that of a column, of the user, or of the sign next to the numbers. The expression is empty if none is known.
func (r *recogniser) currency(amount *profile.Column) Field {
	if c := r.named("currency", isCurrency); c != nil {
		return Field{Name: "currency", Column: c, Expression: reference(c, true), Note: currencies(c)}
	}
	if r.o.Currency != "" {
		return Field{Name: "currency", Expression: strconv.Quote(r.o.Currency), Note: "the same for all rows, as requested"}
	}
	found := ""
	for _, sign := range slices.Sorted(maps.Keys(amount.Money.Signs)) {
		code := plain.CurrencyOf(sign)
		if code == "" || found != "" && code != found {
			return Field{}
		}
		found = code
	}
	if found == "" {
		return Field{}
	}
	return Field{Name: "currency", Expression: strconv.Quote(found), Note: "by the sign of the amounts"}
}

// currencies lists the codes in a column, which are no secret.
func currencies(c *profile.Column) string {
	top := c.Top()
	if len(top) > 5 {
		return fmt.Sprintf("%d currencies", len(top))
	}
	return strings.ToUpper(strings.Join(top, ", "))
}

// amountOf returns the conversion of amounts, or nil if they have two meanings.
func amountOf(c *profile.Column) (convert func(string) string, note string) {
	m := &c.Money
	convert = func(v string) string { return v }
	text := c.Forms.Texts > 0
	var steps string
	for _, sign := range slices.Sorted(maps.Keys(m.Signs)) {
		steps += ".replace(" + strconv.Quote(sign) + `, "")`
		note = ", without the currency next to them"
	}
	switch {
	case m.Commas > 0 && m.Groups > 0, m.Both > 0 && m.Commas == 0 && m.Groups == 0:
		return nil, ""
	case m.Commas > 0:
		steps += `.replace(".", "").replace(",", ".")`
		note = "numbers with a decimal comma" + note
	case m.Groups > 0:
		steps += `.replace(",", "")`
		note = "numbers with groups of digits" + note
	default:
		note = "numbers" + note
	}
	if len(m.Signs) > 0 {
		steps += ".trim()"
	}
	if !text || steps == "" {
		return convert, note
	}
	return func(v string) string { return v + steps }, note
}

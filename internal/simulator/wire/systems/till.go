// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package systems

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// TillMessage is what a till publishes to the broker: a receipt, or a sign of life.
type TillMessage struct {
	Kind        string `json:"kind"`
	Till        string `json:"till"`
	Store       string `json:"store"`
	Number      string `json:"number,omitempty"`
	SoldAt      string `json:"soldAt,omitempty"`
	Total       string `json:"total,omitempty"`
	Currency    string `json:"currency,omitempty"`
	LoyaltyCard string `json:"loyaltyCard,omitempty"`
	Email       string `json:"email,omitempty"`
	Items       any    `json:"items,omitempty"`
}

// Receipt returns the message of a receipt.
func Receipt(e *world.Event) TillMessage {
	return TillMessage{
		Kind: "receipt", Till: e.Identities.DeviceID, Store: e.Place, Number: e.ID, SoldAt: milliseconds(e.Time),
		Total: world.Money(e.Cents), Currency: e.Currency, LoyaltyCard: e.Identities.LoyaltyID, Email: e.Identities.Email, Items: property(e, "items"),
	}
}

// TillSubject is the subject of the messages of a shop.
func TillSubject(store string) string { return "tills." + store }

var tillColumns = []string{"Receipt", "Sold", "Shop", "Till", "Total", "Currency", "Card", "E-mail", "Items"}

// TillFile writes receipts as the tills export them: with semicolons and decimal commas, under a line of their own.
func TillFile(w io.Writer, receipts []*world.Event, broken [][]string) error {
	if _, err := fmt.Fprintln(w, "Receipts of all shops"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	c.Comma = ';'
	rows := [][]string{tillColumns}
	for _, e := range receipts {
		rows = append(rows, []string{
			e.ID, seconds(e.Time), e.Place, e.Identities.DeviceID, strings.Replace(world.Money(e.Cents), ".", ",", 1), e.Currency,
			e.Identities.LoyaltyID, e.Identities.Email, fmt.Sprint(property(e, "items")),
		})
	}
	return c.WriteAll(append(rows, broken...))
}

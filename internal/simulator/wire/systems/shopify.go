// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package systems

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// ShopifyHeader has the signature of a webhook.
const ShopifyHeader = "X-Shopify-Hmac-Sha256"

type shopifyOrder struct {
	ID             int64             `json:"id"`
	Name           string            `json:"name"`
	SourceName     string            `json:"source_name"`
	Test           bool              `json:"test"`
	CreatedAt      string            `json:"created_at"`
	ProcessedAt    string            `json:"processed_at"`
	UpdatedAt      string            `json:"updated_at"`
	Currency       string            `json:"currency"`
	TotalPrice     string            `json:"total_price"`
	Email          string            `json:"email"`
	Phone          *string           `json:"phone"`
	NoteAttributes []any             `json:"note_attributes"`
	Customer       shopifyCustomer   `json:"customer"`
	LineItems      []shopifyLineItem `json:"line_items"`
}

type shopifyCustomer struct {
	ID    int64   `json:"id"`
	Email string  `json:"email"`
	Phone *string `json:"phone"`
}

type shopifyLineItem struct {
	ID       int64  `json:"id"`
	Title    string `json:"title"`
	Quantity any    `json:"quantity"`
	Price    string `json:"price"`
}

// Shopify returns the request of the webhook orders/create. test marks an order with the gateway for tests.
func Shopify(e *world.Event, test bool, secret string) ([]byte, http.Header, error) {
	id := number(e.OrderID)
	at := seconds(e.Time)
	body, header, err := post(shopifyOrder{
		ID: id, Name: "#" + e.OrderID, SourceName: "web", Test: test, CreatedAt: at, ProcessedAt: at, UpdatedAt: at,
		Currency: e.Currency, TotalPrice: world.Money(e.Cents), Email: e.Identities.Email, NoteAttributes: []any{},
		Customer:  shopifyCustomer{ID: number(e.Identities.Email), Email: e.Identities.Email},
		LineItems: []shopifyLineItem{{ID: id + 1, Title: "Furniture", Quantity: property(e, "item_count"), Price: world.Money(e.Cents)}},
	})
	header.Set("X-Shopify-Topic", "orders/create")
	header.Set("X-Shopify-Shop-Domain", "omnichannel.myshopify.com")
	header.Set("X-Shopify-Webhook-Id", uuid(e.ID))
	header.Set("X-Shopify-Triggered-At", milliseconds(e.Time))
	header.Set(ShopifyHeader, base64.StdEncoding.EncodeToString(sign(sha256.New, secret, body)))
	return body, header, err
}

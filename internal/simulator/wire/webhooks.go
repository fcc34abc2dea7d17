// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// Headers of the two senders that sign.
const (
	TillHeader   = "X-Till-Signature"
	SurveyHeader = "X-Survey-Signature"
)

// till reports several receipts at a time.
type till struct {
	Kind     string    `json:"kind"`
	Till     string    `json:"till"`
	Store    string    `json:"store"`
	Receipts []receipt `json:"receipts,omitempty"`
}

type receipt struct {
	Number      string `json:"number"`
	SoldAt      string `json:"soldAt"`
	Total       string `json:"total"`
	Currency    string `json:"currency"`
	LoyaltyCard string `json:"loyaltyCard"`
	Email       string `json:"email"`
	Items       any    `json:"items"`
}

func tillOf(events []*world.Event) till {
	t := till{Kind: "receipts", Till: events[0].Identities.DeviceID, Store: events[0].Place}
	for _, e := range events {
		t.Receipts = append(t.Receipts, receipt{
			Number: e.ID, SoldAt: Stamp(e.Time), Total: world.Money(e.Cents), Currency: e.Currency,
			LoyaltyCard: e.Identities.LoyaltyID, Email: e.Identities.Email, Items: properties(e)["items"],
		})
	}
	return t
}

// writeTill signs only the body.
func writeTill(document any, key string) ([]byte, http.Header, error) {
	body, err := json.Marshal(document)
	header := http.Header{"Content-Type": {jsonType}}
	header.Set(TillHeader, "sha256="+sign(key, body))
	return body, header, err
}

// writeSurvey signs the time of sending and the body.
func writeSurvey(document any, key string, now time.Time) ([]byte, http.Header, error) {
	body, err := json.Marshal(document)
	stamp := fmt.Sprint(now.Unix())
	header := http.Header{"Content-Type": {jsonType}}
	header.Set(SurveyHeader, "t="+stamp+",v1="+sign(key, []byte(stamp+"."), body))
	return body, header, err
}

func sign(key string, parts ...[]byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	for _, p := range parts {
		mac.Write(p)
	}
	return hex.EncodeToString(mac.Sum(nil))
}

type chat struct {
	ID       string   `json:"id"`
	Type     string   `json:"type"`
	At       string   `json:"at"`
	Topic    any      `json:"topic"`
	Customer customer `json:"customer"`
}

type customer struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Phone string `json:"phone"`
}

var chatTypes = map[string]string{
	"Live Chat Conversation Started": "conversation.started",
	"Live Chat Conversation Ended":   "conversation.ended",
	"Live Chat Message Received":     "agent.replied",
}

func chatOf(e *world.Event) chat {
	return chat{
		ID: e.ID, Type: chatTypes[e.Name], At: Stamp(e.Time), Topic: properties(e)["topic"],
		Customer: customer{ID: cmp.Or(e.Identities.CustomerID, e.Placeholder), Email: e.Identities.Email, Phone: e.Identities.Phone},
	}
}

func writeSupport(document any, token string) ([]byte, http.Header, error) {
	body, err := json.Marshal(document)
	return body, http.Header{"Content-Type": {jsonType}, "Authorization": {"Bearer " + token}}, err
}

type answer struct {
	Response   string `json:"response"`
	AnsweredAt string `json:"answeredAt"`
	Question   string `json:"question"`
	Score      int    `json:"score"`
	Customer   string `json:"customer"`
	Email      string `json:"email"`
}

func answerOf(e *world.Event) answer {
	return answer{
		Response: e.ID, AnsweredAt: Stamp(e.Time), Question: "nps", Score: e.Score,
		Customer: e.Identities.CustomerID, Email: e.Identities.Email,
	}
}

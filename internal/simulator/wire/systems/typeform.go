// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package systems

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

type typeformEvent struct {
	EventID      string           `json:"event_id"`
	EventType    string           `json:"event_type"`
	FormResponse typeformResponse `json:"form_response"`
}

type typeformResponse struct {
	FormID      string            `json:"form_id"`
	Token       string            `json:"token"`
	LandedAt    string            `json:"landed_at"`
	SubmittedAt string            `json:"submitted_at"`
	Hidden      map[string]string `json:"hidden,omitempty"`
	Definition  typeformForm      `json:"definition"`
	Answers     []typeformAnswer  `json:"answers"`
}

type typeformForm struct {
	ID     string          `json:"id"`
	Title  string          `json:"title"`
	Fields []typeformField `json:"fields"`
}

type typeformField struct {
	ID    string `json:"id"`
	Ref   string `json:"ref"`
	Type  string `json:"type"`
	Title string `json:"title,omitempty"`
}

type typeformAnswer struct {
	Type   string        `json:"type"`
	Number *int          `json:"number,omitempty"`
	Email  string        `json:"email,omitempty"`
	Field  typeformField `json:"field"`
}

// Typeform returns the request of a webhook for an answer to a form with an NPS question. The account is a hidden field, the address an answer.
func Typeform(e *world.Event, secret string) ([]byte, http.Header, error) {
	nps, email := typeformField{ID: "f1", Ref: "nps", Type: "nps"}, typeformField{ID: "f2", Ref: "email", Type: "email"}
	r := typeformResponse{
		FormID: "lT4Z3j", Token: hexID(e.ID), LandedAt: seconds(e.Time), SubmittedAt: seconds(e.Time),
		Definition: typeformForm{ID: "lT4Z3j", Title: "After your order", Fields: []typeformField{nps, email}},
		Answers:    []typeformAnswer{{Type: "number", Number: &e.Score, Field: nps}},
	}
	if e.Identities.CustomerID != "" {
		r.Hidden = map[string]string{"customer_id": e.Identities.CustomerID}
	}
	if e.Identities.Email != "" {
		r.Answers = append(r.Answers, typeformAnswer{Type: "email", Email: e.Identities.Email, Field: email})
	}
	body, header, err := post(typeformEvent{EventID: "01" + hexID(e.ID), EventType: "form_response", FormResponse: r})
	header.Set("Typeform-Signature", "sha256="+base64.StdEncoding.EncodeToString(sign(sha256.New, secret, body)))
	return body, header, err
}

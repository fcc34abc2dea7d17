// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sdk_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/sdk"
)

func TestField(t *testing.T) {
	for form, want := range map[string]string{
		"data=a%20b":         "a b",
		"x=1&data=a+b&data=": "a b",
		"data=":              "",
		"mydata=1":           "-",
		"data":               "-",
		"data=%zz":           "-",
		"":                   "-",
	} {
		got, ok := sdk.Field([]byte(form), "data")
		if !ok {
			got = "-"
		}
		require.Equal(t, want, got, form)
	}
}

// A document that was hidden in Base64 needs the same memory as any other: Reserve is asked for it before it is decoded.
func TestPackedDocumentsReserveMemory(t *testing.T) {
	full := reject.New(reject.RateLimited, "", "no memory")
	var asked []string
	r := &transport.Request{
		Method: http.MethodPost, Body: func() ([]byte, *reject.Rejection) { return []byte("data=W10="), nil },
		Reserve: func(document []byte) *reject.Rejection {
			asked = append(asked, string(document))
			return full
		},
	}
	_, rejection := sdk.Payload(r, "data")
	require.Equal(t, full, rejection)
	require.Equal(t, []string{"[]"}, asked)
}

func TestPreferredProperties(t *testing.T) {
	rename := func(name string) (string, bool) {
		if name == "$url" || name == "$href" {
			return "url", true
		}
		return "", name[0] == '$'
	}
	for raw, want := range map[string]string{
		`{"a":1,"$url":"p","$x":2}`:         `{"a":1,"url":"p"}`,
		`{"$url":"p","url":"own"}`:          `{"url":"own"}`,
		`{"$url":"first","$href":"second"}`: `{"url":"first"}`,
		`{"$url":null,"$href":"second"}`:    `{"url":"second"}`,
		`{"$x":1}`:                          ``,
		`{"a":{"$x":1}}`:                    `{"a":{"$x":1}}`,
	} {
		require.Equal(t, want, string(sdk.Properties([]byte(raw), rename)), raw)
	}
}

func TestPerson(t *testing.T) {
	none := func(string) (string, bool) { return "", false }
	var e event.Event
	sdk.Person(&e, none, nil, []byte(`{"email":"a@b.de","tier":"gold"}`), []byte(`7`), []byte(`{}`), []byte(`{"tier":"old","loyaltyId":7}`))
	require.JSONEq(t, `{"email":"a@b.de","tier":"gold","loyaltyId":7}`, string(e.Traits))
	require.Equal(t, []event.Identity{{Type: "email", Value: "a@b.de"}, {Type: "loyaltyId", Value: "7"}}, e.Identities)
	e = event.Event{}
	sdk.Person(&e, none, nil, []byte(`{}`))
	require.Nil(t, e.Traits)
}

// A sender chooses how many fields and ids there are. None of the work grows with their square.
func TestManyFields(t *testing.T) {
	var many strings.Builder
	many.WriteString(`{"x":1`)
	for i := range 200_000 {
		many.WriteString(`,"` + strconv.Itoa(i) + `":1`)
	}
	many.WriteByte('}')
	none := func(string) (string, bool) { return "", false }
	var e event.Event
	sdk.Person(&e, none, []byte(many.String()), []byte(many.String()))
	require.Len(t, e.Traits, many.Len())
	for i := range 200_000 {
		sdk.Identity(&e, "customerId", strconv.Itoa(i))
	}
	require.Len(t, e.Identities, 17, "one more than an event may have")
}

func TestKeys(t *testing.T) {
	k := sdk.Keys{Secrets: []string{"new", "old"}, Field: "api_key", What: "API key"}
	require.Nil(t, k.Missing())
	require.Nil(t, k.Refuse("", "old"))
	require.Contains(t, k.Refuse("other").Message, "the API key is wrong")
	require.Contains(t, k.Refuse("", "").Message, "no API key was sent")
	empty := sdk.Keys{What: "API key"}
	require.Equal(t, reject.SecretMissing, empty.Missing().Reason)
	open := sdk.Keys{Open: true}
	require.Nil(t, open.Missing())
	require.Nil(t, open.Refuse(""))
}

// Browsers ask for the headers that their version of an SDK sets.

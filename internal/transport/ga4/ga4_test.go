// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ga4_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/ga4"
	"github.com/journeyman-dev/journeyman/internal/transport/transporttest"
)

const micros = int64(1_795_256_097_000_000)

func source(t testing.TB, streams ...v1alpha1.GA4Stream) transport.Transport {
	t.Helper()
	spec := &v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{GA4: &v1alpha1.GA4Transport{Streams: streams}}}
	tr, err := ga4.Kind.New(transport.Settings{Spec: spec, Secrets: []string{"s"}})
	require.NoError(t, err)
	return tr
}

func decode(t testing.TB, body string) (transport.Decoded, *reject.Rejection) {
	t.Helper()
	return source(t).Decode(transporttest.Request(http.MethodPost, transporttest.Message{Path: "/mp/collect?measurement_id=G-1&api_secret=s", Body: body}))
}

// one returns the event of a request with one event.
func one(t testing.TB, body string) (*event.Event, *reject.Rejection) {
	t.Helper()
	d, rejection := decode(t, body)
	require.Nil(t, rejection)
	require.Len(t, d.Candidates, 1)
	require.Nil(t, d.Candidates[0].Rejection)
	return d.Candidates[0].BuiltIn()
}

// recorded is a request as the documentation describes them: a purchase of a customer who is signed in.
const recorded = `{"client_id":"1234567890.1700000000","user_id":"880011","timestamp_micros":1795256097000000,
	"user_properties":{"tier":{"value":"gold","timestamp_micros":1795256000000000},"age":{"value":41},"none":{"value":null}},
	"consent":{"ad_user_data":"DENIED","ad_personalization":"DENIED"},"user_agent":"x","ip_override":"10.1.1.1",
	"events":[{"name":"purchase","params":{"transaction_id":"5512001","value":129.9,"currency":"EUR","tax":10.5,"shipping":4.9,"coupon":"SPRING",
		"session_id":77,"engagement_time_msec":100,"page_location":"https://shop.example.test/thanks?utm_campaign=spring&utm_source=news",
		"page_title":"Thanks","page_referrer":"https://shop.example.test/pay",
		"items":[{"item_id":"TEE-M","item_name":"Tee","item_brand":"B","item_category":"Tops","item_variant":"M","price":59.95,"quantity":2,"index":1}]}}]}`

func TestPurchase(t *testing.T) {
	d, rejection := decode(t, recorded)
	require.Nil(t, rejection)
	c := d.Candidates[0]
	require.Equal(t, "ga4:purchase:5512001", c.ID)
	require.Equal(t, micros, c.Time)
	require.Equal(t, event.TimeFromEvent, c.TimeSource)
	require.True(t, c.HasTime)
	document, err := c.Body()
	require.NoError(t, err)
	require.Equal(t, "880011", document.(map[string]any)["user_id"])
	require.Equal(t, "purchase", document.(map[string]any)["name"])
	e, rejection := c.BuiltIn()
	require.Nil(t, rejection)
	require.JSONEq(t, `{"order_id":"5512001","value":129.9,"currency":"EUR","tax":10.5,"shipping":4.9,"coupon":"SPRING","session_id":77,
		"engagement_time_msec":100,"url":"https://shop.example.test/thanks?utm_campaign=spring&utm_source=news","title":"Thanks",
		"referrer":"https://shop.example.test/pay","campaign":"spring","campaign_source":"news"}`, string(e.Properties))
	require.JSONEq(t, `[{"product_id":"TEE-M","name":"Tee","brand":"B","category":"Tops","variant":"M","price":59.95,"quantity":2,"position":1}]`, string(e.Items))
	require.JSONEq(t, `{"tier":"gold","age":41}`, string(e.Traits))
	e.Properties, e.Items, e.Traits = nil, nil, nil
	require.Equal(t, &event.Event{
		Name: "Order Completed", OrderID: "5512001", SessionID: "77", Amount: 129_900_000, Currency: "EUR",
		Identities: []event.Identity{{Type: "customerId", Value: "880011"}, {Type: "anonymousId", Value: "1234567890.1700000000"}},
	}, e)
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"page_view": "Page Viewed", "view_item": "Product Viewed", "add_to_cart": "Product Added", "begin_checkout": "Checkout Started",
		"refund": "Order Refunded", "search": "Products Searched", "newsletter_opened": "newsletter_opened", "Order Completed": "Order Completed",
	} {
		e, rejection := one(t, `{"client_id":"1.2","events":[{"name":"`+name+`"}]}`)
		require.Nil(t, rejection)
		require.Equal(t, want, e.Name)
	}
	for _, name := range []string{"session_start", "user_engagement", "first_visit"} {
		e, rejection := one(t, `{"client_id":"1.2","events":[{"name":"`+name+`"}]}`)
		require.Nil(t, rejection)
		require.Nil(t, e, "%s is technical", name)
	}
	e, rejection := one(t, `{"app_instance_id":"f00","events":[{"name":"notification_receive"}]}`)
	require.Nil(t, rejection)
	require.Equal(t, event.Brand, e.Initiator)
	require.Equal(t, []event.Identity{{Type: "anonymousId", Value: "f00"}}, e.Identities)
	_, rejection = one(t, `{"client_id":"1.2","events":[{"params":{}}]}`)
	require.Equal(t, reject.MissingEventName, rejection.Reason)
	_, rejection = one(t, `{"client_id":"1.2","events":[{"name":"purchase","params":{"value":"ten","currency":"EUR"}}]}`)
	require.Equal(t, "params.value", rejection.Field)
	e, rejection = one(t, `{"client_id":"1.2","events":[{"name":"campaign_details","params":{"campaign":"c","source":"s","medium":"m"}}]}`)
	require.Nil(t, rejection)
	require.JSONEq(t, `{"campaign":"c","campaign_source":"s","campaign_medium":"m"}`, string(e.Properties))
}

func TestTime(t *testing.T) {
	for body, want := range map[string]int64{
		`{"events":[{"name":"a"}]}`:                                                                                          0,
		`{"timestamp_micros":1795256097000000,"events":[{"name":"a"}]}`:                                                      micros,
		`{"timestamp_micros":"1795256097000000","events":[{"name":"a"}]}`:                                                    micros,
		`{"timestamp_micros":null,"events":[{"name":"a"}]}`:                                                                  0,
		`{"timestamp_micros":1,"events":[{"name":"a","timestamp_micros":1795256097000000,"params":{"timestamp_micros":2}}]}`: micros,
		`{"timestamp_micros":1,"events":[{"name":"a","params":{"timestamp_micros":1795256097000000}}]}`:                      micros,
		`{"timestamp_micros":1.795256097e15,"events":[{"name":"a"}]}`:                                                        micros,
	} {
		d, rejection := decode(t, body)
		require.Nil(t, rejection)
		require.Nil(t, d.Candidates[0].Rejection, body)
		require.Equal(t, want, d.Candidates[0].Time, body)
		require.Equal(t, want != 0, d.Candidates[0].HasTime, body)
	}
	for _, bad := range []string{`0`, `1795256097000`, `"today"`, `{}`, `true`} {
		d, rejection := decode(t, `{"timestamp_micros":`+bad+`,"events":[{"name":"a"}]}`)
		require.Nil(t, rejection)
		require.Equal(t, reject.BadTime, d.Candidates[0].Rejection.Reason, bad)
	}
}

func TestContentID(t *testing.T) {
	id := func(body string) string {
		d, rejection := decode(t, body)
		require.Nil(t, rejection)
		return transporttest.ID(t, &d.Candidates[0])
	}
	a := id(`{"client_id":"1.2","timestamp_micros":1795256097000000,"events":[{"name":"a","params":{"x":1}}]}`)
	require.Equal(t, a, id(`{"events":[{"params":{"x":1.0},"name":"a"}],"user_properties":{"a":{"value":1}},"client_id":"1.2","timestamp_micros":"1795256097000000"}`))
	require.NotEqual(t, a, id(`{"client_id":"1.3","timestamp_micros":1795256097000000,"events":[{"name":"a","params":{"x":1}}]}`))
	require.NotEqual(t, a, id(`{"client_id":"1.2","timestamp_micros":1795256098000000,"events":[{"name":"a","params":{"x":1}}]}`))
	for _, order := range []string{`""`, `"(not set)"`, `"undefined"`, `{}`} {
		d, rejection := decode(t, `{"events":[{"name":"purchase","params":{"transaction_id":`+order+`}}]}`)
		require.Nil(t, rejection)
		require.Empty(t, d.Candidates[0].ID, "%s names no order", order)
	}
	d, rejection := decode(t, `{"events":[{"name":"refund","params":{"transaction_id":"1"}}]}`)
	require.Nil(t, rejection)
	require.Empty(t, d.Candidates[0].ID, "an order can be refunded in parts")
}

func TestConsent(t *testing.T) {
	for consent, withheld := range map[string]bool{
		`{"analytics_storage":"DENIED"}`: true, `{"analytics_storage":"denied","ad_user_data":"GRANTED"}`: true,
		`{"analytics_storage":"GRANTED"}`: false, `{"ad_user_data":"DENIED","ad_personalization":"DENIED"}`: false, `null`: false,
	} {
		d, rejection := decode(t, `{"client_id":"1.2","consent":`+consent+`,"events":[{"name":"a"},7]}`)
		require.Nil(t, rejection)
		require.Len(t, d.Candidates, 2)
		require.Equal(t, withheld, d.Candidates[0].Withheld, consent)
	}
}

func TestStreams(t *testing.T) {
	tr := source(t, "G-1", "1:2:web:3")
	for query, ok := range map[string]bool{
		"measurement_id=G-1": true, "firebase_app_id=1:2:web:3": true, "measurement_id=G-2": false, "": false,
	} {
		_, rejection := tr.Decode(transporttest.Request(http.MethodPost, transporttest.Message{
			Path: "/mp/collect?api_secret=s&" + query, Body: `{"events":[{"name":"a"}]}`,
		}))
		require.Equal(t, ok, rejection == nil, query)
	}
}

func TestResponses(t *testing.T) {
	d, rejection := decode(t, recorded)
	require.Nil(t, rejection)
	require.Equal(t, &transport.Reply{Status: http.StatusNoContent}, d.Answer(&transport.Result{Status: http.StatusNoContent, Accepted: 1}))
	require.Nil(t, d.Answer(&transport.Result{Status: http.StatusBadRequest}), "a refusal says what is wrong")
	for path, status := range map[string]int{"/g/collect": 404, "/mp/collect": 204} {
		d, rejection := source(t).Decode(transporttest.Request(http.MethodOptions, transporttest.Message{Path: path}))
		require.Nil(t, rejection)
		require.Equal(t, status, d.Reply.Status, path)
	}
}

func validation(t testing.TB, body string) []struct{ FieldPath, Description, ValidationCode string } {
	t.Helper()
	d, rejection := source(t).Decode(transporttest.Request(http.MethodPost, transporttest.Message{Path: "/debug/mp/collect?api_secret=s", Body: body}))
	require.Nil(t, rejection)
	require.Empty(t, d.Candidates, "nothing is stored")
	require.Equal(t, http.StatusOK, d.Reply.Status)
	var out struct {
		ValidationMessages []struct{ FieldPath, Description, ValidationCode string }
	}
	require.NoError(t, json.Unmarshal(d.Reply.Body, &out))
	require.NotNil(t, out.ValidationMessages)
	return out.ValidationMessages
}

func TestValidation(t *testing.T) {
	require.Empty(t, validation(t, recorded))
	for body, want := range map[string][2]string{
		`{"events":[{"name":"a"}]}`:                                                           {"client_id", "VALUE_REQUIRED"},
		`{"client_id":"1.2"}`:                                                                 {"events", "VALUE_REQUIRED"},
		`{"client_id":"1.2","events":[]}`:                                                     {"events", "VALUE_REQUIRED"},
		`{"client_id":"1.2","events":[{"name":"_badEventName"}]}`:                             {"events[0].name", "NAME_INVALID"},
		`{"client_id":"1.2","events":[{"name":"session_start"}]}`:                             {"events[0].name", "NAME_RESERVED"},
		`{"client_id":"1.2","events":[{"params":{}}]}`:                                        {"events[0].name", "VALUE_REQUIRED"},
		`{"client_id":"1.2","events":[{"name":"a"},7]}`:                                       {"events[1]", "VALUE_INVALID"},
		`{"client_id":"1.2","timestamp_micros":1,"events":[{"name":"a"}]}`:                    {"events[0]", "VALUE_INVALID"},
		`{"client_id":"1.2","events":[{"name":"a","params":{"1":1}}]}`:                        {"events[0].params", "NAME_INVALID"},
		`{"client_id":"1.2","events":[{"name":"a","params":{"value":"x","currency":"EUR"}}]}`: {"events[0].params.value", "VALUE_INVALID"},
	} {
		got := validation(t, body)
		require.Len(t, got, 1, body)
		require.Equal(t, want, [2]string{got[0].FieldPath, got[0].ValidationCode}, body)
		require.NotEmpty(t, got[0].Description)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		recorded, `{"client_id":1,"events":[null,{},{"name":{},"params":[]},{"name":"purchase","params":{"items":{},"transaction_id":[]}}]}`,
		`{"user_properties":{"a":7,"b":{"value":{}}},"consent":[],"events":[{"name":"refund","params":{"items":[1,{"item_id":{}}],"page_location":"?utm_campaign=%zz"}}]}`,
		`{"events":{}}`, `{"events":[{"name":"campaign_details","params":{"campaign":"a","campaign":"b"}}]}`, `{`, ``,
	} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, body []byte, debug bool) {
		path := "/mp/collect?api_secret=s"
		if debug {
			path = "/debug" + path
		}
		d, rejection := source(t).Decode(transporttest.Request(http.MethodPost, transporttest.Message{Path: path, Body: string(body)}))
		if rejection != nil {
			return
		}
		transporttest.CheckCandidates(t, body, d.Candidates)
	})
}

// A request can have thousands of events next to a megabyte of properties of the user. These are read once: reading them for each event took minutes.
func TestPropertiesOfTheUserAreReadOnce(t *testing.T) {
	d, rejection := decode(t, `{"client_id":"1.2","user_properties":{"tier":{"value":"gold"}},"timestamp_micros":"1795256097000000",
		"events":[{"name":"a"},{"name":"b","timestamp_micros":1795256000000000,"user_properties":{"own":1}},{"name":"c"}]}`)
	require.Nil(t, rejection)
	var traits []json.RawMessage
	var documents []map[string]any
	for _, c := range d.Candidates {
		e, rejection := c.BuiltIn()
		require.Nil(t, rejection)
		body, err := c.Body()
		require.NoError(t, err)
		traits, documents = append(traits, e.Traits), append(documents, body.(map[string]any))
	}
	require.JSONEq(t, `{"tier":"gold"}`, string(traits[2]))
	require.Same(t, &traits[0][0], &traits[2][0])
	shared := reflect.ValueOf(documents[0]["user_properties"])
	require.Equal(t, shared.Pointer(), reflect.ValueOf(documents[2]["user_properties"]).Pointer())
	require.NotEqual(t, documents[0]["user_properties"], documents[1]["user_properties"], "an event can have properties of its own, for rules")
	require.Equal(t, "1795256097000000", documents[0]["timestamp_micros"])
	require.NotEqual(t, documents[0]["timestamp_micros"], documents[1]["timestamp_micros"])
}

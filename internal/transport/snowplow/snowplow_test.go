// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package snowplow_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image/gif"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/snowplow"
	"github.com/journeyman-dev/journeyman/internal/transport/transporttest"
)

const tp2 = "/com.snowplowanalytics.snowplow/tp2"

func collector(t testing.TB, spec v1alpha1.SnowplowTransport, keys ...string) transport.Transport {
	t.Helper()
	tr, err := snowplow.Kind.New(transport.Settings{
		Spec: &v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{Snowplow: &spec}}, Secrets: keys,
	})
	require.NoError(t, err)
	return tr
}

func open(t testing.TB) transport.Transport {
	return collector(t, v1alpha1.SnowplowTransport{Unauthenticated: &v1alpha1.Unauthenticated{}})
}

func post(t testing.TB, header http.Header, events ...string) (transport.Decoded, *reject.Rejection) {
	t.Helper()
	return open(t).Decode(transporttest.Request(http.MethodPost, transporttest.Message{Path: tp2, Header: header, Body: payload(events...)}))
}

func payload(events ...string) string {
	return `{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[` + strings.Join(events, ",") + `]}`
}

// hit returns an event with the fields that every event needs.
func hit(fields ...string) string {
	all := map[string]string{"tv": "node-4.8.0", "p": "srv", "eid": "e-1"}
	for i := 0; i+1 < len(fields); i += 2 {
		all[fields[i]] = fields[i+1]
	}
	raw, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func self(schema, data string) string {
	return `{"schema":"iglu:` + schema + `/jsonschema/1-0-0","data":` + data + `}`
}

func happened(schema, data string) string {
	return self("com.snowplowanalytics.snowplow/unstruct_event", self(schema, data))
}

func contexts(entities ...string) string {
	return self("com.snowplowanalytics.snowplow/contexts", "["+strings.Join(entities, ",")+"]")
}

func one(t testing.TB, event string) (*event.Event, *reject.Rejection) {
	t.Helper()
	d, rejection := post(t, nil, event)
	require.Nil(t, rejection)
	require.Len(t, d.Candidates, 1)
	require.Nil(t, d.Candidates[0].Rejection)
	return d.Candidates[0].BuiltIn()
}

func TestPageView(t *testing.T) {
	d, rejection := post(t, http.Header{"Cookie": {"sp=cookie-id; other=1"}}, hit("e", "pv", "url", "https://shop.example.test/?utm_campaign=spring",
		"page", "Shop", "refr", "https://search.example.test/", "aid", "site", "uid", "880011", "duid", "d-1", "sid", "s-1", "dtm", "1795256097000", "stm", "1795256110000",
		"ip", "10.1.1.1", "ua", "x", "co", contexts(self("com.snowplowanalytics.snowplow/web_page", `{"id":"p-1"}`),
			self("com.example/shop", `{"name":"north"}`), self("org.w3/PerformanceTiming", `{"a":1}`))))
	require.Nil(t, rejection)
	c := d.Candidates[0]
	require.Equal(t, "e-1", c.ID)
	document, err := c.Body()
	require.NoError(t, err)
	require.Len(t, document.(map[string]any)["contexts"], 3)
	require.NotContains(t, document, "co")
	e, rejection := c.BuiltIn()
	require.Nil(t, rejection)
	require.JSONEq(t, `{"url":"https://shop.example.test/?utm_campaign=spring","title":"Shop","referrer":"https://search.example.test/","app_id":"site",
		"campaign":"spring","page_view_id":"p-1","entities":{"shop":[{"name":"north"}]}}`, string(e.Properties))
	e.Properties = nil
	require.Equal(t, &event.Event{Name: "Page Viewed", SessionID: "s-1", Identities: []event.Identity{
		{Type: "customerId", Value: "880011"}, {Type: "anonymousId", Value: "d-1"}, {Type: "networkUserId", Value: "cookie-id"},
	}}, e)
	d, rejection = post(t, http.Header{"Cookie": {"sp=cookie-id"}, "Sp-Anonymous": {"*"}}, hit("e", "pv", "nuid", "n-1"))
	require.Nil(t, rejection)
	e, rejection = d.Candidates[0].BuiltIn()
	require.Nil(t, rejection)
	require.Equal(t, []event.Identity{{Type: "networkUserId", Value: "n-1"}}, e.Identities, "the tracker's own id stays, the cookie is not read")
}

func TestKindsOfEvents(t *testing.T) {
	for name, c := range map[string]struct {
		hit, want, properties string
	}{
		"structured": {hit("e", "se", "se_ca", "video", "se_ac", "Play", "se_la", "l", "se_pr", "p", "se_va", "1.50"), "Play",
			`{"category":"video","label":"l","property":"p","value":1.5}`},
		"own schema":   {hit("e", "ue", "ue_pr", happened("com.example/viewed_product", `{"sku":"a"}`)), "viewed_product", `{"sku":"a"}`},
		"link":         {hit("e", "ue", "ue_pr", happened("com.snowplowanalytics.snowplow/link_click", `{"targetUrl":"x"}`)), "Link Clicked", `{"targetUrl":"x"}`},
		"screen":       {hit("e", "ue", "ue_pr", happened("com.snowplowanalytics.mobile/screen_view", `{"name":"Home","id":"1"}`)), "Screen Viewed", `{"screen":"Home","id":"1"}`},
		"search":       {hit("e", "ue", "ue_pr", happened("com.snowplowanalytics.snowplow/site_search", `{"terms":["tee"]}`)), "Products Searched", `{"query":["tee"]}`},
		"other vendor": {hit("e", "ue", "ue_pr", happened("com.example/page_ping", `{"a":1}`)), "page_ping", `{"a":1}`},
	} {
		e, rejection := one(t, c.hit)
		require.Nil(t, rejection, name)
		require.Equal(t, c.want, e.Name, name)
		require.JSONEq(t, c.properties, string(e.Properties), name)
	}
	for _, technical := range []string{
		hit("e", "pp"), hit("e", "ue", "ue_pr", happened("com.snowplowanalytics.snowplow/web_vitals", `{}`)),
		hit("e", "ue", "ue_pr", happened("com.snowplowanalytics.snowplow/focus_form", `{}`)),
	} {
		e, rejection := one(t, technical)
		require.Nil(t, rejection)
		require.Nil(t, e, technical)
	}
	for h, reason := range map[string]string{
		hit("e", "se", "se_ca", "x"): reject.MissingEventName, hit("e", "xx"): reject.MappingError, hit("e", "ue"): reject.MissingEventName,
		hit("e", "ue", "ue_pr", `{"schema":"x","data":{"schema":"","data":{}}}`): reject.MissingEventName,
	} {
		_, rejection := one(t, h)
		require.NotNil(t, rejection, h)
		require.Equal(t, reason, rejection.Reason, h)
	}
}

func TestEncodedAndPlainAreTheSame(t *testing.T) {
	ue := happened("com.example/viewed", `{"name":"Jacke ½ grün >>>???","n":1}`)
	cx := contexts(self("com.example/shop", `{"name":"Süd"}`))
	plain, rejection := one(t, hit("e", "ue", "ue_pr", ue, "co", cx))
	require.Nil(t, rejection)
	for _, encoding := range []*base64.Encoding{base64.RawURLEncoding, base64.URLEncoding, base64.StdEncoding, base64.RawStdEncoding} {
		e, rejection := one(t, hit("e", "ue", "ue_px", encoding.EncodeToString([]byte(ue)), "cx", encoding.EncodeToString([]byte(cx))))
		require.Nil(t, rejection)
		require.Equal(t, plain, e)
	}
	deep := strings.Repeat("[", transport.MaxDepth+1) + strings.Repeat("]", transport.MaxDepth+1)
	for field, text := range map[string]string{"ue_px": "%%%", "ue_pr": "{", "cx": "e30x", "co": deep} {
		d, rejection := post(t, nil, hit("e", "ue", field, text), hit("e", "pv"))
		require.Nil(t, rejection)
		require.NotNil(t, d.Candidates[0].Rejection, field)
		require.Equal(t, field, d.Candidates[0].Rejection.Field)
		require.Nil(t, d.Candidates[1].Rejection, "the other event is good")
	}
}

func TestEmbeddedDocumentsNeedMemory(t *testing.T) {
	var reserved []byte
	r := transporttest.Request(http.MethodPost, transporttest.Message{Path: tp2, Body: payload(
		hit("e", "ue", "ue_pr", happened("com.example/a", `{}`)), hit("e", "pv", "co", contexts(self("com.example/b", `{}`))))})
	r.Reserve = func(document []byte) *reject.Rejection {
		reserved = bytes.Clone(document)
		return reject.New(reject.BodyTooLarge, "", "too large")
	}
	_, rejection := open(t).Decode(r)
	require.Equal(t, reject.BodyTooLarge, rejection.Reason)
	require.Contains(t, string(reserved), "com.example/a")
	require.Contains(t, string(reserved), "com.example/b")
}

func ecommerce(kind string, entities ...string) string {
	return hit("e", "ue", "ue_pr", happened("com.snowplowanalytics.snowplow.ecommerce/snowplow_ecommerce_action", `{"type":"`+kind+`"}`), "co", contexts(entities...))
}

func entity(name, data string) string {
	return self("com.snowplowanalytics.snowplow.ecommerce/"+name, data)
}

func TestEcommerce(t *testing.T) {
	product := entity("product", `{"id":"TEE","name":"Tee","category":"Tops","price":59.95,"currency":"EUR","quantity":2}`)
	e, rejection := one(t, ecommerce("transaction", product,
		entity("transaction", `{"transaction_id":"5512001","revenue":129.9,"currency":"EUR","tax":10,"payment_method":"card","total_quantity":2,"discount_code":"S"}`),
		entity("user", `{"id":"880011","email":"ana@example.test"}`)))
	require.Nil(t, rejection)
	require.Equal(t, "Order Completed", e.Name)
	require.Equal(t, "5512001", e.OrderID)
	require.EqualValues(t, 129_900_000, e.Amount)
	require.Equal(t, "EUR", e.Currency)
	require.JSONEq(t, `[{"product_id":"TEE","name":"Tee","category":"Tops","price":59.95,"currency":"EUR","quantity":2}]`, string(e.Items))
	require.JSONEq(t, `{"order_id":"5512001","total":129.9,"currency":"EUR","tax":10,"payment_method":"card","total_quantity":2,"coupon":"S"}`, string(e.Properties))
	require.Equal(t, []event.Identity{{Type: "customerId", Value: "880011"}, {Type: "email", Value: "ana@example.test"}}, e.Identities)

	e, rejection = one(t, ecommerce("refund", entity("refund", `{"transaction_id":"5512001","refund_amount":20,"currency":"EUR"}`),
		entity("user", `{"id":"g-1","is_guest":true}`)))
	require.Nil(t, rejection)
	require.Equal(t, "Order Refunded", e.Name)
	require.EqualValues(t, 20_000_000, e.Amount)
	require.Empty(t, e.Identities, "the id of a guest is no customer's")
	for kind, want := range map[string]string{
		"product_view": "Product Viewed", "add_to_cart": "Product Added", "remove_from_cart": "Product Removed", "list_view": "Product List Viewed",
		"list_click": "Product Clicked", "promo_view": "Promotion Viewed", "promo_click": "Promotion Clicked", "trns_error": "trns_error",
	} {
		e, rejection = one(t, ecommerce(kind, product, entity("cart", `{"total_value":200,"currency":"EUR"}`), entity("promotion", `{"id":"p"}`)))
		require.Nil(t, rejection, kind)
		require.Equal(t, want, e.Name)
		require.Zero(t, e.Amount, "the value of the cart is not that of the event")
		require.NotEmpty(t, e.Items)
	}
	for step, want := range map[string]string{"1": "Checkout Started", "2": "Checkout Step Completed"} {
		e, rejection = one(t, ecommerce("checkout_step", entity("checkout_step", `{"step":`+step+`}`)))
		require.Nil(t, rejection)
		require.Equal(t, want, e.Name)
	}
}

func TestOlderTransactions(t *testing.T) {
	order := hit("e", "tr", "tr_id", "o-1", "tr_tt", "129.90", "tr_cu", "EUR", "tr_tx", "10")
	product := func(id string) string {
		return hit("e", "ti", "eid", id, "ti_id", "o-1", "ti_sk", id, "ti_pr", "59.95", "ti_qu", "2")
	}
	d, rejection := post(t, nil, order, product("a"), product("b"))
	require.Nil(t, rejection)
	e, rejection := d.Candidates[0].BuiltIn()
	require.Nil(t, rejection)
	require.Equal(t, "Order Completed", e.Name)
	require.EqualValues(t, 129_900_000, e.Amount)
	require.JSONEq(t, `[{"product_id":"a","price":59.95,"quantity":2},{"product_id":"b","price":59.95,"quantity":2}]`, string(e.Items))
	for _, c := range d.Candidates[1:] {
		e, rejection := c.BuiltIn()
		require.Nil(t, rejection)
		require.Nil(t, e, "it is a product of the order")
	}
	e, rejection = one(t, product("a"))
	require.Nil(t, rejection)
	require.Equal(t, "transaction_item", e.Name)
	require.Equal(t, event.Machine, e.Initiator)
	require.Equal(t, "o-1", e.OrderID)
}

func TestTime(t *testing.T) {
	at := time.Date(2026, 11, 21, 10, 14, 57, 0, time.UTC).UnixMicro()
	for h, want := range map[string]struct {
		at     int64
		source event.TimeSource
	}{
		hit("e", "pv"):                         {transporttest.Now.UnixMicro(), event.TimeFromReceipt},
		hit("e", "pv", "dtm", "1795256097000"): {at, event.TimeFromEvent},
		hit("e", "pv", "dtm", "1795252497000", "stm", "1795252510000"):                         {at, event.TimeFromSent},
		hit("e", "pv", "ttm", "1795256097000", "dtm", "1795252497000", "stm", "1795252510000"): {at, event.TimeFromEvent},
		hit("e", "pv", "dtm", "1795256097000", "stm", "soon"):                                  {at, event.TimeFromEvent},
	} {
		d, rejection := post(t, nil, h)
		require.Nil(t, rejection)
		require.Nil(t, d.Candidates[0].Rejection, h)
		require.Equal(t, time.UnixMicro(want.at).UTC(), time.UnixMicro(d.Candidates[0].Time).UTC(), h)
		require.Equal(t, want.source, d.Candidates[0].TimeSource, h)
	}
	for _, bad := range []string{hit("e", "pv", "dtm", "0"), hit("e", "pv", "dtm", "1795256097"), hit("e", "pv", "ttm", "x")} {
		d, rejection := post(t, nil, bad)
		require.Nil(t, rejection)
		require.Equal(t, reject.BadTime, d.Candidates[0].Rejection.Reason, bad)
	}
}

func TestMissingFields(t *testing.T) {
	for _, bad := range []string{`{"eid":"x"}`, `{"e":"pv","tv":"x"}`, `{"e":"pv","p":"web"}`, `{"tv":"x","p":"web"}`} {
		d, rejection := post(t, nil, bad)
		require.Nil(t, rejection)
		require.Equal(t, reject.BadJSON, d.Candidates[0].Rejection.Reason, bad)
	}
}

func TestPaths(t *testing.T) {
	closed := v1alpha1.SnowplowTransport{SecretRef: &v1alpha1.SecretKeyReference{Name: "x"}, PostPaths: []v1alpha1.SnowplowPath{"/com.example/track"}}
	tr := collector(t, closed, "k3y")
	const pixel = "?e=pv&tv=no-js&p=web&duid=d"
	for _, c := range []struct {
		method, path string
		status       int // 0 for events
	}{
		{http.MethodPost, "/k3y" + tp2, 0}, {http.MethodPost, "/k3y/com.example/track", 0}, {http.MethodGet, "/k3y/i" + pixel, 0},
		{http.MethodPost, "/wrong" + tp2, 401}, {http.MethodPost, tp2, 401}, {http.MethodGet, "/i" + pixel, 401}, {http.MethodPost, "/com.example/track", 401},
		{http.MethodPost, "/k3y/com.example/other", 404}, {http.MethodGet, "/", 404}, {http.MethodPost, "/k3y/k3y" + tp2, 404},
		{http.MethodPost, "/k3y/i", 405}, {http.MethodGet, tp2, 405}, {http.MethodHead, "/i", 405}, {http.MethodOptions, tp2, 200}, {http.MethodOptions, "/k3y" + tp2, 200},
	} {
		d, rejection := tr.Decode(transporttest.Request(c.method, transporttest.Message{Path: c.path, Body: payload(hit("e", "pv"))}))
		switch {
		case rejection != nil:
			require.Equal(t, c.status, rejection.Status(), c.method+" "+c.path)
		case d.Reply != nil:
			require.Equal(t, c.status, d.Reply.Status, c.method+" "+c.path)
		default:
			require.Zero(t, c.status, c.method+" "+c.path)
			require.Len(t, d.Candidates, 1)
		}
	}
	d, rejection := open(t).Decode(transporttest.Request(http.MethodPost, transporttest.Message{Path: "/any" + tp2, Body: payload(hit("e", "pv"))}))
	require.Nil(t, rejection)
	require.Equal(t, 404, d.Reply.Status, "without a key, no path has one")
}

func TestResponses(t *testing.T) {
	d, rejection := open(t).Decode(transporttest.Request(http.MethodGet, transporttest.Message{
		Path: "/i?e=pv&eid=0b8c-3&tv=no-js&p=web&dtm=1795256099500&duid=anon-31&url=" + url.QueryEscape("https://shop.example.test/"),
	}))
	require.Nil(t, rejection)
	e, rejection := d.Candidates[0].BuiltIn()
	require.Nil(t, rejection)
	require.JSONEq(t, `{"url":"https://shop.example.test/"}`, string(e.Properties))
	reply := d.Answer(&transport.Result{Status: http.StatusOK})
	require.Equal(t, "image/gif", reply.Header.Get("Content-Type"))
	image, err := gif.Decode(bytes.NewReader(reply.Body))
	require.NoError(t, err)
	require.Equal(t, 1, image.Bounds().Dx()*image.Bounds().Dy())
	require.Nil(t, d.Answer(&transport.Result{Status: http.StatusBadRequest}))
	d, rejection = post(t, nil, hit("e", "pv"))
	require.Nil(t, rejection)
	require.Equal(t, "ok", string(d.Answer(&transport.Result{Status: http.StatusOK}).Body))
	h := open(t).Headers(http.Header{"Origin": {"https://shop.example.test"}, "Access-Control-Request-Headers": {"content-type,x-custom"}})
	require.Equal(t, "https://shop.example.test", h.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "true", h.Get("Access-Control-Allow-Credentials"))
	require.Equal(t, "content-type,x-custom", h.Get("Access-Control-Allow-Headers"))
	require.Equal(t, "*", open(t).Headers(http.Header{}).Get("Access-Control-Allow-Origin"))
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		payload(hit("e", "tr", "tr_id", "1"), hit("e", "ti", "ti_id", "1"), hit("e", "ue", "ue_px", "eyJkYXRhIjp7InNjaGVtYSI6ImlnbHU6YS9iIn19")),
		payload(ecommerce("transaction", entity("transaction", `{}`), entity("product", `{}`), entity("user", `7`), `7`)), payload(`null`, `{"e":{}}`), `{"data":{}}`, ``,
	} {
		f.Add([]byte(s), "e=pv&tv=x&p=web&co=%7B%7D&dtm=1795256097000")
	}
	f.Add([]byte(`x`), "e=ue&tv=x&p=web&ue_pr=%7B%22data%22%3A%7B%22schema%22%3A%22iglu%3Aa%2Fb%22%7D%7D&cx=!!")
	f.Fuzz(func(t *testing.T, body []byte, query string) {
		r := transporttest.Request(http.MethodPost, transporttest.Message{Path: tp2, Body: string(body)})
		if d, rejection := open(t).Decode(r); rejection == nil {
			transporttest.CheckCandidates(t, body, d.Candidates)
		}
		r.Method, r.Path, r.RawQuery = http.MethodGet, "/i", query
		if d, rejection := open(t).Decode(r); rejection == nil {
			transporttest.CheckCandidates(t, []byte(query), d.Candidates)
		}
	})
}

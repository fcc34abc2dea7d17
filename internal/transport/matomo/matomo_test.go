// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package matomo_test

import (
	"encoding/json"
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
	"github.com/journeyman-dev/journeyman/internal/transport/matomo"
	"github.com/journeyman-dev/journeyman/internal/transport/transporttest"
)

const token = "t0ken"

// source accepts requests with and without the token.
func source(t testing.TB, spec v1alpha1.MatomoTransport, tokens ...string) transport.Transport {
	t.Helper()
	tr, err := matomo.Kind.New(transport.Settings{
		Spec: &v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{Matomo: &spec}}, Secrets: tokens,
	})
	require.NoError(t, err)
	return tr
}

func open(t testing.TB) transport.Transport {
	return source(t, v1alpha1.MatomoTransport{Unauthenticated: &v1alpha1.Unauthenticated{}, Currency: "EUR"}, token)
}

func send(t testing.TB, tr transport.Transport, method, query, body string) (transport.Decoded, *reject.Rejection) {
	t.Helper()
	return tr.Decode(transporttest.Request(method, transporttest.Message{Path: "/matomo.php?" + query, Body: body}))
}

func get(t testing.TB, query string) (transport.Decoded, *reject.Rejection) {
	t.Helper()
	return send(t, open(t), http.MethodGet, "idsite=1&rec=1&"+query, "")
}

func one(t testing.TB, pairs ...string) (*event.Event, *reject.Rejection) {
	t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	d, rejection := get(t, v.Encode())
	require.Nil(t, rejection)
	require.Len(t, d.Candidates, 1)
	require.Nil(t, d.Candidates[0].Rejection)
	return d.Candidates[0].BuiltIn()
}

func TestOrder(t *testing.T) {
	d, rejection := get(t, url.Values{
		"idgoal": {"0"}, "ec_id": {"5512001"}, "revenue": {"129.90"}, "ec_st": {"110"}, "ec_tx": {"10.5"}, "ec_sh": {"4.9"}, "ec_dt": {"0"},
		"ec_items": {`[["TEE-M","Tee","Tops",59.95,2],["MUG","","",0,1],["X","Y",["a","b"]]]`}, "uid": {"880011"}, "_id": {"0123456789abcdef"},
		"url": {"https://shop.example.test/thanks?mtm_campaign=spring"}, "action_name": {"Thanks"}, "urlref": {"https://search.example.test"}, "pv_id": {"pv1234"},
		"dimension1": {"gold"}, "cvar": {`{"1":["tier","gold"],"2":["x"]}`}, "cip": {"10.1.1.1"}, "token_auth": {token},
	}.Encode())
	require.Nil(t, rejection)
	c := d.Candidates[0]
	require.Equal(t, "matomo:1:order:5512001", c.ID)
	document, err := c.Body()
	require.NoError(t, err)
	require.Equal(t, "880011", document.(map[string]any)["uid"])
	require.NotContains(t, document, "token_auth", "rules cannot store it")
	e, rejection := c.BuiltIn()
	require.Nil(t, rejection)
	require.JSONEq(t, `{"order_id":"5512001","total":129.9,"subtotal":110,"tax":10.5,"shipping":4.9,"discount":0,"currency":"EUR","site_id":"1",
		"url":"https://shop.example.test/thanks?mtm_campaign=spring","title":"Thanks","referrer":"https://search.example.test","page_view_id":"pv1234",
		"campaign":"spring","dimension1":"gold","tier":"gold"}`, string(e.Properties))
	require.JSONEq(t, `[{"product_id":"TEE-M","name":"Tee","category":"Tops","price":59.95,"quantity":2},{"product_id":"MUG","price":0,"quantity":1},
		{"product_id":"X","name":"Y","category":["a","b"]}]`, string(e.Items))
	e.Properties, e.Items = nil, nil
	require.Equal(t, &event.Event{Name: "Order Completed", OrderID: "5512001", Amount: 129_900_000, Currency: "EUR", Identities: []event.Identity{
		{Type: "customerId", Value: "880011"}, {Type: "anonymousId", Value: "0123456789abcdef"},
	}}, e)
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		pairs      []string
		want, some string
	}{
		{[]string{"url", "/"}, "Page Viewed", `"url":"/"`},
		{[]string{"idgoal", "0", "revenue", "12"}, "Cart Updated", `"value":12`},
		{[]string{"idgoal", "3", "revenue", "5"}, "Goal Converted", `"goal_id":"3"`},
		{[]string{"e_c", "video", "e_a", "play", "e_n", "intro", "e_v", "2.5", "ca", "1"}, "play", `"value":2.5`},
		{[]string{"search", "tee", "search_cat", "tops", "search_count", "4"}, "Products Searched", `"results":4`},
		{[]string{"download", "/a.pdf"}, "File Downloaded", `"file":"/a.pdf"`},
		{[]string{"link", "https://x.example.test"}, "Link Clicked", `"target":"https://x.example.test"`},
		{[]string{"c_n", "banner", "c_p", "a.png"}, "Promotion Viewed", `"creative":"a.png"`},
		{[]string{"c_n", "banner", "c_i", "click"}, "Promotion Clicked", `"interaction":"click"`},
		{[]string{"_pks", "TEE", "_pkn", "Tee", "_pkp", "9.90", "_pkc", `["a","b"]`, "url", "/tee"}, "Product Viewed", `"url":"/tee"`},
	} {
		e, rejection := one(t, c.pairs...)
		require.Nil(t, rejection, c.want)
		require.Equal(t, c.want, e.Name)
		require.Contains(t, string(e.Properties), c.some)
	}
	e, rejection := one(t, "_pks", "TEE", "_pkp", "9.90", "_pkc", `["a","b"]`)
	require.Nil(t, rejection)
	require.JSONEq(t, `[{"product_id":"TEE","category":["a","b"],"price":9.9}]`, string(e.Items))
	for _, technical := range [][]string{{"ping", "1"}, {"ca", "1"}, {"ma_id", "x"}, {"cra", "error", "ca", "1"}, {"hsr_vid", "1"}} {
		e, rejection := one(t, technical...)
		require.Nil(t, rejection)
		require.Nil(t, e, technical)
	}
	_, rejection = one(t, "idgoal", "0", "ec_id", "1", "ec_items", "[")
	require.Equal(t, "ec_items", rejection.Field)
	_, rejection = one(t, "idgoal", "0", "ec_id", "1", "revenue", "much")
	require.Equal(t, reject.BadAmount, rejection.Reason)
	e, rejection = one(t, "cid", "aaaaaaaaaaaaaaaa", "_id", "bbbbbbbbbbbbbbbb")
	require.Nil(t, rejection)
	require.Equal(t, []event.Identity{{Type: "anonymousId", Value: "aaaaaaaaaaaaaaaa"}}, e.Identities)
}

func TestTime(t *testing.T) {
	at := time.Date(2026, 11, 21, 10, 14, 57, 0, time.UTC)
	for query, want := range map[string]time.Time{
		"": transporttest.Now, "cdt=1795256097": at, "cdt=2026-11-21+10:14:57": at, "cdt=2026-11-21T10:14:57Z": at, "cdt=2026-11-21T12:14:57%2B02:00": at,
		"cdo=60": transporttest.Now.Add(-time.Minute), "cdo=-60": transporttest.Now.Add(-time.Minute), "cdo=x": transporttest.Now,
		"cdt=2020-01-01+00:00:00&token_auth=" + token: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		d, rejection := get(t, query)
		require.Nil(t, rejection)
		require.Nil(t, d.Candidates[0].Rejection, query)
		require.Equal(t, want, time.UnixMicro(d.Candidates[0].Time).UTC(), query)
		require.Equal(t, !strings.Contains(query, "cdt"), d.Candidates[0].TimeSource == event.TimeFromReceipt, query)
	}
	for _, bad := range []string{"cdt=2026-11-20+10:15:09", "cdo=86401", "cdt=soon", "cdt=0"} {
		d, rejection := get(t, bad)
		require.Nil(t, rejection)
		require.NotNil(t, d.Candidates[0].Rejection, bad)
		require.Equal(t, reject.BadTime, d.Candidates[0].Rejection.Reason, bad)
	}
}

func TestContentID(t *testing.T) {
	id := func(query string) string {
		d, rejection := get(t, query)
		require.Nil(t, rejection)
		return transporttest.ID(t, &d.Candidates[0])
	}
	a := id("cdt=1795256097&url=/&_id=a&rand=1")
	require.Equal(t, a, id("rand=2&_id=a&url=%2F&cdt=1795256097&token_auth="+token+"&send_image=0"))
	require.NotEqual(t, a, id("cdt=1795256098&url=/&_id=a"))
	d, rejection := get(t, "idgoal=0&ec_id=undefined")
	require.Nil(t, rejection)
	require.Empty(t, d.Candidates[0].ID)
}

func TestRequiredParameters(t *testing.T) {
	tr := source(t, v1alpha1.MatomoTransport{Unauthenticated: &v1alpha1.Unauthenticated{}, Sites: []v1alpha1.MatomoSite{1, 3}})
	for query, field := range map[string]string{
		"idsite=1&rec=1": "", "idsite=03&rec=1": "", "idsite=2&rec=1": "idsite", "rec=1": "idsite", "idsite=x&rec=1": "idsite", "idsite=1": "rec", "idsite=-1&rec=1": "idsite",
	} {
		d, rejection := send(t, tr, http.MethodGet, query, "")
		require.Nil(t, rejection, query)
		if field == "" {
			require.Nil(t, d.Candidates[0].Rejection, query)
			continue
		}
		require.Equal(t, field, d.Candidates[0].Rejection.Field, query)
	}
	_, rejection := send(t, tr, http.MethodGet, "", "")
	require.NotNil(t, rejection)
}

func TestFormsAndPaths(t *testing.T) {
	d, rejection := send(t, open(t), http.MethodPost, "idsite=1&url=/query", "idsite=2&rec=1&url=/form&_id=a")
	require.Nil(t, rejection)
	document, err := d.Candidates[0].Body()
	require.NoError(t, err)
	require.Equal(t, map[string]any{"idsite": "1", "rec": "1", "url": "/query", "_id": "a"}, document)
	for path, status := range map[string]int{"/piwik.php": 204, "/matomo.php": 204, "/": 404, "/index.php": 404} {
		d, rejection := open(t).Decode(transporttest.Request(http.MethodOptions, transporttest.Message{Path: path}))
		require.Nil(t, rejection)
		require.Equal(t, status, d.Reply.Status, path)
	}
}

func TestTokens(t *testing.T) {
	closed := source(t, v1alpha1.MatomoTransport{SecretRef: &v1alpha1.SecretKeyReference{Name: "x"}}, token)
	const query = "idsite=1&rec=1"
	bulk := func(tokens ...string) string {
		list := make([]string, len(tokens))
		for i, own := range tokens {
			list[i] = `"?` + query + own + `"`
		}
		return `{"requests":[` + strings.Join(list, ",") + `]}`
	}
	for _, c := range []struct {
		tr              transport.Transport
		method, q, body string
		ok              bool
	}{
		{closed, http.MethodGet, query + "&token_auth=" + token, "", true},
		{closed, http.MethodGet, query, "", false},
		{closed, http.MethodGet, query + "&token_auth=x", "", false},
		{closed, http.MethodPost, "", query + "&token_auth=" + token, true},
		{closed, http.MethodPost, "", bulk("&token_auth="+token, ""), true},
		{closed, http.MethodPost, "", bulk("&token_auth=x", ""), false},
		{open(t), http.MethodGet, query, "", true},
		{open(t), http.MethodGet, query + "&token_auth=x", "", false},
		{open(t), http.MethodPost, "", bulk(""), true},
	} {
		d, rejection := send(t, c.tr, c.method, c.q, c.body)
		require.Equal(t, c.ok, rejection == nil, c.q+c.body)
		if rejection != nil {
			require.Equal(t, http.StatusUnauthorized, rejection.Status())
			require.Empty(t, d.Candidates)
		}
	}
	d, rejection := send(t, closed, http.MethodPost, "", bulk("&token_auth="+token, ""))
	require.Nil(t, rejection)
	require.Nil(t, d.Candidates[0].Rejection)
	require.Equal(t, reject.BadToken, d.Candidates[1].Rejection.Reason)
}

func TestResponses(t *testing.T) {
	ok := &transport.Result{Status: http.StatusOK, Accepted: 1}
	d, rejection := get(t, "url=/")
	require.Nil(t, rejection)
	require.Equal(t, "image/gif", d.Answer(ok).Header.Get("Content-Type"))
	require.Nil(t, d.Answer(&transport.Result{Status: http.StatusServiceUnavailable}))
	d, rejection = get(t, "url=/&send_image=0")
	require.Nil(t, rejection)
	require.Equal(t, http.StatusNoContent, d.Answer(ok).Status)

	d, rejection = send(t, open(t), http.MethodPost, "", ` {"requests":["?idsite=1&rec=1","x"],"token_auth":"`+token+`"}`)
	require.Nil(t, rejection)
	require.JSONEq(t, `{"status":"success","tracked":1,"invalid":0}`, string(d.Answer(ok).Body))
	mixed := &transport.Result{
		Status: http.StatusOK, Accepted: 1, Dropped: 2, RejectedCount: 1, Rejected: []transport.Refusal{{Index: 1, Rejection: d.Candidates[1].Rejection}},
	}
	require.JSONEq(t, `{"status":"success","tracked":3,"invalid":1,"invalid_indices":[1],"message":"idsite: every request needs idsite, the number of the site"}`,
		string(d.Answer(mixed).Body))
	failed := d.Answer(&transport.Result{Status: http.StatusServiceUnavailable, Error: "the store is not available; send again later"})
	require.Equal(t, http.StatusServiceUnavailable, failed.Status)
	require.JSONEq(t, `{"status":"error","tracked":0,"invalid":0,"message":"the store is not available; send again later"}`, string(failed.Body))
	d, rejection = send(t, open(t), http.MethodPost, "", `{"requests":["?idsite=1&rec=1"],"send_image":0}`)
	require.Nil(t, rejection)
	require.Equal(t, http.StatusNoContent, d.Answer(ok).Status)
	require.True(t, json.Valid(d.Answer(&transport.Result{Status: http.StatusBadRequest}).Body))
}

func FuzzDecode(f *testing.F) {
	f.Add("idsite=1&rec=1&idgoal=0&ec_id=1&ec_items=%5B%5B1%2C2%5D%5D&cvar=%7B%221%22%3A%5B%22a%22%2C%22b%22%5D%7D", []byte(``))
	f.Add("idsite=1&rec=1&cdt=2026-11-21", []byte(`{"requests":["?idsite=1&rec=1&e_a=x",{"idsite":1,"rec":1,"ec_items":[[1]],"idgoal":0},7],"token_auth":"t0ken"}`))
	f.Add("idsite=1&rec=1&_pks=%00", []byte(`{"requests":[{"idsite":"1","rec":"1","_pkc":"[1","cvar":{"1":["a",{}]}}]}`))
	f.Add("", []byte(`idsite=1&rec=1&c_n=x&revenue=1e400`))
	f.Fuzz(func(t *testing.T, query string, body []byte) {
		r := transporttest.Request(http.MethodPost, transporttest.Message{Path: "/matomo.php", Body: string(body)})
		r.RawQuery = query
		if d, rejection := open(t).Decode(r); rejection == nil {
			transporttest.CheckCandidates(t, body, d.Candidates)
		}
	})
}

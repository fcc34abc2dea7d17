// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/transporttest"
	"github.com/journeyman-dev/journeyman/internal/transport/webhook"
)

// receive sends a message to a webhook, by default one that is unauthenticated.
func receive(t testing.TB, w v1alpha1.WebhookTransport, method string, m transporttest.Message) (transport.Decoded, *reject.Rejection) {
	t.Helper()
	if w.HMAC == nil && w.Token == nil {
		w.Unauthenticated = &v1alpha1.Unauthenticated{}
	}
	w.SecretRef = &v1alpha1.SecretKeyReference{Name: "keys"}
	tr, err := webhook.Kind.New(transport.Settings{
		Spec:    &v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{Webhook: &w}},
		Secrets: []string{"key", "next"}, ChallengeTokens: []string{"verify"},
	})
	require.NoError(t, err)
	if m.Header == nil {
		m.Header = http.Header{}
	}
	return tr.Decode(transporttest.Request(method, m))
}

// read returns the documents of a body as JSON.
func read(t *testing.T, body v1alpha1.WebhookBody, mediaType, text string) ([]string, *reject.Rejection) {
	t.Helper()
	d, rejection := receive(t, v1alpha1.WebhookTransport{Body: &body}, http.MethodPost,
		transporttest.Message{Path: "/", Body: text, Header: http.Header{"Content-Type": {mediaType}}})
	var out []string
	for i := range d.Candidates {
		if r := d.Candidates[i].Rejection; r != nil {
			out = append(out, r.Reason)
			continue
		}
		document, err := d.Candidates[i].Body()
		require.NoError(t, err)
		raw, err := json.Marshal(document)
		require.NoError(t, err)
		out = append(out, string(raw))
	}
	return out, rejection
}

func TestBodiesBecomeDocuments(t *testing.T) {
	const form, xmlType = "application/x-www-form-urlencoded", "text/xml; charset=utf-8"
	forms := v1alpha1.WebhookBody{Formats: []v1alpha1.BodyFormat{"Form"}, JSONFields: []string{"MSG"}}
	xmls := v1alpha1.WebhookBody{Formats: []v1alpha1.BodyFormat{"XML"}}
	split := func(paths ...v1alpha1.DocumentPath) v1alpha1.WebhookBody { return v1alpha1.WebhookBody{Split: paths} }
	lines := xmls
	lines.Split = []v1alpha1.DocumentPath{"b.line"}
	for name, c := range map[string]struct {
		body        v1alpha1.WebhookBody
		media, text string
		want        []string
	}{
		"form with brackets": {forms, form, "type=a&d%5Be%5D=x%40y&d[m][0][n]=1&l[]=1&l[]=2&r=1&r=2", []string{
			`{"d":{"e":"x@y","m":{"0":{"n":"1"}}},"l":["1","2"],"r":["1","2"],"type":"a"}`}},
		"field in a text":        {forms, form, "d=a&d[e]=b", []string{`{"d":"a"}`}},
		"JSON in a form":         {forms, form, "MSG=%7B%22a%22%3A%5B1%5D%7D", []string{`{"MSG":{"a":[1]}}`}},
		"JSON that is no form":   {v1alpha1.WebhookBody{Formats: []v1alpha1.BodyFormat{"JSON", "Form"}}, form, ` {"a":1}`, []string{`{"a":1}`}},
		"no content type":        {forms, "", "a=1", []string{`{}`}},
		"elements":               {xmls, xmlType, `<r><a>1</a><b x="y"><c/></b><b><c>2</c></b></r>`, []string{`{"a":"1","b":[{"@x":"y","c":""},{"c":"2"}]}`}},
		"nil, type and CDATA":    {xmls, xmlType, `<r xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><a i:nil="true"/><b i:type="s:T"><c><![CDATA[a]b]]></c></b></r>`, []string{`{"a":null,"b":{"@type":"T","c":"a]b"}}`}},
		"one element is a list":  {lines, xmlType, `<r><o>1</o><b><line><n>1</n></line></b></r>`, []string{`{"envelope":{"b":{},"o":"1"},"n":"1"}`}},
		"split":                  {split("data"), "application/json", `{"v":1,"data":[{"a":1},{"a":2}]}`, []string{`{"a":1,"envelope":{"v":1}}`, `{"a":2,"envelope":{"v":1}}`}},
		"split twice":            {split("e", "c"), "application/json", `{"o":"p","e":[{"i":1,"c":[{"f":1}]},{"i":2,"m":[]}]}`, []string{`{"envelope":{"envelope":{"o":"p"},"i":1},"f":1}`, `{"envelope":{"o":"p"},"i":2,"m":[]}`}},
		"nothing to split":       {split("data"), "application/json", `{"data":[]}`, []string{`{"data":[]}`}},
		"no object in the list":  {split("data"), "application/json", `{"data":[1,{"a":1}]}`, []string{reject.BadJSON, `{"a":1,"envelope":{}}`}},
		"split of each document": {split("d.l"), "application/json", `[{"d":{"l":[{"a":1}],"x":2}},{"b":1}]`, []string{`{"a":1,"envelope":{"d":{"x":2}}}`, `{"b":1}`}},
	} {
		t.Run(name, func(t *testing.T) {
			got, rejection := read(t, c.body, c.media, c.text)
			require.Nil(t, rejection)
			require.Equal(t, c.want, got)
		})
	}
}

func TestBodiesThatAreRefused(t *testing.T) {
	const form, xmlType = "application/x-www-form-urlencoded", "text/xml"
	all := v1alpha1.WebhookBody{Formats: []v1alpha1.BodyFormat{"Form", "XML"}, JSONFields: []string{"j"}}
	for name, c := range map[string]struct {
		body              v1alpha1.WebhookBody
		media, text, want string
	}{
		"form that is not accepted":   {v1alpha1.WebhookBody{}, form, "a=1", reject.UnsupportedMediaType},
		"XML that is not accepted":    {v1alpha1.WebhookBody{}, xmlType, "<a><b/></a>", reject.UnsupportedMediaType},
		"JSON that is not accepted":   {all, "application/json", "{}", reject.UnsupportedMediaType},
		"other charset":               {all, "text/xml; charset=utf-16", "<a/>", reject.UnsupportedMediaType},
		"bad escape":                  {all, form, "a=%zz", reject.BadJSON},
		"deep form":                   {all, form, "a" + strings.Repeat("[b]", 40) + "=1", reject.TooDeep},
		"many fields":                 {all, form, strings.Repeat("a=1&", 10_001), reject.TooDeep},
		"bad JSON in a form":          {all, form, "j=%7B", reject.BadJSON},
		"deep JSON in a form":         {all, form, "j=" + strings.Repeat("[", 40), reject.TooDeep},
		"XML without an end":          {all, xmlType, "<a><b>", reject.BadJSON},
		"two roots":                   {all, xmlType, "<a><b/></a><a/>", reject.BadJSON},
		"no XML":                      {all, xmlType, "", reject.BadJSON},
		"root without elements":       {all, xmlType, "<a>1</a>", reject.BadJSON},
		"entity of a document type":   {all, xmlType, `<!DOCTYPE a [<!ENTITY e "x">]><a><b>&e;</b></a>`, reject.BadJSON},
		"deep XML":                    {all, xmlType, strings.Repeat("<a>", 40), reject.TooDeep},
		"many elements":               {all, xmlType, "<a>" + strings.Repeat("<b/>", 50_001) + "</a>", reject.TooDeep},
		"more documents than allowed": {v1alpha1.WebhookBody{Split: []v1alpha1.DocumentPath{"l"}}, "application/json", `{"l":[` + strings.Repeat("{},", 5_000) + `{}]}`, reject.TooManyEvents},
	} {
		_, rejection := read(t, c.body, c.media, c.text)
		require.NotNil(t, rejection, name)
		require.Equal(t, c.want, rejection.Reason, name)
	}
}

// The envelope belongs to the content of a part, and is hashed once: otherwise, the parts below would take minutes.
func TestPartsOfALargeEnvelope(t *testing.T) {
	body := func(x string) string {
		return `{"x":"` + strings.Repeat(x, 900_000) + `","data":[` + strings.Repeat(`{"c":[{}]},`, 4_999) + `{"c":[{"a":1}]}]}`
	}
	ids := func(x string) []string {
		d, rejection := receive(t, v1alpha1.WebhookTransport{Body: &v1alpha1.WebhookBody{Split: []v1alpha1.DocumentPath{"data", "c"}}}, http.MethodPost,
			transporttest.Message{Path: "/", Body: body(x)})
		require.Nil(t, rejection)
		out := make([]string, len(d.Candidates))
		for i := range d.Candidates {
			out[i], rejection = d.Candidates[i].ContentID()
			require.Nil(t, rejection)
		}
		return out
	}
	began := time.Now()
	a, b := ids("a"), ids("b")
	require.Less(t, time.Since(began), 20*time.Second)
	require.Len(t, a, 5_000)
	require.Equal(t, a[0], a[1])
	require.NotEqual(t, a[0], a[4_999])
	require.NotEqual(t, a[0], b[0], "another envelope is another content")
}

// A body needs more memory than its bytes show. It is reserved before the document is made, because this can be before the sender is recognised.
func TestBodiesReserveTheirMemory(t *testing.T) {
	full := reject.New(reject.RateLimited, "", "no memory")
	for text, c := range map[string]struct {
		mediaType string
		body      v1alpha1.WebhookBody
		objects   int
		values    int
	}{
		"a%5Bb%5D%5Bc%5D=1&d=2": {"application/x-www-form-urlencoded", v1alpha1.WebhookBody{Formats: []v1alpha1.BodyFormat{"Form"}}, 2, 4},
		"j=%5B%7B%7D%2C%7B%7D%5D": {
			"application/x-www-form-urlencoded", v1alpha1.WebhookBody{Formats: []v1alpha1.BodyFormat{"Form"}, JSONFields: []string{"j"}}, 2, 2,
		},
		"<r><a b='1' c='2'/></r>": {"text/xml", v1alpha1.WebhookBody{Formats: []v1alpha1.BodyFormat{"XML"}}, 3, 2},
	} {
		tr, err := webhook.Kind.New(transport.Settings{Spec: &v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{
			Webhook: &v1alpha1.WebhookTransport{Unauthenticated: &v1alpha1.Unauthenticated{}, Body: &c.body},
		}}})
		require.NoError(t, err)
		r := transporttest.Request(http.MethodPost, transporttest.Message{Path: "/", Body: text, Header: http.Header{"Content-Type": {c.mediaType}}})
		r.Reserve = func(like []byte) *reject.Rejection {
			require.Equal(t, c.objects, strings.Count(string(like), "{"), text)
			require.Equal(t, c.values, strings.Count(string(like), ","), text)
			return full
		}
		_, rejection := tr.Decode(r)
		require.Equal(t, full, rejection, text)
	}
}

func TestTokens(t *testing.T) {
	for name, c := range map[string]struct {
		token       v1alpha1.TokenAuth
		path, body  string
		header      http.Header
		wrong       func(m *transporttest.Message)
		withoutRule string
	}{
		"header": {token: v1alpha1.TokenAuth{Header: "X-Token"}, path: "/", header: http.Header{"X-Token": {"key"}}, wrong: func(m *transporttest.Message) {
			m.Header.Set("X-Token", "kex")
		}},
		"parameter": {token: v1alpha1.TokenAuth{Parameter: "t"}, path: "/?t=next", wrong: func(m *transporttest.Message) { m.Path = "/?t=nex" }},
		"path":      {token: v1alpha1.TokenAuth{Path: &v1alpha1.PathToken{}}, path: "/hooks/key", wrong: func(m *transporttest.Message) { m.Path = "/hooks/key/" }},
		"field": {token: v1alpha1.TokenAuth{Field: "m.t"}, path: "/", body: `{"m":{"t":"key","x":1}}`, wrong: func(m *transporttest.Message) {
			m.Body = `[{"m":{"t":"key"}},{"m":{}}]`
		}},
	} {
		t.Run(name, func(t *testing.T) {
			m := transporttest.Message{Path: c.path, Body: `{"a":1}`, Header: http.Header{"Content-Type": {"application/json"}}}
			for k, v := range c.header {
				m.Header[k] = v
			}
			if c.body != "" {
				m.Body = c.body
			}
			r := transporttest.Request(http.MethodPost, m)
			w := v1alpha1.WebhookTransport{Token: &c.token, SecretRef: &v1alpha1.SecretKeyReference{Name: "keys"}}
			tr, err := webhook.Kind.New(transport.Settings{
				Spec: &v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{Webhook: &w}}, Secrets: []string{"key", "next"},
			})
			require.NoError(t, err)
			d, rejection := tr.Decode(r)
			require.Nil(t, rejection)
			document, err := d.Candidates[0].Body()
			require.NoError(t, err)
			raw, err := json.Marshal([]any{document, r.Header, r.Query})
			require.NoError(t, err)
			require.NotContains(t, string(raw), `"key"`, "the rules must not see the token")
			require.NotContains(t, string(raw), `"next"`, "the rules must not see the token")
			c.wrong(&m)
			_, rejection = tr.Decode(transporttest.Request(http.MethodPost, m))
			require.NotNil(t, rejection)
			require.Equal(t, reject.BadToken, rejection.Reason)
			none, err := webhook.Kind.New(transport.Settings{Spec: &v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{Webhook: &w}}})
			require.NoError(t, err)
			_, rejection = none.Decode(transporttest.Request(http.MethodPost, m))
			require.Equal(t, reject.SecretMissing, rejection.Reason)
		})
	}
}

func TestHandshakes(t *testing.T) {
	reachable := &v1alpha1.WebhookHandshake{Reachable: &v1alpha1.ReachableHandshake{}}
	challenge := &v1alpha1.WebhookHandshake{Challenge: &v1alpha1.ChallengeHandshake{Parameter: "c", TokenParameter: "t"}}
	for name, c := range map[string]struct {
		handshake    *v1alpha1.WebhookHandshake
		method, path string
		status       int
		body         string
	}{
		"none":                      {nil, http.MethodGet, "/", http.StatusMethodNotAllowed, ""},
		"GET":                       {reachable, http.MethodGet, "/", http.StatusOK, ""},
		"HEAD":                      {reachable, http.MethodHead, "/", http.StatusOK, ""},
		"PUT":                       {reachable, http.MethodPut, "/", http.StatusMethodNotAllowed, ""},
		"challenge":                 {challenge, http.MethodGet, "/?c=%3Cb%3E&t=verify", http.StatusOK, "<b>"},
		"wrong token":               {challenge, http.MethodGet, "/?c=1&t=key", http.StatusForbidden, ""},
		"no token":                  {challenge, http.MethodGet, "/?c=1", http.StatusForbidden, ""},
		"no challenge":              {challenge, http.MethodGet, "/?t=verify", http.StatusMethodNotAllowed, ""},
		"challenge that is no text": {challenge, http.MethodGet, "/?t=verify&c=" + strings.Repeat("a", 1025), http.StatusForbidden, ""},
	} {
		d, rejection := receive(t, v1alpha1.WebhookTransport{Handshake: c.handshake}, c.method, transporttest.Message{Path: c.path})
		require.Nil(t, rejection, name)
		require.NotNil(t, d.Reply, name)
		require.Equal(t, c.status, d.Reply.Status, name)
		if c.status == http.StatusOK {
			require.Equal(t, c.body, string(d.Reply.Body), name)
			require.Equal(t, "text/plain; charset=utf-8", d.Reply.Header.Get("Content-Type"), name)
			require.Equal(t, "nosniff", d.Reply.Header.Get("X-Content-Type-Options"), name)
		}
	}
}

func TestOnlyTheFirstRequestMayBeUnsigned(t *testing.T) {
	w := v1alpha1.WebhookTransport{
		HMAC:      &v1alpha1.HMACRecipe{Header: "X-Sig"},
		Handshake: &v1alpha1.WebhookHandshake{Unsigned: []v1alpha1.UnsignedHandshake{{Fields: []string{"id", "key"}}}},
	}
	send := func(body, signature string) (transport.Decoded, *reject.Rejection) {
		h := http.Header{"Content-Type": {"application/json"}}
		if signature != "" {
			h.Set("X-Sig", signature)
		}
		return receive(t, w, http.MethodPost, transporttest.Message{Path: "/", Body: body, Header: h})
	}
	d, rejection := send(`{"id":1,"key":"k"}`, "")
	require.Nil(t, rejection)
	require.Equal(t, http.StatusOK, d.Reply.Status)
	require.Empty(t, d.Candidates)
	for _, body := range []string{`{"id":1}`, `{"id":1,"key":"k","event":"x"}`, `[{"id":1,"key":"k"},{"id":1,"key":"k"}]`, `{}`, `x`} {
		_, rejection := send(body, "")
		require.NotNil(t, rejection, body)
		require.Equal(t, reject.MissingSignature, rejection.Reason, body)
	}
	_, rejection = send(`{"id":1,"key":"k"}`, "00")
	require.Equal(t, reject.BadSignature, rejection.Reason, "a wrong signature is not a missing one")
}

func TestAccounts(t *testing.T) {
	w := v1alpha1.WebhookTransport{Sender: &v1alpha1.SenderAccount{Field: "a.id", Allowed: []string{"7", "x"}}}
	for body, want := range map[string]string{
		`{"a":{"id":7}}`: "", `{"a":{"id":"x"}}`: "", `{"a":{"id":8}}`: reject.WrongAccount, `{}`: reject.WrongAccount,
		`[{"a":{"id":7}},{"a":{"id":8}}]`: reject.WrongAccount,
	} {
		_, rejection := receive(t, w, http.MethodPost, transporttest.Message{Path: "/", Body: body})
		if want == "" {
			require.Nil(t, rejection, body)
			continue
		}
		require.NotNil(t, rejection, body)
		require.Equal(t, want, rejection.Reason)
		require.Equal(t, http.StatusForbidden, rejection.Status())
	}
}

func TestAnswers(t *testing.T) {
	stale := int32(http.StatusBadRequest)
	w := v1alpha1.WebhookTransport{Answer: &v1alpha1.WebhookAnswer{ContentType: "text/xml", Body: "<Response/>", StaleStatus: &stale}}
	d, rejection := receive(t, w, http.MethodPost, transporttest.Message{Path: "/", Body: `{}`})
	require.Nil(t, rejection)
	r := d.Answer(&transport.Result{Success: true})
	require.Equal(t, "<Response/>", string(r.Body))
	require.Equal(t, "text/xml", r.Header.Get("Content-Type"))
	require.Equal(t, http.StatusBadRequest, d.Answer(&transport.Result{Reason: reject.StaleTimestamp}).Status)
	require.Nil(t, d.Answer(&transport.Result{Reason: reject.BadSignature}), "other refusals are the usual response")
}

func FuzzBodies(f *testing.F) {
	f.Add("a=1&b[c]=2&b[]=3", uint8(0))
	f.Add(`<r><a/><a x="1">t</a></r>`, uint8(1))
	f.Add(`{"l":[{"m":[{}]}]}`, uint8(2))
	f.Fuzz(func(t *testing.T, body string, kind uint8) {
		media := []string{"application/x-www-form-urlencoded", "text/xml", "application/json"}[kind%3]
		d, rejection := receive(t, v1alpha1.WebhookTransport{Body: &v1alpha1.WebhookBody{
			Formats: []v1alpha1.BodyFormat{"JSON", "Form", "XML"}, JSONFields: []string{"a"}, Split: []v1alpha1.DocumentPath{"l", "m", "a.b"},
		}}, http.MethodPost, transporttest.Message{Path: "/", Body: body, Header: http.Header{"Content-Type": {media}}})
		if rejection != nil {
			return
		}
		for i := range d.Candidates {
			if d.Candidates[i].Rejection != nil {
				continue
			}
			if id, r := d.Candidates[i].ContentID(); r != nil || id == "" {
				t.Fatalf("%q has a document without an id: %v", body, r)
			}
		}
	})
}

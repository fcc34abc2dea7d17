// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/privacy"
)

// victim is a person whose identifiers are placed everywhere a sender can write.
type victim struct {
	customer, email, phone, device string
	// national is the phone number without its country code.
	national string
}

func drawVictim(t *rapid.T) *victim {
	v := &victim{
		customer: rapid.StringMatching(`[1-9][0-9]{6,12}[1-9]`).Draw(t, "customer"),
		email:    rapid.StringMatching(`zq[a-z0-9]{3,6}(\.[a-z]{2,5})?@zq[a-z0-9]{2,5}\.(com|co\.uk|museum)`).Draw(t, "email"),
		device:   rapid.StringMatching(`qz[a-z]{2}-[0-9]{5}[a-z]`).Draw(t, "device"),
		national: "151" + rapid.StringMatching(`[1-9][0-9]{6}[1-9]`).Draw(t, "number"),
	}
	v.phone = "+49" + v.national
	return v
}

// texts returns the forms of the identifiers in texts.
func (v *victim) texts() []string {
	n := v.national
	return []string{
		v.customer, v.email, strings.ToUpper(v.email), v.phone, v.device, strings.ToUpper(v.device), "mailto:" + v.email, "tel:" + v.phone, v.phone[1:],
		"user" + v.customer, "Jane <" + v.email + ">", url.QueryEscape(v.email), url.QueryEscape(url.QueryEscape(v.email)), url.QueryEscape(v.phone),
		"0" + n, "0049" + n, "0" + n[:3] + "/" + n[3:], "+49 (0)" + n[:3] + " " + n[3:6] + "-" + n[6:], "0" + n[:3] + "%20" + n[3:],
		"https://shop.example.test/u/" + v.customer + "?mail=" + url.QueryEscape(v.email) + "&d=" + v.device, `{"mail":"` + v.email + `","id":` + v.customer + `}`,
	}
}

// numbers returns the forms of the identifiers as numbers.
func (v *victim) numbers() []string {
	c := v.customer
	return []string{c, c + ".0", c + "e0", c[:1] + "." + c[1:] + fmt.Sprintf("e%d", len(c)-1), v.phone[1:], v.national, "-" + c}
}

// planter draws values that contain identifiers.
type planter struct {
	*victim
	t *rapid.T
}

func (p *planter) text(label string) string {
	around := rapid.SampledFrom([]string{"", "", "called ", "é ", "(", "x/", "Step ", "a=1&b="})
	return around.Draw(p.t, label+" before") + rapid.SampledFrom(p.texts()).Draw(p.t, label) +
		rapid.SampledFrom([]string{"", "", " called", ")", "/x", " ä", "&c=2"}).Draw(p.t, label+" after")
}

func (p *planter) value(depth int) any {
	switch kind := rapid.IntRange(0, 5).Draw(p.t, "kind"); {
	case kind == 0:
		return json.Number(rapid.SampledFrom(p.numbers()).Draw(p.t, "number"))
	case kind == 1 && depth > 0:
		return []any{p.value(depth - 1), p.value(depth - 1)}
	case kind >= 2 && kind <= 3 && depth > 0:
		return p.object(depth - 1)
	}
	return p.text("text")
}

func (p *planter) object(depth int) map[string]any {
	out := map[string]any{}
	for range rapid.IntRange(1, 4).Draw(p.t, "fields") {
		name := rapid.SampledFrom([]string{"email", "Phone-Number", "mobile", "note", "title", "url", "referrer", "customer"}).Draw(p.t, "name")
		if rapid.Bool().Draw(p.t, "planted name") {
			name = p.text("name")
		}
		out[name] = p.value(depth)
	}
	return out
}

// idOf returns an identifier as text or, if possible, as a number.
func (p *planter) idOf(text string) any {
	if rapid.Bool().Draw(p.t, "as number") {
		return json.Number(strings.TrimPrefix(text, "+"))
	}
	return text
}

// message returns a call of Segment.
func (p *planter) message() map[string]any {
	traits := p.object(1)
	traits["email"], traits["phone"] = p.email, p.idOf(p.phone)
	return map[string]any{
		"type":  rapid.SampledFrom([]string{"track", "page", "screen", "identify", "group"}).Draw(p.t, "call"),
		"event": p.text("event"), "messageId": p.text("id"), "userId": p.idOf(p.customer), "name": p.text("page"), "category": p.text("category"), "groupId": p.text("group"),
		"properties": merge(p.object(2), map[string]any{"order_id": p.text("order"), "products": []any{p.object(1), p.value(1)}}),
		"traits":     traits,
		"context": map[string]any{"device": map[string]any{"id": p.device}, "sessionId": p.text("session"), "page": p.object(1),
			"campaign": map[string]any{"name": p.text("campaign"), "source": p.text("source"), "medium": p.text("medium")}},
	}
}

func merge(a, b map[string]any) map[string]any {
	for k, v := range b {
		a[k] = v
	}
	return a
}

// cloudEvent returns an event with identities in its data, and identifiers in its attributes.
func (p *planter) cloudEvent() map[string]any {
	return map[string]any{
		"specversion": "1.0", "id": p.text("id"), "source": "/till/" + url.PathEscape(p.text("source")), "type": p.text("type"), "sessionid": p.text("session"),
		"data": merge(p.object(2), map[string]any{"customer_id": p.idOf(p.customer), "email": p.email, "phone": p.idOf(p.phone), "device_id": p.device,
			"order_id": p.text("order"), "traits": p.object(1), "products": []any{p.object(1)}}),
	}
}

// webhook returns a document of which the mapping uses everything.
func (p *planter) webhook() map[string]any {
	return map[string]any{
		"name": p.text("event"), "id": p.text("id"), "customer": p.idOf(p.customer), "mail": p.email, "tel": p.idOf(p.phone), "device": p.device,
		"session": p.text("session"), "order": p.text("order"), "channel": "c" + p.customer, "more": p.object(2),
	}
}

func webhookRule() v1alpha1.MappingRule {
	return v1alpha1.MappingRule{Event: &v1alpha1.EventMapping{
		Name: `body.name`, ID: `body.id`, SessionID: `body.session`, OrderID: `body.order`, Channel: `body.channel`,
		Identities: exprs{"customerId": `body.customer`, "email": `body.mail`, "phone": `body.tel`, "deviceId": `body.device`},
		Properties: exprs{"all": `body`, "more": `body.more`, "list": `[body.tel, body.customer]`}, Traits: exprs{"more": `body.more`, "customer": `body.customer`},
	}}
}

// leaks searches everything that leaves the pod for the victim: the bytes that are sent to the store, responses, logs and metrics.
func (v *victim) leaks(t require.TestingT, p *pod, events []event.Event, answer string) string {
	record := event.ToRecord(memory.DefaultAllocator, events)
	defer record.Release()
	var wire bytes.Buffer
	w := ipc.NewWriter(&wire, ipc.WithSchema(event.Schema))
	require.NoError(t, w.Write(record))
	require.NoError(t, w.Close())
	scraped := httptest.NewRecorder()
	p.metrics.ServeHTTP(scraped, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	stats, err := json.Marshal(p.stats())
	require.NoError(t, err)
	names := regexp.MustCompile(`(?m) [0-9.e+-]+$`).ReplaceAllString(scraped.Body.String(), "") // a duration can contain any digits
	for where, said := range map[string]string{"store": wire.String(), "answer": answer, "metrics": names, "stats": string(stats)} {
		said = strings.ToLower(said)
		local, host, _ := strings.Cut(v.email, "@")
		for _, needle := range []string{v.customer, v.device, v.email, local, host} {
			if i := strings.Index(said, needle); i >= 0 {
				return fmt.Sprintf("%s is in %s: %q", needle, where, said[max(0, i-40):min(len(said), i+60)])
			}
		}
		if digits := strings.NewReplacer(" ", "", "-", "", "/", "", "(", "", ")", "", "%20", "").Replace(said); strings.Contains(digits, v.national) {
			i := strings.Index(digits, v.national)
			return fmt.Sprintf("%s is in %s: %q", v.national, where, digits[max(0, i-40):min(len(digits), i+60)])
		}
	}
	return ""
}

// Identifiers that must be hashed never reach the store, responses, logs or metrics, wherever the sender writes them: as text, number, name or part
// of one. Identities have the same hash as text and as number.
func TestHashedIdentifiersAreRemovedEverywhere(t *testing.T) {
	types := []v1alpha1.IdentityType{"customerId", "email", "phone", "deviceId"}
	for name, c := range map[string]struct {
		spec   v1alpha1.TouchpointSourceSpec
		path   string
		header []string
		make   func(*planter) map[string]any
	}{
		"segment": {segmentSpec(), "/v1/batch", []string{"Authorization", writeKey}, (*planter).message},
		"webhook": {openSpec(webhookRule()), "/", nil, (*planter).webhook},
		"cloudEvents": {v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{CloudEvents: &v1alpha1.CloudEventsTransport{
			Unauthenticated: &v1alpha1.Unauthenticated{}}}}, "/", []string{"Content-Type", "application/cloudevents-batch+json"}, (*planter).cloudEvent},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPod(t, c.spec, "test-write-key", hashing(types...))
			p.write(v1alpha1.DefaultPepperKey, "pepper-1")
			p.reloader.Reload()
			hasher := privacy.NewHasher(types, [][]byte{[]byte("pepper-1")})
			rapid.Check(t, func(t *rapid.T) {
				v := drawVictim(t)
				plant := &planter{victim: v, t: t}
				list := []map[string]any{c.make(plant), c.make(plant)}
				var body any = list
				if name == "segment" {
					body = map[string]any{"batch": list}
				}
				raw, err := json.Marshal(body)
				require.NoError(t, err)
				before := len(p.store.events())
				r := p.send(http.MethodPost, c.path, string(raw), c.header...)
				require.Equal(t, 2, r.Body.Accepted+len(r.Body.Rejected), r.ResponseRecorder.Body.String())
				events := p.store.events()[before:]
				require.Len(t, events, r.Body.Accepted)
				require.Empty(t, v.leaks(t, p, events, r.ResponseRecorder.Body.String()), "%s", raw)
				for i := range events {
					require.NoError(t, events[i].Validate())
					require.Contains(t, events[i].Identities, event.Identity{Type: "customerId", Value: hasher.Hash(v.customer)})
					if events[i].Name != "Group Joined" { // these traits belong to the group
						require.Contains(t, events[i].Identities, event.Identity{Type: "email", Value: hasher.Hash(v.email)})
					}
				}
			})
		})
	}
}

// A number is the same identifier as its text, in every spelling, and so is a property with the same value.
func TestNumbersAreHashedLikeTexts(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key", hashing("customerId"))
	p.write(v1alpha1.DefaultPepperKey, "pepper-1")
	p.reloader.Reload()
	hash := privacy.NewHasher([]v1alpha1.IdentityType{"customerId"}, [][]byte{[]byte("pepper-1")}).Hash("4915112345678")
	for i, form := range []string{`"4915112345678"`, `4915112345678`, `4915112345678.0`, `4.915112345678e12`, `4915112345678e0`} {
		body := fmt.Sprintf(`{"event":"A","messageId":"m%d","userId":%s,"properties":{"a":4915112345678,"b":["4915112345678",4.915112345678e12],
			"c":{"d":4915112345678.00},"quantity":7,"price":4915.5,"n":49151123456789}}`, i, form)
		require.Equal(t, 200, p.send(http.MethodPost, "/v1/track", body, "Authorization", writeKey).Code)
		e := p.store.events()[i]
		require.Equal(t, []event.Identity{{Type: "customerId", Value: hash}}, e.Identities, form)
		require.JSONEq(t, fmt.Sprintf(`{"a":%[1]q,"b":[%[1]q,%[1]q],"c":{"d":%[1]q},"quantity":7,"price":4915.5,"n":49151123456789}`, hash), string(e.Properties))
	}
}

// Names describe what happened and not who did it, so identifiers are removed from names, also without hashing. Names are shown in the status. Other
// values stay as they were sent.
func TestNamesCarryNoIdentifiers(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key")
	for i, name := range []string{"jane@example.com called", "bob@example.org called", "jane%40example.com called"} {
		body := fmt.Sprintf(`{"event":%q,"messageId":"m%d","userId":"u","properties":{"jane@example.com":1,"bob@example.com":{"+49 151 12345678":"jane@example.com"},
			"page":"/?mail=jane@example.com"},"context":{"traits":{"likes jane@example.com":true}}}`, name, i)
		require.Equal(t, 200, p.send(http.MethodPost, "/v1/track", body, "Authorization", writeKey).Code)
		e := p.store.events()[i]
		require.Equal(t, "[email] called", e.Name)
		require.JSONEq(t, `{"[email]":{"[phone]":"jane@example.com"},"[email] 2":1,"page":"/?mail=jane@example.com"}`, string(e.Properties))
		require.JSONEq(t, `{"likes [email]":true}`, string(e.Traits))
	}
}

// Ids that differ only in an identifier still differ, and a repeated id is the same event.
func TestIDsWithIdentifiersStayDifferent(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key", hashing("email"))
	p.write(v1alpha1.DefaultPepperKey, "pepper-1")
	p.reloader.Reload()
	for _, who := range []string{"jane", "bob", "jane"} {
		mail := who + "@example.com"
		body := fmt.Sprintf(`{"event":"A","messageId":"order-%[1]s-1","userId":"u","groupId":"team of %[1]s","properties":{"order_id":"order of %[1]s","session_id":%[1]q}}`, mail)
		require.Equal(t, 200, p.send(http.MethodPost, "/v1/track", body, "Authorization", writeKey).Code)
	}
	e := p.store.events()
	require.Equal(t, e[0].ID, e[2].ID)
	require.Equal(t, e[0].OrderID, e[2].OrderID)
	require.NotEqual(t, e[0].ID, e[1].ID)
	require.NotEqual(t, e[0].OrderID, e[1].OrderID)
	require.NotEqual(t, string(e[0].Groups), string(e[1].Groups))
	hasher := privacy.NewHasher([]v1alpha1.IdentityType{"email"}, [][]byte{[]byte("pepper-1")})
	require.Equal(t, hasher.Hash("jane@example.com"), e[0].SessionID, "an id that is an address as a whole keeps the hash that it had")
}

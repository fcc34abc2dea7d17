// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

func hashing(types ...v1alpha1.IdentityType) func(*pod, *batch.Options) {
	return func(p *pod, _ *batch.Options) {
		p.config.Privacy = &v1alpha1.PrivacyPolicy{Hash: types, PepperSecretRef: &v1alpha1.SecretKeyReference{Name: "pepper"}}
	}
}

const personal = `{"type":"identify","messageId":"1","userId":"880011","anonymousId":"a-1",
	"traits":{"email":"Ana@Example.test","phone":"+49 151 12345678","tier":"gold","e\u006dail":"ana@example.test"},
	"context":{"ip":"10.1.1.1","traits":{"email":"ana@example.test"}}}`

func TestNothingIsStoredWithoutAPepper(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key", hashing("email", "phone"))
	r := p.send(http.MethodPost, "/v1/identify", personal, "Authorization", writeKey)
	require.Equal(t, 503, r.Code)
	require.Equal(t, reject.SecretMissing, r.Body.Reason)
	require.Empty(t, p.store.events())
	require.Contains(t, p.stats().SecretError, "pepper")

	p.write(v1alpha1.DefaultPepperKey, "pepper-1\n")
	p.reloader.Reload()
	require.Equal(t, 200, p.send(http.MethodPost, "/v1/identify", personal, "Authorization", writeKey).Code)
	require.Len(t, p.store.events(), 1)
}

// The address and the number are neither stored nor in any output, in whatever field they were sent.
func TestHashedIdentifiersLeakNowhere(t *testing.T) {
	rule := v1alpha1.MappingRule{Event: &v1alpha1.EventMapping{
		Name: `body.type`, ID: `body.id`, Identities: exprs{"email": `body.mail`, "customerId": `body.mail`, "phone": `body.tel`},
		SessionID: `body.mail`, Properties: exprs{"all": `body`}, Traits: exprs{"email": `body.mail`, "contact": `body`},
	}}
	spec := openSpec(rule)
	spec.DropFields = []string{"properties.all.secret", "traits.contact.secret", "traits.contact.nested"}
	p := newPod(t, spec, "", hashing("email", "phone"))
	p.write(v1alpha1.DefaultPepperKey, "pepper-1")
	p.reloader.Reload()
	r := p.send(http.MethodPost, "/", `[{"type":"a","id":"1","mail":"Canary@Example.test","tel":"+49 151 12345678","secret":"dropped-canary",
		"nested":{"x":"canary@example.test","list":["+4915112345678"]}},
		{"type":"b","id":"2","mail":"Canary@Example.test","tel":"","amount":"Canary@Example.test"},
		{"id":"3","mail":"Canary@Example.test"}]`)
	require.Equal(t, 200, r.Code)
	require.Equal(t, 2, r.Body.Accepted)
	all, err := json.Marshal(p.store.batches)
	require.NoError(t, err)
	said := string(all) + r.ResponseRecorder.Body.String()
	stats, err := json.Marshal(p.stats())
	require.NoError(t, err)
	said = strings.ToLower(said + string(stats))
	require.NotContains(t, said, "canary")
	require.NotContains(t, said, "15112345678")
	e := p.store.events()[0]
	require.Equal(t, e.Identities[0].Value, e.Identities[1].Value, "the address as customerId is hashed like the address")
	require.Equal(t, e.Identities[0].Value, e.SessionID)
}

func TestBothHashesAreStoredWhileThePepperIsRotated(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key", hashing("email", "customerId"))
	send := func(pepper, id string) []event.Event {
		p.write(v1alpha1.DefaultPepperKey, pepper)
		p.reloader.Reload()
		before := len(p.store.events())
		require.Equal(t, 200, p.send(http.MethodPost, "/v1/identify", strings.Replace(personal, `"messageId":"1"`, `"messageId":"`+id+`"`, 1),
			"Authorization", writeKey).Code)
		return p.store.events()[before:]
	}
	values := func(e event.Event, typ string) (out []string) {
		for _, i := range e.Identities {
			if i.Type == typ {
				out = append(out, i.Value)
			}
		}
		return out
	}
	old := send("old", "1")
	require.Len(t, old, 1)
	both := send("new\nold", "2")
	require.Len(t, both, 3, "the event, and the aliases of customerId and e-mail: the events of a page join no names")
	require.Len(t, values(both[0], "email"), 2)
	require.Contains(t, values(both[0], "email"), values(old[0], "email")[0])
	require.Len(t, values(both[0], "customerId"), 1)
	slices.SortFunc(both[1:], func(a, b event.Event) int { return len(values(a, "email")) - len(values(b, "email")) })
	for _, alias := range both[1:] {
		require.Equal(t, event.Alias, alias.Kind)
		require.NotZero(t, alias.Flags&event.FlagOwn, "no claim of the sender")
	}
	require.ElementsMatch(t, []string{values(old[0], "customerId")[0], values(both[0], "customerId")[0]}, values(both[1], "customerId"))
	require.ElementsMatch(t, values(both[0], "email"), values(both[2], "email"))
	again := send("new\nold", "3")
	require.ElementsMatch(t, []event.Key{both[1].Key(), both[2].Key()}, []event.Key{again[1].Key(), again[2].Key()}, "they are the same events each time")
	require.Len(t, send("new", "4"), 1)
}

func TestDroppedFieldsAreNotStored(t *testing.T) {
	spec := segmentSpec()
	spec.DropFields = []string{"properties.ip", "properties.user.name", "traits.birthday", "properties.a.b"}
	p := newPod(t, spec, "test-write-key")
	r := p.send(http.MethodPost, "/v1/track", `{"event":"A","messageId":"1","userId":"u","properties":{"ip":"10.0.0.1","\u0069p":"10.0.0.2",
		"user":{"name":"Ana","plan":"x"},"a.b":1,"n":9007199254740993,"price":1.50},"context":{"traits":{"birthday":"2000-01-01"}}}`, "Authorization", writeKey)
	require.Equal(t, 200, r.Code)
	e := p.store.events()[0]
	require.Equal(t, `{"n":9007199254740993,"price":1.50,"user":{"plan":"x"}}`, string(e.Properties))
	require.Empty(t, e.Traits)
}

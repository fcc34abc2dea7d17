// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/registry"
	"github.com/journeyman-dev/journeyman/internal/transport/transporttest"
)

func list(documents []string) string {
	if len(documents) == 1 {
		return documents[0]
	}
	return "[" + strings.Join(documents, ",") + "]"
}

func jsonHeader(more ...string) http.Header {
	h := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i+1 < len(more); i += 2 {
		h.Set(more[i], more[i+1])
	}
	return h
}

// keyed adds a field with the secret to a document, if it is an object.
func keyed(document, name, secret string) string {
	rest, isObject := strings.CutPrefix(document, "{")
	switch {
	case !isObject || secret == "":
		return document
	case rest == "}":
		return `{"` + name + `":"` + secret + `"}`
	}
	return `{"` + name + `":"` + secret + `",` + rest
}

func bearer(secret string) string { return "Bearer " + secret }

var (
	plain     = [2]string{`{"type":"order","id":"1","n":{"a":1,"b":2}}`, `{"type":"order","id":"2","n":{"a":1,"b":2}}`}
	reordered = `{"n": {"b":2,"a":1}, "id":"1","type":"order"}`

	events    = [2]string{`{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"a":1}}`, `{"specversion":"1.0","id":"2","source":"/s","type":"t"}`}
	reordEvnt = `{"data":{"a":1},"type":"t","source":"/s","id":"1","specversion":"1.0"}`
)

func suites() map[string]transporttest.Suite {
	ref := v1alpha1.SecretKeyReference{Name: "keys"}
	kinds := map[string]transport.Kind{}
	for _, k := range registry.Kinds() {
		kinds[k.Name] = k
	}
	spec := func(t v1alpha1.Transport) v1alpha1.TouchpointSourceSpec {
		return v1alpha1.TouchpointSourceSpec{Channel: "web", Transport: t}
	}
	segment := func(secret string, d ...string) transporttest.Message {
		m := transporttest.Message{Path: "/v1/track", Body: list(d), Header: jsonHeader()}
		if len(d) > 1 {
			m.Path, m.Body = "/v1/batch", `{"batch":`+list(d)+`,"sentAt":"2026-11-21T10:15:00Z"}`
		}
		if secret != "" {
			m.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(secret+":")))
		}
		return m
	}
	return map[string]transporttest.Suite{
		"webhook by HMAC": {
			Kind: kinds["webhook"], Documents: plain, Reordered: reordered, Batches: true, ByContentType: true,
			Spec: spec(v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{
				SecretRef: &ref, HMAC: &v1alpha1.HMACRecipe{Header: "X-Signature", Prefix: "sha256="},
			}}),
			Sign: func(secret string, d ...string) transporttest.Message {
				body := list(d)
				mac := hmac.New(sha256.New, []byte(secret))
				mac.Write([]byte(body))
				return transporttest.Message{Path: "/", Body: body, Header: jsonHeader("X-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))}
			},
		},
		"webhook by token": {
			Kind: kinds["webhook"], Documents: plain, Reordered: reordered, Batches: true, ByContentType: true,
			Spec: spec(v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{SecretRef: &ref, Bearer: &v1alpha1.BearerAuth{}}}),
			Sign: func(secret string, d ...string) transporttest.Message {
				return transporttest.Message{Path: "/", Body: list(d), Header: jsonHeader("Authorization", bearer(secret))}
			},
		},
		"segment": {
			Kind: kinds["segment"], Batches: true, Sign: segment,
			Documents: [2]string{`{"type":"track","event":"A","userId":"1"}`, `{"type":"track","event":"B","userId":"1"}`},
			Reordered: `{"userId":"1","sentAt":"2026-11-21T11:15:00Z","event":"A","type":"track"}`,
			Spec:      spec(v1alpha1.Transport{Segment: &v1alpha1.SegmentTransport{SecretRef: ref}}),
		},
		"posthog": {
			Kind: kinds["posthog"], Batches: true, Reads: true,
			Documents: [2]string{`{"event":"A","distinct_id":"1","properties":{"a":1}}`, `{"event":"B","distinct_id":"1"}`},
			Reordered: `{"properties":{"a":1.0},"distinct_id":"1","sent_at":"2026-11-21T10:15:00Z","event":"A"}`,
			Spec:      spec(v1alpha1.Transport{PostHog: &v1alpha1.PostHogTransport{SecretRef: ref}}),
			Sign: func(secret string, d ...string) transporttest.Message {
				if len(d) == 1 {
					return transporttest.Message{Path: "/capture/", Body: keyed(d[0], "api_key", secret), Header: jsonHeader()}
				}
				return transporttest.Message{Path: "/batch/", Body: keyed(`{"batch":`+list(d)+`}`, "api_key", secret), Header: jsonHeader()}
			},
		},
		"mixpanel": {
			Kind: kinds["mixpanel"], Batches: true, Reads: true,
			Documents: [2]string{`{"event":"A","properties":{"distinct_id":"1"}}`, `{"event":"B","properties":{"distinct_id":"1"}}`},
			Reordered: `{"properties":{"distinct_id":"1"},"event":"A"}`,
			Spec:      spec(v1alpha1.Transport{Mixpanel: &v1alpha1.MixpanelTransport{SecretRef: ref}}),
			Sign: func(secret string, d ...string) transporttest.Message {
				return transporttest.Message{Path: "/track", Body: list(d), Header: jsonHeader(
					"Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(secret+":")))}
			},
		},
		"mixpanel by token": {
			Kind: kinds["mixpanel"], Batches: true, Reads: true,
			Documents: [2]string{`{"event":"A","properties":{"distinct_id":"1"}}`, `{"event":"B","properties":{"distinct_id":"1"}}`},
			Reordered: `{"properties":{"distinct_id":"1"},"event":"A"}`,
			Spec:      spec(v1alpha1.Transport{Mixpanel: &v1alpha1.MixpanelTransport{SecretRef: ref}}),
			Sign: func(secret string, d ...string) transporttest.Message {
				for i := range d {
					d[i] = keyed(d[i], "$token", secret)
				}
				return transporttest.Message{Path: "/track", Body: list(d), Header: jsonHeader()}
			},
		},
		"amplitude": {
			Kind: kinds["amplitude"], Batches: true,
			Documents: [2]string{`{"event_type":"A","user_id":"12345"}`, `{"event_type":"B","user_id":"12345"}`},
			Reordered: `{"user_id":"12345","event_type":"A"}`,
			Spec:      spec(v1alpha1.Transport{Amplitude: &v1alpha1.AmplitudeTransport{SecretRef: ref}}),
			Sign: func(secret string, d ...string) transporttest.Message {
				body := keyed(d[0], "api_key", secret)
				if len(d) > 1 {
					body = keyed(`{"events":`+list(d)+`}`, "api_key", secret)
				}
				return transporttest.Message{Path: "/2/httpapi", Body: body, Header: jsonHeader()}
			},
		},
		"cloudEvents": {
			Kind: kinds["cloudEvents"], Documents: events, Reordered: reordEvnt, Batches: true, ByContentType: true,
			Spec: spec(v1alpha1.Transport{CloudEvents: &v1alpha1.CloudEventsTransport{SecretRef: &ref}}),
			Sign: func(secret string, d ...string) transporttest.Message {
				media := "application/cloudevents+json"
				if len(d) > 1 {
					media = "application/cloudevents-batch+json"
				}
				return transporttest.Message{Path: "/", Body: list(d), Header: jsonHeader("Content-Type", media, "Authorization", bearer(secret))}
			},
		},
	}
}

// collectors are the suites of protocols that SDKs already speak.
func collectors(kinds map[string]transport.Kind) map[string]transporttest.Suite {
	ref := v1alpha1.SecretKeyReference{Name: "keys"}
	spec := func(t v1alpha1.Transport) v1alpha1.TouchpointSourceSpec {
		return v1alpha1.TouchpointSourceSpec{Channel: "web", Transport: t}
	}
	payload := func(d []string) string {
		return `{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[` + strings.Join(d, ",") + `]}`
	}
	snowplow := transporttest.Suite{
		Kind: kinds["snowplow"], Batches: true, Spec: spec(v1alpha1.Transport{Snowplow: &v1alpha1.SnowplowTransport{SecretRef: &ref}}),
		Documents: [2]string{
			`{"e":"se","tv":"t","p":"srv","dtm":"1795256097000","stm":"1795256110000","se_ca":"c","se_ac":"a"}`,
			`{"e":"se","tv":"t","p":"srv","dtm":"1795256097000","stm":"1795256110000","se_ca":"c","se_ac":"b"}`,
		},
		Reordered: `{"se_ac":"a","se_ca":"c", "tv":"t","p":"srv","stm":"1795256111000","e":"se","dtm":"1795256097000"}`,
	}
	byHeader, byPath := snowplow, snowplow
	byHeader.Sign = func(secret string, d ...string) transporttest.Message {
		return transporttest.Message{
			Path: "/com.snowplowanalytics.snowplow/tp2", Body: payload(d), Header: jsonHeader("Authorization", bearer(secret)),
		}
	}
	byPath.Sign = func(secret string, d ...string) transporttest.Message {
		return transporttest.Message{Path: "/" + secret + "/com.snowplowanalytics.snowplow/tp2", Body: payload(d), Header: jsonHeader()}
	}
	matomo := transporttest.Suite{
		Kind: kinds["matomo"], Batches: true, Reads: true, Spec: spec(v1alpha1.Transport{Matomo: &v1alpha1.MatomoTransport{SecretRef: &ref}}),
		Documents: [2]string{`"?idsite=1&rec=1&_id=a&url=x&cdt=1795256097"`, `"?idsite=1&rec=1&_id=b&url=x&cdt=1795256097"`},
		Reordered: `{"cdt":"1795256097","url":"x","idsite":1,"rec":1,"_id":"a","rand":"7"}`,
	}
	inBody, inHeader := matomo, matomo
	inBody.Sign = func(secret string, d ...string) transporttest.Message {
		return transporttest.Message{Path: "/matomo.php", Header: jsonHeader(), Body: `{"requests":[` + strings.Join(d, ",") + `],"token_auth":"` + secret + `"}`}
	}
	inHeader.Sign = func(secret string, d ...string) transporttest.Message {
		return transporttest.Message{
			Path: "/matomo.php", Header: jsonHeader("Authorization", bearer(secret)), Body: `{"requests":[` + strings.Join(d, ",") + `]}`,
		}
	}
	return map[string]transporttest.Suite{
		"snowplow by header": byHeader, "snowplow by path": byPath, "matomo by token_auth": inBody, "matomo by header": inHeader,
		"ga4": {
			Kind: kinds["ga4"], Batches: true, Spec: spec(v1alpha1.Transport{GA4: &v1alpha1.GA4Transport{SecretRef: ref}}),
			Documents: [2]string{`{"name":"a","params":{"x":1,"y":2}}`, `{"name":"b","params":{"x":1,"y":2}}`},
			Reordered: `{"params":{"y":2,"x":1.0}, "name":"a"}`,
			Sign: func(secret string, d ...string) transporttest.Message {
				return transporttest.Message{
					Path: "/mp/collect?measurement_id=G-TEST&api_secret=" + secret, Header: jsonHeader(),
					Body: `{"client_id":"1.2","timestamp_micros":1795256097000000,"events":[` + strings.Join(d, ",") + `]}`,
				}
			},
		},
	}
}

func TestConformance(t *testing.T) {
	seen := map[string]bool{}
	all := suites()
	kinds := map[string]transport.Kind{}
	for _, k := range registry.Kinds() {
		kinds[k.Name] = k
	}
	maps.Copy(all, collectors(kinds))
	for name, s := range all {
		seen[s.Kind.Name] = true
		t.Run(name, s.Run)
	}
	for _, k := range registry.Kinds() {
		require.True(t, seen[k.Name], "the transport %s has no suite", k.Name)
	}
}

func TestOf(t *testing.T) {
	_, err := registry.Of(&v1alpha1.Transport{})
	require.ErrorIs(t, err, registry.ErrNone)
	tr := &v1alpha1.Transport{Segment: &v1alpha1.SegmentTransport{SecretRef: v1alpha1.SecretKeyReference{Name: "x"}}}
	k, err := registry.Of(tr)
	require.NoError(t, err)
	require.Equal(t, "segment", k.Name)
}

// Every member of the union that receives requests has a transport. Those that read are in the registry of package pull.
func TestEveryTransportOfTheAPI(t *testing.T) {
	union, receive := reflect.TypeFor[v1alpha1.Transport](), 0
	for i := range union.NumField() {
		var tr v1alpha1.Transport
		block := reflect.ValueOf(&tr).Elem().Field(i)
		block.Set(reflect.New(block.Type().Elem()))
		if tr.Pulls() {
			continue
		}
		receive++
		k, err := registry.Of(&tr)
		require.NoError(t, err)
		name, _, _ := strings.Cut(union.Field(i).Tag.Get("json"), ",")
		require.Equal(t, name, k.Name)
	}
	require.Len(t, registry.Kinds(), receive)
}

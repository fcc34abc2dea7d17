// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package limits

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig"
)

// fill returns a document of about one megabyte: as many elements as fit, but no more values than are allowed.
func fill(open, element, end string) string {
	values := 1 + 2*strings.Count(element, "{") + strings.Count(element, "[") + strings.Count(element, ":") + strings.Count(element, ",")
	n := min((1<<20-len(open)-len(end)-16)/(len(element)+1), 490_000/values)
	return open + strings.Repeat(element+",", n-1) + element + end
}

// documents are those that need the most memory for their size. open and end surround the values.
func documents(open, end string) map[string]string {
	names := &strings.Builder{}
	for i := range 70_000 {
		fmt.Fprintf(names, `,"%x":0`, i)
	}
	return map[string]string{
		"numbers": fill(open+`"p":[`, `0`, `]`+end),
		"objects": fill(open+`"p":[`, `{"a":0}`, `]`+end),
		"lists":   fill(open+`"p":[`, `[]`, `]`+end),
		"texts":   fill(open+`"p":[`, `""`, `]`+end),
		"depth":   fill(open+`"p":[`, strings.Repeat("[", 27)+strings.Repeat("]", 27), `]`+end),
		"names":   open + `"p":{` + names.String()[1:] + `}` + end,
		"text":    open + `"p":"` + strings.Repeat("x", 1<<20-2000) + `"` + end,
	}
}

// zipped compresses a body, with a ratio that the server accepts.
func zipped(t *testing.T, body string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write([]byte(body))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	for out.Len()*100 < len(body) {
		// after the end of the first gzip member comes another one: empty, with a long name
		w.Reset(&out)
		w.Name = strings.Repeat("n", 480)
		require.NoError(t, w.Close())
	}
	return out.String()
}

// requests returns a request for each body, uncompressed and compressed.
func requests(t *testing.T, path string, bodies map[string]string, header ...string) (out []request) {
	t.Helper()
	for name, body := range bodies {
		require.LessOrEqual(t, len(body), 1<<20, name)
		packed := zipped(t, body)
		t.Logf("%s: %d bytes, %d compressed", name, len(body), len(packed))
		out = append(out, request{path, packed, append([]string{"Content-Encoding", "gzip"}, header...)}, request{path, body, header})
	}
	return out
}

func TestSegmentStaysWithinMemory(t *testing.T) {
	r := newRig(t)
	p := startPod(t, r, "page", transportOf(t, r, func(t *v1alpha1.Transport) bool { return t.Segment != nil }))
	header := []string{"Content-Type", "application/json", "X-Write-Key", p.Secret}
	bad := requests(t, "/v1/track", documents(`{"event":"A","userId":"u","timestamp":"2026-11-21T10:00:00Z","properties":{`, `}}`), header...)
	bad = append(bad, requests(t, "/v1/batch", map[string]string{
		"empty messages": `{"batch":[` + strings.Repeat(`{},`, 4999) + `{}]}`,
		"no messages":    `{"batch":[` + strings.Repeat(`0,`, 4999) + `0]}`,
		"small messages": `{"batch":[` + strings.Repeat(`{"type":"track","event":"A","userId":"u","properties":{"a":{"b":[0,0]}},"traits":{"email":"a@b.example"}},`, 4999) + `{}]}`,
		"identities": `{"batch":[` + strings.Repeat(`{"type":"identify","userId":"u","context":{"externalIds":[`+
			strings.Repeat(`{"type":"device_id","id":"1"},`, 300)+`{}]}},`, 100) + `{}]}`,
	}, header...)...)
	p.attack(t, bad, func(i int) request {
		return request{"/v1/track", fmt.Sprintf(`{"event":"Viewed","userId":"u-%d","messageId":"m-%d"}`, i, i), header}
	})
}

func TestCloudEventsStayWithinMemory(t *testing.T) {
	r := newRig(t)
	p := startPod(t, r, "bus", v1alpha1.TouchpointSourceSpec{
		Transport: v1alpha1.Transport{CloudEvents: &v1alpha1.CloudEventsTransport{Unauthenticated: &v1alpha1.Unauthenticated{}}},
	})
	const one = "application/cloudevents+json"
	head := `{"specversion":"1.0","id":"1","source":"/a","type":"A","data":{"userId":"u",`
	binary := []string{"Content-Type", "application/json", "Ce-Specversion", "1.0", "Ce-Id", "1", "Ce-Source", "/a", "Ce-Type", "A"}
	bad := requests(t, "/", documents(head, `}}`), "Content-Type", one)
	bad = append(bad, requests(t, "/", documents(`{"userId":"u",`, `}`), binary...)...)
	bad = append(bad, requests(t, "/", map[string]string{
		"empty events": `[` + strings.Repeat(`{},`, 4999) + `{}]`,
		"events":       `[` + strings.Repeat(head+`"p":[{},{"a":[]}]}},`, 4999) + `{}]`,
		"extensions":   `[` + strings.Repeat(`{"specversion":"1.0","id":"1","source":"/a","type":"A","xa":1,"xb":"2","xc":true},`, 4999) + `{}]`,
	}, "Content-Type", "application/cloudevents-batch+json")...)
	p.attack(t, bad, func(i int) request {
		return request{"/", fmt.Sprintf(`{"specversion":"1.0","id":"m-%d","source":"/honest","type":"Viewed","data":{"userId":"u-%d"}}`, i, i),
			[]string{"Content-Type", one}}
	})
}

func TestWebhooksStayWithinMemory(t *testing.T) {
	r := newRig(t)
	property := func(expression v1alpha1.CELExpression) map[string]v1alpha1.CELExpression {
		return map[string]v1alpha1.CELExpression{"p": expression}
	}
	rule := func(when string, forEach, id, expression v1alpha1.CELExpression) v1alpha1.MappingRule {
		return v1alpha1.MappingRule{When: v1alpha1.CELExpression("body.kind == '" + when + "'"), ForEach: forEach, Event: &v1alpha1.EventMapping{
			Name: `"A"`, ID: id, Identities: map[string]v1alpha1.CELExpression{"customerId": `"u"`}, Properties: property(expression),
		}}
	}
	p := startPod(t, r, "hook", v1alpha1.TouchpointSourceSpec{
		Transport: v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{Unauthenticated: &v1alpha1.Unauthenticated{}}},
		Mapping: []v1alpha1.MappingRule{
			rule("each", "body.p", "", "body.note"),
			rule("all", "", "", "body"),
			rule("eachAll", "body.p", "", "body"),
			rule("replace", "", "", `body.p.replace("x", body.p)`),
			rule("join", "", "", `body.p.map(x, body.note).join(", ")`),
			rule("lists", "", "", `body.p.map(x, [x, x, x])`),
			rule("split", "", "", `body.p.split("")`),
			rule("honest", "", "body.id", "body.id"),
		},
	})
	header := []string{"Content-Type", "application/json"}
	var bad []request
	for _, kind := range []string{"all", "eachAll", "join", "lists", "split", "replace"} {
		d := documents(`{"kind":"`+kind+`","note":"`+strings.Repeat("n", 1000)+`",`, `}`)
		for _, name := range []string{"numbers", "objects", "names", "text"} {
			d[kind+" "+name] = d[name]
		}
		for name := range d {
			if !strings.HasPrefix(name, kind) {
				delete(d, name)
			}
		}
		bad = append(bad, requests(t, "/", d, header...)...)
	}
	bad = append(bad, requests(t, "/", map[string]string{
		"each": `{"kind":"each","note":"` + strings.Repeat("n", 32_000) + `","p":[` + strings.Repeat("0,", 4999) + `0]}`,
		"list": `[` + strings.Repeat(`{"kind":"none"},`, 4999) + `{}]`,
	}, header...)...)
	p.attack(t, bad, func(i int) request {
		return request{"/", fmt.Sprintf(`{"kind":"honest","id":"m-%d"}`, i), header}
	})
}

// transportOf returns the transport of a sample source.
func transportOf(t *testing.T, r *rig.Rig, wanted func(*v1alpha1.Transport) bool) v1alpha1.TouchpointSourceSpec {
	t.Helper()
	for i := range r.Samples.Sources {
		if s := &r.Samples.Sources[i].Spec; wanted(&s.Transport) {
			return v1alpha1.TouchpointSourceSpec{Transport: s.Transport}
		}
	}
	require.Fail(t, "no sample has the transport")
	return v1alpha1.TouchpointSourceSpec{}
}

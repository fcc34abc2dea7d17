// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

func amplitudeSpec() v1alpha1.TouchpointSourceSpec {
	return v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{
		Amplitude: &v1alpha1.AmplitudeTransport{SecretRef: v1alpha1.SecretKeyReference{Name: "keys"}},
	}}
}

func mixpanelSpec() v1alpha1.TouchpointSourceSpec {
	return v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{
		Mixpanel: &v1alpha1.MixpanelTransport{SecretRef: v1alpha1.SecretKeyReference{Name: "keys"}},
	}}
}

// The protocols of some SDKs answer 400 if one event is refused. The others are stored nevertheless, and the sender learns which one it is.
func TestOneBadEventOfAnSDK(t *testing.T) {
	p := newPod(t, amplitudeSpec(), "key")
	r := p.send(http.MethodPost, "/2/httpapi", `{"api_key":"key","events":[{"user_id":"u-1","event_type":"A","insert_id":"1"},
		{"event_type":"B","insert_id":"2"},{"user_id":"u-1","event_type":"session_start"}]}`)
	require.Equal(t, 400, r.Code)
	require.JSONEq(t, `{"code":400,"error":"Request has invalid or missing fields","events_with_missing_fields":{"user_id":[1]}}`, r.ResponseRecorder.Body.String())
	require.Len(t, p.store.events(), 1)
	require.Equal(t, int64(1), p.stats().Counters.Dropped)

	p = newPod(t, mixpanelSpec(), "tok")
	r = p.send(http.MethodPost, "/import?strict=1", `[{"event":"A","properties":{"token":"tok","distinct_id":"u-1","time":1795256097}},
		{"event":"B","properties":{"token":"tok","distinct_id":"","time":1795256097}}]`)
	require.Equal(t, 400, r.Code)
	require.Contains(t, r.ResponseRecorder.Body.String(), `"num_records_imported":1`)
	require.Contains(t, r.ResponseRecorder.Body.String(), `"index":1,"field":"identities"`)
	require.Len(t, p.store.events(), 1)
}

// Base64 hides how large a document becomes. It needs the memory of what it decodes to, and is refused if a pod never has that much.
func TestPackedDocumentsAreWeighed(t *testing.T) {
	spec, size := mixpanelSpec(), resource.MustParse("4Mi")
	spec.Limits = &v1alpha1.SourceLimits{MaxBodySize: &size}
	p := newPod(t, spec, "tok")
	// Empty lists need many times the memory of their text.
	document := `[{"event":"A","properties":{"token":"tok","x":[` + strings.TrimSuffix(strings.Repeat("[],", 900_000), ",") + `]}}]`
	for _, body := range []string{document, "data=" + base64.RawURLEncoding.EncodeToString([]byte(document))} {
		r := p.send(http.MethodPost, "/track?verbose=1", body)
		require.Equal(t, 413, r.Code)
		require.Contains(t, r.Body.Error, "larger by decoding than the memory allows")
	}
	require.Equal(t, "1", p.send(http.MethodGet, "/track?data="+base64.URLEncoding.EncodeToString(
		[]byte(`{"event":"A","properties":{"token":"tok","distinct_id":"u-1"}}`)), "").ResponseRecorder.Body.String())
	require.Equal(t, "0", p.send(http.MethodGet, "/track?data=e30=", "").ResponseRecorder.Body.String())
	require.Equal(t, int64(1), p.stats().Unauthorized[reject.BadToken].Count)
}

// An insert id is unique within a person and a day at Mixpanel, and within a device at Amplitude. Within those, it is one event, however often it is sent.
func TestInsertIDsOfTwoPeople(t *testing.T) {
	p := newPod(t, mixpanelSpec(), "tok")
	send := func(event, person string, at int64) {
		body := fmt.Sprintf(`{"event":%q,"properties":{"token":"tok","distinct_id":%q,"$insert_id":"1","time":%d}}`, event, person, at)
		require.Equal(t, "1", p.send(http.MethodPost, "/track", body).ResponseRecorder.Body.String())
	}
	const noon = 1795262400
	send("A", "u-1", noon)
	send("A", "u-1", noon)
	send("A", "u-1", noon+3600) // the same day
	require.Len(t, distinct(p), 1)
	send("A", "u-2", noon)
	send("B", "u-1", noon)
	send("A", "u-1", noon+24*3600)
	require.Len(t, distinct(p), 4)

	p = newPod(t, amplitudeSpec(), "key")
	upload := func(user, device string, at int64) {
		body := fmt.Sprintf(`{"api_key":"key","events":[{"user_id":%q,"device_id":%q,"event_type":"A","insert_id":"1","time":%d}]}`, user, device, at)
		require.Equal(t, 200, p.send(http.MethodPost, "/2/httpapi", body).Code)
	}
	upload("u-1", "d-1", noon*1000)
	upload("u-2", "d-1", noon*1000+5)
	require.Len(t, distinct(p), 1)
	upload("u-1", "d-2", noon*1000)
	upload("u-1", "", noon*1000)
	upload("u-2", "", noon*1000)
	require.Len(t, distinct(p), 4)
}

// distinct returns the ids of the events of a pod.
func distinct(p *pod) map[string]bool {
	out := map[string]bool{}
	for _, e := range p.store.events() {
		out[e.ID] = true
	}
	return out
}

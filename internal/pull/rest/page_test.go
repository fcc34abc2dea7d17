// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/pull/rest"
	"github.com/journeyman-dev/journeyman/test/rig/restapi"
)

// manifests are the sources of the page, by name.
func manifests(t *testing.T) map[string]v1alpha1.TouchpointSourceSpec {
	t.Helper()
	text, err := os.ReadFile("../../../docs/transports/rest.md")
	require.NoError(t, err)
	out := map[string]v1alpha1.TouchpointSourceSpec{}
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1) {
		var s v1alpha1.TouchpointSource
		require.NoError(t, yaml.UnmarshalStrict(block[1], &s))
		require.NoError(t, rest.Kind.Check(&s.Spec))
		out[s.Name] = s.Spec
	}
	return out
}

// The manifests of the page work as they are, but for addresses and the number of records of a page.
func TestTheManifestsOfThePage(t *testing.T) {
	t.Parallel()
	all := manifests(t)
	require.Len(t, all, 2)
	for name, c := range map[string]struct {
		path, size string
		records    []string
	}{
		"payments": {"/v1/events", "limit", []string{
			`{"object":"event","type":"invoice.paid","data":{"object":{"object":"invoice","customer":"cus_1"}}}`,
			`{"object":"event","type":"charge.succeeded","data":{"object":{"object":"charge","customer":"cus_2"}}}`,
			`{"object":"event","type":"payout.paid","data":{"object":{"object":"payout"}}}`,
		}},
		"support": {"/api/v2/incremental/tickets/cursor", "per_page", []string{
			`{"status":"new","requester_id":1,"created_at":"2026-11-01T10:00:00Z"}`,
			`{"status":"open","requester_id":2,"created_at":"2026-11-01T10:05:00Z"}`,
			`{"status":"deleted","requester_id":3,"created_at":"2026-11-01T10:06:00Z"}`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := all[name]
			s := &system{Server: restapi.Start(t), secret: restapi.Key, rest: *spec.Transport.REST}
			s.rest.URL = s.URL(c.path)
			s.rest.Query[c.size] = "1"
			spec.Transport = s.Transport()
			s.Write(t, c.records...)
			p := pulltest.NewPod(t, s)
			spec.Egress = p.Config.Source.Egress
			p.Config.Source = spec
			p.Run()
			p.Await(2)
			require.Eventually(t, func() bool { return !p.Runner.State().CaughtUpTime.IsZero() }, time.Minute, 10*time.Millisecond)
			p.Check(2, true)
			require.Nil(t, p.Runner.State().Problem)
		})
	}
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// patterns are all patterns of the CRDs with a field that has it, and values that it takes and refuses.
var patterns = []struct {
	doc, path      string
	accept, refuse []string
}{
	{"journeymap", "spec.progression.window", // durations
		[]string{"1s", "30m", "14d", "99999d", "9999w"}, []string{"0d", "14", "d", "1.5h", "-1d", "1h30m", "14 d", "00014d", "10000w", "1y"}},
	{"journeymap", "spec.stages.0.maxDropOff", // ratios
		[]string{"0", "1", "0.6", "0.123456", "1.0", "0.0"}, []string{"1.1", ".5", "0.", "-0.1", "60%", "0,6", "1.000001"}},
	{"metricreport", "spec.kpis.0.target.atLeast", // decimals
		[]string{"40", "-12.5", "0.25", "999999999999.999999"}, []string{"1e3", "+1", ".5", "1.", "1,5", "1234567890123", "NaN"}},
	{"journeymap", "spec.freshness.reviewedAt", // days
		[]string{"2026-11-01", "2024-02-29"}, []string{"2026-13-01", "2026-00-10", "2026-11-32", "01.11.2026", "26-11-01", "2026/11/01"}},
	{"touchpointsource-segment", "spec.channel",
		[]string{"web", "in-store", "tv2", strings.Repeat("c", 32)}, []string{"Web", "2tv", "-web", "in_store", "in store"}},
	{"journeymap", "spec.storeRef.name", // names of objects
		[]string{"a", "default", "eu-1", strings.Repeat("a", 40)}, []string{"1a", "a.b", "A", "a-", "-a", "a_b"}},
	{"journeymap", "spec.stages.0.name", // names of list items
		[]string{"a", "1st", "site-visit"}, []string{"a.b", "A", "a-", "-a", "a/b"}},
	{"touchpointsource-bearer", webhook + ".secretRef.name",
		[]string{"a", "shop.example", "1-a"}, []string{"a/b", "A", ".a", "a.", "-a", "../a"}},
	{"touchpointsource-bearer", webhook + ".secretRef.key",
		[]string{"journeyman-secret", "journeyman-a.b_C-1"}, []string{"password-of-db", "tls.key.of.another", "journeyman-a/b", "a-journeyman-key"}},
	{"touchpointsource-segment", "spec.tls.secretRef.name",
		[]string{"journeyman-tls", "journeyman-web.example"}, []string{"shop-tls", "journeyman-A", "journeyman-tls-", "journeyman-", "a-journeyman-tls"}},
	{"eventstore", "spec.exclude.0.key",
		[]string{"properties.ip", "traits.a.b", "groups.tier", "properties.Order Total", "event", "channel", "source", "sessionId", "orderId", "currency", "survey.kind", "survey.score"},
		[]string{"ip", "properties", "properties.", "properties. a", "properties.a ", "properties.a\tb", "events", "time", "Event", "survey", "survey.scale"}},
	{"eventstore", "spec.privacy.hash.0", // types of identities
		[]string{"phone1", "loyaltyId", "a"}, []string{"Email", "loyalty-id", "1a", "e mail"}},
	{"touchpointsource-hmac", webhook + ".publicURL",
		[]string{"https://a.example/b", "http://a.example"}, []string{"a.example", "ftp://a.example", "https://", "https://a b"}},
	{"touchpointsource-header", hmac + ".header",
		[]string{"X-Signature", "x1"}, []string{"X Signature", "X_Signature", "X:"}},
	{"touchpointsource-hmac", "spec.drop.0",
		[]string{"properties.ip", "traits.a.b", "traits.Card Number"}, []string{"ip", "properties.", "groups.a", "properties.a "}},
	{"journeymap", "spec.analysis.timeZone",
		[]string{"UTC", "Europe/Berlin", "Etc/GMT+1", "America/Port-au-Prince"}, []string{"+01:00", "Europe/Berlin ", "../etc", "1"}},
	{"journeymap", "spec.countBy.key",
		[]string{"person", "sessionId", "orderId", "properties.$session_id", "properties.Order Number", "groups.company.id"},
		[]string{"persons", "traits.a", "event", "properties.", `properties.a"b`, `groups.a\b`, "groups.a ", "groups. a"}},
	{"metricreport", "spec.currency",
		[]string{"EUR", "USD"}, []string{"eur", "EU", "€", "E1R"}},
}

func TestPatterns(t *testing.T) {
	tested := map[string]bool{}
	all := schemas(t)
	for _, p := range patterns {
		kind, _, _ := strings.Cut(p.doc, "-")
		pattern := patternAt(t, all[kind], strings.Split(p.path, "."))
		tested[pattern] = true
		t.Run(p.doc+"/"+p.path, func(t *testing.T) {
			at := strings.Split(p.path, ".")
			for _, v := range p.accept {
				require.NoError(t, create(t.Context(), edits{p.path: v}.apply(t, load(t, p.doc))), v)
			}
			for _, v := range p.refuse {
				got := messagesAt(t, edits{p.path: v}.apply(t, load(t, p.doc)), at)
				require.NotEmpty(t, got, "%q is accepted", v)
				require.Contains(t, strings.Join(got, "\n"), "should match '"+pattern+"'", v)
			}
		})
	}
	for kind, root := range all {
		walk(root.Properties["spec"], []string{"spec"}, func(path []string, s schema) {
			if s.Pattern != "" && !s.XIntOrString {
				require.True(t, tested[s.Pattern], "%s %s: no case for the pattern %s", kind, dotted(path), s.Pattern)
			}
		})
	}
}

// A day that the calendar does not have fits the pattern, but not the format.
func TestDatesExist(t *testing.T) {
	const at = "spec.freshness.reviewedAt"
	got := messagesAt(t, edits{at: "2026-02-30"}.apply(t, load(t, "journeymap")), strings.Split(at, "."))
	require.Len(t, got, 1)
	require.Contains(t, got[0], "must be of type date")
}

// patternAt gives the pattern of the field at a path of a document.
func patternAt(t *testing.T, s schema, path []string) string {
	t.Helper()
	for _, step := range path {
		if s.Items != nil {
			s = *s.Items.Schema
			continue
		}
		next, there := s.Properties[step]
		require.True(t, there, "%v: no field %s", path, step)
		s = next
	}
	require.NotEmpty(t, s.Pattern, "%v has no pattern", path)
	return s.Pattern
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// unknown are misspelt fields, and fields that another kind has.
var unknown = []struct{ doc, path string }{
	{"eventstore", "spec.retentoin"},
	{"eventstore", storage + ".class"},
	{"touchpointsource-hmac", hmac + ".algo"},
	{"touchpointsource-hmac", "spec.mapping.0.event.user"},
	{"touchpointsource-bearer", webhook + ".bearer.token"},
	{"journeymap", "spec.stages.1.touchpoints.0.match.0.name"},
	{"journeymap", "spec.pod.affinity"},
	{"metricreport", "spec.kpis.0.measure.profit"},
}

// named are lists whose entries have unique names.
var named = []struct{ doc, list string }{
	{"journeymap", "spec.sources"},
	{"journeymap", "spec.personas"},
	{"journeymap", "spec.stages"},
	{"journeymap", "spec.stages.[].touchpoints"},
	{"metricreport", "spec.kpis"},
}

// kubectl requests strict validation by default.
var _ = Describe("Strict validation", suite.Fast, func() {
	for _, c := range unknown {
		It("refuses an unknown field: "+c.doc+"/"+c.path, func(ctx SpecContext) {
			err := create(ctx, edits{c.path: "x"}.apply(load(c.doc)))
			Expect(err).To(MatchError(ContainSubstring(fmt.Sprintf("unknown field %q", field(strings.Split(c.path, "."))))))
		})
	}

	for _, c := range named {
		It("refuses a duplicate name: "+c.doc+"/"+c.list, func(ctx SpecContext) {
			_, at, value, found := find([]string{c.doc}, strings.Split(c.list, "."))
			Expect(found).To(BeTrue())
			list, ok := value.([]any)
			Expect(ok).To(BeTrue())
			err := create(ctx, edits{strings.Join(at, "."): append(list, list[len(list)-1])}.apply(load(c.doc)))
			got := causes(err)
			Expect(got).To(HaveLen(1))
			Expect(got[0].Field).To(Equal(fmt.Sprintf("%s[%d]", field(at), len(list))))
			Expect(got[0].Message).To(ContainSubstring("Duplicate value"))
		})
	}

	It("accepts the largest possible map: the cost of CEL is within the limit", func(ctx SpecContext) {
		where := repeat(map[string]any{"key": "orderId", "operator": "In", "values": []any{"1", "2"}}, 8)
		match := repeat(map[string]any{"event": "Order Completed", "where": where}, 4)
		touchpoints := repeat(map[string]any{"name": "t", "match": match}, 24)
		stages := repeat(map[string]any{"name": "s", "touchpoints": touchpoints}, 20)
		Expect(create(ctx, edits{"spec.stages": stages}.apply(load("journeymap")))).To(Succeed())
	})
})

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"context"
	"encoding/json"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/sample"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var _ = Describe("The Job that sends the sample events", suite.Fast, func() {
	It("waits for a run that saw its request, and not for an earlier one", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.apply("JourneyMap")
		m := &v1alpha1.JourneyMap{}
		asked := func() string {
			Expect(api.Get(ctx, w.key("omnichannel-retail"), m)).To(Succeed())
			return m.Annotations[v1alpha1.RunAtAnnotation]
		}
		// The status that the analysis job and the operator write for a run that saw a request.
		show := func(results, last, problem string, customers int) {
			now := "2026-11-20T12:00:00Z"
			status, err := json.Marshal(map[string]any{"status": map[string]any{
				"trace": map[string]any{
					"analysis": map[string]any{"uid": m.UID, "generation": 1, "scheduledTime": now, "startTime": now, "completionTime": now,
						"eventsScanned": 1, "handledRunAt": results,
					},
					"lastRun": map[string]any{"job": "retail-map-1", "time": now, "handledRunAt": last, "error": problem},
				},
				"summary": map[string]any{"customers": customers, "worstStage": "intent", "display": map[string]any{"dropOff": "64.0%"}},
			}})
			Expect(err).NotTo(HaveOccurred())
			Expect(api.Status().Patch(ctx, m, client.RawPatch(types.MergePatchType, status))).To(Succeed())
		}
		type result struct {
			summary *v1alpha1.JourneySummary
			err     error
		}
		analyse := func(ctx context.Context) chan result {
			done := make(chan result, 1)
			go func() {
				s, err := sample.Analyse(ctx, api, w.namespace, "omnichannel-retail")
				done <- result{s, err}
			}()
			return done
		}

		done := analyse(ctx)
		Eventually(ctx, asked).ShouldNot(BeEmpty())
		first := asked()
		show("", "", "", 105)
		Consistently(ctx, done, "1500ms").ShouldNot(Receive())
		show(first, first, "", 240)
		var got result
		Eventually(ctx, done).Should(Receive(&got))
		Expect(got.err).NotTo(HaveOccurred())
		Expect(got.summary.Customers).To(BeEquivalentTo(240))

		short, end := context.WithCancel(ctx)
		done = analyse(short)
		Eventually(ctx, asked).ShouldNot(Equal(first))
		show(first, asked(), "store unavailable", 240)
		Consistently(ctx, done, "1500ms").ShouldNot(Receive())
		end()
		Eventually(ctx, done).Should(Receive(&got))
		Expect(got.err).To(MatchError(ContainSubstring("the run that was asked for failed: Job retail-map-1: store unavailable")))

		_, err := sample.Analyse(ctx, api, w.namespace, "other")
		Expect(err).To(MatchError(ContainSubstring(fmt.Sprintf("ask for a run of JourneyMap %s/other", w.namespace))))
	})
})

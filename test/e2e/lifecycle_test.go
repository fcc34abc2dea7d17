// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/utils/ptr"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var _ = Describe("An installation", suite.Slow, func() {
	It("keeps its pods when the operator is upgraded", func(ctx SpecContext) {
		next := os.Getenv("JOURNEYMAN_NEXT_IMAGE")
		Expect(next).NotTo(BeEmpty(), "hack/test-e2e.sh sets it")
		tm := newTeam(ctx)
		tm.apply(ecomSource)
		tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
		tm.condition("es", "default", v1alpha1.ConditionAvailable, "True")
		before := tm.uids("store", "ingest")
		Expect(before).To(HaveLen(3))

		tm.installOperator(next)
		for _, what := range []string{"es/default", "tps/web"} {
			tm.eventually(what+" reports the update", func() error {
				out, err := suite.TryKubectl(tm.ctx, "-n", tm.namespace, "get", what, "-o", "jsonpath={.status.image} {.status.updateAvailable}")
				if err == nil && out != image+" "+next {
					err = fmt.Errorf("image and updateAvailable are %q", out)
				}
				return err
			})
		}
		Expect(tm.uids("store", "ingest")).To(Equal(before), "the upgrade replaced pods of the data plane")
	})

	It("leaves only the volume when it is deleted, and a new store uses it again", func(ctx SpecContext) {
		tm := newTeam(ctx)
		tm.apply(ecomSource)
		tm.apply(ecomMap)
		tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
		s := segment{url: tm.serviceURL("web-ingest"), writeKey: "e2e-write-key"}
		Expect(s.send(numbered(0, 0, 25), time.Now())).To(Succeed())
		tm.condition("jm", "ecom", v1alpha1.ConditionReady, "True")

		suite.Kubectl(tm.ctx, "-n", tm.namespace, "delete", "jm,tps,es", "--all", "--timeout=120s")
		tm.eventually("only the volume claim is left", func() error {
			out, err := suite.TryKubectl(tm.ctx, "-n", tm.namespace, "get",
				"deploy,sts,cronjobs,jobs,pods,services,configmaps,serviceaccounts,roles,rolebindings,hpa,pdb,pvc,secrets",
				"-l", "app.kubernetes.io/managed-by=journeyman-operator", "-o", "name")
			if err == nil && strings.TrimSpace(out) != "persistentvolumeclaim/default-store" {
				err = fmt.Errorf("left over:\n%s", out)
			}
			return err
		})

		tm.apply(ecomSource)
		tm.condition("es", "default", v1alpha1.ConditionAvailable, "True")
		tm.eventually("the new store has the old events", func() error {
			var es v1alpha1.EventStore
			tm.get("default", &es)
			if n := ptr.Deref(es.Status.Events, 0); n != 25 {
				return fmt.Errorf("%d events", n)
			}
			return nil
		})
	})

	// Pods notice the start and end of a suspension when the kubelet updates their files. When the source is available again, all of its pods must
	// accept events.
	It("is available after a suspension only when every pod accepts events", func(ctx SpecContext) {
		tm := newTeam(ctx)
		tm.apply(ecomSource)
		tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
		pods := tm.ingestPods("web", 2)
		suspend := func(on bool) {
			GinkgoHelper()
			suite.Kubectl(tm.ctx, "-n", tm.namespace, "patch", "tps", "web", "--type=merge", "-p", fmt.Sprintf(`{"spec":{"suspend":%t}}`, on))
		}
		answers := func(p ingestPod, status int) error {
			s := p.sender("e2e-write-key")
			return tm.wantStatus(&s, status)
		}
		suspend(true)
		reason, _ := tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "False")
		Expect(reason).To(Equal(v1alpha1.ReasonSuspended))
		for _, p := range pods {
			tm.eventually("a pod turns senders away", func() error { return answers(p, http.StatusServiceUnavailable) })
		}
		suspend(false)
		began := time.Now()
		tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
		AddReportEntry(fmt.Sprintf("available %s after the suspension was taken back", time.Since(began).Round(time.Second)))
		for _, p := range pods {
			Expect(answers(p, http.StatusOK)).To(Succeed(), "the source calls itself available, and a pod does not take events")
		}
		Expect(uidsOf(tm.ingestPods("web", 2))).To(Equal(uidsOf(pods)), "no pod was replaced")
	})
})

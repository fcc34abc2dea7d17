// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// networkPolicies returns the NetworkPolicies of the namespace by name.
func (w *world) networkPolicies() map[string]*networkingv1.NetworkPolicy {
	GinkgoHelper()
	var list networkingv1.NetworkPolicyList
	Expect(api.List(w.ctx, &list, client.InNamespace(w.namespace))).To(Succeed())
	out := map[string]*networkingv1.NetworkPolicy{}
	for i := range list.Items {
		out[list.Items[i].Name] = &list.Items[i]
	}
	return out
}

var _ = Describe("NetworkPolicies", suite.Fast, func() {
	// Each object has a NetworkPolicy that depends on its spec and on the operator's flags. The operator reverts changes of it, and does not change
	// those of others.
	It("depend on the specs and on the operator's flags", func(ctx SpecContext) {
		w := newWorld(ctx)
		own := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "mesh"}}
		Expect(api.Create(ctx, own)).To(Succeed())
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
		all := w.networkPolicies()
		for _, name := range []string{"mesh", "default-store", "web-ingest", "tills-ingest", "omnichannel-retail-map", "retail-kpis-report"} {
			Expect(all).To(HaveKey(name))
		}
		Expect(all["web-ingest"].Spec.Ingress[0].From).To(BeEmpty(), "anybody may send")

		change(w, "web", &v1alpha1.TouchpointSource{}, func(s *v1alpha1.TouchpointSource) {
			s.Spec.AllowFrom = []v1alpha1.SenderPeer{{NamespaceLabels: map[string]string{"kubernetes.io/metadata.name": "ingress-nginx"}}}
		})
		closed := func(p *networkingv1.NetworkPolicy) bool {
			return len(p.Spec.Ingress) == 2 && len(p.Spec.Ingress[0].From) == 1
		}
		eventually(w, "web-ingest", &networkingv1.NetworkPolicy{}, "senders in one namespace", closed)
		change(w, "web-ingest", &networkingv1.NetworkPolicy{}, func(p *networkingv1.NetworkPolicy) {
			p.Spec.Ingress = []networkingv1.NetworkPolicyIngressRule{{}}
		})
		eventually(w, "web-ingest", &networkingv1.NetworkPolicy{}, "closed again", closed)
		w.quiet(2 * time.Second)
		w.checkStatuses(false)

		w.stop()
		w.setup.Network.Mode, w.setup.Network.APIServer = resources.PoliciesBoth, []string{"172.18.0.2/32"}
		w.start()
		eventually(w, "omnichannel-retail-map", &networkingv1.NetworkPolicy{}, "egress is closed", func(p *networkingv1.NetworkPolicy) bool {
			return len(p.Spec.PolicyTypes) == 2 && len(p.Spec.Egress) == 3
		})
		w.stop()
		w.setup.Network.Mode = resources.PoliciesNone
		w.start()
		Eventually(ctx, func() bool { return len(w.networkPolicies()) == 1 }).Should(BeTrue())
		Expect(w.networkPolicies()).To(HaveKey("mesh"))
		eventually(w, "web", &v1alpha1.TouchpointSource{}, "it names its senders in vain", func(s *v1alpha1.TouchpointSource) bool {
			return len(s.Status.Advice) == 1 && strings.Contains(s.Status.Advice[0], "spec.allowFrom has no effect")
		})
		w.quiet(2 * time.Second)
	})
})

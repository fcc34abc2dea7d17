// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"context"
	"net/http"
	"regexp"
	"strconv"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// ofTLS matches the lines of the Ingress for sources with spec.tls.
var ofTLS = regexp.MustCompile(`(?m)^.*(backend-protocol|proxy-ssl-).*\n`)

// The specs are one source, in order: without a certificate, then with one. All YAML comes from docs/networks.md.
var _ = Describe("A gateway in front of a source", Ordered, Label("network", "recipes"), func() {
	var g gateway
	BeforeAll(func(ctx context.Context) { g.install(ctx) })
	AfterEach(func(ctx context.Context) {
		suite.DumpTeam(ctx, g.shop, []string{"-n", g.namespace, "logs", "deployment/traefik", "--tail=60"},
			[]string{"get", "gateways,httproutes,backendtlspolicies,ingresses", "-A", "-o", "yaml"})
	})

	It("forwards events with the Gateway API, and counts as one client without trustedProxies", func(ctx context.Context) {
		g.apply(ctx, "gateway.yaml", "", nil)
		g.apply(ctx, "route.yaml", "", inClear)
		Eventually(g.send).WithContext(ctx).Should(Equal(http.StatusOK))
		Expect(g.flooded(ctx)).To(Equal(http.StatusBadGateway), "the other client's request was the oldest of the gateway")
		g.remove(ctx, "httproute/web")
	})

	It("forwards events with an Ingress", func(ctx context.Context) {
		g.apply(ctx, "ingress.yaml", ofTLS.ReplaceAllString(g.files["ingress.yaml"], ""), map[string]string{"number: 443": "number: 80"})
		Eventually(g.send).WithContext(ctx).Should(Equal(http.StatusOK))
		g.remove(ctx, "ingress/web")
	})

	It("encrypts the connection to the source with a BackendTLSPolicy", func(ctx context.Context) {
		g.encrypt(ctx)
		g.apply(ctx, "route.yaml", "", nil)
		g.apply(ctx, "policy.yaml", "", nil)
		Eventually(g.send).WithContext(ctx).Should(Equal(http.StatusOK))
		for what, condition := range map[string]string{
			"httproute/web": ".status.parents[0]", "backendtlspolicy/web": ".status.ancestors[0]",
		} {
			Expect(suite.Kubectl(ctx, "-n", g.shop, "get", what, "-o",
				`jsonpath={`+condition+`.conditions[?(@.type=="Accepted")].status}{`+condition+`.conditions[?(@.type=="ResolvedRefs")].status}`)).To(Equal("TrueTrue"), what)
		}

		By("a CA that has not signed the certificate of the source")
		g.authority(ctx, "configmap", g.other)
		Eventually(g.send).WithContext(ctx).Should(Equal(http.StatusInternalServerError))
		g.authority(ctx, "configmap", g.own)
		Eventually(g.send).WithContext(ctx).Should(Equal(http.StatusOK))
	})

	It("is the only client that can connect to the source", func(ctx context.Context) {
		source := g.source(ctx)
		Eventually(func() bool { return reaches(ctx, g.shop, "neighbour", source, podconfig.IngestTLSPort) }).Should(BeFalse())
		Expect(reaches(ctx, g.shop, "neighbour", source, podconfig.MetricsPort)).To(BeTrue(), "the pod is there")
		Expect(g.send(ctx)).To(Equal(http.StatusOK))
	})

	It("counts each client separately with trustedProxies", func(ctx context.Context) {
		Eventually(g.flooded).WithContext(ctx).Should(Equal(http.StatusOK))
		g.remove(ctx, "httproute/web", "backendtlspolicy/web")
	})

	It("encrypts the connection to the source with annotations of the Ingress", func(ctx context.Context) {
		g.apply(ctx, "ingress.yaml", "", nil)
		Eventually(g.send).WithContext(ctx).Should(Equal(http.StatusOK))

		By("a CA that has not signed the certificate of the source")
		g.authority(ctx, "secret", g.other)
		Eventually(g.send).WithContext(ctx).Should(Equal(http.StatusInternalServerError))
		g.authority(ctx, "secret", g.own)
		Eventually(g.send).WithContext(ctx).Should(Equal(http.StatusOK))
	})

	It("delivers each event exactly once", func(ctx context.Context) {
		Eventually(func() string {
			return suite.Kubectl(ctx, "-n", g.shop, "get", "es/default", "-o", "jsonpath={.status.events}")
		}).Should(Equal(strconv.Itoa(g.accepted)))
	})
})

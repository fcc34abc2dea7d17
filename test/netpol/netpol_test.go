// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// The specs are one installation, in order: open egress, which is the default, then restricted egress, then named senders, then TLS.
var _ = Describe("Network policies", Ordered, Label("network"), func() {
	var namespace, other string
	// chart installs or upgrades the operator of the namespace.
	chart := func(ctx context.Context, args ...string) string {
		GinkgoHelper()
		repository, tag, _ := strings.Cut(image, ":")
		all := []string{"upgrade", "--install", "journeyman", "charts/journeyman", "-n", namespace, "--wait", "--timeout", "8m",
			"--set", "mode=namespaced,crds.enabled=false", "--set", "image.repository=" + repository + ",image.tag=" + tag}
		return suite.Helm(ctx, append(all, args...)...)
	}
	address := func(ctx context.Context, component, name string) string {
		GinkgoHelper()
		return suite.Kubectl(ctx, "-n", namespace, "get", "pods", "-l", "app.kubernetes.io/component="+component+",app.kubernetes.io/instance="+name,
			"--field-selector=status.phase=Running", "-o", "jsonpath={.items[0].status.podIP}")
	}

	BeforeAll(func(ctx context.Context) {
		suite.Kubectl(ctx, "apply", "--server-side", "--force-conflicts", "-k", "config/crd")
		namespace, other = suite.Team(ctx, "netpol"), suite.Team(ctx, "netpol")
		pod(ctx, namespace, "neighbour")
		pod(ctx, other, "stranger")
	})
	AfterEach(func(ctx context.Context) {
		suite.DumpTeam(ctx, namespace, []string{"-n", "kube-system", "logs", "deployment/kube-network-policies", "--tail=40"})
	})

	It("allow a journey, from the events to the drop-off", func(ctx context.Context) {
		chart(ctx)
		suite.Kubectl(ctx, "apply", "-n", namespace, "-k", "config/samples")
		Expect(chart(ctx, "--set", "sampleData.enabled=true")).To(ContainSubstring("most are lost after the stage intent: 64.0%"))
		suite.Kubectl(ctx, "-n", namespace, "wait", "es,tps,jm,mr", "--all", "--for=condition=Ready", "--timeout=240s")
	})

	It("deny strangers all ports except those for events and metrics", func(ctx context.Context) {
		store, source := address(ctx, "store", "default"), address(ctx, "ingest", "tills")
		for namespace, from := range map[string]string{namespace: "neighbour", other: "stranger"} {
			Eventually(func() bool { return reaches(ctx, namespace, from, source, podconfig.IngestPort) }).Should(BeTrue(), "%s sends", from)
			Eventually(func() bool { return reaches(ctx, namespace, from, store, podconfig.StorePort) }).Should(BeFalse(), "%s asks the store", from)
			Expect(reaches(ctx, namespace, from, store, podconfig.MetricsPort)).To(BeTrue(), "%s reads metrics, which are for anybody by default", from)
			for _, host := range []string{store, source} {
				Expect(reaches(ctx, namespace, from, host, podconfig.ProbePort)).To(BeFalse(), "%s asks what the kubelet asks", from)
			}
			Expect(reaches(ctx, namespace, from, store, podconfig.StoreAdminPort)).To(BeFalse(), "%s erases", from)
		}
	})

	It("restrict egress, and metrics to named clients", func(ctx context.Context) {
		server := suite.Kubectl(ctx, "get", "endpointslices", "-n", "default", "-l", "kubernetes.io/service-name=kubernetes",
			"-o", "jsonpath={.items[0].endpoints[0].addresses[0]}")
		chart(ctx, "--set", "sampleData.enabled=false", "--set", "networkPolicy.egress=Closed,networkPolicy.apiServerCIDRs={"+server+"/32}",
			"--set-json", `networkPolicy.metricsFrom=[{"podSelector":{"matchLabels":{"app":"neighbour"}}}]`)
		Eventually(func() string {
			return suite.Kubectl(ctx, "-n", namespace, "get", "netpol", "default-store", "tills-ingest", "omnichannel-retail-map",
				"-o", "jsonpath={range .items[*]}{.spec.policyTypes[*]}{';'}{end}")
		}).Should(Equal("Ingress Egress;Ingress Egress;Ingress Egress;"))
		store, source := address(ctx, "store", "default"), address(ctx, "ingest", "tills")
		Eventually(func() bool { return reaches(ctx, other, "stranger", store, podconfig.MetricsPort) }).Should(BeFalse())
		Expect(reaches(ctx, namespace, "neighbour", store, podconfig.MetricsPort)).To(BeTrue())
		Expect(reaches(ctx, namespace, "neighbour", store, podconfig.ProbePort)).To(BeFalse(), "who reads metrics comes to their port alone")
		Expect(reaches(ctx, other, "stranger", source, podconfig.IngestPort)).To(BeTrue())

		By("a job that resolves and reads its store, and writes its status")
		suite.Kubectl(ctx, "-n", namespace, "annotate", "jm", "omnichannel-retail", "journeyman.dev/run-at=closed", "--overwrite")
		Eventually(func() string {
			return suite.Kubectl(ctx, "-n", namespace, "get", "jm", "omnichannel-retail", "-o", "jsonpath={.status.trace.analysis.handledRunAt}")
		}).Should(Equal("closed"))

		By("a pod with the labels of a job, which can connect to nothing else")
		labels := suite.Kubectl(ctx, "-n", namespace, "get", "cronjob", "omnichannel-retail-map", "-o",
			"go-template={{range $k, $v := .spec.jobTemplate.spec.template.metadata.labels}}{{$k}}={{$v}},{{end}}")
		suite.Kubectl(ctx, "-n", namespace, "run", "likeajob", "--image="+busybox, "--labels="+strings.TrimSuffix(labels, ","), "--command", "--", "sleep", "3600")
		suite.Kubectl(ctx, "-n", namespace, "wait", "pod/likeajob", "--for=condition=Ready", "--timeout=240s")
		Eventually(func() bool { return reaches(ctx, namespace, "likeajob", source, podconfig.IngestPort) }).Should(BeFalse())
		Expect(reaches(ctx, namespace, "likeajob", "default-store."+namespace+".svc", podconfig.StorePort)).To(BeTrue(), "its store, by name")
		Expect(reaches(ctx, namespace, "likeajob", "default-store."+namespace+".svc", podconfig.StoreAdminPort)).To(BeFalse(), "an administrator's calls of its store")
		Expect(reaches(ctx, namespace, "likeajob", "kubernetes.default.svc", 443)).To(BeTrue(), "the API server")
	})

	It("allow the senders that a source names", func(ctx context.Context) {
		source := address(ctx, "ingest", "tills")
		suite.Kubectl(ctx, "-n", namespace, "patch", "tps", "tills", "--type=merge", "-p", `{"spec":{"allowFrom":[{"podLabels":{"app":"neighbour"}}]}}`)
		Eventually(func() bool { return reaches(ctx, other, "stranger", source, podconfig.IngestPort) }).Should(BeFalse())
		Expect(reaches(ctx, namespace, "neighbour", source, podconfig.IngestPort)).To(BeTrue())
	})

	It("allow HTTPS of a source with a certificate, and no other port", func(ctx context.Context) {
		dir := GinkgoT().TempDir()
		host := "web-ingest." + namespace + ".svc"
		_, _, err := suite.Command(ctx, "", "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN="+host, "-addext", "subjectAltName=DNS:"+host,
			"-keyout", filepath.Join(dir, "tls.key"), "-out", filepath.Join(dir, "tls.crt"))
		Expect(err).NotTo(HaveOccurred())
		suite.Kubectl(ctx, "-n", namespace, "patch", "tps", "web", "--type=merge", "-p", `{"spec":{"tls":{"secretRef":{"name":"journeyman-web-tls"}}}}`)
		Eventually(func() string {
			return suite.Kubectl(ctx, "-n", namespace, "get", "tps", "web", "-o", `jsonpath={.status.conditions[?(@.type=="IngestionAvailable")].message}`)
		}).Should(ContainSubstring("spec.tls.secretRef (Secret journeyman-web-tls, key tls.crt): the Secret or its key is missing or empty"))
		suite.Kubectl(ctx, "-n", namespace, "create", "secret", "tls", "journeyman-web-tls", "--cert="+filepath.Join(dir, "tls.crt"), "--key="+filepath.Join(dir, "tls.key"))
		suite.Kubectl(ctx, "-n", namespace, "rollout", "status", "deployment/web-ingest", "--timeout=240s")
		Eventually(func() string {
			return suite.Kubectl(ctx, "-n", namespace, "get", "tps", "web", "-o", `jsonpath={.status.conditions[?(@.type=="IngestionAvailable")].status} {.status.address.url}`)
		}).Should(Equal("True https://" + host))

		By("a sender that trusts the CA")
		key := strings.TrimSpace(suite.Kubectl(ctx, "-n", namespace, "get", "secret", "web-write-key", "-o", "go-template={{index .data \"journeyman-secret\" | base64decode}}"))
		key, _, _ = strings.Cut(key, "\n")
		address := suite.Kubectl(ctx, "-n", namespace, "get", "service", "web-ingest", "-o", "jsonpath={.spec.clusterIP}")
		send := func(args ...string) (string, error) {
			body := fmt.Sprintf(`{"event":"Product Viewed","messageId":"tls-%d","anonymousId":"a"}`, os.Getpid())
			all := append([]string{"-sS", "--max-time", "20", "-o", "/dev/null", "-w", "%{http_code}", "-u", key + ":", "-H", "Content-Type: application/json", "-d", body}, args...)
			out, errs, err := suite.Command(ctx, "", "curl", all...)
			return out + errs, err
		}
		Eventually(func() (string, error) {
			return send("--resolve", host+":443:"+address, "--cacert", filepath.Join(dir, "tls.crt"), "https://"+host+"/v1/track")
		}).Should(Equal("200"))
		_, err = send("http://" + address + "/v1/track")
		Expect(err).To(HaveOccurred(), "in clear nobody is served")
	})
})

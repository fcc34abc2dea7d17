// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/journeyman-dev/journeyman/test/page"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var _ = Describe("A source with a certificate of cert-manager", alone, Label("tls", "recipes"), func() {
	It("is trusted by clients that trust the CA, and serves the renewed certificate without a restart", func(ctx context.Context) {
		issuers := suite.Controller(ctx, "cert-manager")
		namespace := team(ctx)
		site(ctx, namespace)
		files, err := page.Files(filepath.Join(root, "docs/networks.md"))
		Expect(err).NotTo(HaveOccurred())
		name := "ca-" + rand.String(6) // cluster-scoped, so the name must be unique
		suite.Recipe(ctx, issuers, files["authority.yaml"], map[string]string{"namespace: cert-manager": "namespace: " + issuers, "cluster-ca": name, "self-signed": name + "-root"})
		suite.Recipe(ctx, namespace, files["certificate.yaml"], map[string]string{
			"cluster-ca": name, "namespace: shop": "namespace: " + namespace, "ingest.shop.svc": "ingest." + namespace + ".svc",
			// The shortest duration that the webhook of cert-manager accepts. It is renewed one minute after it was issued.
			"  secretName: journeyman-web-tls": "  secretName: journeyman-web-tls\n  duration: 1h\n  renewBefore: 59m",
		})
		suite.Kubectl(ctx, "-n", namespace, "wait", "tps/web", "--for=condition=Ready", "--timeout=240s")

		authority := x509.NewCertPool()
		Expect(authority.AppendCertsFromPEM([]byte(secret(ctx, namespace, "journeyman-web-tls", `ca\.crt`)))).To(BeTrue())
		trusting := &tls.Config{RootCAs: authority, ServerName: "web-ingest." + namespace + ".svc", MinVersion: tls.VersionTLS12}
		address, err := jsonpath(ctx, namespace, "service/web-ingest", "{.spec.clusterIP}:{.spec.ports[0].port}")
		Expect(err).NotTo(HaveOccurred())
		// senders retry after 503, which pods answer while the store starts
		Eventually(sent).WithContext(ctx).WithArguments(address, trusting).Should(Equal(http.StatusOK))

		pods := ingestPods(ctx, namespace)
		Expect(pods).To(HaveLen(2))
		first := map[string]*x509.Certificate{}
		for _, p := range pods {
			first[p.ip], err = served(p.ip, trusting)
			Expect(err).NotTo(HaveOccurred())
		}
		for _, p := range pods {
			Eventually(func(g Gomega) {
				now, err := served(p.ip, trusting)
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(now.NotAfter).To(BeTemporally(">", first[p.ip].NotAfter))
				g.Expect(now.PublicKey).NotTo(Equal(first[p.ip].PublicKey))
			}).Should(Succeed())
		}
		Expect(sent(ctx, address, trusting)).To(Equal(http.StatusOK))
		Expect(ingestPods(ctx, namespace)).To(Equal(pods))
	})
})

// site installs the operator, the store of the samples, and the web site as a source that needs a certificate.
func site(ctx context.Context, namespace string) {
	GinkgoHelper()
	suite.Helm(ctx, append([]string{"install", "journeyman", "charts/journeyman", "-n", namespace, "--set", "mode=namespaced,crds.enabled=false",
		"--wait", "--timeout", "4m"}, ofImage(image)...)...)
	DeferCleanup(func(ctx context.Context) {
		_, _ = suite.TryHelm(ctx, "uninstall", "journeyman", "-n", namespace, "--ignore-not-found")
	})
	for _, file := range []string{"secrets", "eventstore"} {
		suite.Kubectl(ctx, "apply", "-n", namespace, "-f", "config/samples/"+file+".yaml")
	}
	web, err := os.ReadFile(filepath.Join(root, "config/samples/touchpointsource-web.yaml"))
	Expect(err).NotTo(HaveOccurred())
	suite.Recipe(ctx, namespace, string(web), map[string]string{
		"maxReplicas: 4": "maxReplicas: 2\n  tls: {secretRef: {name: journeyman-web-tls}}", // and no autoscaling during the test
	})
}

// sent sends an event, and returns the HTTP status.
func sent(ctx context.Context, address string, trusting *tls.Config) (int, error) {
	body := fmt.Sprintf(`{"batch":[{"type":"track","event":"Product Viewed","userId":"u","messageId":%q}]}`, rand.String(10))
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+address+"/v1/batch", bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.SetBasicAuth("demo-web-write-key", "")
	client := http.Client{Transport: &http.Transport{TLSClientConfig: trusting, DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// served returns the certificate of a pod, if the CA signed it.
func served(ip string, trusting *tls.Config) (*x509.Certificate, error) {
	c, err := tls.Dial("tcp", ip+":8443", trusting)
	if err != nil {
		return nil, err
	}
	return c.ConnectionState().PeerCertificates[0], c.Close()
}

// pod has the values that must stay the same when its certificate changes.
type pod struct{ ip, uid, restarts string }

func ingestPods(ctx context.Context, namespace string) (pods []pod) {
	GinkgoHelper()
	out := suite.Kubectl(ctx, "-n", namespace, "get", "pods", "-l", "app.kubernetes.io/component=ingest", "--sort-by=.metadata.name",
		"-o", `jsonpath={range .items[*]}{.status.podIP} {.metadata.uid} {.status.containerStatuses[0].restartCount}{"\n"}{end}`)
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		Expect(f).To(HaveLen(3))
		pods = append(pods, pod{ip: f[0], uid: f[1], restarts: f[2]})
	}
	return pods
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/test/page"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// host is the host name in the docs.
const host = "events.example.com"

// class is the GatewayClass of the Gateway in the docs.
const class = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: traefik}
spec: {controllerName: traefik.io/gateway-controller}
`

// inClear are the replacements for a source without spec.tls.
var inClear = map[string]string{"port: 443": "port: 80"}

// pair is a self-signed certificate with its key.
type pair struct{ certificate, key string }

// gateway is Traefik in front of a source.
type gateway struct {
	shop, namespace string            // namespaces of the source and of Traefik
	address         string            // of Traefik's pod
	files           map[string]string // of docs/networks.md
	own, other      pair              // of the source and of the gateway
	trusting        *tls.Config       // TLS configuration of senders
	accepted        int               // number of events with status 200
}

// install installs Traefik, an operator, the store of the samples, and the web site as a source with one pod.
func (g *gateway) install(ctx context.Context) {
	GinkgoHelper()
	suite.Need("traefik")
	suite.Kubectl(ctx, "apply", "--server-side", "--force-conflicts", "-k", "config/crd")
	var err error
	g.files, err = page.Files(filepath.Join(suite.Root(), "docs/networks.md"))
	Expect(err).NotTo(HaveOccurred())
	g.shop, g.namespace = suite.Team(ctx, "netpol"), suite.Controller(ctx, "traefik")
	Eventually(func() error { // kubectl may not know the CRD yet
		_, err := suite.TryKubectlInput(ctx, class, "apply", "--server-side", "-f", "-")
		return err
	}).Should(Succeed())
	g.address = suite.Kubectl(ctx, "-n", g.namespace, "get", "pods", "-l", "app.kubernetes.io/name=traefik", "-o", "jsonpath={.items[0].status.podIP}")

	g.own, g.other = selfSigned(ctx, "web-ingest."+g.shop+".svc"), selfSigned(ctx, host)
	for _, namespace := range []string{g.shop, g.namespace} {
		suite.Kubectl(ctx, "-n", namespace, "create", "secret", "tls", "events-tls", "--cert="+g.other.certificate, "--key="+g.other.key)
	}
	pem, err := os.ReadFile(g.other.certificate)
	Expect(err).NotTo(HaveOccurred())
	authorities := x509.NewCertPool()
	Expect(authorities.AppendCertsFromPEM(pem)).To(BeTrue())
	g.trusting = &tls.Config{RootCAs: authorities, ServerName: host, MinVersion: tls.VersionTLS12}

	repository, tag, _ := strings.Cut(image, ":")
	suite.Helm(ctx, "install", "journeyman", "charts/journeyman", "-n", g.shop, "--wait", "--timeout", "8m",
		"--set", "mode=namespaced,crds.enabled=false", "--set", "image.repository="+repository+",image.tag="+tag)
	for _, file := range []string{"secrets", "eventstore"} {
		suite.Kubectl(ctx, "apply", "-n", g.shop, "-f", "config/samples/"+file+".yaml")
	}
	web, err := os.ReadFile(filepath.Join(suite.Root(), "config/samples/touchpointsource-web.yaml"))
	Expect(err).NotTo(HaveOccurred())
	suite.Recipe(ctx, g.shop, string(web), map[string]string{"minReplicas: 2": "minReplicas: 1", "maxReplicas: 4": "maxReplicas: 1"})
	suite.Kubectl(ctx, "-n", g.shop, "wait", "tps/web", "--for=condition=Ready", "--timeout=240s")
	pod(ctx, g.shop, "neighbour")
}

// selfSigned creates a certificate for a name.
func selfSigned(ctx context.Context, name string) pair {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	p := pair{filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")}
	_, _, err := suite.Command(ctx, "", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
		"-subj", "/CN="+name, "-addext", "subjectAltName=DNS:"+name, "-keyout", p.key, "-out", p.certificate)
	Expect(err).NotTo(HaveOccurred())
	return p
}

// ours replaces namespaces and networks in YAML of the docs by those of this cluster.
func (g *gateway) ours(text string) string {
	return strings.NewReplacer(
		"namespace: shop", "namespace: "+g.shop, "metadata.name: shop", "metadata.name: "+g.shop, "/shop/web/", "/"+g.shop+"/web/",
		"shop/journeyman-ca", g.shop+"/journeyman-ca", "web-ingest.shop.svc", "web-ingest."+g.shop+".svc",
		"namespace: gateways", "namespace: "+g.namespace, "metadata.name: gateways", "metadata.name: "+g.namespace,
		"10.244.0.0/16", g.address+"/32", // so that this machine, which also has an address among the pods, is not a proxy
	).Replace(text)
}

// apply applies a file of the docs, or a text derived from it, after further replacements.
func (g *gateway) apply(ctx context.Context, file, text string, places map[string]string) {
	GinkgoHelper()
	if text == "" {
		text = g.files[file]
	}
	Expect(text).NotTo(BeEmpty(), "the page has no %s", file)
	_, err := suite.TryKubectlInput(ctx, g.ours(suite.Filled(text, places)), "apply", "--server-side", "-f", "-")
	Expect(err).NotTo(HaveOccurred())
}

// remove deletes objects, and waits until the gateway has noticed it.
func (g *gateway) remove(ctx context.Context, objects ...string) {
	GinkgoHelper()
	suite.Kubectl(ctx, append([]string{"-n", g.shop, "delete"}, objects...)...)
	Eventually(g.send).WithContext(ctx).Should(Equal(http.StatusNotFound))
}

// encrypt gives the source its certificate and the gateway the CA, and allows only the gateway to connect.
func (g *gateway) encrypt(ctx context.Context) {
	GinkgoHelper()
	suite.Kubectl(ctx, "-n", g.shop, "create", "secret", "tls", "journeyman-web-tls", "--cert="+g.own.certificate, "--key="+g.own.key)
	suite.Kubectl(ctx, "-n", g.shop, "patch", "tps/web", "--type=merge", "-p", g.ours(g.files["source.yaml"]))
	for _, kind := range []string{"configmap", "secret"} {
		g.authority(ctx, kind, g.own)
	}
	suite.Kubectl(ctx, "-n", g.shop, "rollout", "status", "deployment/web-ingest", "--timeout=240s")
}

// authority creates or replaces the ConfigMap or the Secret that the gateway verifies with.
func (g *gateway) authority(ctx context.Context, kind string, p pair) {
	GinkgoHelper()
	create := []string{"-n", g.shop, "create", "configmap", "journeyman-ca"}
	if kind == "secret" {
		create = []string{"-n", g.shop, "create", "secret", "generic", "journeyman-ca"}
	}
	text := suite.Kubectl(ctx, append(create, "--from-file=ca.crt="+p.certificate, "--dry-run=client", "-o", "yaml")...)
	suite.Apply(ctx, g.shop, text)
}

// source returns the address of the source's pod.
func (g *gateway) source(ctx context.Context) string {
	GinkgoHelper()
	return suite.Kubectl(ctx, "-n", g.shop, "get", "pods", "-l", "app.kubernetes.io/component=ingest", "--field-selector=status.phase=Running",
		"-o", "jsonpath={.items[0].status.podIP}")
}

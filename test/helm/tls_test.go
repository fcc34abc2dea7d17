// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var _ = Describe("Sources with certificates", Label("tls"), func() {
	It("receive the sample events over HTTPS, from a Job that trusts their CA", func(ctx context.Context) {
		namespace, dir := team(ctx), GinkgoT().TempDir()
		certificate, key := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
		_, stderr, err := suite.Command(ctx, "", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
			"-subj", "/CN=sources", "-addext", "subjectAltName=DNS:*."+namespace+".svc", "-keyout", key, "-out", certificate)
		Expect(err).NotTo(HaveOccurred(), stderr)
		suite.Kubectl(ctx, "-n", namespace, "create", "secret", "tls", "journeyman-sources-tls", "--cert="+certificate, "--key="+key)
		suite.Kubectl(ctx, "-n", namespace, "create", "secret", "generic", "sources-ca", "--from-file=ca.crt="+certificate)

		install := append([]string{"install", "journeyman", "charts/journeyman", "-n", namespace, "--set", "mode=namespaced,crds.enabled=false",
			"--wait", "--timeout", "4m"}, ofImage(image)...)
		suite.Helm(ctx, install...)
		DeferCleanup(func(ctx context.Context) {
			_, _ = suite.TryHelm(ctx, "uninstall", "journeyman", "-n", namespace, "--ignore-not-found")
		})
		suite.Kubectl(ctx, "apply", "-n", namespace, "-k", "config/samples")
		sources := strings.Fields(suite.Kubectl(ctx, "-n", namespace, "get", "tps", "-o", "name"))
		Expect(sources).To(HaveLen(5))
		for _, source := range sources {
			suite.Kubectl(ctx, "-n", namespace, "patch", source, "--type=merge", "-p", `{"spec":{"tls":{"secretRef":{"name":"journeyman-sources-tls"}}}}`)
		}
		out := suite.Helm(ctx, "upgrade", "journeyman", "charts/journeyman", "-n", namespace, "--reuse-values",
			"--set", "sampleData.enabled=true,sampleData.caSecret=sources-ca", "--timeout", "8m")
		Expect(out).To(ContainSubstring("874 events were accepted by 5 sources."))
		Expect(out).To(ContainSubstring("most are lost after the stage intent: 64.0%"))
		Expect(suite.Kubectl(ctx, "-n", namespace, "get", "tps", "-o", "jsonpath={.items[*].status.address.url}")).NotTo(ContainSubstring("http://"))
	})
})

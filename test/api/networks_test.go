// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// gatewayAPI is the module with the CRDs of the Gateway API, gatewaySum its checksum.
const (
	gatewayAPI = "sigs.k8s.io/gateway-api@v1.6.3"
	gatewaySum = "h1:lKpJa5bGlraC/QeACvCpsHLdmO6y0iKfzVl6gzaFEYc="
)

// installGatewayAPI installs the CRDs that the recipes use.
func installGatewayAPI() {
	GinkgoHelper()
	download := exec.Command("go", "mod", "download", "-json", gatewayAPI)
	download.Dir = GinkgoT().TempDir() // outside this module, because its flags are not for other modules
	download.Env = append(os.Environ(), "GOFLAGS=")
	out, err := download.Output()
	if err != nil {
		Skip(fmt.Sprintf("the Gateway API's module cannot be had: %s", out))
	}
	var module struct{ Dir, Sum string }
	Expect(json.Unmarshal(out, &module)).To(Succeed())
	Expect(module.Sum).To(Equal(gatewaySum))
	dir := filepath.Join(module.Dir, "config/crd/standard/gateway.networking.k8s.io_")
	_, err = envtest.InstallCRDs(restConfig, envtest.CRDInstallOptions{
		Paths: []string{dir + "gateways.yaml", dir + "httproutes.yaml", dir + "backendtlspolicies.yaml"}, ErrorIfPathMissing: true,
	})
	Expect(err).NotTo(HaveOccurred())
}

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

var _ = Describe("The recipes of docs/networks.md", suite.Fast, func() {
	// The schemas of Kubernetes, the Gateway API and our own kinds accept what docs/networks.md shows. The objects of cert-manager are not checked.
	It("are accepted by the API server", func(ctx SpecContext) {
		installGatewayAPI()
		page, err := os.ReadFile("../../docs/networks.md")
		Expect(err).NotTo(HaveOccurred())
		seen := map[string]bool{}
		for _, block := range yamlBlock.FindAllStringSubmatch(string(page), -1) {
			for _, document := range strings.Split(block[1], "---\n") {
				obj := &unstructured.Unstructured{}
				Expect(yaml.Unmarshal([]byte(document), &obj.Object)).To(Succeed())
				switch {
				case strings.HasPrefix(obj.GetAPIVersion(), "cert-manager.io/"), obj.Object["networkPolicy"] != nil:
					continue
				case obj.GetKind() == "": // only a part of a source
					source := load("touchpointsource-segment")
					for field, value := range obj.Object["spec"].(map[string]any) {
						source.Object["spec"].(map[string]any)[field] = value
						seen[field] = true
					}
					obj = source
				}
				obj.SetNamespace("default")
				Expect(api.Create(ctx, obj, client.DryRunAll)).To(Succeed(), "%v", document)
				seen[obj.GetKind()] = true
			}
		}
		for _, what := range []string{"Ingress", "Gateway", "HTTPRoute", "BackendTLSPolicy", "NetworkPolicy", "tls", "allowFrom", "trustedProxies"} {
			Expect(seen[what]).To(BeTrue(), "%v", what)
		}
	})
})

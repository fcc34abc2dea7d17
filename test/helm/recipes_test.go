// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// example reads a file of docs/examples/monitoring.
func example(file string) string {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join(root, "docs/examples/monitoring", file))
	Expect(err).NotTo(HaveOccurred())
	return string(text)
}

// nodeAddress returns the address at which pods reach programs on this machine.
func nodeAddress(ctx context.Context) string {
	GinkgoHelper()
	return suite.Kubectl(ctx, "get", "nodes", "-o", `jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}`)
}

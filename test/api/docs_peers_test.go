// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var (
	quoted    = regexp.MustCompile("`([A-Za-z][A-Za-z.\\[\\]]*)`")
	fieldPath = regexp.MustCompile("(?m)^\\| `([^`]+)`")
	testFunc  = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
)

var _ = Describe("The page about other products", suite.Fast, func() {
	It("names fields and tests that exist", func() {
		page, err := os.ReadFile("../../docs/peers.md")
		Expect(err).NotTo(HaveOccurred())
		reference, err := os.ReadFile("../../docs/reference/fields.md")
		Expect(err).NotTo(HaveOccurred())
		// A name can be the end of a path, because the page gives the start of the path elsewhere.
		known := map[string]bool{"windowFunnel": true, "storetest": true}
		for _, path := range fieldPath.FindAllStringSubmatch(string(reference), -1) {
			for rest, more := path[1], true; more; _, rest, more = strings.Cut(rest, ".") {
				known[rest] = true
				known[strings.TrimSuffix(rest, "[]")] = true
				known[rest+"[]"] = true
			}
		}
		Expect(filepath.WalkDir("../../internal/journey", func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			raw, err := os.ReadFile(path)
			for _, f := range testFunc.FindAllStringSubmatch(string(raw), -1) {
				known[f[1]] = true
			}
			return err
		})).To(Succeed())
		names := quoted.FindAllStringSubmatch(string(page), -1)
		Expect(len(names)).To(BeNumerically(">", 50))
		for _, name := range names {
			Expect(known[name[1]]).To(BeTrue(), "docs/peers.md names %q, which there is not", name[1])
		}
	})
})

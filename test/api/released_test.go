// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"os"
	"path/filepath"

	"github.com/google/go-cmp/cmp"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// releasedFiles returns the files of objects that operators of released versions wrote. make fixtures VERSION=v1.2.3 creates them.
func releasedFiles() []string {
	files := must(filepath.Glob("../released/v*.*.*/objects/*.yaml"))
	if len(files) == 0 {
		panic("no release has objects in test/released")
	}
	return files
}

var _ = Describe("Objects of releases", suite.Fast, func() {
	for _, file := range releasedFiles() {
		version := filepath.Base(filepath.Dir(filepath.Dir(file)))
		It("are accepted with their status, and keep all fields: "+version+" "+filepath.Base(file), func(ctx SpecContext) {
			was := &unstructured.Unstructured{}
			Expect(yaml.Unmarshal(must(os.ReadFile(file)), &was.Object)).To(Succeed())
			namespace := &corev1.Namespace{}
			namespace.GenerateName = "released-"
			Expect(api.Create(ctx, namespace)).To(Succeed())
			DeferCleanup(func(ctx SpecContext) error { return api.Delete(ctx, namespace) })

			stored := was.DeepCopy()
			stored.SetNamespace(namespace.Name)
			stored.SetResourceVersion("")
			Expect(api.Create(ctx, stored)).To(Succeed(), "with strict validation")
			stored.Object["status"] = was.Object["status"]
			Expect(api.Status().Update(ctx, stored)).To(Succeed(), "with strict validation")
			Expect(api.Get(ctx, client.ObjectKeyFromObject(stored), stored)).To(Succeed())
			for _, part := range []string{"spec", "status"} {
				Expect(cmp.Diff(asJSON(was.Object[part]), asJSON(stored.Object[part]))).To(BeEmpty(), "nothing of the %s is defaulted, dropped or changed", part)
			}
			rewritten(ctx, stored)
		})
	}
})

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/smoke"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var _ = Describe("The check of an installation", suite.Fast, func() {
	It("checks that the operator reconciles, and leaves nothing behind", func(ctx SpecContext) {
		w := newWorld(ctx)
		maps := func() int {
			var list v1alpha1.JourneyMapList
			Expect(api.List(ctx, &list, client.InNamespace(w.namespace))).To(Succeed())
			return len(list.Items)
		}
		short, end := context.WithCancel(ctx)
		failed := make(chan error, 1)
		go func() {
			_, err := smoke.Check(short, api, w.namespace)
			failed <- err
		}()
		Eventually(ctx, func() bool { return maps() > 0 || len(failed) > 0 }).Should(BeTrue())
		end()
		Expect(<-failed).To(MatchError(ContainSubstring("the operator has not written its status")))
		Expect(maps()).To(BeZero())

		w.start()
		long, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		said, err := smoke.Check(long, api, w.namespace)
		Expect(err).NotTo(HaveOccurred())
		Expect(said).To(ContainSubstring("of-the-installation-test"))

		Expect(maps()).To(BeZero())
	})
})

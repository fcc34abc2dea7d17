// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// noise returns a condition with 24 random values of 60 characters, which compress badly.
func noise(random *rand.Rand) v1alpha1.EventCondition {
	c := v1alpha1.EventCondition{Key: "properties.x", Operator: "In"}
	for range 24 {
		var text strings.Builder
		for range 60 {
			text.WriteByte(byte('!' + random.IntN(94)))
		}
		c.Values = append(c.Values, strings.NewReplacer(`"`, "q", `\`, "b", "<", "l", ">", "g", "&", "a").Replace(text.String()))
	}
	return c
}

// grow makes a map's spec about the given number of bytes large.
func grow(m *v1alpha1.JourneyMap, bytes int) {
	random := rand.New(rand.NewPCG(1, 2))
	for s := range m.Spec.Stages {
		stage := &m.Spec.Stages[s]
		stage.Touchpoints = stage.Touchpoints[:1]
		for p := 0; p < 23 && bytes > 0; p++ {
			match := v1alpha1.EventMatch{Event: fmt.Sprint("never ", s, p)}
			for w := 0; w < 8 && bytes > 0; w++ {
				match.Where = append(match.Where, noise(random))
				bytes -= 24 * 63
			}
			stage.Touchpoints = append(stage.Touchpoints, v1alpha1.Touchpoint{Name: v1alpha1.ItemName(fmt.Sprint("noise-", p)), Match: []v1alpha1.EventMatch{match}})
		}
	}
}

var _ = Describe("Large maps", suite.Fast, func() {
	// A map that does not fit into a ConfigMap is compressed. A map that does not even fit then is Stalled, without affecting other objects.
	It("are compressed for their pods, or reported as too large", func(ctx SpecContext) {
		const name = "omnichannel-retail"
		w := newWorld(ctx)
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
		small := get(w, name, &v1alpha1.JourneyMap{}).Spec

		change(w, name, &v1alpha1.JourneyMap{}, func(m *v1alpha1.JourneyMap) { grow(m, 790_000) })
		m := awaitReady(w, name, &v1alpha1.JourneyMap{})
		documents := get(w, name+"-map", &corev1.ConfigMap{})
		raw, err := podconfig.Unpack(podconfig.Packed{Text: documents.Data[podconfig.File], Binary: documents.BinaryData[podconfig.PackedFile]})
		Expect(err).NotTo(HaveOccurred())
		Expect(len(raw)).To(BeNumerically(">", 790_000))
		doc := &podconfig.Analysis{}
		Expect(json.Unmarshal(raw, doc)).To(Succeed())
		Expect(doc.Map.Stages).To(Equal(m.Spec.Stages), "the pods see the whole map")

		change(w, name, m, func(m *v1alpha1.JourneyMap) { grow(m, 1_380_000) })
		m = awaitCondition(w, name, m, v1alpha1.ConditionStalled, metav1.ConditionTrue, "")
		Expect(message(m, v1alpha1.ConditionStalled)).To(ContainSubstring("too large for the ConfigMap"))
		kept := get(w, name+"-map", &corev1.ConfigMap{})
		Expect(kept.BinaryData).To(Equal(documents.BinaryData), "the pods keep the last good one")
		awaitReady(w, "web", &v1alpha1.TouchpointSource{})

		change(w, name, m, func(m *v1alpha1.JourneyMap) { m.Spec = small })
		awaitReady(w, name, m)
		back := get(w, name+"-map", &corev1.ConfigMap{})
		Expect(back.BinaryData).To(BeEmpty())
		Expect(back.Data[podconfig.File]).NotTo(BeEmpty())
		w.checkStatuses(true)
	})
})

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"encoding/json"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/test/operator/sim"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

func imageOf(p corev1.PodTemplateSpec) string { return p.Spec.Containers[0].Image }

// asIf writes a Deployment and its record as another release would have written them.
func asIf(w *world, name, is, was string) *appsv1.Deployment {
	GinkgoHelper()
	d := &appsv1.Deployment{}
	change(w, name, d, func(d *appsv1.Deployment) {
		whole, err := json.Marshal(d)
		Expect(err).NotTo(HaveOccurred())
		// the template contains it directly, and the record contains it as quoted JSON
		quoted := func(s string) string { return strings.ReplaceAll(s, `"`, `\"`) }
		Expect(string(whole)).To(ContainSubstring(quoted(is)))
		*d = appsv1.Deployment{}
		Expect(json.Unmarshal([]byte(strings.NewReplacer(is, was, quoted(is), quoted(was)).Replace(string(whole))), d)).To(Succeed())
		prove(d, sim.Key.RolloutRecordKey())
	})
	return d
}

// prove writes the proof of a source's record, like the owner of the key.
func prove(d *appsv1.Deployment, key resources.RecordKey) {
	d.Annotations[resources.RolloutMACAnnotation] = key.MAC(
		v1alpha1.TouchpointSourceKind, d.Namespace, d.Labels[resources.LabelName], d.Annotations[resources.RolloutAnnotation])
}

var _ = Describe("An upgrade of the operator", suite.Fast, func() {
	// Somebody who can patch a Deployment cannot make the operator run another image by forging its record.
	It("ignores a forged record", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
		w.quiet(time.Second)
		before := get(w, "tills-ingest", &appsv1.Deployment{})
		change(w, "tills-ingest", &appsv1.Deployment{}, func(d *appsv1.Deployment) {
			evil := strings.Replace(d.Annotations[resources.RolloutAnnotation], `"journeyman:test"`, `"example.com/evil"`, 1)
			Expect(evil).NotTo(Equal(d.Annotations[resources.RolloutAnnotation]))
			d.Annotations[resources.RolloutAnnotation] = evil
			prove(d, pki.NewOperatorKey().RolloutRecordKey())
			d.Spec.Template.Spec.Containers[0].Image = "example.com/evil"
		})
		eventually(w, "tills-ingest", &appsv1.Deployment{}, "put back", func(d *appsv1.Deployment) bool {
			return equality.Semantic.DeepEqual(d.Spec.Template, before.Spec.Template) &&
				d.Annotations[resources.RolloutAnnotation] == before.Annotations[resources.RolloutAnnotation]
		})
	})

	// Pods keep a template that another release built differently. Pods with a protocol that is too old get the new image.
	It("keeps templates of other releases that it supports", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
		w.stop()
		tills := asIf(w, "tills-ingest", `"path":"/healthz"`, `"path":"/livez"`)
		asIf(w, "web-ingest", `"versions":{"store":1,`, `"versions":{"store":0,`)

		w.setup.Image = "journeyman:next"
		w.start()
		eventually(w, "web-ingest", &appsv1.Deployment{}, "the new image", func(d *appsv1.Deployment) bool {
			return imageOf(d.Spec.Template) == "journeyman:next" && strings.Contains(d.Annotations[resources.RolloutAnnotation], `"versions":{"store":1,`)
		})
		eventually(w, "tills", &v1alpha1.TouchpointSource{}, "shown", func(s *v1alpha1.TouchpointSource) bool {
			return s.Status.UpdateAvailable == "journeyman:next" && s.Status.Image == "journeyman:test"
		})
		w.quiet(2 * time.Second)
		Expect(get(w, "tills-ingest", &appsv1.Deployment{}).Spec.Template).To(Equal(tills.Spec.Template), "it was built in other words, and stays")

		By("manual changes are reverted to that template")
		change(w, "tills-ingest", &appsv1.Deployment{}, func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[0].Image = "journeyman:by-hand" })
		eventually(w, "tills-ingest", &appsv1.Deployment{}, "put back", func(d *appsv1.Deployment) bool {
			return equality.Semantic.DeepEqual(d.Spec.Template, tills.Spec.Template)
		})
		w.checkStatuses(false)
	})

	// Pods keep their image until their template changes for another reason.
	It("restarts no pods", suite.Versions, func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
		w.quiet(2 * time.Second)
		d, s := get(w, "tills-ingest", &appsv1.Deployment{}), get(w, "default-store", &appsv1.StatefulSet{})
		w.stop()

		w.setup.Image = "journeyman:next"
		w.start()
		tills := eventually(w, "tills", &v1alpha1.TouchpointSource{}, "shown", func(s *v1alpha1.TouchpointSource) bool {
			return s.Status.UpdateAvailable == "journeyman:next"
		})
		Expect(tills.Status.Image).To(Equal("journeyman:test"))
		eventually(w, "default", &v1alpha1.EventStore{}, "shown", func(s *v1alpha1.EventStore) bool { return s.Status.UpdateAvailable == "journeyman:next" })
		eventually(w, "omnichannel-retail-map", &batchv1.CronJob{}, "the next run has the new image", func(c *batchv1.CronJob) bool {
			return imageOf(c.Spec.JobTemplate.Spec.Template) == "journeyman:next"
		})
		w.quiet(2 * time.Second)
		Expect(get(w, "tills-ingest", &appsv1.Deployment{}).Generation).To(Equal(d.Generation), "the Deployment was changed")
		Expect(get(w, "default-store", &appsv1.StatefulSet{}).Generation).To(Equal(s.Generation), "the StatefulSet was changed")

		By("a change of the template also updates the image")
		change(w, "tills", tills, func(s *v1alpha1.TouchpointSource) {
			s.Spec.Pod = &v1alpha1.PodOptions{Annotations: map[string]string{"example.com/reason": "another"}}
		})
		eventually(w, "tills-ingest", d, "the new image", func(d *appsv1.Deployment) bool { return imageOf(d.Spec.Template) == "journeyman:next" })
		eventually(w, "tills", tills, "nothing waits", func(s *v1alpha1.TouchpointSource) bool {
			return s.Status.Image == "journeyman:next" && s.Status.UpdateAvailable == ""
		})
		Expect(imageOf(get(w, "web-ingest", &appsv1.Deployment{}).Spec.Template)).To(Equal("journeyman:test"), "others are unharmed")
		w.stop()

		w.setup.Rollout = resources.RolloutAlways
		w.start()
		eventually(w, "web-ingest", d, "the new image", func(d *appsv1.Deployment) bool { return imageOf(d.Spec.Template) == "journeyman:next" })
		eventually(w, "default-store", s, "the new image", func(s *appsv1.StatefulSet) bool { return imageOf(s.Spec.Template) == "journeyman:next" })
		w.checkStatuses(false)
	})
})

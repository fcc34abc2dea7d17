// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

func imageOf(p corev1.PodTemplateSpec) string { return p.Spec.Containers[0].Image }

// TestUpgradeRestartsNothing: pods keep their image until their template changes for another reason.
func TestUpgradeRestartsNothing(t *testing.T) {
	w := newWorld(t)
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
	require.Equal(t, "journeyman:test", tills.Status.Image)
	eventually(w, "default", &v1alpha1.EventStore{}, "shown", func(s *v1alpha1.EventStore) bool { return s.Status.UpdateAvailable == "journeyman:next" })
	eventually(w, "omnichannel-retail-map", &batchv1.CronJob{}, "the next run has the new image", func(c *batchv1.CronJob) bool {
		return imageOf(c.Spec.JobTemplate.Spec.Template) == "journeyman:next"
	})
	w.quiet(2 * time.Second)
	require.Equal(t, d.Generation, get(w, "tills-ingest", &appsv1.Deployment{}).Generation, "the Deployment was changed")
	require.Equal(t, s.Generation, get(w, "default-store", &appsv1.StatefulSet{}).Generation, "the StatefulSet was changed")

	t.Log("a change of the template takes the new image along")
	change(w, "tills", tills, func(s *v1alpha1.TouchpointSource) {
		s.Spec.Pod = &v1alpha1.PodOptions{Annotations: map[string]string{"example.com/reason": "another"}}
	})
	eventually(w, "tills-ingest", d, "the new image", func(d *appsv1.Deployment) bool { return imageOf(d.Spec.Template) == "journeyman:next" })
	eventually(w, "tills", tills, "nothing waits", func(s *v1alpha1.TouchpointSource) bool {
		return s.Status.Image == "journeyman:next" && s.Status.UpdateAvailable == ""
	})
	require.Equal(t, "journeyman:test", imageOf(get(w, "web-ingest", &appsv1.Deployment{}).Spec.Template), "others are unharmed")
	w.stop()

	w.setup.Rollout = resources.RolloutAlways
	w.start()
	eventually(w, "web-ingest", d, "the new image", func(d *appsv1.Deployment) bool { return imageOf(d.Spec.Template) == "journeyman:next" })
	eventually(w, "default-store", s, "the new image", func(s *appsv1.StatefulSet) bool { return imageOf(s.Spec.Template) == "journeyman:next" })
	w.checkStatuses(false)
}

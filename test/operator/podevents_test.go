// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

const unschedulable = "0/3 nodes are available: 3 Insufficient cpu. preemption: not eligible."

// noPods makes the API server refuse every pod in the namespace, like an exhausted quota. The controller that counts the usage does not run here, so
// the test writes it.
func (w *world) noPods() {
	GinkgoHelper()
	hard := corev1.ResourceList{corev1.ResourcePods: resource.MustParse("0")}
	q := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "small"}, Spec: corev1.ResourceQuotaSpec{Hard: hard}}
	Expect(api.Create(w.ctx, q)).To(Succeed())
	q.Status = corev1.ResourceQuotaStatus{Hard: hard, Used: hard}
	Expect(api.Status().Update(w.ctx, q)).To(Succeed())
}

// refused creates a pod of a workload, like its controller, and returns the error of the API server.
func (w *world) refused(name string, template *corev1.PodTemplateSpec) (words string) {
	GinkgoHelper()
	Eventually(w.ctx, func() bool { // until the API server enforces the quota
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name, Labels: template.Labels}, Spec: *template.Spec.DeepCopy()}
		err := api.Create(w.ctx, pod)
		if err == nil {
			Expect(api.Delete(w.ctx, pod, client.GracePeriodSeconds(0))).To(Succeed())
			return false
		}
		words = err.Error()
		return true
	}).Should(BeTrue())
	Expect(words).To(ContainSubstring("exceeded quota: small"))
	return words
}

// say sends a Warning Event like a controller, the scheduler or a kubelet.
func (w *world) say(component, kind, name, reason, note string) {
	GinkgoHelper()
	e := &eventsv1.Event{
		ObjectMeta:          metav1.ObjectMeta{Namespace: w.namespace, GenerateName: "e-"},
		EventTime:           metav1.NowMicro(),
		ReportingController: component, ReportingInstance: component + "-1", Action: "Binding",
		Regarding: corev1.ObjectReference{Kind: kind, Namespace: w.namespace, Name: name},
		Type:      corev1.EventTypeWarning, Reason: reason, Note: note,
	}
	Expect(api.Create(w.ctx, e)).To(Succeed())
}

var _ = Describe("Events about pods", suite.Fast, suite.Faults, func() {
	// The message of a waiting object includes why the API server refuses its pod, until the pod exists.
	It("about a quota are in the message of the object that waits for the pod", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.setDown("default-store", true)
		w.setDown("tills-ingest", true)
		w.noPods()
		w.start()
		w.apply("EventStore", "TouchpointSource")
		set := eventually(w, "default-store", &appsv1.StatefulSet{}, "made", func(*appsv1.StatefulSet) bool { return true })
		words := w.refused("default-store-0", &set.Spec.Template)
		w.say("statefulset-controller", "StatefulSet", "default-store", "FailedCreate", "create Pod default-store-0 in StatefulSet default-store failed error: "+words)
		es, tills := &v1alpha1.EventStore{}, &v1alpha1.TouchpointSource{}
		eventually(w, "default", es, "the quota's words", func(s *v1alpha1.EventStore) bool {
			return has(s, v1alpha1.ConditionReady, metav1.ConditionUnknown, v1alpha1.ReasonRolloutIncomplete) && strings.Contains(message(s, v1alpha1.ConditionReady), "exceeded quota: small")
		})

		By("the controller of a Deployment reports it in the Deployment")
		d := &appsv1.Deployment{}
		eventually(w, "tills-ingest", d, "played", func(d *appsv1.Deployment) bool { return len(d.Status.Conditions) == 1 })
		words = w.refused("tills-ingest-1", &d.Spec.Template)
		Eventually(ctx, func() bool {
			get(w, "tills-ingest", d)
			d.Status.Conditions = append(d.Status.Conditions[:1], appsv1.DeploymentCondition{
				Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate", Message: words,
			})
			return api.Status().Update(ctx, d) == nil
		}).Should(BeTrue())
		eventually(w, "tills", tills, "the quota's words", func(s *v1alpha1.TouchpointSource) bool {
			return strings.Contains(message(s, v1alpha1.ConditionReady), "exceeded quota: small") && strings.Contains(message(s, v1alpha1.ConditionIngestionAvailable), "exceeded quota: small")
		})

		w.setDown("default-store", false)
		w.setDown("tills-ingest", false)
		awaitReady(w, "default", es)
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
		Expect(message(tills, v1alpha1.ConditionIngestionAvailable)).To(Equal("The pods serve."))
	})

	It("of the scheduler are in the message of the object that waits for the pod", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.setDown("default-store", true)
		w.setDown("tills-ingest", true)
		w.start()
		w.apply("EventStore", "TouchpointSource")
		eventually(w, "default-store", &appsv1.StatefulSet{}, "made", func(*appsv1.StatefulSet) bool { return true })
		w.say("default-scheduler", "Pod", "default-store-0", "FailedScheduling", unschedulable)
		w.say("default-scheduler", "Pod", "tills-ingest-5d9c7b8f6-x2x7k", "FailedScheduling", unschedulable)
		eventually(w, "default", &v1alpha1.EventStore{}, "the scheduler's words", func(s *v1alpha1.EventStore) bool {
			return strings.Contains(message(s, v1alpha1.ConditionReady), "FailedScheduling: "+unschedulable)
		})
		eventually(w, "tills", &v1alpha1.TouchpointSource{}, "the scheduler's words", func(s *v1alpha1.TouchpointSource) bool {
			return strings.Contains(message(s, v1alpha1.ConditionReady), "FailedScheduling: "+unschedulable) &&
				has(s, v1alpha1.ConditionIngestionAvailable, metav1.ConditionUnknown, v1alpha1.ReasonStarting) &&
				strings.Contains(message(s, v1alpha1.ConditionIngestionAvailable), unschedulable)
		})
	})

	It("are in the messages of a map and a report whose Jobs wait for pods", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
		jm, mr := get(w, "omnichannel-retail", &v1alpha1.JourneyMap{}), get(w, "retail-kpis", &v1alpha1.MetricReport{})
		first := func(o client.Object) (job batchv1.Job) {
			Eventually(ctx, func() bool {
				jobs := w.firstRuns(o)
				if len(jobs) == 1 {
					job = jobs[0]
				}
				return len(jobs) == 1
			}).Should(BeTrue())
			return job
		}
		w.noPods()
		job := first(jm)
		words := w.refused(job.Name+"-q7x2m", &job.Spec.Template)
		w.say("job-controller", "Job", job.Name, "FailedCreate", "Error creating: "+words)
		w.say("default-scheduler", "Pod", first(mr).Name+"-k8p4z", "FailedScheduling", unschedulable)
		eventually(w, jm.Name, jm, "the quota's words", func(m *v1alpha1.JourneyMap) bool {
			return has(m, v1alpha1.ConditionAnalysisCurrent, metav1.ConditionUnknown, v1alpha1.ReasonNoResults) &&
				strings.Contains(message(m, v1alpha1.ConditionAnalysisCurrent), "exceeded quota: small")
		})
		eventually(w, mr.Name, mr, "the scheduler's words", func(m *v1alpha1.MetricReport) bool {
			return has(m, v1alpha1.ConditionAnalysisCurrent, metav1.ConditionUnknown, v1alpha1.ReasonNoResults) &&
				strings.Contains(message(m, v1alpha1.ConditionAnalysisCurrent), "FailedScheduling: "+unschedulable)
		})
		w.checkStatuses(false)
	})
})

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"context"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var _ = Describe("Drift", suite.Fast, func() {
	It("in a field of the operator is reverted, and in other fields stays", suite.Versions, func(ctx SpecContext) {
		w := settled(ctx)
		d := &appsv1.Deployment{}
		image := get(w, "tills-ingest", d).Spec.Template.Spec.Containers[0].Image
		change(w, "tills-ingest", d, func(d *appsv1.Deployment) {
			d.Spec.Template.Spec.Containers[0].Image = "somebody:else"
			d.Spec.Template.Spec.TerminationGracePeriodSeconds = ptr.To[int64](1)
			d.Spec.Template.Spec.Containers[0].Env = append(d.Spec.Template.Spec.Containers[0].Env, corev1.EnvVar{Name: "MINE", Value: "1"})
			d.Labels["example.com/mine"] = "yes"
		})
		eventually(w, "tills-ingest", d, "our image and time to end", func(d *appsv1.Deployment) bool {
			return d.Spec.Template.Spec.Containers[0].Image == image && *d.Spec.Template.Spec.TerminationGracePeriodSeconds == 30
		})
		Expect(d.Labels["example.com/mine"]).To(Equal("yes"))
		Expect(d.Spec.Template.Spec.Containers[0].Env).To(ContainElement(corev1.EnvVar{Name: "MINE", Value: "1"}))
		w.quiet(2 * time.Second)
		w.checkStatuses(false)
	})

	It("by deletion is reverted", suite.Versions, func(ctx SpecContext) {
		w := settled(ctx)
		role := get(w, "omnichannel-retail-map", &rbacv1.Role{})
		Expect(api.Delete(ctx, role)).To(Succeed())
		eventually(w, "omnichannel-retail-map", &rbacv1.Role{}, "made again", func(r *rbacv1.Role) bool { return r.UID != role.UID })
		w.quiet(2 * time.Second)
		w.checkStatuses(false)
	})

	It("in owner references is reverted", suite.Versions, func(ctx SpecContext) {
		w := settled(ctx)
		s := &corev1.Service{}
		change(w, "tills-ingest", s, func(s *corev1.Service) { s.OwnerReferences = nil })
		eventually(w, "tills-ingest", s, "owned", func(s *corev1.Service) bool { return len(s.OwnerReferences) == 1 })
		w.quiet(2 * time.Second)
		w.checkStatuses(false)
	})

	It("in labels is reverted", suite.Versions, func(ctx SpecContext) {
		w := settled(ctx)
		s := &corev1.ServiceAccount{}
		change(w, "tills-ingest", s, func(s *corev1.ServiceAccount) { s.Labels = nil })
		eventually(w, "tills-ingest", s, "labelled", func(s *corev1.ServiceAccount) bool { return len(s.Labels) > 0 })
		w.quiet(2 * time.Second)
		w.checkStatuses(false)
	})

	// Some lists have no key, so a changed entry conflicts with the operator's entry, and the API server refuses the apply.
	It("in lists is reverted, also after a restart", suite.Versions, func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply("EventStore", "TouchpointSource")
		tills := awaitReady(w, "tills", &v1alpha1.TouchpointSource{})
		before, d := get(w, "tills-ingest", &corev1.Service{}).DeepCopy(), &appsv1.Deployment{}
		port := get(w, "tills-ingest", d).Spec.Template.Spec.Containers[0].Ports[0].ContainerPort
		back := func(s *corev1.Service) bool {
			return equality.Semantic.DeepEqual(before.Spec.Ports, s.Spec.Ports)
		}

		s := &corev1.Service{}
		change(w, "tills-ingest", s, func(s *corev1.Service) {
			s.Spec.Ports[0].Port++
			s.Labels["example.com/mine"] = "yes"
		})
		eventually(w, "tills-ingest", s, "our port alone", back)
		Expect(s.UID).To(Equal(before.UID))
		Expect(s.Labels["example.com/mine"]).To(Equal("yes"), "what is of others stays")
		eventually(w, "tills-ingest", s, "applied, and nothing else", func(s *corev1.Service) bool { return slices.Equal(ours(s), []string{"Apply"}) })

		By("after a restart, and in pods")
		w.stop()
		change(w, "tills-ingest", s, func(s *corev1.Service) { s.Spec.Ports[0].Protocol = corev1.ProtocolUDP })
		change(w, "tills-ingest", d, func(d *appsv1.Deployment) {
			c := &d.Spec.Template.Spec.Containers[0]
			c.Ports[0].ContainerPort = 9999
			c.LivenessProbe.ProbeHandler = corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(9999)}}
		})
		w.start()
		eventually(w, "tills-ingest", s, "our port alone", back)
		eventually(w, "tills-ingest", d, "our port alone, and the probe", func(d *appsv1.Deployment) bool {
			c := d.Spec.Template.Spec.Containers[0]
			return c.Ports[0].ContainerPort == port && c.LivenessProbe.HTTPGet != nil && c.LivenessProbe.TCPSocket == nil
		})
		awaitReady(w, "tills", tills)
		w.quiet(2 * time.Second)
		w.checkStatuses(false)
	})

	// A paused Deployment would ignore changes of the spec, although everything looks applied.
	It("by pausing a Deployment is reverted", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply("EventStore", "TouchpointSource")
		awaitReady(w, "tills", &v1alpha1.TouchpointSource{})
		d := &appsv1.Deployment{}
		change(w, "tills-ingest", d, func(d *appsv1.Deployment) { d.Spec.Paused = true })
		eventually(w, "tills-ingest", d, "not paused", func(d *appsv1.Deployment) bool { return !d.Spec.Paused })
	})

	// ConfigMaps are not watched. The operator reads them at intervals, and restores them if they were changed or deleted. Reading does not write.
	It("in ConfigMaps is reverted at intervals, without other writes", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
		w.quiet(2 * time.Second)
		edited, deleted := []string{"default-store", "omnichannel-retail-map"}, []string{"tills-ingest", "retail-kpis-report"}
		names, good := slices.Concat(edited, deleted), map[string]*corev1.ConfigMap{}
		for _, name := range names {
			good[name] = get(w, name, &corev1.ConfigMap{})
		}
		for _, name := range edited {
			change(w, name, &corev1.ConfigMap{}, func(cm *corev1.ConfigMap) { cm.Data = map[string]string{"config.json": "{}", "more": "mine"} })
		}
		for _, name := range deleted {
			Expect(api.Delete(ctx, good[name].DeepCopy())).To(Succeed())
		}
		for _, name := range edited {
			cm := eventually(w, name, &corev1.ConfigMap{}, "the good document", func(cm *corev1.ConfigMap) bool {
				return cm.Data["config.json"] == good[name].Data["config.json"]
			})
			Expect(cm.Data["more"]).To(Equal("mine"), "what is of others stays")
		}
		for _, name := range deleted {
			cm := eventually(w, name, &corev1.ConfigMap{}, "made again", func(*corev1.ConfigMap) bool { return true })
			Expect(cm.Data).To(Equal(good[name].Data))
			Expect(cm.Labels).To(Equal(good[name].Labels))
			Expect(cm.OwnerReferences).To(Equal(good[name].OwnerReferences))
		}
		mark := w.quiet(2 * time.Second)
		w.awake(mark, names...)
		Expect(w.wire.Writes(mark)).To(BeEmpty())
	})

	It("in ConfigMaps is reverted at once by a new process", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
		cm := &corev1.ConfigMap{}
		good := get(w, "tills-ingest", cm).Data
		w.stop()
		change(w, "tills-ingest", cm, func(cm *corev1.ConfigMap) { cm.Data = map[string]string{"config.json": "{}", "more": "mine"} })
		w.start()
		eventually(w, "tills-ingest", cm, "the good document", func(cm *corev1.ConfigMap) bool {
			return cm.Data["config.json"] == good["config.json"] && cm.Data["more"] == "mine"
		})
	})

	It("in scaling: objects that are no longer needed are deleted, and those of others stay", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply("EventStore", "TouchpointSource")
		web := awaitReady(w, "web", &v1alpha1.TouchpointSource{})
		hpa := eventually(w, "web-ingest", &autoscalingv2.HorizontalPodAutoscaler{}, "the pods have served for long", anyHPA)
		pdb := get(w, "web-ingest", &policyv1.PodDisruptionBudget{})
		foreign := &policyv1.PodDisruptionBudget{ObjectMeta: metav1.ObjectMeta{Name: "mine", Labels: pdb.Labels},
			Spec: policyv1.PodDisruptionBudgetSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "mine"}}}}
		w.create(foreign)
		change(w, "web", web, func(s *v1alpha1.TouchpointSource) { s.Spec.Scaling = &v1alpha1.Scaling{MinReplicas: ptr.To[int32](1)} })
		awaitReady(w, "web", web)
		Expect(api.Get(ctx, client.ObjectKeyFromObject(hpa), hpa)).To(MatchError(apierrors.IsNotFound, "IsNotFound"))
		Expect(api.Get(ctx, client.ObjectKeyFromObject(pdb), pdb)).To(MatchError(apierrors.IsNotFound, "IsNotFound"))
		Expect(api.Get(ctx, client.ObjectKeyFromObject(foreign), foreign)).To(Succeed(), "an object with our labels that the operator does not own stays")
	})

	// With owner references on all children, the garbage collector deletes everything except what is retained. It does not run in these tests, but in
	// the end-to-end tests.
	It("in owners: every child has an owner, except a retained one", suite.Versions, func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
		w.quiet(time.Second)
		parents := map[string]bool{}
		objects := w.objects()
		for name, obj := range objects {
			if len(conditions(obj)) > 0 {
				parents[string(obj.GetUID())] = true
				Expect(obj.GetFinalizers()).To(BeEmpty(), "%s has a finalizer, which would outlive the operator", name)
			}
		}
		Expect(parents).To(HaveLen(8))
		for name, obj := range objects {
			owner := metav1.GetControllerOf(obj)
			switch {
			case parents[string(obj.GetUID())]:
			case name == "PersistentVolumeClaim/default-store":
				Expect(owner).To(BeNil())
			default:
				Expect(owner).NotTo(BeNil(), "%s would stay behind", name)
				Expect(parents[string(owner.UID)]).To(BeTrue(), "%s belongs to an object that does not exist", name)
			}
		}
	})

	It("in a retained claim: a new store of the same name uses it", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply("EventStore")
		es := awaitReady(w, "default", &v1alpha1.EventStore{})
		claim := get(w, "default-store", &corev1.PersistentVolumeClaim{})
		Expect(api.Delete(ctx, es)).To(Succeed())
		for _, obj := range w.objects() { // what the garbage collector would delete
			if metav1.IsControlledBy(obj, es) {
				Expect(api.Delete(ctx, obj)).To(Succeed())
			}
		}
		w.apply("EventStore")
		es = awaitReady(w, "default", &v1alpha1.EventStore{})
		Expect(get(w, "default-store", &corev1.PersistentVolumeClaim{}).UID).To(Equal(claim.UID))

		By("with the reclaim policy Delete, it gets an owner, and loses it again")
		change(w, "default", es, func(s *v1alpha1.EventStore) { s.Spec.Backend.Embedded.Storage.ReclaimPolicy = v1alpha1.Delete })
		eventually(w, "default-store", claim, "owned", func(c *corev1.PersistentVolumeClaim) bool { return metav1.IsControlledBy(c, es) })
		change(w, "default", es, func(s *v1alpha1.EventStore) { s.Spec.Backend.Embedded.Storage.ReclaimPolicy = "" })
		eventually(w, "default-store", claim, "not owned", func(c *corev1.PersistentVolumeClaim) bool { return len(c.OwnerReferences) == 0 })
		w.checkStatuses(false)
	})
})

// settled returns a world in which the samples are Ready and the operator has nothing to do.
func settled(ctx context.Context) *world {
	GinkgoHelper()
	w := newWorld(ctx)
	w.start()
	w.apply(kinds...)
	w.awaitSamples()
	w.quiet(2 * time.Second)
	return w
}

// ours lists the operations of the operator's field manager on an object.
func ours(obj client.Object) (how []string) {
	for _, f := range obj.GetManagedFields() {
		if f.Manager == status.FieldManager {
			how = append(how, string(f.Operation))
		}
	}
	return how
}

func anyHPA(*autoscalingv2.HorizontalPodAutoscaler) bool { return true }

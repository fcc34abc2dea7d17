// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"fmt"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/test/operator/sim"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// delegated are permissions that the operator has only to grant them to analysis jobs. RBAC allows nobody to grant permissions that they do not have.
var delegated = []string{"journeyman.dev/journeymaps get", "journeyman.dev/metricreports get"}

var _ = Describe("The permissions of the operator", suite.Fast, suite.Versions, func() {
	// Runs an operator as a user with exactly the permissions of config/rbac/role.yaml, restricted by the policies of config/policy. No request may be
	// refused, and every permission must be used.
	It("are all used, and are sufficient", func(ctx SpecContext) {
		raw, err := os.ReadFile("../../config/rbac/role.yaml")
		Expect(err).NotTo(HaveOccurred())
		role := &rbacv1.ClusterRole{}
		Expect(yaml.UnmarshalStrict(raw, role)).To(Succeed())
		w := newWorld(ctx)
		role.Name = "granted-" + w.namespace
		Expect(api.Create(ctx, role)).To(Succeed())
		installPolicies(ctx)
		user := w.account(rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name})
		w.setup.Config = user.Config
		w.everything()

		granted, used := grantedRights(role), usedRights(w.wire.Log())
		for _, r := range w.wire.Log() {
			Expect(r.Code).NotTo(Equal(403), "refused: %s", r)
			Expect(r.Code).NotTo(Equal(422), "invalid, or refused by a policy: %s", r)
		}
		for _, right := range used {
			Expect(granted).To(ContainElement(right), "used, but not granted")
		}
		for _, right := range granted {
			if !slices.Contains(delegated, right) {
				Expect(used).To(ContainElement(right), "granted, but not used")
			}
		}
	})
})

// everything makes an operator use each of its permissions once.
func (w *world) everything() {
	GinkgoHelper()
	w.start()
	w.apply(kinds...)
	w.awaitSamples()
	jm, web := get(w, "omnichannel-retail", &v1alpha1.JourneyMap{}), get(w, "web", &v1alpha1.TouchpointSource{})
	Eventually(w.ctx, func() bool { return len(w.firstRuns(jm)) == 1 }).Should(BeTrue())
	first := w.firstRuns(jm)[0].Name
	eventually(w, "web-ingest", &autoscalingv2.HorizontalPodAutoscaler{}, "the pods have served for long", anyHPA)
	change(w, "omnichannel-retail", jm, func(m *v1alpha1.JourneyMap) { m.Annotations = map[string]string{v1alpha1.RunAtAnnotation: "x"} })
	change(w, "web", web, func(s *v1alpha1.TouchpointSource) {
		s.Spec.Scaling = &v1alpha1.Scaling{MinReplicas: ptr.To[int32](1)}
		s.Spec.TLS = &v1alpha1.SourceTLS{SecretRef: v1alpha1.CertificateReference{Name: "journeyman-web-tls"}}
	})
	awaitReady(w, "web", web)
	Expect(get(w, "web", web).Status.Address.URL).To(Equal("https://web-ingest." + w.namespace + ".svc"))
	Eventually(w.ctx, func() bool {
		return apierrors.IsNotFound(api.Get(w.ctx, w.key(first), &batchv1.Job{}))
	}).Should(BeTrue(), "the first run of before goes")
	w.quiet(time.Second)
	w.stop()

	By("a Job that the cache does not have yet is read")
	job := w.firstRuns(jm)[0]
	change(w, job.Name, &job, func(j *batchv1.Job) { j.Labels = map[string]string{"a": "b"} })
	mark := w.wire.Len()
	w.start()
	w.awake(mark, "omnichannel-retail-map")
	w.quiet(time.Second)
	By("a repeated Event is patched")
	for range 3 {
		w.setDown("tills-ingest", true)
		awaitCondition(w, "tills", &v1alpha1.TouchpointSource{}, v1alpha1.ConditionIngestionAvailable, metav1.ConditionFalse, v1alpha1.ReasonRolloutIncomplete)
		w.setDown("tills-ingest", false)
		awaitCondition(w, "tills", &v1alpha1.TouchpointSource{}, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, "")
	}
	Eventually(w.ctx, func() bool {
		return slices.Contains(usedRights(w.wire.Log()), "events.k8s.io/events patch")
	}).Should(BeTrue())
	w.reads("tills")
	w.stop()
	By("an operator without network policies deletes those that it created")
	w.setup.Network.Mode = resources.PoliciesNone
	w.start()
	Eventually(w.ctx, func() bool { return len(w.networkPolicies()) == 0 }).Should(BeTrue())
	w.stop()
}

// reads makes a source that receives requests one that reads from brokers: its pods mount the password, and its Service goes.
func (w *world) reads(name string) {
	GinkgoHelper()
	By("a source that reads has no Service")
	change(w, name, &v1alpha1.TouchpointSource{}, func(s *v1alpha1.TouchpointSource) {
		s.Spec.AllowFrom, s.Spec.TLS = nil, nil
		s.Spec.Transport = v1alpha1.Transport{Kafka: &v1alpha1.KafkaTransport{
			Brokers: []v1alpha1.BrokerAddress{"kafka:9092"}, Topics: []v1alpha1.KafkaTopic{"receipts"},
			SASL: &v1alpha1.KafkaSASL{
				Mechanism: v1alpha1.KafkaSCRAM512, Username: "journeyman", PasswordSecretRef: v1alpha1.SecretKeyReference{Name: "kafka"},
			},
		}}
	})
	Eventually(w.ctx, func() bool {
		return apierrors.IsNotFound(api.Get(w.ctx, w.key(name+"-ingest"), &corev1.Service{})) &&
			slices.Contains(usedRights(w.wire.Log()), "/services delete") // The answer can be later than the deletion.
	}).Should(BeTrue())
	deployment := get(w, name+"-ingest", &appsv1.Deployment{})
	Expect(deployment.Spec.Template.Spec.Volumes).To(ContainElement(HaveField("VolumeSource.Projected", Not(BeNil()))))
}

func grantedRights(role *rbacv1.ClusterRole) []string {
	var out []string
	for _, rule := range role.Rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					out = append(out, fmt.Sprintf("%s/%s %s", group, resource, verb))
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// usedRights returns the permissions that requests used, like the API server.
func usedRights(log []sim.Request) []string {
	var out []string
	for _, r := range log {
		right, ok := rightOf(r)
		if !ok {
			continue
		}
		out = append(out, right)
		what, verb, _ := strings.Cut(right, " ")
		switch {
		case verb == "patch" && r.Code == http.StatusCreated: // an apply that created the object
			out = append(out, what+" create")
		case verb == "watch" && r.Initial: // the API server may not support such a watch; then the client lists
			out = append(out, what+" list")
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func rightOf(r sim.Request) (string, bool) {
	parts := strings.Split(strings.Trim(r.Path, "/"), "/")
	group := ""
	switch {
	case parts[0] == "api" && len(parts) > 2:
		parts = parts[2:]
	case parts[0] == "apis" && len(parts) > 3:
		group, parts = parts[1], parts[3:]
	default:
		return "", false // discovery
	}
	if parts[0] == "namespaces" && len(parts) > 2 {
		parts = parts[2:]
	}
	named := len(parts) > 1
	resource := parts[0]
	if len(parts) > 2 {
		resource = path.Join(resource, parts[2])
	}
	verb := map[string]string{"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}[r.Method]
	switch {
	case r.Watch:
		verb = "watch"
	case r.Method == http.MethodGet && named:
		verb = "get"
	case r.Method == http.MethodGet:
		verb = "list"
	}
	return group + "/" + resource + " " + verb, true
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"encoding/json"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// lists returns lists of all kinds that the operator creates or writes.
func lists() []client.ObjectList {
	return []client.ObjectList{
		&v1alpha1.EventStoreList{}, &v1alpha1.TouchpointSourceList{}, &v1alpha1.JourneyMapList{}, &v1alpha1.MetricReportList{},
		&appsv1.DeploymentList{}, &appsv1.StatefulSetList{}, &batchv1.CronJobList{}, &batchv1.JobList{},
		&corev1.ServiceList{}, &corev1.ServiceAccountList{}, &corev1.ConfigMapList{}, &corev1.SecretList{}, &corev1.PersistentVolumeClaimList{},
		&rbacv1.RoleList{}, &rbacv1.RoleBindingList{}, &autoscalingv2.HorizontalPodAutoscalerList{}, &policyv1.PodDisruptionBudgetList{},
		&networkingv1.NetworkPolicyList{},
	}
}

// objects returns everything in the namespace that the operator created or wrote, by kind and name.
func (w *world) objects() map[string]client.Object {
	GinkgoHelper()
	out := map[string]client.Object{}
	for _, list := range lists() {
		Expect(api.List(w.ctx, list, client.InNamespace(w.namespace))).To(Succeed())
		items, err := meta.ExtractList(list)
		Expect(err).NotTo(HaveOccurred())
		for _, item := range items {
			obj := item.(client.Object)
			gvk, err := api.GroupVersionKindFor(obj)
			Expect(err).NotTo(HaveOccurred())
			if gvk.Group == v1alpha1.GroupVersion.Group || obj.GetLabels()[resources.LabelManagedBy] == resources.Manager {
				out[gvk.Kind+"/"+obj.GetName()] = obj
			}
		}
	}
	return out
}

// versions returns the resourceVersions of all objects. They do not change while the operator does not write.
func (w *world) versions() map[string]string {
	GinkgoHelper()
	out := map[string]string{}
	for name, obj := range w.objects() {
		out[name] = obj.GetResourceVersion()
	}
	return out
}

// state returns all objects without what differs between two equal histories: UIDs and what is derived from them, times, and versions.
func (w *world) state() map[string]any {
	GinkgoHelper()
	objects := w.objects()
	swap := []string{w.namespace, "NAMESPACE"}
	for name, obj := range objects {
		swap = append(swap, string(obj.GetUID()), "UID-OF-"+name)
	}
	swaps := strings.NewReplacer(swap...)
	out := map[string]any{}
	for name, obj := range objects {
		fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(obj)
		Expect(err).NotTo(HaveOccurred())
		b, err := json.Marshal(normal(fields))
		Expect(err).NotTo(HaveOccurred())
		out[stable(name)] = began.ReplaceAllString(stableText(swaps.Replace(string(b))), "$1 TIME")
	}
	return out
}

// began matches the time at which a source started to accept events, in a message.
var began = regexp.MustCompile(`(started to accept events at) [0-9TZ:-]+`)

// volatile are the fields that differ between two equal histories.
var volatile = map[string]bool{
	"resourceVersion": true, "managedFields": true, "creationTimestamp": true, "lastTransitionTime": true, "countersTime": true, "lastUpdateTime": true,
	"uid": true, "clusterIP": true, "clusterIPs": true, "createdAt": true, "schedule": true, "scheduledTime": true, "generation": true,
	"batch.kubernetes.io/controller-uid": true, "controller-uid": true, "data": true, resources.RolloutAnnotation: true, resources.RolloutMACAnnotation: true,
	"updateRevision": true, "currentRevision": true, "observedGeneration": true, "value": true, "freeBytes": true, "secretName": true, "storeID": true,
}

func normal(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if !volatile[k] {
				out[k] = normal(e)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = normal(v[i])
		}
		return out
	default:
		return v
	}
}

// stable replaces the hash at the end of a name.
func stable(name string) string { return hashSuffix.ReplaceAllString(name, "-HASH") }

func stableText(text string) string { return hashInText.ReplaceAllString(text, "-HASH\"") }

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// Scheme returns a scheme with the four kinds and the kinds of their children.
func Scheme() *runtime.Scheme {
	s := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(s))
	utilruntime.Must(v1alpha1.AddToScheme(s))
	return s
}

// watchedChildren are the kinds of children in the cache. Secrets, ConfigMaps and Pods are deliberately not among them: an operator that can read all
// of them in a cluster is a worthwhile target.
func watchedChildren() []client.Object {
	return []client.Object{
		&appsv1.Deployment{}, &appsv1.StatefulSet{},
		&batchv1.CronJob{}, &batchv1.Job{},
		&corev1.Service{}, &corev1.ServiceAccount{}, &corev1.PersistentVolumeClaim{},
		&rbacv1.Role{}, &rbacv1.RoleBinding{},
		&autoscalingv2.HorizontalPodAutoscaler{}, &policyv1.PodDisruptionBudget{},
		&networkingv1.NetworkPolicy{},
	}
}

// CacheOptions keep the cache small: of the kinds of children, it only holds objects with the operator's label, without fields that nothing reads.
// Kinds that are not watched cannot be read by mistake, which would start a watch on all of their objects. No namespaces means all.
func CacheOptions(namespaces ...string) cache.Options {
	ours := labels.SelectorFromSet(labels.Set{resources.LabelManagedBy: resources.Manager})
	o := cache.Options{
		ReaderFailOnMissingInformer: true,
		DefaultTransform:            cache.TransformStripManagedFields(),
		ByObject:                    map[client.Object]cache.ByObject{},
	}
	for _, child := range watchedChildren() {
		by := cache.ByObject{Label: ours}
		if _, ok := child.(*batchv1.Job); ok {
			by.Transform = slimJob
		}
		o.ByObject[child] = by
	}
	if len(namespaces) > 0 {
		o.DefaultNamespaces = map[string]cache.Config{}
		for _, n := range namespaces {
			o.DefaultNamespaces[n] = cache.Config{}
		}
	}
	return o
}

// slimJob reduces a Job to its name, labels, owner and outcome. Jobs are never changed, so the rest is never compared.
func slimJob(in any) (any, error) {
	if job, ok := in.(*batchv1.Job); ok {
		job.ManagedFields = nil
		job.Spec = batchv1.JobSpec{}
		job.Status = batchv1.JobStatus{Conditions: job.Status.Conditions}
	}
	return in, nil
}

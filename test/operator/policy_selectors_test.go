// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	. "github.com/onsi/ginkgo/v2"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// attacksByLabels use labels that give instructions to other controllers in the cluster.
func attacksByLabels() map[string]attack {
	const labels, annotations = "only set its own labels", "only set its own annotations"
	return map[string]attack{
		"a cluster of Argo CD": makingSecret(labels, func(o *corev1.Secret) {
			o.Name = "default-append-00000000"
			o.Labels["argocd.argoproj.io/secret-type"] = "cluster"
		}),
		"a dashboard": changing(labels, "web-ingest", &corev1.ConfigMap{}, func(o *corev1.ConfigMap) { o.Labels["grafana_dashboard"] = "1" }),
		"a label that was there, with another value": changing(labels, labelledName, &corev1.ServiceAccount{}, func(o *corev1.ServiceAccount) { o.Labels["team"] = "thieves" }),
		"a copy of another Secret": makingSecret(annotations, func(o *corev1.Secret) {
			o.Name = "default-append-00000000"
			o.Annotations = map[string]string{"replicator.v1.mittwald.de/replicate-from": "shop/database"}
		}),
		"a role in the cloud": changing(annotations, "web-ingest", &corev1.ServiceAccount{}, func(o *corev1.ServiceAccount) {
			o.Annotations = map[string]string{"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/admin"}
		}),
		"the folder of another volume": making(annotations, "default-store", &corev1.PersistentVolumeClaim{}, func(o *corev1.PersistentVolumeClaim) {
			o.Spec.VolumeName = ""
			o.Annotations = map[string]string{"nfs.io/storage-path": "../database"}
		}),
		"what cannot be deleted": changing("no finalizers", "web-ingest", &corev1.ConfigMap{}, func(o *corev1.ConfigMap) {
			o.Finalizers = []string{"example.com/for-ever"}
		}),
		"Jobs with labels": changing("gives its Jobs no labels", "omnichannel-retail-map", &batchv1.CronJob{}, func(o *batchv1.CronJob) {
			o.Spec.JobTemplate.Labels["kueue.x-k8s.io/queue-name"] = "shop"
		}),
		"an Event about others": {says: "one of its four kinds", do: create, evil: func(*world) client.Object {
			return eventAbout(corev1.ObjectReference{APIVersion: "v1", Kind: "Pod", Namespace: "default", Name: "shop"})
		}, honest: func(*world) client.Object {
			return eventAbout(corev1.ObjectReference{APIVersion: v1alpha1.GroupVersion.String(), Kind: "JourneyMap", Namespace: "default", Name: "shop"})
		}},
	}
}

// labelledName is an object to which an administrator added a label. Requests that keep the label are legitimate.
const labelledName = "tills-ingest"

// label adds the label.
func label(w *world) {
	GinkgoHelper()
	change(w, labelledName, &corev1.ServiceAccount{}, func(o *corev1.ServiceAccount) { o.Labels["team"] = "shop" })
}

func eventAbout(regarding corev1.ObjectReference) *eventsv1.Event {
	return &eventsv1.Event{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "e"}, Regarding: regarding, EventTime: metav1.NowMicro(),
		ReportingController: "journeyman-operator", ReportingInstance: "thief", Action: "Look", Reason: "Look", Type: corev1.EventTypeWarning, Note: "x",
	}
}

// attacksBySelectors capture pods, requests or resources of others.
func attacksBySelectors() map[string]attack {
	const selects, wears, others, onePod = "selects the pods of its own", "labels of their own object", "which others select pods by", "one pod"
	foreign := &metav1.LabelSelector{MatchLabels: map[string]string{"app": "shop"}}
	pod := func(says string, change func(*appsv1.Deployment)) attack {
		return changing(says, "web-ingest", &appsv1.Deployment{}, change)
	}
	job := func(says string, change func(*batchv1.CronJob)) attack {
		return changing(says, "omnichannel-retail-map", &batchv1.CronJob{}, change)
	}
	return map[string]attack{
		"a Deployment that takes over pods": making(selects, "web-ingest", &appsv1.Deployment{}, func(o *appsv1.Deployment) {
			o.Spec.Selector = foreign
			o.Spec.Template.Labels["app"] = "shop"
		}),
		"a wider selector": making(selects, "web-ingest", &appsv1.Deployment{}, func(o *appsv1.Deployment) {
			delete(o.Spec.Selector.MatchLabels, "app.kubernetes.io/instance")
		}),
		"a Job that takes over pods": {do: create, says: onePod, evil: func(w *world) client.Object {
			c := get(w, "omnichannel-retail-map", &batchv1.CronJob{})
			o := &batchv1.Job{ObjectMeta: c.ObjectMeta, Spec: c.Spec.JobTemplate.Spec}
			o.Name, o.ResourceVersion = o.Name+"-0", ""
			o.Spec.ManualSelector, o.Spec.Selector = ptr.To(true), &metav1.LabelSelector{MatchLabels: o.Spec.Template.Labels}
			return o
		}},
		"a Job of many pods": job(onePod, func(o *batchv1.CronJob) { o.Spec.JobTemplate.Spec.Parallelism = ptr.To[int32](50) }),
		"a budget for others' pods": changing(selects, "web-ingest", &policyv1.PodDisruptionBudget{}, func(o *policyv1.PodDisruptionBudget) {
			o.Spec.Selector = foreign
		}),
		"a budget for all pods": changing(selects, "web-ingest", &policyv1.PodDisruptionBudget{}, func(o *policyv1.PodDisruptionBudget) {
			o.Spec.Selector = &metav1.LabelSelector{}
		}),
		"a thousand pods": pod("100 pods at most", func(o *appsv1.Deployment) { o.Spec.Replicas = ptr.To[int32](1000) }),
		"a thousand pods by an autoscaler": changing("100 pods at most", "web-ingest", &autoscalingv2.HorizontalPodAutoscaler{}, func(o *autoscalingv2.HorizontalPodAutoscaler) {
			o.Spec.MaxReplicas = 1000
		}),
		"two pods of a store": changing("a StatefulSet one", "default-store", &appsv1.StatefulSet{}, func(o *appsv1.StatefulSet) { o.Spec.Replicas = ptr.To[int32](2) }),
		"another Service's name": making("Service of its name", "default-store", &appsv1.StatefulSet{}, func(o *appsv1.StatefulSet) {
			o.Spec.ServiceName = "database"
		}),
		"pods of another tenant": pod(wears, func(o *appsv1.Deployment) { o.Spec.Template.Labels["journeyman.dev/name"] = "tills" }),
		"pods that say they are of somebody else": job(wears, func(o *batchv1.CronJob) {
			o.Spec.JobTemplate.Spec.Template.Labels["app.kubernetes.io/name"] = "shop"
		}),
		"pods behind others' Services": pod(others, func(o *appsv1.Deployment) { o.Spec.Template.Labels["app"] = "shop" }),
		"an analysis behind others' Services": job(others, func(o *batchv1.CronJob) {
			o.Spec.JobTemplate.Spec.Template.Labels["k8s-app"] = "kube-dns"
		}),
		"another profile by annotation": pod("annotations that select a security profile", func(o *appsv1.Deployment) {
			o.Spec.Template.Annotations = map[string]string{"container.apparmor.security.beta.kubernetes.io/ingest": "unconfined"}
		}),
		"a second Role": making("whose name is made from", "omnichannel-retail-map", &rbacv1.Role{}, func(o *rbacv1.Role) { o.Name += "-2" }),
		"a ConfigMap named as a Secret": making("whose name is made from", "default-store", &corev1.ConfigMap{}, func(o *corev1.ConfigMap) {
			o.Name = "default-append-00000000"
		}),
	}
}

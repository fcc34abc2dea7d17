// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"maps"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	metaac "k8s.io/client-go/applyconfigurations/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Labels of all children.
const (
	LabelAppName   = "app.kubernetes.io/name"
	LabelInstance  = "app.kubernetes.io/instance"
	LabelComponent = "app.kubernetes.io/component"
	LabelManagedBy = "app.kubernetes.io/managed-by"
	// LabelKind and LabelName say which object a child belongs to.
	LabelKind = "journeyman.dev/kind"
	LabelName = "journeyman.dev/name"

	// AppName is the value of LabelAppName.
	AppName = "journeyman"
	// Manager is the value of LabelManagedBy, and the operator's field manager.
	Manager = "journeyman-operator"
)

// Components are the values of LabelComponent.
const (
	ComponentStore    = "store"
	ComponentIngest   = "ingest"
	ComponentAnalysis = "analysis"
	// componentOperator is that of the operator's own pods, which come from config/manager or the chart.
	componentOperator = "operator"
)

// parent is what the children need to know about their owner.
type parent struct {
	kind, component string
	namespace, name string
	uid             types.UID
}

func newParent(kind, component string, o metav1.Object) parent {
	return parent{kind: kind, component: component, namespace: o.GetNamespace(), name: o.GetName(), uid: o.GetUID()}
}

// selector of the pods: frozen, because a Deployment's and a StatefulSet's can never be changed. It depends on the
// parent's kind and name alone.
func (p parent) selector() map[string]string {
	return map[string]string{
		LabelAppName:   AppName,
		LabelInstance:  p.name,
		LabelComponent: p.component,
		LabelKind:      p.kind,
	}
}

func (p parent) labels() map[string]string {
	labels := p.selector()
	labels[LabelManagedBy] = Manager
	labels[LabelName] = p.name
	return labels
}

// podLabels are the parent's labels and those of the user that cannot be mistaken for them or for the workload controllers'.
func (p parent) podLabels(user map[string]string) map[string]string {
	labels := make(map[string]string, len(user)+6)
	for k, v := range user {
		if !reservedLabel(k) {
			labels[k] = v
		}
	}
	maps.Copy(labels, p.labels())
	return labels
}

func reservedLabel(key string) bool {
	switch key {
	case "pod-template-hash", "controller-revision-hash", "controller-uid", "job-name":
		return true
	}
	for _, prefix := range []string{"journeyman.dev/", "batch.kubernetes.io/", "apps.kubernetes.io/", "statefulset.kubernetes.io/"} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// unowned is the metadata of a child that outlives its parent. It goes without the instance label: Argo CD can be set to
// take objects with that label and without an owner for its own, and would prune what has to stay.
func (p parent) unowned(name string) *metaac.ObjectMetaApplyConfiguration {
	labels := p.labels()
	delete(labels, LabelInstance)
	return metaac.ObjectMeta().WithNamespace(p.namespace).WithName(name).WithLabels(labels)
}

// meta is the metadata of a child: with its parent as the controller, so that it goes when the parent goes.
func (p parent) meta(name string) *metaac.ObjectMetaApplyConfiguration {
	return p.unowned(name).WithLabels(p.labels()).WithOwnerReferences(metaac.OwnerReference().
		WithAPIVersion(v1alpha1.GroupVersion.String()).
		WithKind(p.kind).
		WithName(p.name).
		WithUID(p.uid).
		WithController(true).
		WithBlockOwnerDeletion(true))
}

// Adoptable reports whether an object without an owner is one that an earlier parent of this kind and name left behind.
func Adoptable(parentKind, parentName string, o metav1.Object) bool {
	labels := o.GetLabels()
	return metav1.GetControllerOf(o) == nil &&
		labels[LabelManagedBy] == Manager && labels[LabelKind] == parentKind && labels[LabelName] == parentName
}

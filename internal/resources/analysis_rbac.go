// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	rbacv1 "k8s.io/api/rbac/v1"
	rbacac "k8s.io/client-go/applyconfigurations/rbac/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// role allows a job to read its own object and to write that object's status, and nothing else.
func (r analysisRun) role() Child {
	p := r.parent
	rule := func(resource, verb string) *rbacac.PolicyRuleApplyConfiguration {
		return rbacac.PolicyRule().
			WithAPIGroups(v1alpha1.GroupVersion.Group).
			WithResources(resource).
			WithResourceNames(p.name).
			WithVerbs(verb)
	}
	ac := rbacac.Role(r.name, p.namespace).WithRules(rule(r.resource, "get"), rule(r.resource+"/status", "patch"))
	ac.ObjectMetaApplyConfiguration = p.meta(r.name)
	return Child{Object: ac, GVK: roleKind, Namespace: p.namespace, Name: r.name}
}

func (r analysisRun) roleBinding() Child {
	p := r.parent
	ac := rbacac.RoleBinding(r.name, p.namespace).
		WithRoleRef(rbacac.RoleRef().WithAPIGroup(rbacv1.GroupName).WithKind(roleKind.Kind).WithName(r.name)).
		WithSubjects(rbacac.Subject().WithKind(rbacv1.ServiceAccountKind).WithNamespace(p.namespace).WithName(r.name))
	ac.ObjectMetaApplyConfiguration = p.meta(r.name)
	return Child{Object: ac, GVK: roleBindingKind, Namespace: p.namespace, Name: r.name}
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// apart is the beginning of the message for a source whose pods do not reach the store.
func (i *ingestion) apart() string { return i.up() + ", but none of them reaches EventStore " }

// silentUntil returns the time from which missing reports mean that the pods do not reach the store; zero if they mean nothing. Such pods are ready,
// and the store answers the operator: only the missing reports show that every sender gets 503, or that nothing is read.
func (i *ingestion) silentUntil() time.Time {
	up := deploymentCondition(i.workload, appsv1.DeploymentAvailable, corev1.ConditionTrue)
	if len(i.look.Reports) > 0 || i.look.Silent.IsZero() || up == nil {
		return time.Time{}
	}
	return latest(i.look.Silent, up.LastTransitionTime.Time).Add(store.ReportTTL)
}

// cutOff evaluates missing reports. After a restart of the operator, the verdict does not change.
func (i *ingestion) cutOff() (status.Verdict, bool) {
	if i.was != nil && strings.HasPrefix(i.was.Message, i.apart()) && len(i.look.Reports) == 0 {
		return status.Keep(i.was, status.Verdict{}), true
	}
	if until := i.silentUntil(); until.IsZero() || i.now.Before(until) {
		return status.Verdict{}, false
	}
	return status.False(v1alpha1.ReasonStoreUnavailable, "%s%s, which has received no report for %s: %s. Check the NetworkPolicies between them, "+
		"and the logs of the pods.", i.apart(), i.source.Spec.StoreRef.Name, store.ReportTTL, i.consequence()), true
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package children

import (
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// refusalRetry is when a refused child is sent again, because quotas, policies and storage classes are not watched.
const refusalRetry = time.Minute

// refusal is a response of the API server that the same request would get again: somebody has to change something first.
type refusal struct {
	child resources.Child
	err   error
}

func (r *refusal) Error() string { return fmt.Sprintf("the API server refuses %s: %s", r.child, r.err) }
func (r *refusal) Unwrap() error { return r.err }

// stalled returns the refusal as an error for the parent's conditions.
func (r *refusal) stalled() *flow.Stalled {
	problem := strings.TrimRight(r.Error(), ". ") + "."
	remedy := r.child.Remedy
	switch {
	case remedy != "":
	case contradicts(r.err):
		remedy = "Revert the changes of others, or delete the object; the operator then creates it again."
	default:
		remedy = "Change the quota or the policy so that it allows the object."
	}
	return &flow.Stalled{Reason: v1alpha1.ReasonChildRefused, Path: r.child.Path, Problem: problem + " " + remedy, Retry: refusalRetry}
}

// refused returns an error with the child that the API server refused, and whether permanently. Conflicts and a terminating namespace keep their type.
func refused(c resources.Child, err error) error {
	switch {
	case apierrors.IsConflict(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return err
	case forGood(err):
		return &refusal{child: c, err: err}
	}
	return fmt.Errorf("apply %s: %w", c, err)
}

// forGood reports whether a refusal is permanent. A missing permission of the operator is not: it may be granted soon.
func forGood(err error) bool {
	var status apierrors.APIStatus
	if apierrors.IsForbidden(err) && errors.As(err, &status) {
		return !strings.Contains(status.Status().Message, `is forbidden: User "`)
	}
	return apierrors.IsInvalid(err) || apierrors.IsBadRequest(err) || apierrors.IsRequestEntityTooLargeError(err)
}

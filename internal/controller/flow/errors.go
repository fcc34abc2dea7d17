// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/accept"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
)

// Stalled is an error that only a person can fix. It is not retried, except after Retry if the cause is outside the object.
type Stalled struct {
	// Reason is one of the constants of the API.
	Reason string
	// Path of the field, such as spec.mapping[2].event.time; empty if no field is the cause.
	Path string
	// Problem and fix.
	Problem string
	// Retry is when to try again; zero waits for a change of the object.
	Retry time.Duration
}

// Error returns the message of the condition.
func (e *Stalled) Error() string {
	if e.Path == "" {
		return e.Problem
	}
	return e.Path + ": " + e.Problem
}

// Refused returns a Stalled for the first fault, or nil.
func Refused(faults []*accept.Fault) error {
	if len(faults) == 0 {
		return nil
	}
	return &Stalled{Reason: faults[0].Reason, Path: faults[0].Path, Problem: faults[0].Problem}
}

// Waiting is not an error. It ends this reconciliation because something else has to happen first, which triggers the next one.
type Waiting struct {
	// Reason is one of the constants of the API.
	Reason string
	// Problem is what the object waits for.
	Problem string
	// Retry is when to try again; zero waits for a change.
	Retry time.Duration
}

// Error returns the message of the condition.
func (e *Waiting) Error() string { return e.Problem }

// Missing waits for an object that the spec refers to.
func Missing(path, kind, name string) *Waiting {
	return &Waiting{
		Reason:  v1alpha1.ReasonDependencyNotFound,
		Problem: fmt.Sprintf("%s: waiting for %s %s, which does not exist yet", path, kind, name),
	}
}

// quiet errors are normal for a busy API server, such as a conflict with another write. They change no condition; the reconciliation is repeated.
func quiet(err error) bool {
	return apierrors.IsConflict(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause)
}

// outcome sets Ready, Reconciling and Stalled from the result of the steps. It returns the time after which to reconcile again, zero for none, and
// the error that the runtime should retry with backoff.
func outcome(set *status.Set, err error) (time.Duration, error) {
	var stalled *Stalled
	var waiting *Waiting
	switch {
	case err == nil:
		set.Ready("The spec is accepted and applied.")
		return 0, nil
	case errors.As(err, &stalled):
		set.Stalled(stalled.Reason, stalled.Error())
		return stalled.Retry, nil
	case errors.As(err, &waiting):
		set.Progressing(waiting.Reason, waiting.Problem)
		return waiting.Retry, nil
	case quiet(err):
		return time.Second, nil
	default:
		set.Failing(v1alpha1.ReasonApplyFailed, err.Error())
		return 0, err
	}
}

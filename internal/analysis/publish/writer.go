// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/fit"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
)

// ErrSuperseded means that the object was deleted or recreated, or that newer results exist. It is not a failure.
var ErrSuperseded = errors.New("superseded")

// Limits of texts in the status, in characters, as in the CRDs.
const (
	maxError = 512
	maxRunAt = 128
)

// FieldManager of the job.
const FieldManager = "journeyman-analysis"

// operatorFields of the status belong to the operator. The job never sends them.
var operatorFields = []string{"conditions", "observedGeneration"}

// conflictBackoff is used to retry a write after somebody else has changed the object.
var conflictBackoff = wait.Backoff{Duration: 50 * time.Millisecond, Factor: 1.8, Jitter: 0.3, Steps: 10, Cap: 5 * time.Second}

// StatusWriter writes results to the status of one object by server-side apply.
type StatusWriter struct {
	// Client of the kind, for the object's namespace.
	Client    dynamic.ResourceInterface
	doc       *podconfig.Analysis
	scheduled time.Time
	// runAt is the result of RunAt.
	runAt string
}

// NewStatusWriter returns a writer for the object of a document and the scheduled time of the run.
func NewStatusWriter(client dynamic.Interface, doc *podconfig.Analysis, scheduled time.Time) *StatusWriter {
	resource := "journeymaps"
	if doc.Kind == v1alpha1.MetricReportKind {
		resource = "metricreports"
	}
	gvr := schema.GroupVersionResource{Group: v1alpha1.GroupVersion.Group, Version: v1alpha1.GroupVersion.Version, Resource: resource}
	return &StatusWriter{Client: client.Resource(gvr).Namespace(doc.Namespace), doc: doc, scheduled: scheduled}
}

// RunAt returns the request that a run that starts now fulfils: the value of the object's annotation v1alpha1.RunAtAnnotation. The error wraps
// ErrSuperseded if the run would write nothing.
func (w *StatusWriter) RunAt(ctx context.Context) (string, error) {
	err := w.look(ctx, func(_ context.Context, live *unstructured.Unstructured) error {
		w.runAt = requested(live)
		return w.current(live)
	})
	return w.runAt, err
}

// requested returns the value of the annotation, truncated to the limit of the status.
func requested(live *unstructured.Unstructured) string {
	value := []rune(live.GetAnnotations()[v1alpha1.RunAtAnnotation])
	return string(value[:min(len(value), maxRunAt)])
}

// Sizes of an object.
const (
	// MaxObject is the size of the largest object, as JSON: etcd's default of 1.5 MiB, minus a margin for its overhead.
	MaxObject = 1472 << 10
	// minStatus is the size of the smallest status that is tried.
	minStatus = 16 << 10
)

// WriteResults replaces all results. results returns a pointer to a status of the object's kind with at most limit bytes: as many as the object has
// room for. If the API server accepts less than usual, a smaller one is tried. The error wraps ErrSuperseded if the object was recreated or has newer
// results.
func (w *StatusWriter) WriteResults(ctx context.Context, results func(limit int) any) error {
	for limit := fit.MaxBytes; ; limit /= 2 {
		err := w.write(ctx, func(live *unstructured.Unstructured, _ map[string]any) (map[string]any, error) {
			return runtime.DefaultUnstructuredConverter.ToUnstructured(results(max(minStatus, min(limit, room(live)))))
		})
		if !TooLarge(err) || limit/2 < minStatus {
			return err
		}
	}
}

// room returns the number of bytes that are left for the results.
func room(live *unstructured.Unstructured) int {
	rest := maps.Clone(live.Object)
	delete(rest, "status")
	b, err := json.Marshal(rest)
	if err != nil {
		return 0 // It was decoded from JSON, so it can be marshalled.
	}
	return MaxObject - len(b)
}

// TooLarge reports whether a write was refused because of its size: by the API server, by etcd, or by something in between. There is no specific reason for it.
func TooLarge(err error) bool {
	return err != nil && (apierrors.IsRequestEntityTooLargeError(err) ||
		strings.Contains(err.Error(), "request is too large") || strings.Contains(err.Error(), "message larger than max"))
}

// WriteFailure records a failed run and keeps the existing results.
func (w *StatusWriter) WriteFailure(ctx context.Context, attempt v1alpha1.RunRecord) error {
	attempt.Error = fit.Text(mask.Name(attempt.Error), maxError)
	last, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&attempt)
	if err != nil {
		return fmt.Errorf("status: %w", err)
	}
	return w.write(ctx, func(_ *unstructured.Unstructured, status map[string]any) (map[string]any, error) {
		// The apply has to contain all fields of this manager; fields that it omits would be removed.
		trace, ok := status["trace"].(map[string]any)
		if !ok {
			trace = map[string]any{}
		}
		trace["lastRun"] = last
		status["trace"] = trace
		return status, nil
	})
}

// change derives a status from a live object and its status.
type change func(live *unstructured.Unstructured, status map[string]any) (map[string]any, error)

// write applies the result of change. It sends the resourceVersion of the live object, so that the object cannot have changed since it was read. On a
// conflict, both are repeated.
func (w *StatusWriter) write(ctx context.Context, change change) error {
	return w.look(ctx, func(ctx context.Context, live *unstructured.Unstructured) error {
		if err := w.current(live); err != nil {
			return err
		}
		return w.apply(ctx, live, change)
	})
}

// look calls do with the live object, and retries if that can help.
func (w *StatusWriter) look(ctx context.Context, do func(context.Context, *unstructured.Unstructured) error) error {
	var last error
	err := wait.ExponentialBackoffWithContext(ctx, conflictBackoff, func(ctx context.Context) (bool, error) {
		live, err := w.Client.Get(ctx, w.doc.Name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return false, fmt.Errorf("%w: the %s was deleted", ErrSuperseded, w.doc.Kind)
		}
		if err == nil {
			err = do(ctx, live)
		}
		last = err
		if err == nil || TooLarge(err) || !retriable(err) {
			return true, err
		}
		return false, nil
	})
	if wait.Interrupted(err) && last != nil {
		return fmt.Errorf("status of %s %s/%s: %w", w.doc.Kind, w.doc.Namespace, w.doc.Name, last)
	}
	return err
}

// retriable errors are conflicts, and an API server that is busy or briefly unavailable.
func retriable(err error) bool {
	if utilnet.IsConnectionRefused(err) || utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err) || utilnet.IsTimeout(err) {
		return true
	}
	return apierrors.IsConflict(err) || apierrors.IsServerTimeout(err) || apierrors.IsTooManyRequests(err) ||
		apierrors.IsTimeout(err) || apierrors.IsServiceUnavailable(err) || apierrors.IsInternalError(err)
}

// current reports whether the live object is the one that was analysed, without newer results.
func (w *StatusWriter) current(live *unstructured.Unstructured) error {
	if string(live.GetUID()) != w.doc.UID {
		return fmt.Errorf("%w: the %s was created again, with another uid", ErrSuperseded, w.doc.Kind)
	}
	raw, ok, err := unstructured.NestedMap(live.Object, "status", "trace", "analysis")
	if !ok || err != nil {
		return err
	}
	var record v1alpha1.AnalysisRecord
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(raw, &record); err != nil {
		return fmt.Errorf("status.trace.analysis: %w", err)
	}
	// Of two runs, the one that has seen the current request started later.
	asked := requested(live)
	mine, theirs := asked != "" && w.runAt == asked, asked != "" && record.HandledRunAt == asked
	switch {
	case record.Generation > w.doc.Generation:
		return fmt.Errorf("%w: the status has results of generation %d, this run has %d", ErrSuperseded, record.Generation, w.doc.Generation)
	case record.Generation < w.doc.Generation || mine && !theirs:
		return nil
	case theirs && !mine:
		return fmt.Errorf("%w: the status has results of the run that %s=%s requested", ErrSuperseded, v1alpha1.RunAtAnnotation, asked)
	case record.ScheduledTime != nil && record.ScheduledTime.After(w.scheduled):
		return fmt.Errorf("%w: the status has results of the run scheduled for %s", ErrSuperseded, record.ScheduledTime.UTC().Format(time.RFC3339))
	}
	return nil
}

func (w *StatusWriter) apply(ctx context.Context, live *unstructured.Unstructured, change change) error {
	before, _, err := unstructured.NestedMap(live.Object, "status")
	if err != nil {
		return err
	}
	if before == nil {
		before = map[string]any{}
	}
	status, err := change(live, before)
	if err != nil {
		return fmt.Errorf("status: %w", err)
	}
	for _, field := range operatorFields {
		delete(status, field)
	}
	body, err := json.Marshal(map[string]any{
		"apiVersion": v1alpha1.GroupVersion.String(),
		"kind":       w.doc.Kind,
		"metadata": map[string]any{
			"name": w.doc.Name, "namespace": w.doc.Namespace, "uid": w.doc.UID, "resourceVersion": live.GetResourceVersion(),
		},
		"status": status,
	})
	if err != nil {
		return err
	}
	force := true
	_, err = w.Client.Patch(ctx, w.doc.Name, types.ApplyPatchType, body, metav1.PatchOptions{FieldManager: FieldManager, Force: &force}, "status")
	if apierrors.IsInvalid(err) {
		return errors.Join(errors.New("the API server refuses the status; are the CRDs of this version installed?"), err)
	}
	return err
}

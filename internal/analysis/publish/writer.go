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

// ErrSuperseded says that the object is gone or was created again, or that newer results are there. It is no failure.
var ErrSuperseded = errors.New("superseded")

// Bounds of texts in status, in characters, as the CRDs have them.
const (
	maxError = 512
	maxRunAt = 128
)

// FieldManager of the job.
const FieldManager = "journeyman-analysis"

// operatorFields of status belong to the operator; the job never sends them.
var operatorFields = []string{"conditions", "observedGeneration"}

// conflictBackoff is how often and how long a write is tried again when somebody else wrote the object meanwhile.
var conflictBackoff = wait.Backoff{Duration: 50 * time.Millisecond, Factor: 1.8, Jitter: 0.3, Steps: 10, Cap: 5 * time.Second}

// StatusWriter writes the results into the status of one object by server-side apply.
type StatusWriter struct {
	// Client of the kind in the object's namespace.
	Client    dynamic.ResourceInterface
	doc       *podconfig.Analysis
	scheduled time.Time
	// runAt is what RunAt has found.
	runAt string
}

// NewStatusWriter for the object of a document and the scheduled time of the run.
func NewStatusWriter(client dynamic.Interface, doc *podconfig.Analysis, scheduled time.Time) *StatusWriter {
	resource := "journeymaps"
	if doc.Kind == v1alpha1.MetricReportKind {
		resource = "metricreports"
	}
	gvr := schema.GroupVersionResource{Group: v1alpha1.GroupVersion.Group, Version: v1alpha1.GroupVersion.Version, Resource: resource}
	return &StatusWriter{Client: client.Resource(gvr).Namespace(doc.Namespace), doc: doc, scheduled: scheduled}
}

// RunAt returns the request that a run answers which starts now: the value of the object's annotation v1alpha1.RunAtAnnotation. The error wraps
// ErrSuperseded when the run would write nothing.
func (w *StatusWriter) RunAt(ctx context.Context) (string, error) {
	err := w.look(ctx, func(_ context.Context, live *unstructured.Unstructured) error {
		w.runAt = requested(live)
		return w.current(live)
	})
	return w.runAt, err
}

// requested is the value of the annotation, as a status has room for it.
func requested(live *unstructured.Unstructured) string {
	value := []rune(live.GetAnnotations()[v1alpha1.RunAtAnnotation])
	return string(value[:min(len(value), maxRunAt)])
}

// What there is room for.
const (
	// MaxObject is the largest object, as JSON: what etcd takes by default, 1.5 MiB, without a margin for what it adds.
	MaxObject = 1472 << 10
	// minStatus is the smallest status that is tried.
	minStatus = 16 << 10
)

// WriteResults replaces all results by a status, a pointer to a status of the object's kind that has at most so many bytes: as many as the
// object has room for. If the API server takes less than usual, a smaller one is tried. The error wraps ErrSuperseded when the object is another
// one by now or has newer results.
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

// room is the number of bytes that are left for the results.
func room(live *unstructured.Unstructured) int {
	rest := maps.Clone(live.Object)
	delete(rest, "status")
	b, err := json.Marshal(rest)
	if err != nil {
		return 0 // What came as JSON has a form in JSON.
	}
	return MaxObject - len(b)
}

// TooLarge reports whether a write was refused for its size: by the API server, by etcd, or by the way between them, which have no reason of their own
// for it.
func TooLarge(err error) bool {
	return err != nil && (apierrors.IsRequestEntityTooLargeError(err) ||
		strings.Contains(err.Error(), "request is too large") || strings.Contains(err.Error(), "message larger than max"))
}

// WriteFailure notes a failed run and keeps the results that are there.
func (w *StatusWriter) WriteFailure(ctx context.Context, attempt v1alpha1.RunRecord) error {
	attempt.Error = fit.Text(mask.Name(attempt.Error), maxError)
	last, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&attempt)
	if err != nil {
		return fmt.Errorf("status: %w", err)
	}
	return w.write(ctx, func(_ *unstructured.Unstructured, status map[string]any) (map[string]any, error) {
		// The apply has to name all fields of this manager: those that it leaves out would go.
		trace, ok := status["trace"].(map[string]any)
		if !ok {
			trace = map[string]any{}
		}
		trace["lastRun"] = last
		status["trace"] = trace
		return status, nil
	})
}

// change makes a status of a live object and the status that it has.
type change func(live *unstructured.Unstructured, status map[string]any) (map[string]any, error)

// write applies what change makes of the live status. The live object's resourceVersion goes with it, so that between the
// look and the write nothing can have happened; on a conflict both are done again.
func (w *StatusWriter) write(ctx context.Context, change change) error {
	return w.look(ctx, func(ctx context.Context, live *unstructured.Unstructured) error {
		if err := w.current(live); err != nil {
			return err
		}
		return w.apply(ctx, live, change)
	})
}

// look calls do with the live object, again when it may help.
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

// retriable errors are conflicts and an API server that is busy or away for a moment.
func retriable(err error) bool {
	if utilnet.IsConnectionRefused(err) || utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err) || utilnet.IsTimeout(err) {
		return true
	}
	return apierrors.IsConflict(err) || apierrors.IsServerTimeout(err) || apierrors.IsTooManyRequests(err) ||
		apierrors.IsTimeout(err) || apierrors.IsServiceUnavailable(err) || apierrors.IsInternalError(err)
}

// current reports whether the live object is still the one that was analysed, without newer results.
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
	// Of two runs of which one has seen what is asked for now, that one started later.
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

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"context"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// lookEvery is the interval of checks of the map.
const lookEvery = time.Second

// Analyse requests a run of a map, and waits until the map shows the results of a run that has seen the request. A scheduled run could have started
// before all events were there.
func Analyse(ctx context.Context, c client.Client, namespace, name string) (*v1alpha1.JourneySummary, error) {
	asked := time.Now().UTC().Format(time.RFC3339Nano) // unique
	m := &v1alpha1.JourneyMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	patch := fmt.Appendf(nil, `{"metadata":{"annotations":{%q:%q}}}`, v1alpha1.RunAtAnnotation, asked)
	if err := c.Patch(ctx, m, client.RawPatch(types.MergePatchType, patch)); err != nil {
		return nil, fmt.Errorf("ask for a run of JourneyMap %s/%s: %w", namespace, name, err)
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		err := c.Get(ctx, client.ObjectKeyFromObject(m), m)
		if err == nil && answers(m, asked) {
			return m.Status.Summary, nil
		}
		if err == nil {
			err = unanswered(m, asked)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the results of JourneyMap %s/%s: %w", namespace, name, err)
		case <-tick.C:
		}
	}
}

// answers reports whether the results of a map are from a run that has seen the request.
func answers(m *v1alpha1.JourneyMap, asked string) bool {
	record, summary := m.Status.Trace.Analysis, m.Status.Summary
	return record != nil && record.HandledRunAt == asked && summary != nil && summary.Display != nil
}

// unanswered describes the state of the requested run while it has no results.
func unanswered(m *v1alpha1.JourneyMap, asked string) error {
	if last := m.Status.Trace.LastRun; last != nil && last.HandledRunAt == asked && last.Error != "" {
		return fmt.Errorf("the run that was asked for failed: Job %s: %s", last.Job, last.Error)
	}
	return errors.New("no run that has seen the request has ended")
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package smoke

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// nowhere is the EventStore of the map. It does not exist, so that the map never gets a job.
const nowhere = "of-the-installation-test"

// every is the interval of checks.
const every = 250 * time.Millisecond

// Check creates a JourneyMap, waits until the operator has reported that its EventStore is missing, and deletes the map. This proves that the API
// server knows the kind, and that an operator watches the namespace, is the leader, and can write the status. It returns the operator's message.
func Check(ctx context.Context, c client.Client, namespace string) (said string, err error) {
	m := &v1alpha1.JourneyMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, GenerateName: "installation-test-"},
		Spec: v1alpha1.JourneyMapSpec{
			StoreRef:    v1alpha1.LocalReference{Name: nowhere},
			Stages:      []v1alpha1.Stage{stage("asked"), stage("answered")},
			Progression: v1alpha1.Progression{Order: v1alpha1.Ordered, Window: "1d"},
		},
	}
	if err := uninterrupted(ctx, func(ctx context.Context) error { return c.Create(ctx, m) }); err != nil {
		return "", fmt.Errorf("make a JourneyMap: %w", err)
	}
	defer func() {
		e := uninterrupted(ctx, func(ctx context.Context) error { return c.Delete(ctx, m) })
		if client.IgnoreNotFound(e) != nil {
			err = errors.Join(err, fmt.Errorf("delete the JourneyMap: %w", e))
		}
	}()
	return wait(ctx, c, m)
}

// uninterrupted completes a call, within ten seconds, even if the time to wait for the operator is over: a map whose creation is interrupted could
// exist without anybody to delete it.
func uninterrupted(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return call(ctx)
}

func stage(name v1alpha1.ItemName) v1alpha1.Stage {
	match := []v1alpha1.EventMatch{{Event: "Installation Test"}}
	return v1alpha1.Stage{Name: name, Touchpoints: []v1alpha1.Touchpoint{{Name: name, Match: match}}}
}

func wait(ctx context.Context, c client.Client, m *v1alpha1.JourneyMap) (string, error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	last := errors.New("the operator has not written its status")
	for {
		err := c.Get(ctx, client.ObjectKeyFromObject(m), m)
		ready := meta.FindStatusCondition(m.Status.Conditions, v1alpha1.ConditionReady)
		switch {
		case apierrors.IsNotFound(err), apierrors.IsForbidden(err):
			return "", fmt.Errorf("read the JourneyMap: %w", err)
		case err != nil:
			if ctx.Err() == nil { // otherwise it only reports that the time is over
				last = err
			}
		case ready != nil && ready.Reason == v1alpha1.ReasonDependencyNotFound:
			return ready.Message, nil
		case ready != nil:
			last = fmt.Errorf("the condition Ready is %s with reason %s: %s", ready.Status, ready.Reason, ready.Message)
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("no answer about JourneyMap %s/%s in time: %w", m.Namespace, m.Name, last)
		case <-tick.C:
		}
	}
}

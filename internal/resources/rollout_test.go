// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

const newer = "example.com/journeyman:v2"

// next returns the release after testRelease, with the changes of a case.
func next(change func(*resources.Release)) resources.Release {
	r := testRelease
	r.Image = newer
	if change != nil {
		change(&r)
	}
	return r
}

func TestChooseRollout(t *testing.T) {
	changed := sourceInput(t)
	changed.Source.Spec.Pod.NodeSelector = map[string]string{"pool": "web"}
	reconfigured := sourceInput(t)
	reconfigured.Source.Generation++
	reconfigured.Source.Spec.Mapping[0].Event.ID = "body.order_id"
	reconfigured.Source.Spec.Suspend = new(true)
	rescaled := sourceInput(t)
	rescaled.Source.Spec.Scaling.MaxReplicas = new(int32(20))
	renewed := sourceInput(t)
	renewed.AppendSecret = "default-append-00000000"
	parent := sourceInput(t).Source
	otherSecret := sourceInput(t)
	otherSecret.Source.Spec.Transport.Webhook.SecretRef.Name = "another"

	versions := func(store, documents, oldest int) func(*resources.Release) {
		return func(r *resources.Release) {
			r.Versions, r.OldestStore = resources.Versions{Store: store, Documents: documents}, oldest
		}
	}
	for name, tc := range map[string]struct {
		in      resources.TouchpointSourceInput
		live    func(*appsv1.Deployment)
		release resources.Release
		keeps   bool
	}{
		"operator upgraded":                           {sourceInput(t), nil, next(nil), true},
		"document changed":                            {reconfigured, nil, next(nil), true},
		"scaling changed":                             {rescaled, nil, next(nil), true},
		"the same operator":                           {sourceInput(t), nil, testRelease, false},
		"upgraded, always":                            {sourceInput(t), nil, next(func(r *resources.Release) { r.Mode = resources.RolloutAlways }), false},
		"pod options changed":                         {changed, nil, next(nil), false},
		"keys renewed":                                {renewed, nil, next(nil), false},
		"another Secret":                              {otherSecret, nil, next(nil), false},
		"the next store protocol":                     {sourceInput(t), nil, next(versions(4, 2, 3)), true},
		"a store protocol that is too new":            {sourceInput(t), nil, next(versions(5, 2, 4)), false},
		"an earlier operator with a supported record": {sourceInput(t), nil, next(versions(2, 2, 1)), true},
		"other documents":                             {sourceInput(t), nil, next(versions(3, 3, 2)), false},
		"documents of an earlier operator":            {sourceInput(t), nil, next(versions(3, 1, 2)), false},
		"image changed by hand": {sourceInput(t), func(d *appsv1.Deployment) {
			d.Spec.Template.Spec.Containers[0].Image = "example.com/evil:v1"
		}, next(nil), true},
		"template changed by hand": {sourceInput(t), func(d *appsv1.Deployment) {
			d.Spec.Template.Spec.ServiceAccountName = "somebody"
		}, next(nil), true},
		"record changed by hand": {sourceInput(t), func(d *appsv1.Deployment) {
			a := d.Annotations
			a[resources.RolloutAnnotation] = strings.Replace(a[resources.RolloutAnnotation], testImage, "example.com/evil:v1", 1)
		}, next(nil), false},
		"record forged, without the key": {sourceInput(t), forged(nil, parent.Namespace, parent.Name), next(nil), false},
		"record forged, with the key of another operator": {
			sourceInput(t), forged(pki.OperatorKey{9}.RolloutRecordKey(), parent.Namespace, parent.Name), next(nil), false,
		},
		"record of another source":    {sourceInput(t), forged(testKey, parent.Namespace, "another"), next(nil), false},
		"record of another namespace": {sourceInput(t), forged(testKey, "another", parent.Name), next(nil), false},
		"truncated record": {sourceInput(t), func(d *appsv1.Deployment) {
			d.Annotations[resources.RolloutAnnotation] = d.Annotations[resources.RolloutAnnotation][:40]
		}, next(nil), false},
		"missing record": {sourceInput(t), func(d *appsv1.Deployment) { d.Annotations = nil }, next(nil), false},
	} {
		t.Run(name, func(t *testing.T) {
			made := deploymentOf(t, sourceInput(t))
			live := made.DeepCopy()
			if tc.live != nil {
				tc.live(live)
			}
			got, err := resources.ChooseRollout(tc.in, live, tc.release)
			require.NoError(t, err)
			tc.in.Rollout = got
			built := deploymentOf(t, tc.in)
			if !tc.keeps {
				require.Equal(t, resources.Rollout{Image: tc.release.Image, Versions: tc.release.Versions, RecordKey: testKey}, got)
				require.Equal(t, tc.release.Image, built.Spec.Template.Spec.Containers[0].Image)
				return
			}
			require.Equal(t, testImage, got.Image)
			require.Equal(t, newer, got.UpdateAvailable)
			require.Equal(t, testRelease.Versions, got.Versions)
			require.Equal(t, made.Spec.Template, built.Spec.Template, "whole, and as it was made")
			require.Equal(t, made.Annotations, built.Annotations, "the record goes along, byte for byte")
		})
	}
}

// A release that would build the template differently does not restart pods with the same inputs. It builds its own template when the inputs change.
func TestOtherReleaseRestartsNothing(t *testing.T) {
	in := sourceInput(t)
	made := deploymentOf(t, in)
	// a template of a release with other probes, with the record that it would have written
	var record map[string]any
	require.NoError(t, json.Unmarshal([]byte(made.Annotations[resources.RolloutAnnotation]), &record))
	text, err := json.Marshal(record)
	require.NoError(t, err)
	other := strings.Replace(string(text), `"path":"/healthz"`, `"path":"/livez"`, 1)
	require.NotEqual(t, string(text), other)
	made.Annotations[resources.RolloutAnnotation] = other
	made.Annotations[resources.RolloutMACAnnotation] = testKey.MAC(v1alpha1.TouchpointSourceKind, made.Namespace, in.Source.Name, other)

	in.Rollout, err = resources.ChooseRollout(in, made, next(nil))
	require.NoError(t, err)
	kept := deploymentOf(t, in)
	require.Contains(t, string(mustYAML(t, kept.Spec.Template)), "/livez")
	require.Equal(t, testImage, kept.Spec.Template.Spec.Containers[0].Image)

	again, err := resources.ChooseRollout(in, kept, next(nil))
	require.NoError(t, err)
	require.Equal(t, in.Rollout, again, "and it stays so")

	in.Source.Spec.Pod.Annotations = map[string]string{"example.com/reason": "another"}
	in.Rollout, err = resources.ChooseRollout(in, kept, next(nil))
	require.NoError(t, err)
	require.NotContains(t, string(mustYAML(t, deploymentOf(t, in).Spec.Template)), "/livez")
}

// Restoring an old annotation does not bring back an old image.
func TestRestoredRecordIsIgnored(t *testing.T) {
	for reported, want := range map[string]string{"": testImage, testImage: testImage, "example.com/journeyman:v1.5": newer, newer: newer} {
		in := sourceInput(t)
		made := deploymentOf(t, in)
		in.Source.Status.Image = reported
		got, err := resources.ChooseRollout(in, made, next(nil))
		require.NoError(t, err)
		require.Equal(t, want, got.Image, "the status says %q", reported)
	}
}

// Without an existing workload, pods get the operator's image.
func TestRolloutWithoutWorkload(t *testing.T) {
	for _, live := range []metav1.Object{nil, (*appsv1.Deployment)(nil), (*appsv1.StatefulSet)(nil), &appsv1.Deployment{}} {
		got, err := resources.ChooseRollout(sourceInput(t), live, next(nil))
		require.NoError(t, err)
		require.Equal(t, resources.Rollout{Image: newer, Versions: testRelease.Versions, RecordKey: testKey}, got)
	}
}

// forged adds a record with another image to a workload, with a proof by a key for a source.
func forged(key resources.RecordKey, namespace, name string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) {
		text := strings.Replace(d.Annotations[resources.RolloutAnnotation], testImage, "example.com/evil:v1", 1)
		d.Annotations[resources.RolloutAnnotation] = text
		d.Annotations[resources.RolloutMACAnnotation] = key.MAC(v1alpha1.TouchpointSourceKind, namespace, name, text)
	}
}

// An operator without a key accepts and writes no record.
func TestRecordNeedsAKey(t *testing.T) {
	in := sourceInput(t)
	made := deploymentOf(t, in)
	forged(nil, in.Source.Namespace, in.Source.Name)(made)
	got, err := resources.ChooseRollout(in, made, next(func(r *resources.Release) { r.RecordKey = nil }))
	require.NoError(t, err)
	require.Equal(t, newer, got.Image)
	in.Rollout = got
	_, err = resources.TouchpointSourceChildren(in)
	require.ErrorContains(t, err, "no key")
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// TestErasedAndNotBroughtBack erases a person as docs/store.md tells a user to, looks for him in every byte of the volume, and
// sends his events again.
func TestErasedAndNotBroughtBack(t *testing.T) {
	tm := newTeam(t)
	tm.apply(ecomSource)
	tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
	s := segment{url: tm.serviceURL("web-ingest"), writeKey: "e2e-write-key"}
	his := numbered(0, 0, 20)
	for _, m := range his {
		m["userId"], m["anonymousId"] = "canary-customer-4711", "canary-anonymous-4711"
	}
	require.NoError(t, s.send(his, time.Now()))
	require.NoError(t, s.send(numbered(1, 0, 20), time.Now()))
	require.NotEmpty(t, tm.volumeHas("canary-"), "he is there before")

	out, err := kubectl("-n", tm.namespace, "exec", "default-store-0", "--", "/store", "erase", "customerId=canary-customer-4711")
	require.NoError(t, err)
	var plan store.ErasurePlan
	require.NoError(t, json.Unmarshal([]byte(jsonLine(out)), &plan), out)
	require.EqualValues(t, 20, plan.Events)
	require.NotEmpty(t, tm.volumeHas("canary-"), "a plan changes nothing")
	out, err = kubectl("-n", tm.namespace, "exec", "default-store-0", "--", "/store", "erase", "--confirm", plan.Digest, "customerId=canary-customer-4711")
	require.NoError(t, err)
	var proof store.Receipt
	require.NoError(t, json.Unmarshal([]byte(jsonLine(out)), &proof), out)
	require.EqualValues(t, 20, proof.Events)
	require.Empty(t, tm.volumeHas("canary-"), "a file still has him")

	require.NoError(t, s.send(his, time.Now()))
	require.Empty(t, tm.volumeHas("canary-"), "redelivery brought him back")
	tm.eventually("only the others' events are left", func() error {
		var es v1alpha1.EventStore
		tm.get("default", &es)
		if n := ptr.Deref(es.Status.Events, 0); n != 20 {
			return fmt.Errorf("%d events", n)
		}
		return nil
	})
}

// jsonLine is the line of a command's output that is for programs; the other one is for people.
func jsonLine(out string) string { return out[max(0, strings.Index(out, "{")):] }

// volumeHas lists the files of the store's volume that have the text in their bytes. The node of the one-node cluster is this machine.
func (tm *team) volumeHas(text string) (found []string) {
	tm.t.Helper()
	var pvc corev1.PersistentVolumeClaim
	tm.get("default-store", &pvc)
	var pv corev1.PersistentVolume
	require.NoError(tm.t, kube.Get(tm.t.Context(), clientKey(pvc.Spec.VolumeName), &pv))
	dir := ""
	switch {
	case pv.Spec.HostPath != nil:
		dir = pv.Spec.HostPath.Path
	case pv.Spec.Local != nil:
		dir = pv.Spec.Local.Path
	}
	require.NotEmpty(tm.t, dir, "the volume is no folder of this machine")
	require.NoError(tm.t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(content), text) {
			found = append(found, path)
		}
		return err
	}))
	return found
}

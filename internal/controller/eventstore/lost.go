// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package eventstore

import (
	"fmt"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// marks hold the latest content of stores that was seen. The status is written at most every five minutes, and a volume can be replaced sooner, for
// example when a machine is rolled back. The zero value works; it is safe for concurrent use.
type marks struct {
	m sync.Map // types.NamespacedName → store.Health
}

// forget drops the marks of a store that was deleted.
func (m *marks) forget(key types.NamespacedName) { m.m.Delete(key) }

// lost is lostData for what was seen as well as for the status. If the seen content is missing, the status gets it.
func (m *marks) lost(es *v1alpha1.EventStore, look storewatch.Look, was *metav1.Condition) *status.Verdict {
	h, v := look.Health, &es.Status.Volume
	if last, ok := m.m.Load(client.ObjectKeyFromObject(es)); ok && look.Answered() {
		seen := last.(store.Health)
		if seen.ID == v.StoreID && (h.ID != seen.ID || h.Seq < seen.Seq || h.IdentityVersion < seen.IdentityVersion) {
			v.Seq, v.IdentityVersion = max(v.Seq, seen.Seq), max(v.IdentityVersion, seen.IdentityVersion)
		}
	}
	verdict := lostData(es, look, was)
	if verdict == nil && look.Answered() {
		m.m.Store(client.ObjectKeyFromObject(es), h)
	}
	return verdict
}

// lostData reports whether a store that answers has lost data, compared with the status: a lost claim comes back as an empty volume, and a restored
// one with an earlier state. Both would report to be healthy. The verdict stays until somebody accepts the existing data; it is nil if nothing is
// missing.
func lostData(es *v1alpha1.EventStore, look storewatch.Look, was *metav1.Condition) *status.Verdict {
	h, st := look.Health, &es.Status
	known := was != nil && was.Reason == v1alpha1.ReasonDataLost
	if !look.Answered() {
		if known { // whether it answers now or not
			v := status.Keep(was, status.Verdict{})
			return &v
		}
		return nil
	}
	var what string
	switch {
	case known && accepted(es, h, was.Message):
		return nil
	case known && strings.Contains(was.Message, "="+h.ID+"@"):
		v := status.Keep(was, status.Verdict{})
		return &v
	case st.Volume.StoreID != "" && st.Volume.StoreID != h.ID:
		what = fmt.Sprintf("the volume contains store %s instead of %s", h.ID, st.Volume.StoreID)
	case h.Seq < st.Volume.Seq:
		what = fmt.Sprintf("the newest commit is %d, was %d", h.Seq, st.Volume.Seq)
	case h.IdentityVersion < st.Volume.IdentityVersion:
		what = fmt.Sprintf("the version of the identity table is %d, was %d", h.IdentityVersion, st.Volume.IdentityVersion)
	default:
		return nil
	}
	v := status.False(v1alpha1.ReasonDataLost, "Acknowledged events are missing: %s. Restore the volume. "+
		"To continue with the data that exist: kubectl -n %s annotate --overwrite es/%s %s=%s",
		what, es.Namespace, es.Name, v1alpha1.AcceptStoreAnnotation, offer(h, st))
	return &v
}

// offer returns the value of the annotation that accepts the current data of a store instead of the missing data.
func offer(h store.Health, st *v1alpha1.EventStoreStatus) string {
	return fmt.Sprintf("%s@%d-for-%s@%d", h.ID, h.Seq, st.Volume.StoreID, st.Volume.Seq)
}

// accepted reports whether somebody has accepted the current data of a store, with the value that the condition offers. It accepts no other loss: the
// annotation stays on the object, and a later loss has another value.
func accepted(es *v1alpha1.EventStore, h store.Health, offered string) bool {
	value := es.Annotations[v1alpha1.AcceptStoreAnnotation]
	return strings.HasPrefix(value, h.ID+"@") && strings.HasSuffix(offered, v1alpha1.AcceptStoreAnnotation+"="+value)
}

// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package eventstore

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// show sets the fields of the status other than the conditions. Numbers follow the cadence of counters.
func (r *reconciler) show(s *scope, look storewatch.Look, lost bool) {
	st, v := &s.Object.Status, &s.Object.Status.Volume
	if s.rollout.Image != "" {
		st.Image, st.UpdateAvailable = s.rollout.Image, s.rollout.UpdateAvailable
	}
	if s.claim != nil {
		st.GrantedSize = s.input().Granted()
	}
	if look.Answered() && !lost && (v.StoreID != look.Health.ID || look.Health.Seq < v.Seq || look.Health.IdentityVersion < v.IdentityVersion) {
		v.StoreID, v.Seq, v.IdentityVersion = look.Health.ID, look.Health.Seq, look.Health.IdentityVersion
	}
	if !look.Answered() || !moved(st, look.Health) {
		return
	}
	due, next := r.cadence.Due(s.key, s.Now, st.Used == "" || (known(st.Events) == 0 && look.Health.Events > 0), look.Settled)
	if !due {
		s.RecheckAt(next)
		return
	}
	h := look.Health
	st.CountersTime = ptr.To(metav1.NewTime(look.At.Truncate(time.Second)))
	st.Events, st.Persons, st.Hubs = &h.Events, &h.Persons, h.Hubs
	st.Identities, st.IdentityLimit = h.Identities+h.IdentityLinks, h.IdentityLimit
	if !lost { // otherwise they remain those of the missing data
		v.Seq, v.IdentityVersion = h.Seq, h.IdentityVersion
	}
	v.UsedBytes, v.FreeBytes = &h.UsedBytes, &h.FreeBytes
	st.Used = fmt.Sprintf("%s of %s", bytes(h.UsedBytes), bytes(h.UsedBytes+h.FreeBytes))
}

// moved reports whether there is anything new to show. Free space has to change by a hundredth of the volume, because others can write to the same disk.
func moved(st *v1alpha1.EventStoreStatus, h store.Health) bool {
	delta, v := known(st.Volume.FreeBytes)-h.FreeBytes, &st.Volume
	return st.Used == "" || known(st.Events) != h.Events || known(st.Persons) != h.Persons || st.Hubs != h.Hubs ||
		st.Identities != h.Identities+h.IdentityLinks || st.IdentityLimit != h.IdentityLimit ||
		v.Seq != h.Seq || v.IdentityVersion != h.IdentityVersion || known(v.UsedBytes) != h.UsedBytes ||
		max(delta, -delta) > (h.UsedBytes+h.FreeBytes)/100
}

// known returns a counter, or 0 if there is none yet; used is then empty as well.
func known(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// bytes formats a size for people: three digits and a binary unit.
func bytes(n int64) string {
	v, unit := float64(n), "B"
	for _, next := range []string{"KiB", "MiB", "GiB", "TiB", "PiB"} {
		if v < 1024 {
			break
		}
		v, unit = v/1024, next
	}
	switch {
	case unit == "B" || v >= 100:
		return fmt.Sprintf("%.0f %s", v, unit)
	case v >= 10:
		return fmt.Sprintf("%.1f %s", v, unit)
	default:
		return fmt.Sprintf("%.2f %s", v, unit)
	}
}

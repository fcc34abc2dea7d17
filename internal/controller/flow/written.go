// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/internal/controller/status"
)

// staleRetry is the delay before an object is reconciled again if its last write has not come back through the watch.
const staleRetry = 100 * time.Millisecond

// written is the latest state of an object that this process wrote.
type written struct {
	uid     types.UID
	version uint64
}

func (r *Reconciler[T, S]) write(ctx context.Context, obj T, part map[string]any) error {
	version, err := status.Write(ctx, r.Client, r.Kind.GVK, obj, part)
	if err != nil {
		return err
	}
	if n, err := strconv.ParseUint(version, 10, 64); err == nil {
		r.written.Store(client.ObjectKeyFromObject(obj), written{uid: obj.GetUID(), version: n})
	}
	return nil
}

// stale reports whether the cache has not seen the last write of this process yet. A turn on the old state would write it again with other times.
func (r *Reconciler[T, S]) stale(obj T) bool {
	v, ok := r.written.Load(client.ObjectKeyFromObject(obj))
	if !ok {
		return false
	}
	last := v.(written)
	n, err := strconv.ParseUint(obj.GetResourceVersion(), 10, 64)
	return err == nil && last.uid == obj.GetUID() && n < last.version
}

func (r *Reconciler[T, S]) forget(key types.NamespacedName) {
	r.written.Delete(key)
	if r.Forget != nil {
		r.Forget(key)
	}
}
